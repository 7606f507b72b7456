"""A decision as people are told of it: which decisions are told, and the text of each form.

Whatever stands in a decision is shown as plain text: no form is used that reads marks, links or mentions in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mlops.domain.records.decision import Decision

_HEADER = 150  # Slack's limit of a header
_FIELD = 2000  # Slack's limit of a field
_FIELDS = 10


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One decision for one channel."""

    project: str
    channel: str  # the notification's name
    sequence: int  # the decision's place in the log
    key: str  # the same with every try: who received it once need not again
    decision: Decision
    tries: int = 1  # this one included


def told(patterns: Sequence[str], decision: Decision) -> bool:
    """Whether somebody who asked for these patterns is told."""
    words = f"{decision.subject.value} {decision.what}"
    return any(fnmatchcase(words, each if " " in each else f"{each} *") for each in patterns)


def title(notice: Notice) -> str:
    """One line."""
    return _line(f"{notice.project}: {notice.decision.subject.value} {notice.decision.what}")


def facts(notice: Notice) -> tuple[tuple[str, str], ...]:
    """Names with values, the most telling first."""
    said = notice.decision
    found = [("when", f"{said.at:%Y-%m-%d %H:%M %Z}"), ("by", said.actor)]
    if said.attempt is not None:
        found.append(("attempt", str(said.attempt)))
    found += [(name, _number(value)) for name, value in said.numbers.items() if value is not None]
    return tuple((_line(name), _line(value)) for name, value in found)


def as_json(notice: Notice) -> dict[str, Any]:
    """For programs."""
    said = notice.decision
    return {
        "type": "aml-kit.decision",
        "id": notice.key,
        "project": notice.project,
        "sequence": notice.sequence,
        "subject": said.subject.value,
        "what": said.what,
        "why": said.why,
        "numbers": dict(said.numbers),
        "actor": said.actor,
        "attempt": said.attempt,
        "time": said.at.isoformat(),
    }


def as_text(notice: Notice) -> str:
    """For mail."""
    rows = "\n".join(f"{name}: {value}" for name, value in facts(notice))
    return f"{notice.decision.why}\n\n{rows}\n\nDecision {notice.sequence} of {notice.project}.\n"


def as_card(notice: Notice) -> dict[str, Any]:
    """For Teams: an Adaptive Card 1.5 of text runs, which read no Markdown."""

    def text(words: str, **style: object) -> Mapping[str, Any]:
        return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words, **style}]}

    rows = [text(f"{name}: {value}", isSubtle=True, size="Small") for name, value in facts(notice)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": title(notice),
        "body": [text(title(notice), weight="Bolder", size="Medium"), text(notice.decision.why), *rows],
    }
    form = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": form, "contentUrl": None, "content": card}]}


def as_blocks(notice: Notice) -> dict[str, Any]:
    """For Slack: blocks of plain text, in which `<!channel>` calls nobody."""

    def plain(words: str, most: int) -> Mapping[str, Any]:
        return {"type": "plain_text", "text": words[:most] or "-", "emoji": False}

    fields = [plain(f"{name}: {value}", _FIELD) for name, value in facts(notice)[:_FIELDS]]
    return {
        "text": _escaped(title(notice)),  # what a phone shows; the only text that Slack reads marks in
        "blocks": [
            {"type": "header", "text": plain(title(notice), _HEADER)},
            {"type": "section", "text": plain(notice.decision.why, 3000), "fields": fields},
        ],
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
