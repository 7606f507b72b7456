"""Cases of the rules about the private way into a workspace."""

from typing import Any

from tests.policies.case import UNKNOWN_LIST, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome, urn

WORKSPACE = "azure-native:machinelearningservices:Workspace"
ENDPOINT = "azure-native:network:PrivateEndpoint"
_GROUP = "azure-native:network:PrivateDnsZoneGroup"
_ZONE = "azure-native:privatedns:PrivateZone"
_IMAGES = "azure-native:containerregistry:Registry"
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw"
_OTHER = Other(type=_ZONE, name="another", props={"privateZoneName": "example.com"})


def _closed(said: str, outcome: Outcome, *beside: Other, **changed: Any) -> Case:  # noqa: ANN401
    props = {"workspaceName": "mlw", "publicNetworkAccess": "Disabled", **changed}
    return Case(rule="W07", said=said, type=WORKSPACE, props=props, outcome=outcome, beside=beside, alone=True)


def _endpoint(target: object = _ID, groups: object = ("amlworkspace",), **wired: tuple[str, ...]) -> Other:
    listed = list(groups) if isinstance(groups, tuple) else groups
    props = {"privateLinkServiceConnections": [{"privateLinkServiceId": target, "groupIds": listed}]}
    return Other(type=ENDPOINT, name="endpoint", props=props, wired=wired)


def _named(said: str, outcome: Outcome, *beside: Other, groups: object = ("amlworkspace",), **settings: Any) -> Case:  # noqa: ANN401
    props = {"privateEndpointName": "pe", **_endpoint(groups=groups).props}
    return Case(
        rule="W08", said=said, type=ENDPOINT, props=props, outcome=outcome, beside=beside, alone=True, settings=settings
    )


def _zones(*ids: object, endpoint: object = "pe", **wired: tuple[str, ...]) -> Other:
    props = {"privateEndpointName": endpoint, "privateDnsZoneConfigs": [{"privateDnsZoneId": one} for one in ids]}
    return Other(type=_GROUP, name="names", props=props, wired=wired)


def _names(configs: object) -> Other:
    return Other(type=_GROUP, name="names", props={"privateEndpointName": "pe", "privateDnsZoneConfigs": configs})


def _leading(said: str, outcome: Outcome, connections: object) -> Case:
    props = {"privateEndpointName": "pe", "privateLinkServiceConnections": connections}
    return Case(rule="W08", said=said, type=ENDPOINT, props=props, outcome=outcome, beside=(_names([]),))


def _zone(name: str) -> Other:
    return Other(type=_ZONE, name=name, props={"privateZoneName": name})


def _built(said: str, outcome: Outcome, *beside: Other, **changed: Any) -> Case:  # noqa: ANN401
    props = {"workspaceName": "mlw", "containerRegistry": "/registries/cr", **changed}
    return Case(rule="W16", said=said, type=WORKSPACE, props=props, outcome=outcome, beside=beside, alone=True)


def _images(access: object) -> Other:
    return Other(type=_IMAGES, name="images", props={"registryName": "cr", "publicNetworkAccess": access})


_API, _NOTEBOOKS = "privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"
_IDS = (f"/privateDnsZones/{_API}", f"/privateDnsZones/{_NOTEBOOKS}")
_OURS = {"privateLinkServiceConnections": (urn(WORKSPACE, "it"),)}

CASES = (
    _closed("a way in", "pass", _endpoint()),
    _closed("a way in, in another case", "pass", _endpoint(_ID.upper(), ("AmlWorkspace",))),
    _closed("a way in that a preview cannot know", "pass", _endpoint(UNKNOWN_TEXT, **_OURS)),
    _closed(
        "a way into something else that a preview cannot know",
        "fail",
        _OTHER,
        _endpoint(UNKNOWN_TEXT, privateLinkServiceConnections=(_OTHER.urn,)),
    ),
    _closed("a way into another workspace", "fail", _endpoint(f"{_ID}2")),
    _closed(
        "a way into a store of the same name",
        "fail",
        _endpoint("/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/mlw"),
    ),
    _closed("a way into another part", "fail", _endpoint(groups=("blob",))),
    _closed(
        "a way that waits for consent",
        "fail",
        Other(
            type=ENDPOINT,
            name="endpoint",
            props={
                "manualPrivateLinkServiceConnections": [{"privateLinkServiceId": _ID, "groupIds": ["amlworkspace"]}]
            },
        ),
    ),
    _closed("unset", "fail"),
    _closed("an unknown way", "cannot tell", _endpoint(UNKNOWN_TEXT)),
    _closed(
        "ways that are unknown",
        "cannot tell",
        Other(type=ENDPOINT, name="endpoint", props={"privateLinkServiceConnections": UNKNOWN_LIST}),
    ),
    _closed(
        "a way that is unknown",
        "cannot tell",
        Other(type=ENDPOINT, name="endpoint", props={"privateLinkServiceConnections": [UNKNOWN_OBJECT]}),
    ),
    _closed("an unknown part", "cannot tell", _endpoint(groups=(UNKNOWN_TEXT,))),
    _closed(
        "an unknown way beside a certain one",
        "pass",
        _endpoint(UNKNOWN_TEXT),
        Other(type=ENDPOINT, name="second", props=_endpoint().props),
    ),
    _closed("unknown whether it is closed", "cannot tell", publicNetworkAccess=UNKNOWN_TEXT),
    _closed("open to the internet", "not applicable", publicNetworkAccess="Enabled"),
    _closed("a project", "not applicable", kind="Project"),
    _named("both names", "pass", _zones(*_IDS)),
    _named(
        "both names, of zones that a preview cannot know",
        "pass",
        _zone(_API),
        _zone(_NOTEBOOKS),
        _zones(UNKNOWN_TEXT, UNKNOWN_TEXT, privateDnsZoneConfigs=(urn(_ZONE, _API), urn(_ZONE, _NOTEBOOKS))),
    ),
    _named("one name", "fail", _zones(_IDS[0])),
    _named(
        "one name, of a zone that a preview cannot know",
        "fail",
        _zone(_API),
        _zones(UNKNOWN_TEXT, privateDnsZoneConfigs=(urn(_ZONE, _API),)),
    ),
    _named("names of another endpoint", "fail", _zones(*_IDS, endpoint="another")),
    _named("names of another cloud, where these are listed", "pass", _zones("/x/a.example"), zones=["a.example"]),
    _named("unset", "fail"),
    _named("unknown names", "cannot tell", _zones(UNKNOWN_TEXT)),
    _named("names of an unknown endpoint", "cannot tell", _zones(*_IDS, endpoint=UNKNOWN_TEXT)),
    _named("names that are unknown", "cannot tell", _names(UNKNOWN_LIST)),
    _leading("unknown ways", "cannot tell", UNKNOWN_LIST),
    _leading("an unknown way", "cannot tell", [UNKNOWN_OBJECT]),
    _named("an unknown part", "cannot tell", groups=UNKNOWN_LIST),
    _named("a way to somewhere else", "not applicable", groups=("blob",)),
    _built("by a cluster", "pass", publicNetworkAccess="Disabled", imageBuildCompute="cpu"),
    _built("by Azure, for a closed workspace", "fail", publicNetworkAccess="Disabled"),
    _built("by Azure, for a closed registry", "fail", _images("Disabled")),
    _built("unset", "fail", publicNetworkAccess="Disabled", imageBuildCompute=None),
    _built("unknown", "cannot tell", publicNetworkAccess="Disabled", imageBuildCompute=UNKNOWN_TEXT),
    _built("an unknown registry", "cannot tell", _images("Disabled"), containerRegistry=UNKNOWN_TEXT),
    _built("unknown whether it is closed", "cannot tell", publicNetworkAccess=UNKNOWN_TEXT),
    _built("open, as its registry is", "not applicable", _images("Enabled"), publicNetworkAccess="Enabled"),
    _built("a project", "not applicable", publicNetworkAccess="Disabled", kind="Project"),
    _built("an object where a text belongs", "fail", publicNetworkAccess={"a": UNKNOWN_OBJECT}),
    Case(rule="W07", said="a zone", type=_ZONE, props={}, outcome="not applicable", beside=(_OTHER,)),
)
