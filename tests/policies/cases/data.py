"""Cases of the rules about datastores, connections and shared registries."""

from typing import Any

from tests.policies.case import UNKNOWN_LIST, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome, urn

_ML = "azure-native:machinelearningservices"
DATASTORE = f"{_ML}:Datastore"
CONNECTION = f"{_ML}:WorkspaceConnection"
REGISTRY = f"{_ML}:Registry"
SETTING = "azure-native:monitor:DiagnosticSetting"


def _case(rule: str, kind: str, said: str, props: dict[str, Any], outcome: Outcome, **more: Any) -> Case:  # noqa: ANN401
    return Case(rule=rule, said=said, type=kind, props=props, outcome=outcome, **more)


def _stored(said: str, credentials: dict[str, Any] | str, outcome: Outcome) -> Case:
    return _case("D01", DATASTORE, said, {"properties": {"credentials": credentials}}, outcome)


def _connected(said: str, way: str, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    return _case("D02", CONNECTION, said, {"properties": {"authType": way}}, outcome, settings=settings)


def _region(*, anonymous: object = False, sku: object = "Premium") -> dict[str, Any]:
    return {
        "location": "eastus",
        "storageAccountDetails": [{"systemCreatedStorageAccount": {"allowBlobPublicAccess": anonymous}}],
        "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": sku}}],
    }


def _made(said: str, outcome: Outcome, *regions: object) -> Case:
    return _case("D04", REGISTRY, said, {"regionDetails": list(regions)}, outcome)


_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/registries/mlr"
_LOGS = [{"categoryGroup": "allLogs", "enabled": True}]
_LOGGED = {"resourceUri": _ID, "workspaceId": "/logs", "logs": _LOGS}


def _kept(said: str, outcome: Outcome, setting: dict[str, Any], regions: object, **wired: tuple[str, ...]) -> Case:
    props = {"name": "mlr", "regionDetails": regions}
    beside = (Other(type=SETTING, name="setting", props=setting, wired=wired),)
    return _case("D05", REGISTRY, said, props, outcome, beside=beside)


_TWO = [_region(), _region()]

CASES = (
    _stored("by identity", {"credentialsType": "None"}, "pass"),
    _stored("by identity, in another case", {"credentialsType": "none"}, "pass"),
    _stored("by key", {"credentialsType": "AccountKey"}, "fail"),
    _stored("by a signed address", {"credentialsType": "Sas"}, "fail"),
    _stored("by a principal's secret", {"credentialsType": "ServicePrincipal"}, "fail"),
    _stored("by a certificate", {"credentialsType": "Certificate"}, "fail"),
    _stored("unset", {}, "fail"),
    _case("D01", DATASTORE, "unset credentials", {"properties": {}}, "fail"),
    _stored("unknown", {"credentialsType": UNKNOWN_TEXT}, "cannot tell"),
    _stored("unknown credentials", UNKNOWN_OBJECT, "cannot tell"),
    _case("D01", CONNECTION, "a connection", {"properties": {}}, "not applicable"),
    _connected("as Entra says", "AAD", "pass"),
    _connected("by an identity", "ManagedIdentity", "pass"),
    _connected("by an identity, in another case", "managedidentity", "pass"),
    *(
        _connected(f"by {way}", way, "fail")
        for way in ("ApiKey", "PAT", "AccountKey", "AccessKey", "SAS", "CustomKeys", "UsernamePassword", "OAuth2")
    ),
    _connected("by a principal's secret", "ServicePrincipal", "fail"),
    _connected("by nobody", "None", "fail"),
    _connected("by nobody, where that is allowed", "None", "pass", allowed=["None"]),
    _connected("by an identity, where that is not allowed", "ManagedIdentity", "fail", allowed=["AAD"]),
    _case("D02", CONNECTION, "unset", {"properties": {}}, "fail"),
    _connected("unknown", UNKNOWN_TEXT, "cannot tell"),
    _case("D02", DATASTORE, "a datastore", {"properties": {}}, "not applicable"),
    _case("D03", REGISTRY, "closed", {"publicNetworkAccess": "Disabled"}, "pass"),
    _case("D03", REGISTRY, "open", {"publicNetworkAccess": "Enabled"}, "fail"),
    _case("D03", REGISTRY, "unset", {}, "fail"),
    _case("D03", REGISTRY, "unknown", {"publicNetworkAccess": UNKNOWN_TEXT}, "cannot tell"),
    _case("D03", "azure-native:containerregistry:Registry", "images", {}, "not applicable"),
    _made("hardened", "pass", _region()),
    _made("hardened in both", "pass", *_TWO),
    _made("anonymous readers", "fail", _region(anonymous=True)),
    _made("anonymous readers in one of two", "fail", _region(), _region(anonymous=True)),
    _made("a small registry of images", "fail", _region(sku="Basic")),
    _made("unset account", "fail", {"location": "eastus"}),
    _made("unset account beside good images", "fail", {"acrDetails": _region()["acrDetails"]}),
    _made("unset images beside a good account", "fail", _region() | {"acrDetails": None}),
    _made("unset readers", "fail", _region(anonymous=None)),
    _made("unset size", "fail", _region(sku=None)),
    _made("no region", "fail"),
    _case("D04", REGISTRY, "unset", {}, "fail"),
    _made(
        "one's own account and registry",
        "pass",
        {
            "storageAccountDetails": [{"userCreatedStorageAccount": {"armResourceId": {"resourceId": "/st"}}}],
            "acrDetails": [{"userCreatedAcrAccount": {"armResourceId": {"resourceId": "/cr"}}}],
        },
    ),
    _made("an unknown region", "cannot tell", UNKNOWN_OBJECT),
    _made("an unknown region beside a certain failure", "fail", UNKNOWN_OBJECT, _region(anonymous=True)),
    _made("unknown size", "cannot tell", _region(sku=UNKNOWN_TEXT)),
    _made("unknown accounts", "cannot tell", _region() | {"storageAccountDetails": UNKNOWN_LIST}),
    _made("unknown images", "cannot tell", _region() | {"acrDetails": UNKNOWN_LIST}),
    _case("D04", REGISTRY, "unknown", {"regionDetails": UNKNOWN_LIST}, "cannot tell"),
    _case("D04", "azure-native:containerregistry:Registry", "images", {}, "not applicable"),
    _kept("logged, in two regions", "pass", _LOGGED, _TWO),
    _kept(
        "logged, with ids that a preview cannot know",
        "pass",
        {"resourceUri": UNKNOWN_TEXT, "workspaceId": "/logs", "logs": _LOGS},
        _TWO,
        resourceUri=(urn(REGISTRY, "it"),),
    ),
    _kept("in one region", "fail", _LOGGED, [_region()]),
    _kept("logs of something else", "fail", _LOGGED | {"resourceUri": f"{_ID}2"}, _TWO),
    _kept("unset logs", "fail", {"resourceUri": _ID, "workspaceId": "/logs"}, _TWO),
    _kept("unset regions", "fail", _LOGGED, None),
    _kept("unknown regions", "cannot tell", _LOGGED, UNKNOWN_LIST),
    _kept("unknown subject", "cannot tell", _LOGGED | {"resourceUri": UNKNOWN_TEXT}, _TWO),
    _kept("unknown destination of logs", "cannot tell", _LOGGED | {"workspaceId": UNKNOWN_TEXT}, _TWO),
    _kept("unknown destination of no logs", "fail", _LOGGED | {"workspaceId": UNKNOWN_TEXT, "logs": []}, _TWO),
    _kept("an unknown log", "cannot tell", _LOGGED | {"logs": [UNKNOWN_OBJECT]}, _TWO),
    _kept("unknown subject, in one region", "fail", _LOGGED | {"resourceUri": UNKNOWN_TEXT}, [_region()]),
    _case(
        "D05",
        CONNECTION,
        "a stack without registries",
        {},
        "not applicable",
        beside=(Other(type=SETTING, name="setting", props=_LOGGED),),
    ),
)
