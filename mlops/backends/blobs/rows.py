"""Questions to what was read: rows by key, each once, with answers and labels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mlops.backends.blobs.formats import epoch, number
from mlops.monitors import segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops.backends.blobs.cache import Cache
    from mlops.domain.declared.monitor import Segment
    from mlops.domain.world import Window

Row = dict[str, Any]

_AT_ONCE = 500
"""Keys in one question: SQLite has a limit of its own."""

# The newest file of labels that has the key wins: a label can be corrected.
_LABEL = "(select label from label l where l.key = i.key order by blob desc limit 1)"

# One answer a key.  A mirrored answer was given to nobody: the deployment that was there first gave the real one.
_ANSWERS = f"""
    with since as (select deployment, min(folder || sent) as began from input group by deployment)
    select i.key, i.time, i.deployment, i.data, o.data, {_LABEL}, min(s.began || i.folder || i.sent) from input i
    join since s on s.deployment = i.deployment
    join output o on o.request = i.request and o.position = i.position and o.deployment = i.deployment
    where i.time >= :start and i.time < :end and not exists (select 1 from history h where h.key = i.key)
    group by i.key order by i.time, i.key
"""  # noqa: S608 - no part of it comes from outside

_INPUTS = """
    select i.key, i.time, i.data, min(i.folder || i.sent) from input i
    where i.time >= :start and i.time < :end and not exists (select 1 from history h where h.key = i.key)
    group by i.key order by i.time, i.key
"""

# Each copy of a row by itself.  A mirrored copy is another deployment's, and no duplicate.
_COPIES = """
    select i.time, i.deployment, i.key from input i
    where i.time >= :start and i.time < :end and not exists (select 1 from history h where h.key = i.key)
"""

_LABELLED = f"""
    select key, time, data, label from history i where time >= :start and time < :end and label is not null
    union all
    select key, time, data, label from (
        select i.key, i.time, i.data, {_LABEL} as label, min(i.folder || i.sent) from input i
        where i.time >= :start and i.time < :end and not exists (select 1 from history h where h.key = i.key)
        group by i.key) where label is not null
    order by time, key
"""  # noqa: S608 - no part of it comes from outside

# Rows of folders that begin after a moment, and those of the folder that it lies in whose own time is not before it.
# `~` sorts behind every part of a folder's name, so a folder with it is where the folder ends.
_SINCE = "i.folder || '/~' >= :folder and (i.folder > :folder or coalesce(i.time >= :since, 1))"

# Requests that were sent by name before the step (smoke) have rows of the history, or their own kind of id.
_SERVED = f"""
    select i.request, max(i.sent), exists (
        select 1 from output o where o.request = i.request and o.deployment = i.deployment)
    from input i
    where i.deployment = :deployment and {_SINCE}
        and i.request not like 'smoke-%' and not exists (select 1 from history h where h.key = i.key)
    group by i.request
"""  # noqa: S608 - no part of it comes from outside

_PAIRS = f"""
    select o.data, p.data from input i
    join output o on o.request = i.request and o.position = i.position and o.deployment = i.deployment
    join input j on j.key = i.key and j.deployment = :against
    join output p on p.request = j.request and p.position = j.position and p.deployment = j.deployment
    where i.deployment = :deployment and {_SINCE}
        and i.request not like 'smoke-%' and not exists (select 1 from history h where h.key = i.key)
    group by i.key
"""  # noqa: S608 - no part of it comes from outside

_OUTPUTS = f"""
    select o.data from input i
    join output o on o.request = i.request and o.position = i.position and o.deployment = i.deployment
    where i.deployment = :deployment and {_SINCE}
        and i.request not like 'smoke-%' and not exists (select 1 from history h where h.key = i.key)
"""  # noqa: S608 - no part of it comes from outside


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What was answered for a key, by whom, and its label where that is known."""

    key: str
    time: float
    deployment: str
    input: str
    """The row that was sent, as JSON: few questions need it."""
    output: Row
    label: float | None

    def sent(self) -> Row:
        """Give the row that was sent."""
        row: Row = json.loads(self.input)
        return row


@dataclass(frozen=True, kw_only=True)
class LabelledRow:
    """A row with its label."""

    key: str
    time: float
    data: Row
    label: float


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request that a deployment got."""

    sent: float
    """Real time, seconds since 1970."""
    answered: bool


def inputs(cache: Cache, window: Window, without: Sequence[Window] = (), segment: Segment | None = None) -> list[Row]:
    """Give the rows that were sent, by event time, outside the windows `without`, of a segment or all."""
    return [row for _, row in sent(cache, window, without, segment)]


def sent(
    cache: Cache, window: Window, without: Sequence[Window] = (), segment: Segment | None = None
) -> list[tuple[str, Row]]:
    """Give the same with their keys."""
    found = cache.execute(_INPUTS, _span(window))
    kept = [(key, json.loads(data)) for key, moment, data, _ in found if not _excluded(moment, without)]
    return [kept[at] for at in segments.rows_of(segment, [row for _, row in kept])]


def copies(cache: Cache, window: Window, without: Sequence[Window] = ()) -> list[tuple[str, str]]:
    """Give the deployment and the key of each row that was filed, as often as it was."""
    found = cache.execute(_COPIES, _span(window))
    return [(deployment, key) for moment, deployment, key in found if not _excluded(moment, without)]


def first(cache: Cache, window: Window, limit: int) -> list[Row]:
    """Give a few of the rows that were sent."""
    found = cache.execute(
        "select data from input where time >= ? and time < ? limit ?", (*_span(window).values(), limit)
    )
    return [json.loads(data) for (data,) in found]


def answers(
    cache: Cache, window: Window, without: Sequence[Window] = (), segment: Segment | None = None
) -> list[Answered]:
    """Give the answers to the rows of a window, by event time, of a segment or all."""
    found = [
        Answered(key=key, time=moment, deployment=deployment, input=sent, output=json.loads(output), label=label)
        for key, moment, deployment, sent, output, label, _ in cache.execute(_ANSWERS, _span(window))
        if not _excluded(moment, without)
    ]
    if segment is None:
        return found
    return [found[at] for at in segments.rows_of(segment, [one.sent() for one in found])]


def labelled(cache: Cache, window: Window, without: Sequence[Window] = ()) -> list[LabelledRow]:
    """Give rows that have a label, those of the history included, by event time."""
    return [
        LabelledRow(key=key, time=moment, data=json.loads(data), label=label)
        for key, moment, data, label in cache.execute(_LABELLED, _span(window))
        if not _excluded(moment, without)
    ]


def requests(cache: Cache, deployment: str, since: datetime) -> list[Request]:
    """Give the requests that a deployment got, live or mirrored."""
    found = cache.execute(_SERVED, _served(deployment, since))
    return [Request(sent=epoch(sent) or 0.0, answered=bool(answered)) for _, sent, answered in found]


def outputs(cache: Cache, deployment: str, since: datetime) -> list[Row]:
    """Give what a deployment answered."""
    return [json.loads(data) for (data,) in cache.execute(_OUTPUTS, _served(deployment, since))]


def pairs(cache: Cache, deployment: str, against: str, since: datetime, column: str) -> list[tuple[float, float]]:
    """Give the predictions of two deployments for rows that both answered."""
    found = cache.execute(_PAIRS, {**_served(deployment, since), "against": against})
    both = ((number(json.loads(one).get(column)), number(json.loads(other).get(column))) for one, other in found)
    return [(one, other) for one, other in both if one is not None and other is not None]


def labels(cache: Cache, keys: Sequence[str]) -> dict[str, float]:
    """Give the labels that are known of these keys, those of the history included."""
    found: dict[str, float] = {}
    for at in range(0, len(keys), _AT_ONCE):
        part = list(keys[at : at + _AT_ONCE])
        marks = ",".join("?" * len(part))
        for table, order in (("history", ""), ("label", "order by blob")):  # the newest file of labels wins
            asked = f"select key, label from {table} where key in ({marks}) and label is not null {order}"  # noqa: S608
            found.update(cache.execute(asked, tuple(part)))
    return found


def newest(cache: Cache) -> datetime | None:
    """Give the event time of the newest row that was collected."""
    ((moment,),) = cache.execute("select max(time) from input")
    return None if moment is None else datetime.fromtimestamp(moment, UTC)


def _span(window: Window) -> dict[str, object]:
    return {"start": window.start.timestamp(), "end": window.end.timestamp()}


def _served(deployment: str, since: datetime) -> dict[str, object]:
    utc = since.astimezone(UTC)
    folder = f"{utc.year:04}/{utc.month:02}/{utc.day:02}/{utc.hour:02}/{utc.minute:02}"
    return {"deployment": deployment, "folder": folder, "since": since.timestamp()}


def _excluded(moment: float, without: Sequence[Window]) -> bool:
    return any(one.start.timestamp() <= moment < one.end.timestamp() for one in without)
