"""What the commands print: a table for people, JSON for programs."""

import dataclasses
import enum
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mlops.domain.loop import Loop, Reading, Request, Rollout, TriggerState
from mlops.domain.records.decision import Recorded
from mlops.domain.rollouts.history import Reign
from mlops.post import Kept, Sent


def as_json(value: object, *, line: bool = False) -> str:
    """Frozen values as JSON: dates in ISO 8601, durations in seconds; on one line, for what never ends."""
    return json.dumps(value, default=_plain, indent=None if line else 2, ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 - json's own protocol
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Path():
            return str(value)
        case enum.Enum():
            return value.value
    return dict(value)


def decisions(rows: Sequence[Recorded]) -> str:
    """The log as a table."""
    return table(
        ("#", "when", "what", "why", "who"),
        (
            (
                str(row.sequence),
                f"{row.decision.at:%Y-%m-%d %H:%M}",
                f"{row.decision.subject.value} {row.decision.what}",
                row.decision.why,
                row.decision.actor,
            )
            for row in rows
        ),
    )


def events(rows: Sequence[Kept], *, text: bool = False) -> str:
    """The inbox as a table; with `text` what was sent stands in place of why."""
    return table(
        ("received", "source", "type", "about", "outcome", "text" if text else "why"),
        (
            (
                f"{row.received:%Y-%m-%d %H:%M:%S}",
                row.source,
                row.event.type.rpartition(".")[2],
                row.event.about or row.event.subject,
                f"{row.outcome.value if row.outcome else 'waits'}{f' ({row.copies} copies)' if row.copies > 1 else ''}",
                row.body if text else row.why,
            )
            for row in rows
        ),
    )


def notices(rows: Sequence[Sent]) -> str:
    """The outbox as a table."""

    def how(row: Sent) -> str:
        if row.sent:
            return f"told {row.sent:%Y-%m-%d %H:%M}"
        state = "given up" if row.given_up else "waits"
        return f"{state} after {row.notice.tries} tries" if row.notice.tries else state

    return table(
        ("#", "to", "what", "how", "error"),
        (
            (
                str(row.notice.sequence),
                row.notice.channel,
                f"{row.notice.decision.subject.value} {row.notice.decision.what}",
                how(row),
                row.error,
            )
            for row in rows
        ),
    )


def overview(loops: Sequence[Loop]) -> str:
    """All projects of a store, a row each."""
    return table(
        ("project", "on", "champion", "attempt", "waiting"),
        (
            (
                loop.project,
                loop.endpoint,
                loop.champion.model.reference if loop.champion else "none yet",
                _attempt(loop),
                f"frozen by {loop.frozen.actor}" if loop.frozen else _waiting(loop.pending) if loop.pending else "",
            )
            for loop in loops
        ),
    )


def status(loop: Loop) -> str:
    """Where a loop stands, as a table."""
    rows = [("project", f"{loop.project}, generation {loop.generation}, on {loop.endpoint}")]
    if loop.frozen:
        rows.append(("frozen", f"by {loop.frozen.actor}: {loop.frozen.reason}"))
    if loop.removed:
        rows.append(("removed", f"by {loop.removed.actor}: {loop.removed.reason}"))
    if loop.paused:
        rows.append(("paused", f"by {loop.paused.actor}: {loop.paused.reason}"))
    champion = loop.champion
    came = f", from {champion.came.source}" if champion and champion.came else ""
    known = f"{champion.model.reference} since {champion.since:%Y-%m-%d}{came}" if champion else "none yet"
    rows.append(("champion", known))
    rows.append(("attempt", _attempt(loop)))
    if loop.rollout:
        rows.append(("rollout", _rollout(loop.rollout)))
    if loop.rollback:
        target, word = loop.rollback.target, loop.rollback.word
        rows.append(("rollback", f"to {target.model.reference}, ordered by {word.actor}: {word.reason}"))
    if loop.pending:
        rows.append(("waiting", _waiting(loop.pending)))
    rows += [("then", _waiting(request)) for request in loop.queue]
    rows += [(f"trigger {name}", _trigger(state)) for name, state in sorted(loop.triggers.items())]
    rows += [("not taken", f"{each.reference}: {each.refused}") for each in loop.replies if each.refused]
    if loop.drifted:
        rows.append(("endpoint", loop.drifted))
    rows += [(f"monitor {name}", _reading(reading)) for name, reading in sorted(loop.readings.items())]
    rows += [
        ("quarantine", f"{each.window} ({each.monitor}{', still open' if each.open else ''})")
        for each in loop.quarantines
        if each.released is None
    ]
    return table(("", ""), rows, header=False)


def _waiting(request: Request) -> str:
    held = f", held by {request.held}: {request.held_why}" if request.held else ""
    return f"{request.trigger} since {request.first:%Y-%m-%d}{held}"


def reigns(found: Sequence[Reign]) -> str:
    """All champions, newest first, as a table."""
    return table(
        ("version", "from", "until", "how", "now"),
        (
            (
                each.model,
                f"{each.since:%Y-%m-%d %H:%M}",
                f"{each.until:%Y-%m-%d %H:%M}" if each.until else "",
                f"{each.how}, from {each.came}" if each.came else each.how,
                each.now,
            )
            for each in reversed(found)
        ),
    )


def _trigger(state: TriggerState) -> str:
    """When it fired, and what each part of its condition said when that was last news."""
    fired = f"fired {state.fired:%Y-%m-%d %H:%M}" if state.fired else "not yet"
    parts = [f"{'✓' if each.holds else '✗'} {each.why}" for each in state.answers]
    return "; ".join([fired, *parts])


def _attempt(loop: Loop) -> str:
    if loop.attempt:
        text = f"{loop.attempt.number} {loop.attempt.phase.value} since {loop.attempt.entered:%Y-%m-%d %H:%M}"
        return f"{text}, for {loop.attempt.request.trigger}" + (", aborting" if loop.abort else "")
    if loop.last:
        return f"none under way; {loop.last.number} {loop.last.outcome.value} {loop.last.ended:%Y-%m-%d}"
    return "none yet"


def _rollout(rollout: Rollout) -> str:
    split = ", ".join(f"{name} {share} %" for name, share in sorted(rollout.traffic.items()))
    held = f", held: {rollout.hold.value}" if rollout.hold else f", waits: {rollout.waits}" if rollout.waits else ""
    counted = f"{rollout.samples} requests, {rollout.successes} passes in a row"
    why = f": {rollout.why}" if rollout.why else ""
    return f"{rollout.deployment} {rollout.phase.value}{held}{why}; {split or 'no traffic yet'}; {counted}"


def _reading(reading: Reading) -> str:
    value = "not enough data" if reading.value is None else f"{reading.value:.4g}"
    verdict = f", {reading.verdict.word}" if reading.verdict is not None else ""
    return f"{value} ({reading.samples} rows to {reading.end:%Y-%m-%d}{verdict})"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, header: bool = True) -> str:
    """Lay rows out under their columns, as wide as the terminal."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - programs that read JSON do not wait for it
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*columns, box=SIMPLE_HEAD if header else None, show_header=header, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console()
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()
