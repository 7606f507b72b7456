"""What an environment tells of itself: each stack output and what it means."""

OUTPUTS = {
    "environment": "the stack's name",
    "subscriptionId": "the subscription it is built in",
    "tenantId": "the Entra tenant of that subscription",
    "location": "the region",
    "resourceGroupName": "the resource group that holds all of it",
    "workspaceName": "the workspace that trains and serves",
    "workspaceId": "its ARM id",
    "registryName": "the Azure ML registry that models are promoted through; empty without one",
    "storageAccountName": "the workspace's storage account",
    "containers": "by purpose: `artifacts` is the container of the default datastore",
    "identities": "by purpose: ARM id, client id and object id of each user-assigned identity",
    "computeClusters": "by name: size, quota family, tier, most machines, and whether they have GPUs",
    "onlineEndpoints": "by project: name, scoring address, and the client id that its deployments work as",
    "batchEndpoints": "by project: name, and the client id that its deployments work as (with `batchEndpoints`)",
    "computeInstances": "by name: name in Azure and size (with `computeInstances`)",
    "kubernetesComputes": "by name: namespace, instance types and the default one (with `kubernetes`)",
    "network": "ARM ids of the virtual network and, by purpose, its subnets (with `network`)",
    "hub": "ARM id and name of the hub, and of its projects by name (with `hub`)",
    "featureStore": "ARM id and name of the feature store (with `featureStore`)",
    "queues": "by purpose: `events` is the queue that wakes the controller (with `events`)",
    "budget": "the month's amount (with `budget`)",
    "controlPlane": "what runs the controller, and the host of its database (with `controlPlane`)",
}


def table() -> str:
    """One row an output."""
    return "| output | meaning |\n| --- | --- |\n" + "".join(f"| `{key}` | {text} |\n" for key, text in OUTPUTS.items())
