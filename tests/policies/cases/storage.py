"""Cases of the rules about storage accounts."""

from typing import Any

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_NUMBER, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Other, Outcome, urn

ACCOUNT = "azure-native:storage:StorageAccount"
OTHER_KIND = "azure-native:keyvault:Vault"


def _cases(rule: str, key: str) -> tuple[Case, ...]:
    return (
        Case(rule=rule, said="off", type=ACCOUNT, props={key: False}, outcome="pass"),
        Case(rule=rule, said="on", type=ACCOUNT, props={key: True}, outcome="fail"),
        Case(rule=rule, said="unset", type=ACCOUNT, props={}, outcome="fail"),
        Case(rule=rule, said="unknown", type=ACCOUNT, props={key: UNKNOWN_FLAG}, outcome="cannot tell"),
        Case(rule=rule, said="a vault", type=OTHER_KIND, props={key: True}, outcome="not applicable"),
    )


BLOBS = "azure-native:storage:BlobServiceProperties"


def _case(rule: str, said: str, props: dict[str, Any], outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    return Case(rule=rule, said=said, type=ACCOUNT, props=props, outcome=outcome, settings=settings)


def _ruled(said: str, outcome: Outcome, public: object = None, settings: Any = None, **rules: object) -> Case:  # noqa: ANN401
    props = {"publicNetworkAccess": public, "networkRuleSet": rules}
    return _case("S02", said, props, outcome, **(settings or {}))


def _kept(said: str, outcome: Outcome, days: object = 30, *, wired: bool = False, **changed: object) -> Case:
    props = {
        "accountName": "stmlw",
        "isVersioningEnabled": True,
        "deleteRetentionPolicy": {"enabled": True, "days": days},
    }
    beside = Other(
        type=BLOBS, name="blobs", props=props | changed, wired={"accountName": (urn(ACCOUNT, "it"),)} if wired else {}
    )
    return Case(rule="S05", said=said, type=ACCOUNT, props={"name": "stmlw"}, outcome=outcome, beside=(beside,))


def _elsewhere(rule: str) -> Case:
    return Case(rule=rule, said="a vault", type=OTHER_KIND, props={}, outcome="not applicable")


_SAFE = {"enableHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2"}

CASES = (
    *_cases("S01", "allowSharedKeyAccess"),
    *_cases("S03", "allowBlobPublicAccess"),
    _ruled("closed", "pass", "Disabled"),
    _ruled("closed by a perimeter", "pass", "SecuredByPerimeter"),
    _ruled("denied unless named", "pass", "Enabled", defaultAction="Deny"),
    _ruled("denied unless named, but for Azure", "pass", "Enabled", defaultAction="Deny", bypass="AzureServices"),
    _ruled("denied, but for logs", "fail", "Enabled", defaultAction="Deny", bypass="AzureServices, Logging"),
    _ruled(
        "denied, but for Azure, which is not allowed",
        "fail",
        "Enabled",
        {"bypass": []},
        defaultAction="Deny",
        bypass="AzureServices",
    ),
    _ruled("denied for all", "pass", "Enabled", {"bypass": []}, defaultAction="Deny", bypass="None"),
    _ruled("open", "fail", "Enabled", defaultAction="Allow"),
    _case("S02", "unset", {}, "fail"),
    _ruled("unset rules", "fail", "Enabled"),
    _ruled("unknown", "cannot tell", UNKNOWN_TEXT),
    _ruled("unknown, but denied unless named", "pass", UNKNOWN_TEXT, defaultAction="Deny"),
    _ruled("unknown action", "cannot tell", "Enabled", defaultAction=UNKNOWN_TEXT),
    _ruled("unknown exceptions", "cannot tell", "Enabled", defaultAction="Deny", bypass=UNKNOWN_TEXT),
    _case("S02", "unknown rules", {"networkRuleSet": UNKNOWN_OBJECT}, "cannot tell"),
    _elsewhere("S02"),
    _case("S04", "encrypted", _SAFE, "pass"),
    _case("S04", "encrypted, by the newest", _SAFE | {"minimumTlsVersion": "TLS1_3"}, "pass"),
    _case("S04", "by old encryption", _SAFE | {"minimumTlsVersion": "TLS1_0"}, "fail"),
    _case("S04", "by none", _SAFE | {"enableHttpsTrafficOnly": False}, "fail"),
    _case("S04", "unset", {}, "fail"),
    _case("S04", "unset version", {"enableHttpsTrafficOnly": True}, "fail"),
    _case("S04", "unknown", _SAFE | {"minimumTlsVersion": UNKNOWN_TEXT}, "cannot tell"),
    _elsewhere("S04"),
    _kept("kept", "pass"),
    _kept("kept, of an account that a preview cannot know", "pass", wired=True, accountName=UNKNOWN_TEXT),
    _kept("kept too shortly", "fail", days=7),
    _kept("not kept", "fail", deleteRetentionPolicy={"enabled": False}),
    _kept("not kept, for so many days", "fail", deleteRetentionPolicy={"enabled": False, "days": 30}),
    _kept("unset policy", "fail", deleteRetentionPolicy=None),
    _kept("overwritten", "fail", isVersioningEnabled=False),
    _kept("of another account", "fail", accountName="stother"),
    _kept("of an account that is not said, as in a state file", "cannot tell", accountName=None),
    _kept("unknown days", "cannot tell", days=UNKNOWN_NUMBER),
    _kept("unknown policy", "cannot tell", deleteRetentionPolicy=UNKNOWN_OBJECT),
    Case(
        rule="S05",
        said="a stack without accounts",
        type=OTHER_KIND,
        props={},
        outcome="not applicable",
        beside=(Other(type=BLOBS, name="blobs", props={}),),
    ),
)
