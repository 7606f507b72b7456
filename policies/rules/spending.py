"""Rules about money: somebody hears before it is spent, and no more can be spent than was meant."""

from collections.abc import Iterator
from datetime import date, timedelta

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
_DAY: dict[str, object] = {"type": "string"}


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
    if not settings["prices"]:
        return Fail("Say what an hour of each size costs you, and of which day that is: this rule's prices and priced.")
    known = sum(one for one in costs if isinstance(one, float))
    if known > settings["ceiling"]:
        return Fail(
            f"Lower maxNodes, capacity or sizes until a month of all machines costs {settings['ceiling']:g} at most "
            f"(it is {known:.0f}), or have this rule's ceiling raised."
        )
    failed = next((one for one in costs if isinstance(one, Fail)), None)
    return failed or next((one for one in costs if isinstance(one, CannotTell)), _of_a_late_day(settings))


def _of_a_late_day(settings: Settings) -> Finding:
    """Numbers that nobody can date, or that are old, are no prices."""
    try:
        until = date.fromisoformat(settings["priced"]) + timedelta(days=settings["days"])
    except ValueError:
        return Fail("Say of which day the prices are: this rule's priced, such as 2026-05-31.")
    fix = f"Look the prices up anew: these are of {settings['priced']}, more than {settings['days']:g} days ago."
    return PASS if until.isoformat() >= settings["today"] else Fail(fix)


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
            "Lower maxNodes, capacity or sizes, or raise this rule's ceiling. No prices stand here, because yours "
            "are those of your contract, region and day: give them with `--policy-pack-config`, such as "
            '`{"cost-ceiling": {"enforcementLevel": "advisory", "prices": {"Standard_DS3_v2": 0.3}, "priced": '
            '"2026-05-31"}}` (numbers made up; Azure\'s are at prices.azure.com/api/retail/prices), or switch the rule '
            "off there."
        ),
        check=InStack(_stays_below_the_ceiling),
        settings={
            "ceiling": Setting(
                meaning="what a month of all machines at their most may cost",
                schema={"type": "number", "minimum": 0},
                defaults={"local": 2000, "dev": 2000, "staging": 5000, "prod": 20000, "regulated": 50000},
            ),
            "prices": same(
                "what an hour of each size costs you, in the currency of ceiling",
                {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
                {},
            ),
            "priced": same("the day that the prices are of", _DAY, ""),
            "days": same("how old prices may be", {"type": "integer", "minimum": 1}, 365),
            "today": same("the day to judge by; empty is the day of the run", _DAY, ""),
        },
    ),
)
