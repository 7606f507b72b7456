"""The definition about labels: what a resource group says of whose it is, goes for what is made in it."""

from runtime.members import Change, Own, either

_TAGGED = [
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Microsoft.Insights/components",
    "Microsoft.KeyVault/vaults",
    "Microsoft.MachineLearningServices/registries",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints",
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments",
    "Microsoft.MachineLearningServices/workspaces/computes",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
    "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Storage/storageAccounts",
]
_LABEL = "[concat('tags[', parameters('word'), ']')]"
_OF_THE_GROUP = "[resourceGroup().tags[parameters('word')]]"

MEMBERS = (
    Own(
        rule="R06",
        mode="Indexed",
        broken={
            "allOf": [
                {"field": "type", "in": _TAGGED},
                {"value": "[parameters('word')]", "in": "[parameters('tags')]"},
                either({"field": _LABEL, "exists": False}, {"field": _LABEL, "equals": ""}),
                {"value": "[empty(resourceGroup().tags[parameters('word')])]", "equals": False},
            ]
        },
        change=Change(
            words="tags",
            operations=({"operation": "addOrReplace", "field": _LABEL, "value": _OF_THE_GROUP},),
            role="4a9ae827-6dc8-4573-8ac7-8239d42aa03f",  # Tag Contributor
        ),
        differences=(
            "it refuses nothing: a label that is missing is the group's, and what no group says stays missing",
            "it asks nothing of resource groups",
            "what stands there already is labelled by a remediation task, when somebody starts one",
        ),
    ),
)
