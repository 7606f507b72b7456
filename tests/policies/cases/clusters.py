"""Cases of the rules about compute clusters."""

from tests.policies.case import UNKNOWN_OBJECT, UNKNOWN_TEXT, Case
from tests.policies.cases.compute import COMPUTE, case, cluster, elsewhere

_INSTANCE = {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2"}}


def _nobodys(rule: str) -> tuple[Case, ...]:
    return (*elsewhere(rule), case(rule, "an instance", _INSTANCE, "not applicable"))


def _as(said: str, identity: object, outcome: str) -> Case:
    props = {"identity": identity, "properties": {"computeType": "AmlCompute"}}
    return Case(rule="C15", said=said, type=COMPUTE, props=props, outcome=outcome)  # type: ignore[arg-type]


def _idle(said: str, span: object, outcome: str, **settings: str) -> Case:
    scale = {"nodeIdleTimeBeforeScaleDown": span}
    return cluster("C09", said, outcome, settings, scaleSettings=scale)  # type: ignore[arg-type]


CASES = (
    cluster("C02", "closed", "pass", remoteLoginPortPublicAccess="Disabled"),
    cluster("C02", "closed, in another case", "pass", remoteLoginPortPublicAccess="disabled"),
    cluster("C02", "open", "fail", remoteLoginPortPublicAccess="Enabled"),
    cluster("C02", "left to Azure", "fail", remoteLoginPortPublicAccess="NotSpecified"),
    cluster("C02", "unset", "fail"),
    cluster("C02", "unknown", "cannot tell", remoteLoginPortPublicAccess=UNKNOWN_TEXT),
    *_nobodys("C02"),
    cluster("C04", "a key", "pass", userAccountCredentials={"adminUserName": "me", "adminUserSshPublicKey": "ssh"}),
    cluster("C04", "a password", "fail", userAccountCredentials={"adminUserName": "me", "adminUserPassword": "x"}),
    cluster("C04", "an empty password", "fail", userAccountCredentials={"adminUserPassword": ""}),
    cluster("C04", "unset, which is what it should be", "pass"),
    cluster("C04", "unknown", "cannot tell", userAccountCredentials={"adminUserPassword": UNKNOWN_TEXT}),
    cluster("C04", "unknown credentials", "cannot tell", userAccountCredentials=UNKNOWN_OBJECT),
    *_nobodys("C04"),
    _idle("ten minutes", "PT10M", "pass"),
    _idle("in seconds", "PT900S", "pass"),
    _idle("an hour and a bit", "PT1H120S", "fail"),
    _idle("a day", "P1D", "fail"),
    _idle("a day, where that is allowed", "P1D", "pass", most="P3D"),
    _idle("no span", "soon", "fail"),
    _idle("a span without a length", "P1M", "fail"),
    _idle("ten minutes, where the setting is no span", "PT10M", "fail", most="soon"),
    cluster("C09", "unset", "fail"),
    _idle("unknown", UNKNOWN_TEXT, "cannot tell"),
    *_nobodys("C09"),
    cluster("C14", "dedicated", "pass", vmPriority="Dedicated"),
    cluster("C14", "low", "fail", vmPriority="LowPriority"),
    cluster("C14", "low, where that is allowed", "pass", {"allowed": ["lowpriority"]}, vmPriority="LowPriority"),
    cluster("C14", "unset", "fail"),
    cluster("C14", "unknown", "cannot tell", vmPriority=UNKNOWN_TEXT),
    *_nobodys("C14"),
    _as("its own", {"type": "UserAssigned", "userAssignedIdentities": ["/id"]}, "pass"),
    _as("both kinds", {"type": "SystemAssigned,UserAssigned"}, "pass"),
    _as("the system's", {"type": "SystemAssigned"}, "fail"),
    _as("none", {"type": "None"}, "fail"),
    _as("unset", None, "fail"),
    _as("unknown", {"type": UNKNOWN_TEXT}, "cannot tell"),
    _as("a list where an object belongs", ["UserAssigned"], "fail"),
    *_nobodys("C15"),
)
