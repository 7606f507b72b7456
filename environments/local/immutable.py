"""What Azure never changes once a resource is made, in one table: the provider replaces, the resource manager refuses.

Neither Azure's SDK nor its schemas say it in a form that a program reads, so it is written by hand.  Properties are
named as programs write them, with dots into objects.  `location`, names and scopes stay for every type.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

_SDK = "the SDK's text: "
_AZURERM = "azurerm (ForceNew)"


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """Properties of one type that stay as they were made."""

    type: str
    """`module:Name` of the token."""
    properties: tuple[str, ...]
    source: str
    but_for: tuple[str, ...] = ()
    """Exceptions within them."""
    ours: bool = False
    """A rule of this project: Azure would take the change, but it means something else here."""


FIXED = (
    Fixed(type="app:ContainerApp", properties=("environmentId", "managedEnvironmentId"), source=_AZURERM),
    Fixed(type="app:Job", properties=("environmentId",), source=_AZURERM),
    Fixed(
        type="app:ManagedEnvironment",
        properties=("vnetConfiguration", "zoneRedundant"),
        source="Container Apps, Networking: the virtual network and zones are chosen when the environment is made",
    ),
    Fixed(type="applicationinsights:Component", properties=("applicationType",), source=_AZURERM),
    Fixed(
        type="authorization:RoleAssignment",
        properties=("*",),
        source="Azure's answer RoleAssignmentUpdateNotPermitted",
    ),
    Fixed(type="authorization:PolicyAssignment", properties=("policyDefinitionId",), source=_AZURERM),
    Fixed(type="consumption:Budget", properties=("timeGrain", "timePeriod.startDate"), source=_AZURERM),
    Fixed(type="containerregistry:Registry", properties=("zoneRedundancy",), source=_AZURERM),
    Fixed(
        type="containerregistry:Registry",
        properties=("encryption",),
        but_for=("encryption.keyVaultProperties",),
        source="Container Registry, Customer-managed keys: only while a registry is made, and never taken back",
    ),
    Fixed(
        type="containerservice:AgentPool",
        properties=("osType", "scaleSetPriority", "vmSize", "vnetSubnetID"),
        source="AKS, Create node pools: the size cannot be changed; the rest " + _AZURERM,
    ),
    Fixed(
        type="containerservice:ManagedCluster",
        properties=("dnsPrefix", "fqdnSubdomain"),
        source=_SDK + "cannot be updated once the Managed Cluster has been created",
    ),
    Fixed(
        type="containerservice:ManagedCluster",
        properties=("nodeResourceGroup", "apiServerAccessProfile.enablePrivateCluster"),
        source=_AZURERM,
    ),
    Fixed(
        type="containerservice:ManagedCluster",
        properties=("networkProfile.serviceCidr", "networkProfile.dnsServiceIP", "networkProfile.podCidr"),
        source=_AZURERM,
    ),
    Fixed(type="dbforpostgresql:Database", properties=("charset", "collation"), source=_AZURERM),
    Fixed(
        type="dbforpostgresql:Server",
        properties=("administratorLogin",),
        source=_SDK + "must be specified the first time, and cannot be changed",
    ),
    Fixed(
        type="dbforpostgresql:Server",
        properties=("network.delegatedSubnetResourceId",),
        source="PostgreSQL flexible server, Networking: the kind of access is chosen when the server is made",
    ),
    Fixed(
        type="dbforpostgresql:Server",
        properties=("backup.geoRedundantBackup",),
        source="PostgreSQL flexible server, Backup and restore: chosen when the server is made; " + _AZURERM,
    ),
    Fixed(type="eventgrid:SystemTopic", properties=("source", "topicType"), source=_AZURERM),
    Fixed(type="eventgrid:Topic", properties=("inputSchema",), source=_AZURERM),
    Fixed(
        type="keyvault:Vault",
        properties=("properties.softDeleteRetentionInDays",),
        source="Key Vault, Soft-delete overview: chosen when the vault is made, and not to be changed later",
    ),
    Fixed(type="kubernetesconfiguration:Extension", properties=("extensionType", "scope"), source=_AZURERM),
    Fixed(
        type="machinelearningservices:BatchDeployment",
        properties=("properties.codeConfiguration", "properties.environmentId", "properties.model"),
        source="what serves is never changed in place: a change is a new deployment",
        ours=True,
    ),
    Fixed(
        type="machinelearningservices:BatchEndpoint",
        properties=("identity", "properties.authMode"),
        source="Azure ML, Endpoints: identity and authentication are chosen when the endpoint is made",
        ours=True,
    ),
    Fixed(
        type="machinelearningservices:Compute",
        properties=("properties",),
        source="Azure ML, Create compute clusters: only scale settings and identity can be updated",
        but_for=(
            "properties.properties.scaleSettings",
            "properties.properties.idleTimeBeforeShutdown",
            "properties.properties.schedules",
        ),
    ),
    Fixed(
        type="machinelearningservices:OnlineDeployment",
        properties=(
            "properties.codeConfiguration",
            "properties.environmentId",
            "properties.instanceType",
            "properties.model",
            "properties.modelMountPath",
        ),
        source="what serves is never changed in place: a change is a new deployment",
        ours=True,
    ),
    Fixed(
        type="machinelearningservices:OnlineEndpoint",
        properties=("identity", "properties.authMode"),
        source="Azure ML, Endpoints: identity and authentication are chosen when the endpoint is made",
        ours=True,
    ),
    Fixed(
        type="machinelearningservices:Workspace",
        properties=("keyVault", "storageAccount"),
        source=_SDK + "cannot be changed once the workspace has been created",
    ),
    Fixed(
        type="machinelearningservices:Workspace",
        properties=("enableServiceSideCMKEncryption", "encryption", "hbiWorkspace", "kind", "hubResourceId"),
        source="Azure ML, Workspaces: chosen when the workspace is made; " + _AZURERM,
    ),
    Fixed(type="network:NatGateway", properties=("zones",), source=_AZURERM),
    Fixed(
        type="network:PrivateEndpoint",
        properties=("customNetworkInterfaceName", "privateLinkServiceConnections", "subnet"),
        source=_AZURERM,
    ),
    Fixed(type="network:PublicIPAddress", properties=("sku", "zones"), source=_AZURERM),
    Fixed(
        type="network:Subnet",
        properties=("defaultOutboundAccess",),
        source=_SDK + "can only be set at the time of subnet creation",
    ),
    Fixed(type="network:VirtualNetworkPeering", properties=("remoteVirtualNetwork",), source=_AZURERM),
    Fixed(type="privatedns:VirtualNetworkLink", properties=("virtualNetwork",), source=_AZURERM),
    Fixed(
        type="storage:BlobContainer",
        properties=("immutableStorageWithVersioning", "defaultEncryptionScope"),
        source=_SDK + "immutable, set at the container creation time",
    ),
    Fixed(
        type="storage:StorageAccount",
        properties=("immutableStorageWithVersioning",),
        source=_SDK + "immutable, set at the account creation time",
    ),
    Fixed(
        type="storage:StorageAccount",
        properties=("encryption.requireInfrastructureEncryption", "isHnsEnabled", "kind"),
        source=_AZURERM,
    ),
)
"""Every row with where it is said; a name in round brackets is how the Terraform provider for Azure marks it."""


@functools.cache
def of(key: str) -> tuple[Fixed, ...]:
    """The rows of a type."""
    return tuple(row for row in FIXED if row.type == key)


def is_fixed(key: str, path: str, *, azures_own: bool = False) -> bool:
    """Whether a property of a type stays as it was made; `azures_own`: by Azure's rule, not by ours."""
    return any(
        _within(path, row.properties) and not _within(path, row.but_for)
        for row in of(key)
        if not (azures_own and row.ours)
    )


def _within(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(each in {"*", path} or path.startswith((f"{each}.", f"{each}[")) for each in prefixes)
