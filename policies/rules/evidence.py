"""Rules about what was measured before a model is released: limits kept, groups treated alike, no cohort forgotten."""

from collections.abc import Iterable

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, worst
from rules.lists import same
from rules.profiles import advised
from rules.props import Absent, Props, Unknown
from rules.records import NOT_LOCAL, RELEASE, TIERS, keeps, said
from rules.rule import Rule, Settings

_MEASURED = "subject.measurements"


def _of_kind(record: Props, kind: str) -> tuple[Props, ...] | CannotTell:
    found = record.items(_MEASURED)
    if isinstance(found, Absent):
        return ()
    if isinstance(found, Unknown) or any(isinstance(one, Unknown) for one in found):
        return CannotTell(_MEASURED)
    return tuple(one for one in found if isinstance(one, Props) and one.enum("kind") == kind)


def _limits_are_kept(record: Props, _settings: Settings) -> Finding:
    found = _of_kind(record, "performance")
    if isinstance(found, CannotTell):
        return found
    if not found:
        return Fail(f"Measure how well it does: {_MEASURED} has nothing of kind `performance`.")
    declared = record.text("subject.evaluation.dataset")
    if isinstance(declared, Unknown):
        return CannotTell("subject.evaluation.dataset")
    elsewhere = [one for one in found if isinstance(declared, Absent) or one.text("dataset") != declared]
    if elsewhere:
        return Fail("Measure on the data that subject.evaluation.dataset declares, and on nothing else.")
    return worst(*map(_is_kept, found), *(_beats_the_champion(one) for one in found))


def _is_kept(measured: Props) -> Finding:
    value = measured.number("value")
    if isinstance(value, Unknown):
        return CannotTell("value")
    metric, limit = said(measured, "metric") or "a measurement", said(measured, "limit")
    if isinstance(value, Absent) or limit is None:
        return Fail(f"Say value and limit of {metric}: without both nothing is shown.")
    kept = keeps(value, limit)
    if kept is None:
        return Fail(f"The limit of {metric} is none: write one such as `<= 0.25`.")
    return PASS if kept else Fail(f"{metric} breaks its limit: improve the model, or have the limit reconsidered.")


def _beats_the_champion(measured: Props) -> Finding:
    champion, value = measured.number("champion"), measured.number("value")
    if isinstance(champion, Unknown) or isinstance(value, Unknown):
        return CannotTell("champion")
    if isinstance(champion, Absent) or isinstance(value, Absent):
        return PASS  # the first of its kind has nobody to beat; without a value `_is_kept` fails
    metric, bound = said(measured, "metric") or "a measurement", said(measured, "againstChampion")
    kept = None if bound is None else keeps(value - champion, bound)
    if kept is None:
        return Fail(f"Say in againstChampion how {metric} may differ from the champion's, such as `<= 0`.")
    return PASS if kept else Fail(f"{metric} is worse than the champion's.")


def _groups_are_treated_alike(record: Props, settings: Settings) -> Finding:
    tier = record.enum("subject.risk.tier")
    if isinstance(tier, Unknown):
        return CannotTell("subject.risk.tier")
    if tier in TIERS and tier not in settings["tiers"]:
        return NotApplicable("its risk does not ask for it")
    found = _of_kind(record, "fairness")
    if isinstance(found, CannotTell):
        return found
    if not found:
        return Fail(f"Measure how groups of people fare: {_MEASURED} has nothing of kind `fairness`.")
    return worst(_large_enough(found, settings["smallest"]), *map(_is_kept, found))


def _large_enough(found: Iterable[Props], smallest: float) -> Finding:
    sizes = [one.number("smallestGroup") for one in found]
    if any(isinstance(size, Unknown) for size in sizes):
        return CannotTell("smallestGroup")
    if all(isinstance(size, float) and size >= smallest for size in sizes):
        return PASS
    return Fail(f"A group has fewer than {smallest:g} rows, or nobody says how many: chance looks like fairness then.")


def _no_cohort_is_forgotten(record: Props, _settings: Settings) -> Finding:
    found = _of_kind(record, "cohort")
    if isinstance(found, CannotTell):
        return found
    if not found:
        return Fail(f"Measure the worst cohort: {_MEASURED} has nothing of kind `cohort`.")
    return worst(*map(_is_kept, found))


RULES = (
    Rule(
        id="M06",
        name="metric-thresholds",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="A model that was measured on other data, or against no limit, was not measured.",
        check=_limits_are_kept,
        maps={"eu-ai-act": ("Art. 15",)},
    ),
    Rule(
        id="M07",
        name="fairness-thresholds",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="A good average hides a group for whom the model is wrong.",
        check=_groups_are_treated_alike,
        settings={
            "tiers": same(
                "tiers of risk that must show it",
                {"type": "array", "items": {"type": "string"}},
                ["medium", "high"],
                regulated=["low", "medium", "high"],
            ),
            "smallest": same("fewest rows of a group", {"type": "number", "minimum": 1}, 100),
        },
        maps={"eu-ai-act": ("Art. 10",)},
    ),
    Rule(
        id="M08",
        name="cohort-error-floor",
        applies_to=(RELEASE,),
        levels=advised(),
        severity=Severity.MEDIUM,
        why="Where a model fails most, somebody meets that failure every time.",
        check=_no_cohort_is_forgotten,
        maps={"eu-ai-act": ("Art. 15",)},
    ),
)
