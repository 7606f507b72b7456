"""The tables written by hand, against what the SDK and Azure's own schemas say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from environments.local.azure_types import module
from environments.local.immutable import FIXED, Fixed
from environments.local.provider import bodies, checking, resources, wire_names
from environments.local.provider.paths import PATHS
from environments.local.provider.resources import Served, served

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.azure_types import Property, Shape

_TABLES = {
    "FIXED_NAMES": resources.FIXED_NAMES,
    "GUID_NAMES": resources.GUID_NAMES,
    "BORN_WITH_PARENT": resources.BORN_WITH_PARENT,
    "FIXED": {row.type for row in FIXED},
    "SECRET": resources.SECRET,
    "QUERY": resources.QUERY,
}


def _served(key: str) -> Served:
    return served(f"azure-native:{key}")


def test_each_part_of_a_path_is_an_input_of_its_type() -> None:
    missing = {key: set(_served(key).path_inputs) - set(_served(key).type.inputs) for key in PATHS}
    assert {key: names for key, names in missing.items() if names} == {}


def test_every_required_name_is_part_of_the_path() -> None:
    """A parent's name that the path forgot would end up in the body."""
    no_ids = {"displayName", "groupShortName"}
    for key in PATHS:
        kind = _served(key)
        names = {each.name for each in kind.type.inputs.values() if each.required and each.name.endswith("Name")}
        assert names - no_ids <= set(kind.path_inputs), key


@pytest.mark.parametrize("name", _TABLES)
def test_a_table_speaks_of_served_types_only(name: str) -> None:
    assert set(_TABLES[name]) <= set(PATHS)


def test_the_table_of_secrets_names_properties_that_exist() -> None:
    for key, dotted in resources.SECRET.items():
        for each in dotted:
            first = each.split(".")[0]
            assert first in {**_served(key).type.inputs, **_served(key).type.outputs}, (key, each)


@pytest.mark.parametrize("row", FIXED, ids=lambda row: row.type)
def test_the_table_of_what_never_changes_names_inputs_and_its_source(row: Fixed) -> None:
    kind = _served(row.type)
    firsts = {each.split(".")[0] for each in (*row.properties, *row.but_for)}
    assert firsts <= {"*", *kind.type.inputs}
    assert row.source
    assert all(kind.replaces(each) for each in row.properties)
    assert not any(kind.replaces(each) for each in row.but_for)


@pytest.mark.parametrize("key", PATHS)
@given(data=st.data())
@settings(max_examples=5, deadline=None, derandomize=True)
def test_an_id_gives_its_inputs_back(key: str, data: st.DataObject) -> None:
    kind = _served(key)
    word = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
    scope = st.sampled_from(["/subscriptions/s", "/subscriptions/s/resourceGroups/rg/providers/A.B/c/d"])
    inputs = {name: data.draw(scope if name in {"scope", "resourceUri"} else word) for name in kind.path_inputs}
    resource_id = kind.id(inputs, "sub")
    assert kind.id(kind.inputs_of(resource_id), "sub") == resource_id
    assert resource_id.startswith("/subscriptions/")


def test_an_id_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match="is no id of storage:StorageAccount"):
        _served("storage:StorageAccount").inputs_of("/subscriptions/s/resourceGroups/rg")


# -------------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    ("key", "inputs", "body"),
    [
        ("operationalinsights:Workspace", {"sku": {"name": "PerGB2018"}, "tags": {"a": "b"}},
         {"tags": {"a": "b"}, "properties": {"sku": {"name": "PerGB2018"}}}),
        ("storage:StorageAccount",
         {"kind": "StorageV2", "enableHttpsTrafficOnly": True, "enableNfsV3": False,
          "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.2.3.4"}]},
          "encryption": {"encryptionIdentity": {"encryptionUserAssignedIdentity": "/i"},
                         "keyVaultProperties": {"keyName": "k"}}},
         {"kind": "StorageV2", "properties": {
             "supportsHttpsTrafficOnly": True, "isNfsV3Enabled": False,
             "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]},
             "encryption": {"identity": {"userAssignedIdentity": "/i"}, "keyvaultproperties": {"keyname": "k"}}}}),
        ("applicationinsights:Component",
         {"kind": "web", "applicationType": "web", "publicNetworkAccessForQuery": "Disabled", "disableLocalAuth": True},
         {"kind": "web", "properties": {"Application_Type": "web", "publicNetworkAccessForQuery": "Disabled",
                                        "DisableLocalAuth": True}}),
        ("authorization:RoleDefinition", {"roleName": "r", "roleType": "CustomRole"},
         {"properties": {"roleName": "r", "type": "CustomRole"}}),
        ("machinelearningservices:Datastore",
         {"skipValidation": True,
          "properties": {"datastoreType": "AzureBlob", "credentials": {"credentialsType": "None"}}},
         {"properties": {"datastoreType": "AzureBlob", "credentials": {"credentialsType": "None"}}}),
        ("keyvault:Key", {"properties": {"attributes": {"expires": 1, "notBefore": 2}, "releasePolicy": {"data": "d"}}},
         {"properties": {"attributes": {"exp": 1, "nbf": 2}, "release_policy": {"data": "d"}}}),
        ("containerregistry:Registry", {"sku": {"name": "Premium"}, "networkRuleSet": {
            "defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.2.3.4"}]}},
         {"sku": {"name": "Premium"}, "properties": {"networkRuleSet": {
             "defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]}}}),
        ("containerservice:ManagedCluster",
         {"autoScalerProfile": {"scaleDownDelayAfterAdd": "10m", "expander": "random"}},
         {"properties": {"autoScalerProfile": {"scale-down-delay-after-add": "10m", "expander": "random"}}}),
        ("network:VirtualNetwork", {"subnets": [{"name": "a", "addressPrefix": "10.0.0.0/24", "delegations": [
            {"name": "d", "serviceName": "Microsoft.App/environments"}]}]},
         {"properties": {"subnets": [{"name": "a", "properties": {"addressPrefix": "10.0.0.0/24", "delegations": [
             {"name": "d", "properties": {"serviceName": "Microsoft.App/environments"}}]}}]}}),
        ("network:PrivateEndpoint", {"subnet": {"id": "/s"}, "privateLinkServiceConnections": [
            {"name": "c", "privateLinkServiceId": "/w", "groupIds": ["amlworkspace"]}]},
         {"properties": {"subnet": {"id": "/s"}, "privateLinkServiceConnections": [
             {"name": "c", "properties": {"privateLinkServiceId": "/w", "groupIds": ["amlworkspace"]}}]}}),
        ("eventgrid:EventSubscription",
         {"destination": {"endpointType": "StorageQueue", "queueName": "q", "resourceId": "/s"}},
         {"properties": {"destination": {"endpointType": "StorageQueue", "properties": {
             "queueName": "q", "resourceId": "/s"}}}}),
        ("machinelearningservices:Workspace", {"sharedPrivateLinkResources": [{"name": "n", "groupId": "g"}]},
         {"properties": {"sharedPrivateLinkResources": [{"name": "n", "properties": {"groupId": "g"}}]}}),
        ("monitor:MetricAlert", {"criteria": {
            "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []}},
         {"properties": {"criteria": {
             "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []}}}),
    ],
)  # fmt: skip
def test_names_differ_on_the_wire_where_azure_has_its_own(
    key: str, inputs: dict[str, Any], body: dict[str, Any]
) -> None:
    kind = _served(key)
    named = dict.fromkeys(kind.path_inputs, "n")
    assert bodies.to_body(kind, {**named, **inputs}) == body
    back = bodies.from_body(kind, body)
    expected = {name: value for name, value in inputs.items() if name in kind.type.outputs}
    assert {name: back[name] for name in expected} == expected


def test_what_is_for_the_query_goes_there() -> None:
    assert bodies.query(_served("machinelearningservices:Datastore"), {"skipValidation": True}) == {
        "skipValidation": "true"
    }


@pytest.mark.parametrize("key", PATHS)
@given(data=st.data())
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_what_goes_out_comes_back_and_is_right_by_the_sdk(key: str, data: st.DataObject) -> None:
    kind = _served(key)
    inputs = data.draw(_values(kind.type.module, kind.type.inputs, depth=3))
    assert checking.problems_of_inputs(kind, inputs) == []
    body = bodies.to_body(kind, inputs)
    assert not checking.validate(kind.arm_type, body)
    back = bodies.from_body(kind, body)
    for name in set(inputs) & set(kind.type.outputs) - set(kind.path_inputs) - set(resources.QUERY.get(key, ())):
        assert _without_identities(back[name]) == _without_identities(inputs[name])


def _values(of_module: str, properties: Mapping[str, Property], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    drawn = {name: _value(of_module, each, depth) for name, each in properties.items()}
    required = {name: value for name, value in drawn.items() if properties[name].required or properties[name].const}
    optional = {name: value for name, value in drawn.items() if name not in required} if depth > 0 else {}
    return st.fixed_dictionaries(required, optional=optional)


def _value(of_module: str, each: Property, depth: int) -> st.SearchStrategy[Any]:
    return st.just(each.const) if each.const else _shaped(of_module, each.shape, depth)


def _shaped(of_module: str, shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    plain: dict[str, st.SearchStrategy[Any]] = {
        "string": st.sampled_from(shape.values or shape.known or ("a", "b c", "/subscriptions/s")),
        "integer": st.integers(0, 9),
        "number": st.sampled_from([0.5, 2]),
        "boolean": st.booleans(),
        "any": st.just({"any": "thing"}),
    }
    if shape.kind in plain:
        return plain[shape.kind]
    if shape.kind == "list":
        return st.lists(_shaped(of_module, shape.of[0], depth - 1), max_size=2, unique_by=repr)
    if shape.kind == "map":
        return st.dictionaries(st.sampled_from(["x", "y.z"]), _shaped(of_module, shape.of[0], depth - 1), max_size=2)
    if shape.kind == "union":
        consts = [
            alternative
            for alternative in shape.of
            if alternative.kind != "object" or _told_apart(of_module, alternative)
        ]
        return st.deferred(
            lambda: st.one_of([_shaped(of_module, alternative, depth) for alternative in consts or shape.of[:1]])
        )
    return st.deferred(lambda: _values(of_module, module(of_module).objects[shape.name], depth - 1))


def _told_apart(of_module: str, shape: Shape) -> bool:
    return any(each.const for each in module(of_module).objects[shape.name].values())


def _without_identities(value: Any) -> Any:  # noqa: ANN401  # JSON
    """A list of ids comes back as a map by id."""
    if isinstance(value, dict):
        return {
            name: sorted(each) if name == wire_names.IDENTITIES and _are_ids(each) else _without_identities(each)
            for name, each in value.items()
        }
    return [_without_identities(each) for each in value] if isinstance(value, list) else value


def _are_ids(value: Any) -> bool:  # noqa: ANN401  # JSON
    return all(isinstance(each, str) for each in value)
