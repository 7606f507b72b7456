"""Cases of the rule about who may write to a workspace's own storage."""

from typing import Any

from tests.policies.case import UNKNOWN_TEXT, Case, Other, Outcome, urn

GRANT = "azure-native:authorization:RoleAssignment"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
TRUST = "azure-native:managedidentity:FederatedIdentityCredential"
COMPUTE = "azure-native:machinelearningservices:Compute"
_GROUP = "/subscriptions/s/resourceGroups/g"
_ACCOUNT = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/st"
_ROLES = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/"
_CONTRIBUTOR = f"{_ROLES}ba92f5b4-2d11-453d-a403-e96b0029c9fe"
_OWNER = f"{_ROLES}b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
_READER = f"{_ROLES}2a2b9908-6ea1-4ae2-8e65-a410df84e4d1"

_WORKSPACE = Other(type=WORKSPACE, name="workspace", props={"storageAccount": _ACCOUNT})
_IDENTITY = Other(type=IDENTITY, name="identity", props={})
_OURS = (urn(IDENTITY, "identity"),)
_CLUSTER = Other(type=COMPUTE, name="cpu", props={}, wired={"identity": _OURS})
_TRUSTED = Other(type=TRUST, name="trust", props={}, wired={"resourceName": _OURS})
_NO_CI = {"exceptions": {"controller": "reads what was collected"}}

_ACCOUNTS = Other(type="azure-native:storage:StorageAccount", name="storage", props={})
_STORAGE = _ACCOUNTS.urn
_BOUND = Other(
    type=WORKSPACE, name="second", props={"storageAccount": UNKNOWN_TEXT}, wired={"storageAccount": (_STORAGE,)}
)


def _case(said: str, outcome: Outcome, *beside: Other, settings: Any = None, wired: Any = None, **changed: Any) -> Case:  # noqa: ANN401
    props = {"scope": _ACCOUNT, "roleDefinitionId": _CONTRIBUTOR, "principalType": "ServicePrincipal"}
    return Case(
        rule="R05",
        said=said,
        type=GRANT,
        props=props | changed,
        outcome=outcome,
        beside=(_WORKSPACE, *beside),
        settings=settings or {},
        wired=wired or {},
    )


def _ours(said: str, outcome: Outcome, *beside: Other, **more: Any) -> Case:  # noqa: ANN401
    return _case(said, outcome, _IDENTITY, *beside, wired={"principalId": _OURS}, principalId=UNKNOWN_TEXT, **more)


CASES = (
    _ours("a cluster's identity", "pass", _CLUSTER),
    _ours("a controller's identity", "pass"),
    _ours("an outside program's identity", "pass", _TRUSTED),
    _ours("an outside program's identity, where there is no reason", "fail", _TRUSTED, settings=_NO_CI),
    _ours("a cluster's identity, where there is no reason", "fail", _CLUSTER, settings={"exceptions": {}}),
    _ours(
        "a cluster's identity, where only such may", "pass", _CLUSTER, settings={"exceptions": {"compute": "writes"}}
    ),
    _ours("a controller's identity, where only such may", "pass", settings=_NO_CI),
    _ours("an outside program's identity, where only such may", "pass", _TRUSTED, settings={"exceptions": {"ci": "x"}}),
    _case(
        "a cluster of its own identity",
        "pass",
        Other(type=COMPUTE, name="cpu", props={}),
        wired={"principalId": (urn(COMPUTE, "cpu"),)},
        principalId=UNKNOWN_TEXT,
    ),
    _case(
        "a person, on an account that a preview cannot know",
        "fail",
        _ACCOUNTS,
        _BOUND,
        wired={"scope": (_STORAGE,)},
        principalType="User",
        scope=UNKNOWN_TEXT,
    ),
    _case(
        "a person, on something else that a preview cannot know",
        "not applicable",
        _ACCOUNTS,
        wired={"scope": (_STORAGE,)},
        principalType="User",
        scope=UNKNOWN_TEXT,
    ),
    _case(
        "a person, on a group in which an account may be",
        "fail",
        _BOUND,
        principalType="User",
        scope="/subscriptions/s/resourceGroups/g2",
    ),
    _case(
        "a person, on a vault beside an unknown account",
        "not applicable",
        _BOUND,
        principalType="User",
        scope=f"{_GROUP}/providers/Microsoft.KeyVault/vaults/v",
    ),
    _case("a person", "fail", principalType="User", principalId="p"),
    _case("a group of people", "fail", principalType="Group", principalId="p"),
    _case(
        "a group of people, where they try things",
        "pass",
        principalType="Group",
        principalId="p",
        settings={"exceptions": {"people": "try things with code"}},
    ),
    _case("an owner", "fail", principalType="Group", principalId="p", roleDefinitionId=_OWNER),
    _case("a person, on a container", "fail", principalType="User", scope=f"{_ACCOUNT}/blobServices/default"),
    _case("a person, on the group", "fail", principalType="User", scope=_GROUP),
    _case("a program of nowhere", "fail", principalId="p"),
    _case("a program of another stack", "pass", principalId="p", settings={"principals": {"p": "files the labels"}}),
    Case(
        rule="R05",
        said="unset principal",
        type=GRANT,
        props={"scope": _ACCOUNT, "roleDefinitionId": _CONTRIBUTOR},
        outcome="fail",
        beside=(_WORKSPACE,),
    ),
    _case("a program that a preview cannot know", "cannot tell", principalId=UNKNOWN_TEXT),
    _case("unknown role", "cannot tell", principalId="p", roleDefinitionId=UNKNOWN_TEXT),
    _case("unknown scope", "cannot tell", principalType="User", scope=UNKNOWN_TEXT),
    _case("a reader", "not applicable", principalType="User", roleDefinitionId=_READER),
    _case("another account", "not applicable", principalType="User", scope=f"{_ACCOUNT}2"),
    Case(rule="R05", said="a workspace", type=COMPUTE, props={}, outcome="not applicable", beside=(_WORKSPACE,)),
)
