"""Definitions about connections, shared registries and role assignments."""

from runtime.members import Own, absent, either, of

_CONNECTION = "Microsoft.MachineLearningServices/workspaces/connections"
_REGISTRY = "Microsoft.MachineLearningServices/registries"
_ROLE = "Microsoft.Authorization/roleAssignments"
_OWNERS = [
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",  # Role Based Access Control Administrator
]

MEMBERS = (
    Own(rule="D02", broken=of(_CONNECTION, {"field": f"{_CONNECTION}/authType", "notIn": "[parameters('allowed')]"})),
    Own(rule="D03", broken=of(_REGISTRY, {"field": f"{_REGISTRY}/publicNetworkAccess", "notEquals": "Disabled"})),
    Own(
        rule="R01",
        broken=of(
            _ROLE,
            either(
                absent(f"{_ROLE}/roleDefinitionId"),
                {"value": f"[last(split(toLower(field('{_ROLE}/roleDefinitionId')), '/'))]", "in": _OWNERS},
            ),
        ),
    ),
    Own(rule="R03", broken=of(_ROLE, {"field": f"{_ROLE}/principalType", "notIn": ["Group", "ServicePrincipal"]})),
)
