"""Cases of the rules about keeping things apart and alive."""

from typing import Any

from tests.policies.case import UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome, urn

WORKSPACE = "azure-native:machinelearningservices:Workspace"
_STORAGE = "azure-native:storage:StorageAccount"
_LOCK = "azure-native:authorization:ManagementLock"
_GROUP = "azure-native:resources:ResourceGroup"
_ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/mlw"


def _of(environment: object, **changed: Any) -> dict[str, Any]:  # noqa: ANN401
    own = {"resourceGroupName": "rg", "storageAccount": "/storage", "keyVault": "/vault"}
    return {**own, "tags": {"environment": environment}, **changed}


def _beside(environment: object, wired: Any = None, **changed: Any) -> Other:  # noqa: ANN401
    return Other(type=WORKSPACE, name="other", props=_of(environment, **changed), wired=wired or {})


def _apart(said: str, outcome: Outcome, *beside: Other, **changed: Any) -> Case:  # noqa: ANN401
    wired, settings = changed.pop("wired", {}), changed.pop("settings", {})
    props = _of(changed.pop("environment", "prod"), **changed)
    return Case(
        rule="W17",
        said=said,
        type=WORKSPACE,
        props=props,
        outcome=outcome,
        beside=beside,
        alone=True,
        wired=wired,
        settings=settings,
    )


def _kept(said: str, outcome: Outcome, *beside: Other, kind: str = WORKSPACE, **more: Any) -> Case:  # noqa: ANN401
    props = {"workspaceName": "mlw", "resourceGroupName": "rg", **more.pop("props", {})}
    return Case(rule="W18", said=said, type=kind, props=props, outcome=outcome, beside=beside, alone=True, **more)


def _lock(
    manner: str, level: object = "CanNotDelete", wired: dict[str, tuple[str, ...]] | None = None, **at: object
) -> Other:
    return Other(type=f"{_LOCK}{manner}", name="lock", props={"level": level, **at}, wired=wired or {})


def _group_lock(group: str) -> Other:
    wired: dict[str, tuple[str, ...]] = {"resourceGroupName": (urn(_GROUP, group),)}
    return _lock("AtResourceGroupLevel", wired=wired, resourceGroupName=UNKNOWN_TEXT)


def _typed(said: str, resource_type: str, outcome: Outcome, **props: Any) -> Case:  # noqa: ANN401
    return Case(rule="W19", said=said, type=resource_type, props=props, outcome=outcome)


_ALONE: dict[str, Any] = {"resourceGroupName": "rg2", "storageAccount": "/storage2", "keyVault": "/vault2"}
_SAME = {"resourceGroupName": (urn(_GROUP, "rg"),)}

_GROUPS = (Other(type=_GROUP, name="rg", props={}), Other(type=_GROUP, name="rg2", props={}))
_IN_RG: dict[str, Any] = {"props": {"resourceGroupName": UNKNOWN_TEXT}, "wired": _SAME}
_STORE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts"

CASES = (
    _apart("all its own", "pass", _beside("dev", **_ALONE)),
    _apart("one group of one environment", "pass", _beside("prod")),
    _apart("one group of two that are no prod", "pass", _beside("dev"), environment="test"),
    _apart("prod's own, under another name", "pass", _beside("live"), settings={"production": ["live", "prod"]}),
    _apart("one group", "fail", _beside("dev", **{**_ALONE, "resourceGroupName": "RG"})),
    _apart("one store", "fail", _beside("dev", **{**_ALONE, "storageAccount": "/storage"})),
    _apart("one vault", "fail", _beside("dev", **{**_ALONE, "keyVault": "/vault"})),
    _apart("unset environment of the other", "fail", _beside(None)),
    _apart(
        "one group that a preview cannot know",
        "fail",
        Other(type=_GROUP, name="rg", props={}),
        _beside("dev", _SAME, **{**_ALONE, "resourceGroupName": UNKNOWN_TEXT}),
        resourceGroupName=UNKNOWN_TEXT,
        wired=_SAME,
    ),
    _apart("an unknown environment", "cannot tell", _beside(UNKNOWN_TEXT)),
    _apart("unknown tags", "cannot tell", _beside("dev"), tags=UNKNOWN_OBJECT),
    _apart("an unknown group", "cannot tell", _beside("dev", **{**_ALONE, "resourceGroupName": UNKNOWN_TEXT})),
    _apart(
        "a store of one of them only",
        "pass",
        _beside("dev", **{**_ALONE, "storageAccount": UNKNOWN_TEXT}),
        storageAccount=None,
    ),
    _apart("a project of the same hub", "not applicable", _beside("dev", kind="Project")),
    _apart("alone", "not applicable"),
    _apart("a project of a hub", "not applicable", _beside("dev"), kind="Project"),
    Case(rule="W17", said="a store", type=_STORAGE, props={}, outcome="not applicable", alone=True),
    _kept("protected", "pass", protect=True),
    _kept("locked", "pass", _lock("ByScope", scope=_ID)),
    _kept("locked by its id, as it is deployed", "pass", _lock("ByScope", scope=_ID.lower()), props={"id": _ID}),
    _kept(
        "one of its name in another group locked, by its id",
        "fail",
        _lock("ByScope", scope=_ID.replace("/rg/", "/rg2/")),
        props={"id": _ID},
    ),
    _kept("locked, for reading only", "pass", _lock("ByScope", "ReadOnly", scope=_ID.upper())),
    _kept("locked with its group", "pass", _lock("ByScope", scope="/subscriptions/s/resourceGroups/rg")),
    _kept("locked with its group, by name", "pass", _lock("AtResourceGroupLevel", resourceGroupName="RG")),
    _kept("locked by name", "pass", _lock("AtResourceLevel", resourceName="mlw", resourceGroupName="rg")),
    _kept(
        "locked, by an id that a preview cannot know",
        "pass",
        _lock("ByScope", wired={"scope": (urn(WORKSPACE, "it"),)}, scope=UNKNOWN_TEXT),
    ),
    _kept("another group locked", "fail", _lock("AtResourceGroupLevel", resourceGroupName="rg2")),
    _kept("another workspace locked", "fail", _lock("ByScope", scope=f"{_ID}2")),
    _kept("another group locked, by its id", "fail", _lock("ByScope", scope="/subscriptions/s/resourceGroups/rg2")),
    _kept(
        "another workspace locked, by name",
        "fail",
        _lock("AtResourceLevel", resourceName="mlx", resourceGroupName="rg"),
    ),
    _kept("a store locked whose name is the group's", "fail", _lock("ByScope", scope=f"{_STORE}/rg")),
    _kept("its group locked, which a preview cannot know", "pass", *_GROUPS, _group_lock("rg"), **_IN_RG),
    _kept("another group locked, which a preview cannot know", "fail", *_GROUPS, _group_lock("rg2"), **_IN_RG),
    _kept(
        "a group locked by id, which a preview cannot know",
        "pass",
        *_GROUPS,
        _lock("ByScope", wired={"scope": (urn(_GROUP, "rg"),)}, scope=UNKNOWN_TEXT),
        **_IN_RG,
    ),
    _kept("an unknown group locked", "cannot tell", _lock("AtResourceGroupLevel", resourceGroupName=UNKNOWN_TEXT)),
    _kept(
        "in an unknown group",
        "cannot tell",
        _lock("AtResourceGroupLevel", resourceGroupName="rg"),
        props={"resourceGroupName": UNKNOWN_TEXT},
    ),
    _kept(
        "in an unknown group, one locked by id",
        "cannot tell",
        _lock("ByScope", scope="/subscriptions/s/resourceGroups/rg"),
        props={"resourceGroupName": UNKNOWN_TEXT},
    ),
    _kept("a lock that locks nothing", "fail", _lock("ByScope", "NotSpecified", scope=_ID)),
    _kept("unset", "fail"),
    _kept("a store, unset", "fail", kind=_STORAGE),
    _kept("an unknown lock", "cannot tell", _lock("ByScope", scope=UNKNOWN_TEXT)),
    _kept("an unknown level", "cannot tell", _lock("ByScope", UNKNOWN_TEXT, scope=_ID)),
    Case(rule="W18", said="a group", type=_GROUP, props={}, outcome="not applicable", alone=True),
    _typed("a stable version", "azure-native:storage/v20240101:StorageAccount", "pass"),
    _typed("unset version", _STORAGE, "pass"),
    _typed("a preview", "azure-native:machinelearningservices/v20250401preview:Workspace", "fail"),
    _typed("a preview, of a local package", "azure-native_app_v20240202preview:app:Job", "fail"),
    _typed("anything, by a stable version", "azure-native:resources:Resource", "pass", apiVersion="2024-04-01"),
    _typed("anything, by a preview", "azure-native:resources:Resource", "fail", apiVersion="2024-04-01-preview"),
    _typed(
        "anything, by an unknown version", "azure-native:resources:Resource", "cannot tell", apiVersion=UNKNOWN_TEXT
    ),
    _typed("somebody else's resource", "aws:s3/bucket:Bucket", "not applicable"),
)
