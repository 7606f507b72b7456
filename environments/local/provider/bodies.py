"""A program's inputs to the body that Azure wants, and Azure's answer back to a program's outputs.

The SDK's names and Azure's differ in few places; those stand in the tables below.  Elsewhere the rule is: some
properties stand on top of a body, all others under its `properties`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from environments.local.azure_types import module
from environments.local.provider.resources import QUERY
from environments.local.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.azure_types import Shape
    from environments.local.provider.resources import Served

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


def to_body(kind: Served, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Build the body of a PUT from inputs whose values are all known."""
    left_out = {*kind.path_inputs, *QUERY.get(kind.key, ())}
    top: dict[str, Any] = {}
    below: dict[str, Any] = {}
    for name, value in inputs.items():
        found = kind.type.inputs.get(name)
        if found is None or name in left_out:
            continue
        target = top if is_on_top(kind, name) else below
        target[wire_name(kind.key, name)] = _to_wire(kind.type.module, found.shape, value)
    if below:
        top["properties"] = {**top.get("properties", {}), **below}
    return top


def from_body(kind: Served, body: Mapping[str, Any]) -> dict[str, Any]:
    """Read outputs, by the program's names, from what Azure answers."""
    found: dict[str, Any] = {}
    below = body.get("properties") if "properties" not in kind.type.outputs else None
    for name in kind.type.outputs:
        place = body if is_on_top(kind, name) else below
        value = place.get(wire_name(kind.key, name)) if isinstance(place, dict) else None
        if value is not None:
            given = kind.type.inputs.get(name)
            found[name] = _from_wire(kind.type.module, given.shape, value) if given else value
    if "azureApiVersion" in kind.type.outputs:
        found["azureApiVersion"] = kind.type.api_version
    return found


def foreseen(kind: Served, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs that can be known before Azure is asked; UNKNOWN for what only Azure can say."""
    named = {"name": inputs.get(kind.name_input, UNKNOWN), "type": kind.arm_type}
    found = {**{name: value for name, value in named.items() if name in kind.type.outputs}}
    found |= from_body(kind, to_body(kind, inputs))
    for name, shape in kind.type.outputs.items():
        given = kind.type.inputs.get(name)
        if given is None:
            found.setdefault(name, UNKNOWN)
        elif name in found:
            found[name] = _foreseen(kind.type.module, given.shape, shape, found[name])
    return found


def query(kind: Served, inputs: Mapping[str, Any]) -> dict[str, str]:
    """What of the inputs travels in the query."""
    return {name: str(inputs[name]).lower() for name in QUERY.get(kind.key, ()) if name in inputs}


def is_on_top(kind: Served, name: str) -> bool:
    """Whether a property stands beside a body's `properties`, not in it."""
    return name in _TOP and name not in _NOT_ON_TOP.get(kind.key, ())


def wire_name(owner: str, name: str) -> str:
    """Azure's name of a property of a type (`module:Name`) or an object (`module:ClassArgs`)."""
    return _RENAMED.get(owner, {}).get(name, name)


def inner(owner: str) -> frozenset[str] | None:
    """The fields that stay outside an object's own `properties`; None where it has no such thing."""
    of_module, _, name = owner.partition(":")
    return _OUTSIDE[of_module] if name in _NESTED.get(of_module, ()) else None


def chosen_shape(of_module: str, shape: Shape, value: Mapping[str, Any], *, wire: bool = False) -> Shape | None:
    """The object shape that a value has, among a union's alternatives by their constants."""
    if shape.kind == "object":
        return shape
    objects = module(of_module).objects
    candidates = [each for each in shape.of if each.kind == "object"] if shape.kind == "union" else []
    for each in candidates:
        owner = f"{of_module}:{each.name}"
        consts = {
            (wire_name(owner, name) if wire else name): found.const
            for name, found in objects.get(each.name, {}).items()
            if found.const
        }
        if consts and all(str(value.get(name)).lower() == const.lower() for name, const in consts.items()):
            return each
    return candidates[0] if len(candidates) == 1 else None


def _to_wire(of_module: str, shape: Shape, value: Any, called: str = "") -> Any:  # noqa: ANN401
    if called == IDENTITIES and isinstance(value, list) and _held(shape).kind == "string":
        return {each: {} for each in value} if UNKNOWN not in value else UNKNOWN
    if isinstance(value, list):
        return [_to_wire(of_module, _held(shape), each) for each in value]
    if not isinstance(value, dict):
        return value
    if shape.kind == "map":
        return {key: _to_wire(of_module, _held(shape), each) for key, each in value.items()}
    chosen = chosen_shape(of_module, shape, value)
    if chosen is None:
        return value
    owner = f"{of_module}:{chosen.name}"
    properties = module(of_module).objects.get(chosen.name, {})
    outside = inner(owner)
    top: dict[str, Any] = {}
    below: dict[str, Any] = {}
    for name, each in value.items():
        target = below if outside is not None and name not in outside else top
        found = properties.get(name)
        target[wire_name(owner, name)] = _to_wire(of_module, found.shape, each, name) if found else each
    return {**top, "properties": {**top.get("properties", {}), **below}} if below else top


def _from_wire(of_module: str, shape: Shape, value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_from_wire(of_module, _held(shape), each) for each in value]
    if not isinstance(value, dict):
        return value
    if shape.kind == "map":
        return {key: _from_wire(of_module, _held(shape), each) for key, each in value.items()}
    flat = flattened(of_module, shape, value)
    chosen = chosen_shape(of_module, shape, flat, wire=True)
    if chosen is None:
        return value
    owner = f"{of_module}:{chosen.name}"
    properties = module(of_module).objects.get(chosen.name, {})
    names = {wire_name(owner, name): name for name in properties}
    found = {}
    for wire, each in flat.items():
        name = names.get(wire, wire)
        found[name] = _from_wire(of_module, properties[name].shape, each) if name in properties else each
    return {name: each for name, each in found.items() if each is not None}


def flattened(of_module: str, shape: Shape, value: dict[str, Any]) -> dict[str, Any]:
    """Lift an object's own `properties`, where the SDK does."""
    candidates = shape.of if shape.kind == "union" else (shape,)
    nested = any(inner(f"{of_module}:{each.name}") is not None for each in candidates)
    under = value.get("properties")
    if not nested or not isinstance(under, dict):
        return value
    return {**{name: each for name, each in value.items() if name != "properties"}, **under}


def _foreseen(of_module: str, given: Shape, answered: Shape, value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        return value
    chosen, answer = chosen_shape(of_module, given, value), chosen_answer(answered, given, value, of_module)
    if chosen is None or answer is None:
        return value
    known = module(of_module).objects.get(chosen.name, {})
    found = dict(value)
    for name, shape in answer.items():
        if name not in known:
            found.setdefault(name, UNKNOWN)
        elif name in found:
            found[name] = _foreseen(of_module, known[name].shape, shape, found[name])
    return found


def chosen_answer(
    answered: Shape, given: Shape, value: Mapping[str, Any], of_module: str
) -> Mapping[str, Shape] | None:
    """What Azure's answer to an object holds: the class named like the input's, `Response` for `Args`."""
    chosen = chosen_shape(of_module, given, value)
    names = {answered.name, *(each.name for each in answered.of)}
    wanted = f"{chosen.name.removesuffix('Args')}Response" if chosen is not None else ""
    if answered.kind == "object":
        wanted = answered.name
    return module(of_module).answers.get(wanted) if wanted in names else None


def _held(shape: Shape) -> Shape:
    """What a list or map holds; a value of another kind than declared is passed on as it is."""
    return shape.of[0] if shape.kind in {"list", "map"} else shape
