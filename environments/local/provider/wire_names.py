"""Where a property stands in a body, and what it is called there: the few places where that is not the SDK's way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOP = frozenset({
    "eTag", "etag", "extendedLocation", "id", "identity", "kind", "location", "managedBy", "name", "plan", "properties",
    "sku", "systemData", "tags", "type", "zones",
})  # fmt: skip

_NOT_ON_TOP: Mapping[str, frozenset[str]] = {
    "containerservice:AgentPool": frozenset({"tags", "type"}),
    "network:AzureFirewall": frozenset({"sku"}),
    "network:FirewallPolicy": frozenset({"sku"}),
    "operationalinsights:SavedSearch": frozenset({"tags"}),
    "operationalinsights:Table": frozenset({"plan"}),
    "operationalinsights:Workspace": frozenset({"sku"}),
}
"""What stands under `properties` although its name stands on top elsewhere."""


def _kebab(*names: str) -> dict[str, str]:
    return {name: re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name) for name in names}


_RENAMED: Mapping[str, Mapping[str, str]] = {
    "applicationinsights:Component": {
        "applicationType": "Application_Type",
        "disableIpMasking": "DisableIpMasking",
        "disableLocalAuth": "DisableLocalAuth",
        "flowType": "Flow_Type",
        "forceCustomerStorageForProfiler": "ForceCustomerStorageForProfiler",
        "hockeyAppId": "HockeyAppId",
        "immediatePurgeDataOn30Days": "ImmediatePurgeDataOn30Days",
        "ingestionMode": "IngestionMode",
        "requestSource": "Request_Source",
        "retentionInDays": "RetentionInDays",
        "samplingPercentage": "SamplingPercentage",
        "workspaceResourceId": "WorkspaceResourceId",
        "appId": "AppId",
        "applicationId": "ApplicationId",
        "connectionString": "ConnectionString",
        "creationDate": "CreationDate",
        "hockeyAppToken": "HockeyAppToken",
        "instrumentationKey": "InstrumentationKey",
        "tenantId": "TenantId",
    },
    "authorization:RoleDefinition": {"roleType": "type"},
    "containerregistry:IPRuleArgs": {"iPAddressOrRange": "value"},
    "containerservice:ManagedClusterPropertiesAutoScalerProfileArgs": _kebab(
        "balanceSimilarNodeGroups",
        "daemonsetEvictionForEmptyNodes",
        "daemonsetEvictionForOccupiedNodes",
        "ignoreDaemonsetsUtilization",
        "maxEmptyBulkDelete",
        "maxGracefulTerminationSec",
        "maxNodeProvisionTime",
        "maxTotalUnreadyPercentage",
        "newPodScaleUpDelay",
        "okTotalUnreadyCount",
        "scaleDownDelayAfterAdd",
        "scaleDownDelayAfterDelete",
        "scaleDownDelayAfterFailure",
        "scaleDownUnneededTime",
        "scaleDownUnreadyTime",
        "scaleDownUtilizationThreshold",
        "scanInterval",
        "skipNodesWithLocalStorage",
        "skipNodesWithSystemPods",
    ),
    "keyvault:KeyAttributesArgs": {"expires": "exp", "notBefore": "nbf"},
    "keyvault:KeyPropertiesArgs": {"releasePolicy": "release_policy"},
    "keyvault:SecretAttributesArgs": {"expires": "exp", "notBefore": "nbf"},
    "monitor:MetricAlertMultipleResourceMultipleMetricCriteriaArgs": {"odataType": "odata.type"},
    "monitor:MetricAlertSingleResourceMultipleMetricCriteriaArgs": {"odataType": "odata.type"},
    "monitor:ScaleRuleMetricDimensionArgs": {
        "dimensionName": "DimensionName",
        "operator": "Operator",
        "values": "Values",
    },
    "monitor:WebtestLocationAvailabilityCriteriaArgs": {"odataType": "odata.type"},
    "storage:EncryptionArgs": {"encryptionIdentity": "identity", "keyVaultProperties": "keyvaultproperties"},
    "storage:EncryptionIdentityArgs": {
        "encryptionFederatedIdentityClientId": "federatedIdentityClientId",
        "encryptionUserAssignedIdentity": "userAssignedIdentity",
    },
    "storage:IPRuleArgs": {"iPAddressOrRange": "value"},
    "storage:KeyVaultPropertiesArgs": {
        "keyName": "keyname",
        "keyVaultUri": "keyvaulturi",
        "keyVersion": "keyversion",
    },
    "storage:StorageAccount": {
        "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
        "enableNfsV3": "isNfsV3Enabled",
        "networkRuleSet": "networkAcls",
    },
    "storage:VirtualNetworkRuleArgs": {"virtualNetworkResourceId": "id"},
}
"""Azure's names, by type or object, where they are not the SDK's."""

IDENTITIES = "userAssignedIdentities"
"""A list of ids for the SDK, a map by id for Azure, wherever it occurs (AKS has a list of objects of this name)."""

_OUTSIDE: Mapping[str, frozenset[str]] = {
    "eventgrid": frozenset({"endpointType", "inputSchemaMappingType", "name", "type"}),
    "machinelearningservices": frozenset({"id", "location", "name"}),
    "network": frozenset({
        "etag", "extendedLocation", "id", "identity", "location", "name", "sku", "tags", "type", "zones",
    }),
}  # fmt: skip

_NESTED: Mapping[str, frozenset[str]] = {
    "eventgrid": frozenset({
        "AzureFunctionEventSubscriptionDestinationArgs",
        "DynamicDeliveryAttributeMappingArgs",
        "EventHubEventSubscriptionDestinationArgs",
        "HybridConnectionEventSubscriptionDestinationArgs",
        "JsonInputSchemaMappingArgs",
        "MonitorAlertEventSubscriptionDestinationArgs",
        "NamespaceTopicEventSubscriptionDestinationArgs",
        "ServiceBusQueueEventSubscriptionDestinationArgs",
        "ServiceBusTopicEventSubscriptionDestinationArgs",
        "StaticDeliveryAttributeMappingArgs",
        "StorageBlobDeadLetterDestinationArgs",
        "StorageQueueEventSubscriptionDestinationArgs",
        "WebHookEventSubscriptionDestinationArgs",
    }),
    "machinelearningservices": frozenset({
        "RegistryPrivateEndpointConnectionArgs",
        "SharedPrivateLinkResourceArgs",
    }),
    "network": frozenset({
        "ApplicationGatewayIPConfigurationArgs",
        "ApplicationGatewayBackendAddressPoolArgs",
        "AzureFirewallApplicationRuleCollectionArgs",
        "AzureFirewallIPConfigurationArgs",
        "AzureFirewallNatRuleCollectionArgs",
        "AzureFirewallNetworkRuleCollectionArgs",
        "BackendAddressPoolArgs",
        "BastionHostIPConfigurationArgs",
        "DelegationArgs",
        "FrontendIPConfigurationArgs",
        "InboundNatRuleArgs",
        "NatGatewayArgs",
        "NetworkInterfaceIPConfigurationArgs",
        "NetworkSecurityGroupArgs",
        "PrivateDnsZoneConfigArgs",
        "PrivateEndpointIPConfigurationArgs",
        "PrivateLinkServiceArgs",
        "PrivateLinkServiceConnectionArgs",
        "PrivateLinkServiceIpConfigurationArgs",
        "PublicIPAddressArgs",
        "RouteArgs",
        "RouteTableArgs",
        "SecurityRuleArgs",
        "ServiceEndpointPolicyArgs",
        "ServiceEndpointPolicyDefinitionArgs",
        "SubnetArgs",
        "VirtualNetworkPeeringArgs",
    }),
}  # fmt: skip
"""Objects, by module, whose fields lie under a `properties` of their own, save those in _OUTSIDE."""


def is_on_top(key: str, name: str) -> bool:
    """Whether a property stands beside a body's `properties`, not in it."""
    return name in _TOP and name not in _NOT_ON_TOP.get(key, ())


def wire_name(owner: str, name: str) -> str:
    """Azure's name of a property of a type (`module:Name`) or an object (`module:ClassArgs`)."""
    return _RENAMED.get(owner, {}).get(name, name)


def inner(owner: str) -> frozenset[str] | None:
    """The fields that stay outside an object's own `properties`; None where it has no such thing."""
    of_module, _, name = owner.partition(":")
    return _OUTSIDE[of_module] if name in _NESTED.get(of_module, ()) else None
