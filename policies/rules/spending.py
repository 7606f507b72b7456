"""Rules about money: somebody hears before it is spent, and no more can be spent than was meant."""

from collections.abc import Iterator

from pulumi_policy import Severity

from rules.compute import COMPUTE
from rules.diagnostics import best
from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable
from rules.joins import WORKSPACE, lies_in, refers, that_may_mean
from rules.lists import same
from rules.profiles import advised, where_people_rely_on_it
from rules.props import Absent, Props, Unknown
from rules.rule import DISABLED, InStack, Rule, Setting, Settings
from rules.stack import Resource, Stack

_BUDGETS = ("azure-native:consumption:Budget", "azure-native:costmanagement:Budget")
_DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_NOTIFICATIONS = "notifications"
_HOURS = 730  # of a month

# Dollars an hour of Linux in East US, rounded up, and checked against no price list: an order of magnitude.
_PRICES = {
    "Standard_DS3_v2": 0.23,
    "Standard_DS4_v2": 0.46,
    "Standard_D2ds_v5": 0.12,
    "Standard_D4ds_v5": 0.23,
    "Standard_D8ds_v5": 0.46,
    "Standard_D16ds_v5": 0.91,
    "Standard_E4ds_v5": 0.29,
    "Standard_E8ds_v5": 0.58,
    "Standard_E16ds_v5": 1.16,
    "Standard_F4s_v2": 0.17,
    "Standard_F8s_v2": 0.34,
    "Standard_NC4as_T4_v3": 0.53,
    "Standard_NC8as_T4_v3": 0.76,
    "Standard_NC24ads_A100_v4": 3.68,
}


def _has_a_budget(workspace: Resource, stack: Stack, settings: Settings) -> Finding:
    if workspace.props.enum("kind") == "project":
        return NotApplicable("a project is paid for with its hub")
    if settings["elsewhere"]:
        return PASS
    fix = (
        "Add a budget on this workspace's group or subscription, with "
        f"{settings['notifications']:g} warnings at least: aml-kit:budget in the stack file, or consumption:Budget."
    )
    return best(*(_warns(workspace, one, settings, fix) for one in stack.of(*_BUDGETS)), otherwise=Fail(fix))


def _warns(workspace: Resource, budget: Resource, settings: Settings, fix: str) -> Finding:
    around = lies_in(workspace, budget, "scope")
    if around is False:
        return Fail(fix)
    told = budget.props.entries(_NOTIFICATIONS)
    if isinstance(told, Unknown):
        return CannotTell(_NOTIFICATIONS)
    flags = [] if isinstance(told, Absent) else [_is_on(one) for one in told.values()]
    if flags.count(True) >= settings["notifications"]:
        return CannotTell("scope") if isinstance(around, Unknown) else PASS
    return CannotTell(_NOTIFICATIONS) if Unknown() in flags else Fail(fix)


def _is_on(notification: Props | Unknown) -> bool | Unknown:
    on = notification if isinstance(notification, Unknown) else notification.flag("enabled")
    return on if isinstance(on, Unknown) else on is True


def _stays_below_the_ceiling(workspace: Resource, stack: Stack, settings: Settings) -> Finding:
    costs = list(_costs(workspace, stack, settings))
    if not costs:
        return NotApplicable("nothing in it costs by the hour")
    known = sum(one for one in costs if isinstance(one, float))
    if known > settings["ceiling"]:
        return Fail(
            f"Lower maxNodes, capacity or sizes until a month of all machines costs {settings['ceiling']:g} at most "
            f"(it is {known:.0f}), or have this rule's ceiling raised."
        )
    failed = next((one for one in costs if isinstance(one, Fail)), None)
    return failed or next((one for one in costs if isinstance(one, CannotTell)), PASS)


def _costs(workspace: Resource, stack: Stack, settings: Settings) -> Iterator[float | Finding]:
    """Tell what each thing costs in a month of which it uses every hour, at its largest."""
    for one in that_may_mean(workspace, "workspaceName", stack, COMPUTE, _DEPLOYMENT):
        # What may be in this workspace is counted: a preview that does not know yet should not look cheaper.
        if refers(one, "workspaceName", workspace) is False:
            continue
        if one.type == _DEPLOYMENT:
            yield _cost(one.props, "properties.instanceType", "sku.capacity", settings)
        elif one.props.enum("properties.computeType") == "amlcompute":
            most = "properties.properties.scaleSettings.maxNodeCount"
            yield _cost(one.props, "properties.properties.vmSize", most, settings)
        elif one.props.enum("properties.computeType") == "computeinstance":
            yield _cost(one.props, "properties.properties.vmSize", None, settings)


def _cost(props: Props, size: str, count: str | None, settings: Settings) -> float | Finding:
    said, machines = props.enum(size), props.number(count) if count else 1.0
    if isinstance(said, Unknown) or isinstance(machines, Unknown):
        return CannotTell(size if isinstance(said, Unknown) else count or size)
    if isinstance(said, Absent) or isinstance(machines, Absent):
        return Fail(f"Set {size if isinstance(said, Absent) else count}: what it may cost cannot be told without.")
    price = {name.lower(): one for name, one in settings["prices"].items()}.get(said)
    if price is None:
        return Fail(f"Add the price of {said} to this rule's prices, or take a size that is there.")
    return float(price * machines * _HOURS)


RULES = (
    Rule(
        id="R08",
        name="budget-required",
        applies_to=(WORKSPACE,),
        levels=where_people_rely_on_it(),
        severity=Severity.MEDIUM,
        why="A bill is read a month late; a budget tells while it can still be stopped.",
        check=InStack(_has_a_budget),
        settings={
            "notifications": same("how many warnings a budget gives", {"type": "integer", "minimum": 1}, 2),
            "elsewhere": same(
                "whether another stack, such as the subscription's, has the budget", {"type": "boolean"}, value=False
            ),
        },
    ),
    Rule(
        id="R09",
        name="cost-ceiling",
        applies_to=(WORKSPACE,),
        levels=advised(local=DISABLED),
        severity=Severity.MEDIUM,
        why="What may grow will grow: what everything costs at its largest should be meant.",
        fix=(
            "Lower maxNodes, capacity or sizes, or raise this rule's ceiling. The prices here are unverified and "
            "rounded up: they tell an order of magnitude. Give the prices of your contract in `prices`, with "
            "`--policy-pack-config`: what is given replaces all that stand here."
        ),
        check=InStack(_stays_below_the_ceiling),
        settings={
            "ceiling": Setting(
                meaning="what a month of all machines at their most may cost",
                schema={"type": "number", "minimum": 0},
                defaults={"local": 2000, "dev": 2000, "staging": 5000, "prod": 20000, "regulated": 50000},
            ),
            "prices": same(
                "what an hour of each size costs, in the currency of ceiling: unverified, rounded up; give your own",
                {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
                _PRICES,
            ),
        },
    ),
)
