"""Rules about who said yes to a model: declared risk, an approved card, enough approvals of exactly this, in order."""

from collections.abc import Iterable
from datetime import date, timedelta

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect, worst
from rules.lists import same
from rules.props import Absent, Props, Unknown
from rules.records import NOT_LOCAL, RELEASE, STAGES, TIERS, subject_digest
from rules.rule import Rule, Setting, Settings

_TIER = "subject.risk.tier"
_TODAY = same("the day to judge by; empty is the day of the run", {"type": "string"}, "")
_COUNT = {"type": "number", "minimum": 0}


def _risk_is_declared(record: Props, _settings: Settings) -> Finding:
    tier, act = record.enum(_TIER), record.enum("subject.risk.aiAct")
    if act == "prohibited":
        return Fail("The EU AI Act prohibits this use: it cannot be released.")
    return worst(
        _one_of(tier, TIERS, _TIER),
        _one_of(act, ("minimal", "limited", "high"), "subject.risk.aiAct"),
    )


def _one_of(found: str | Absent | Unknown, words: tuple[str, ...], path: str) -> Finding:
    if isinstance(found, Unknown):
        return CannotTell(path)
    return PASS if found in words else Fail(f"Say {path}: {', '.join(words)}.")


def _card_is_approved(record: Props, _settings: Settings) -> Finding:
    status = expect(
        record.enum("subject.card.status"), "approved", "subject.card.status", "Have the model card approved."
    )
    written, trained = record.text("subject.card.updated"), record.text("subject.model.created")
    if isinstance(written, Unknown) or isinstance(trained, Unknown):
        return worst(status, CannotTell("subject.card.updated"))
    if isinstance(written, Absent) or isinstance(trained, Absent) or written < trained:
        return Fail("The model card is older than the model, or one of both has no day: write it for this version.")
    return status


def _enough_approved(record: Props, settings: Settings) -> Finding:
    author, digest = record.text("subject.author"), subject_digest(record)
    given = _approvals(record)
    if isinstance(digest, Unknown):
        return CannotTell("subject")
    if isinstance(given, CannotTell):
        return given
    if not isinstance(author, str) or record.enum("subject.model.version") in (Absent(), "latest"):
        return Fail("Say who trained which exact version: subject.author, subject.model.version; not `latest`.")
    needed = _needed(record, settings)
    ours = [one for one in given if one.text("digest") == digest]
    if any(one.enum("decision") == "rejected" for one in ours):
        return Fail("Somebody rejected exactly this: change it, and ask again.")
    missing = needed - len(_people(ours, settings["today"]) - {author.lower()})
    if missing <= 0:
        return PASS
    return Fail(
        f"{missing} more must approve exactly this (digest {digest}): {needed} are needed for its risk; the author "
        "does not count, nor does what has expired or is about something else."
    )


def approved_until(record: Props, settings: Settings) -> str | None:
    """Tell the last day on which enough people's words hold, of a record that M04 passes; one person's at least."""
    author, digest, given = record.text("subject.author"), subject_digest(record), _approvals(record)
    if not isinstance(author, str) or isinstance(given, CannotTell):
        return None
    ours = [one for one in given if one.text("digest") == digest]
    ends = [_end_of(ours, who, settings["today"]) for who in _people(ours, settings["today"]) - {author.lower()}]
    needed = max(_needed(record, settings), 1)
    return sorted(ends, reverse=True)[needed - 1] if len(ends) >= needed else None


def _end_of(approvals: Iterable[Props], who: str, today: str) -> str:
    mine = [one for one in approvals if _people([one], today) == {who}]
    return max(str(one.text("expires"))[:10] for one in mine)


def _needed(record: Props, settings: Settings) -> int:
    return int(settings["approvers"].get(record.enum(_TIER), max(settings["approvers"].values())))


def _approvals(record: Props) -> tuple[Props, ...] | CannotTell:
    found = record.items("approvals")
    if isinstance(found, Absent):
        return ()
    if isinstance(found, Unknown) or any(isinstance(one, Unknown) for one in found):
        return CannotTell("approvals")
    return tuple(one for one in found if isinstance(one, Props))


def _people(approvals: Iterable[Props], today: str) -> set[str]:
    """Who said yes, and whose word still holds; somebody who says it twice counts once."""
    valid = [one for one in approvals if one.enum("decision") == "approved" and _lasts(one, today)]
    return {name.lower() for one in valid if isinstance(name := one.text("identity"), str)}


def _lasts(approval: Props, today: str) -> bool:
    end = approval.text("expires")
    return isinstance(end, str) and end[:10] >= today


def _in_order(record: Props, settings: Settings) -> Finding:
    before, after = record.enum("subject.stage.from"), record.enum("subject.stage.to")
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return CannotTell("subject.stage")
    order: list[str] = settings["order"]
    if after not in order:
        return Fail(f"Say subject.stage.to: {', '.join(order)}.")
    wanted = order[order.index(after) - 1] if after != order[0] else None
    if wanted is None or before == wanted:
        return PASS
    return Fail(f"Release it to {wanted} first, and from there to {after}.")


def _reviewed_lately(record: Props, settings: Settings) -> Finding:
    given = _approvals(record)
    if isinstance(given, CannotTell):
        return given
    days = [one.text("at") for one in given]
    if not days:
        return NotApplicable("nobody has approved it yet")
    if any(isinstance(day, Unknown) for day in days):
        return CannotTell("approvals.at")
    fix = f"Have it looked at again: the last review is more than {settings['days']:g} days ago."
    try:
        newest = max(date.fromisoformat(day[:10]) for day in days if isinstance(day, str))
    except ValueError:  # none of them says when, or says it as nobody can read it
        return Fail("Say in approvals.at when each was given: 2026-05-22T09:00:00Z.")
    return PASS if (newest + timedelta(days=settings["days"])).isoformat() >= settings["today"] else Fail(fix)


RULES = (
    Rule(
        id="M02",
        name="model-card-approved",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="Who uses a model reads its card; one that is about another version misleads.",
        check=_card_is_approved,
        maps={"eu-ai-act": ("Art. 11",)},
    ),
    Rule(
        id="M03",
        name="risk-tier-declared",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.HIGH,
        why="What a model may do wrong decides how many people look at it first.",
        check=_risk_is_declared,
        maps={"eu-ai-act": ("Art. 9",)},
    ),
    Rule(
        id="M04",
        name="promotion-approvals",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.CRITICAL,
        why="Nobody releases their own model alone, and nobody approves what they have not seen.",
        check=_enough_approved,
        settings={
            "approvers": Setting(
                meaning="how many people must approve, by the risk's tier",
                schema={"type": "object", "additionalProperties": _COUNT},
                defaults={
                    "local": {"low": 1, "medium": 1, "high": 1},
                    "dev": {"low": 1, "medium": 1, "high": 1},
                    "staging": {"low": 1, "medium": 1, "high": 2},
                    "prod": {"low": 1, "medium": 1, "high": 2},
                    "regulated": {"low": 1, "medium": 2, "high": 3},
                },
            ),
            "today": _TODAY,
        },
        maps={"eu-ai-act": ("Art. 14",)},
    ),
    Rule(
        id="M05",
        name="promotion-order",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.MEDIUM,
        why="A stage that is skipped is a test that nobody made.",
        check=_in_order,
        settings={
            "order": same("the stages, first to last", {"type": "array", "items": {"type": "string"}}, list(STAGES))
        },
    ),
    Rule(
        id="M13",
        name="review-not-stale",
        applies_to=(RELEASE,),
        levels=NOT_LOCAL,
        severity=Severity.MEDIUM,
        why="The world that a model was approved for goes on changing.",
        fix="Have somebody look at it again: an approval in the record with a new day (at).",
        check=_reviewed_lately,
        settings={
            "days": same("days after which somebody looks again", _COUNT, 365, regulated=180),
            "today": _TODAY,
        },
    ),
)
