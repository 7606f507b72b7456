"""Cases of the rules about private endpoints."""

from typing import Any

from tests.policies.case import UNKNOWN_LIST, UNKNOWN_TEXT, Case, Other, Outcome, urn

WORKSPACE = "azure-native:machinelearningservices:Workspace"
ENDPOINT = "azure-native:network:PrivateEndpoint"
_STORAGE, _VAULT, _IMAGES = "/rg/storageAccounts/st", "/rg/vaults/kv", "/rg/registries/cr"
_CLOSED = {
    "publicNetworkAccess": "Disabled",
    "storageAccount": _STORAGE,
    "keyVault": _VAULT,
    "containerRegistry": _IMAGES,
}


def _way(name: str, target: object, *groups: str, **wired: tuple[str, ...]) -> Other:
    connections = [{"privateLinkServiceId": target, "groupIds": list(groups)}]
    return Other(type=ENDPOINT, name=name, props={"privateLinkServiceConnections": connections}, wired=wired)


_BLOB, _FILE = _way("blob", _STORAGE, "blob"), _way("file", _STORAGE, "file")
_SECRETS, _PULL = _way("vault", _VAULT, "vault"), _way("images", _IMAGES, "registry")
_ACCOUNT = Other(type="azure-native:storage:StorageAccount", name="storage", props={})
_FROM = (urn("azure-native:storage:StorageAccount", "storage"),)


def _case(said: str, outcome: Outcome, *beside: Other, props: dict[str, Any] | None = None, **more: Any) -> Case:  # noqa: ANN401
    return Case(
        rule="S12",
        said=said,
        type=WORKSPACE,
        props=_CLOSED if props is None else props,
        outcome=outcome,
        beside=beside,
        alone=not beside,
        **more,
    )


CASES = (
    _case("a way to each", "pass", _BLOB, _FILE, _SECRETS, _PULL),
    _case("a way to each, in another case", "pass", _way("blob", _STORAGE.upper(), "Blob"), _FILE, _SECRETS, _PULL),
    _case(
        "without images of its own",
        "pass",
        _BLOB,
        _FILE,
        _SECRETS,
        props={key: value for key, value in _CLOSED.items() if key != "containerRegistry"},
    ),
    _case("no way to files", "fail", _BLOB, _SECRETS, _PULL),
    _case("no way to secrets", "fail", _BLOB, _FILE, _PULL),
    _case("no way to images", "fail", _BLOB, _FILE, _SECRETS),
    _case(
        "a way to somebody else's storage",
        "fail",
        _way("blob", "/rg/storageAccounts/x", "blob"),
        _FILE,
        _SECRETS,
        _PULL,
    ),
    _case("no way at all", "fail"),
    _case("no way at all, as they are made elsewhere", "pass", settings={"elsewhere": True}),
    _case(
        "ways to what a preview cannot know",
        "pass",
        _ACCOUNT,
        _way("blob", UNKNOWN_TEXT, "blob", privateLinkServiceConnections=_FROM),
        _way("file", UNKNOWN_TEXT, "file", privateLinkServiceConnections=_FROM),
        _SECRETS,
        _PULL,
        props=_CLOSED | {"storageAccount": UNKNOWN_TEXT},
        wired={"storageAccount": _FROM},
    ),
    _case("unset groups", "fail", _way("blob", _STORAGE), _FILE, _SECRETS, _PULL),
    _case("unset target", "fail", _way("blob", None, "blob"), _FILE, _SECRETS, _PULL),
    _case("a way to somewhere unknown", "cannot tell", _way("blob", UNKNOWN_TEXT, "blob"), _FILE, _SECRETS, _PULL),
    _case("unknown part", "cannot tell", _way("blob", _STORAGE, UNKNOWN_TEXT), _FILE, _SECRETS, _PULL),
    _case(
        "unknown ways",
        "cannot tell",
        Other(type=ENDPOINT, name="blob", props={"privateLinkServiceConnections": UNKNOWN_LIST}),
        _FILE,
        _SECRETS,
        _PULL,
    ),
    _case("unknown whether closed", "cannot tell", _BLOB, props=_CLOSED | {"publicNetworkAccess": UNKNOWN_TEXT}),
    _case("open", "not applicable", _BLOB, props=_CLOSED | {"publicNetworkAccess": "Enabled"}),
    Case(
        rule="S12",
        said="a stack without workspaces",
        type="azure-native:machinelearningservices:Registry",
        props={},
        outcome="not applicable",
        beside=(_BLOB,),
    ),
)
