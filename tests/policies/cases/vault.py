"""Cases of the rules about key vaults."""

from typing import Any

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_NUMBER, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome

VAULT = "azure-native:keyvault:Vault"
OTHER_KIND = "azure-native:storage:StorageAccount"


def _case(rule: str, said: str, props: Any, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    return Case(rule=rule, said=said, type=VAULT, props={"properties": props}, outcome=outcome, settings=settings)


def _kept(said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **changed: object) -> Case:
    kept = {"enablePurgeProtection": True, "enableSoftDelete": True, "softDeleteRetentionInDays": 90}
    return _case("S06", said, kept | changed, outcome, **(settings or {}))


def _elsewhere(rule: str) -> Case:
    return Case(rule=rule, said="a storage account", type=OTHER_KIND, props={}, outcome="not applicable")


CASES = (
    _kept("kept", "pass"),
    _kept("kept, soft delete being Azure's default", "pass", enableSoftDelete=None),
    _kept("purged at once", "fail", enablePurgeProtection=False),
    _kept("soft delete off", "fail", enableSoftDelete=False),
    _kept("kept for a week", "fail", softDeleteRetentionInDays=7),
    _kept("kept for a week, where that is enough", "pass", {"days": 7}, softDeleteRetentionInDays=7),
    _kept("unset days", "fail", softDeleteRetentionInDays=None),
    _case("S06", "unset", {}, "fail"),
    _kept("unknown", "cannot tell", enablePurgeProtection=UNKNOWN_FLAG),
    _kept("unknown days", "cannot tell", softDeleteRetentionInDays=UNKNOWN_NUMBER),
    _kept("unknown beside a certain failure", "fail", enablePurgeProtection=UNKNOWN_FLAG, enableSoftDelete=False),
    _case("S06", "unknown body", UNKNOWN_OBJECT, "cannot tell"),
    _elsewhere("S06"),
    _case("S07", "by roles", {"enableRbacAuthorization": True}, "pass"),
    _case("S07", "by access policies", {"enableRbacAuthorization": False}, "fail"),
    _case("S07", "unset", {}, "fail"),
    _case("S07", "unknown", {"enableRbacAuthorization": UNKNOWN_FLAG}, "cannot tell"),
    _elsewhere("S07"),
    _case("S08", "closed", {"publicNetworkAccess": "disabled"}, "pass"),
    _case("S08", "closed, in another case", {"publicNetworkAccess": "Disabled"}, "pass"),
    _case("S08", "denied unless named", {"networkAcls": {"defaultAction": "Deny"}}, "pass"),
    _case(
        "S08",
        "open, and allowed",
        {"publicNetworkAccess": "enabled", "networkAcls": {"defaultAction": "Allow"}},
        "fail",
    ),
    _case("S08", "open", {"publicNetworkAccess": "enabled"}, "fail"),
    _case("S08", "unset", {}, "fail"),
    _case("S08", "unknown", {"publicNetworkAccess": UNKNOWN_TEXT}, "cannot tell"),
    _case(
        "S08",
        "unknown, but denied unless named",
        {"publicNetworkAccess": UNKNOWN_TEXT, "networkAcls": {"defaultAction": "Deny"}},
        "pass",
    ),
    _case("S08", "unknown rules", {"networkAcls": UNKNOWN_OBJECT}, "cannot tell"),
    _elsewhere("S08"),
)
