"""Recorded inputs in the store: compressed JSON, written with the decisions, read back by the ports' own types."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol, get_args, get_type_hints

import sqlalchemy as sa

from mlops import ports, post
from mlops.backends.store import schema
from mlops.backends.store.codec import UnreadableError, dump, load
from mlops.domain.declared.facts import Card
from mlops.domain.loop import Loop
from mlops.domain.records.decision import Recorded
from mlops.domain.records.inputs import Answer, Asked, Inputs, Recording, about, fingerprint
from mlops.domain.records.plain import digest_of

MOST = 4 << 20
"""Characters of answers that one pass may keep: some fifty thousand scored rows."""


class _Files(Protocol):
    def read_card(self, path: Path) -> Card:
        """A model card."""


_BESIDE = {"files": _Files, "store": ports.Store, "inbox": post.Inbox}
"""Ports that a pass reads beside the outside."""


@dataclass(frozen=True, kw_only=True)
class Packed:
    """Inputs as they are stored."""

    digest: str
    body: bytes


def packed(inputs: Inputs) -> Packed:
    """Make them small; an answer that is too large leaves its digest and its size."""
    left = MOST
    asked = []
    for each in inputs.asked:
        row, size = _row(each, left)
        left -= size
        asked.append(row)
    content = {"at": inputs.at, "by": inputs.by, "loop": inputs.loop, "asked": asked}
    text = dump(content)
    return Packed(digest=digest_of(text), body=zlib.compress(text.encode()))


def _row(asked: Asked, left: int) -> tuple[dict[str, Any], int]:
    row: dict[str, Any] = {"port": asked.port, "method": asked.method, "arguments": fingerprint(asked.arguments)}
    row["about"] = about(asked.arguments)
    if asked.error is not None:
        known = next(kind for kind in type(asked.error).__mro__ if kind.__module__ == ports.__name__)
        return {**row, "error": known.__name__, "why": str(asked.error)}, 0
    text = dump(asked.answer)
    if len(text) > left:
        return {**row, "size": len(text), "digest": digest_of(text)}, 0
    return {**row, "text": text}, len(text)


def write_inputs(connection: sa.Connection, saved: Loop, appended: tuple[Recorded, ...], kept: Packed) -> None:
    """Beside the decisions, in their transaction."""
    connection.execute(
        sa.insert(schema.inputs).values(
            project=saved.project,
            version=saved.version,
            first_decision=appended[0].sequence,
            last_decision=appended[-1].sequence,
            digest=kept.digest,
            body=kept.body,
        )
    )


def digests_of(connection: sa.Connection, project: str, after: int) -> Mapping[int, str]:
    """By decision."""
    table = schema.inputs
    rows = connection.execute(
        sa.select(table.c.first_decision, table.c.last_decision, table.c.digest).where(
            table.c.project == project, table.c.last_decision > after
        )
    )
    return {at: digest for first, last, digest in rows for at in range(first, last + 1)}


def read_inputs(connection: sa.Connection, project: str, sequence: int) -> Recording | None:
    """What a decision was made on.  Raises UnreadableError."""
    table = schema.inputs
    row = connection.execute(
        sa.select(table)
        .where(table.c.project == project, table.c.first_decision <= sequence, table.c.last_decision >= sequence)
        .order_by(table.c.first_decision.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    try:
        text = zlib.decompress(row.body).decode()
        content = json.loads(text)
        stored = _Stored(**content)
    except (zlib.error, ValueError, TypeError) as error:
        raise UnreadableError(f"the inputs of decision {sequence}: {error}") from error
    if digest_of(text) != row.digest:
        raise UnreadableError(f"the inputs of decision {sequence}: they were changed")
    return Recording(
        digest=row.digest,
        loop=load(Loop, json.dumps(stored.loop)) if stored.loop is not None else None,
        at=datetime.fromisoformat(stored.at),
        asked=tuple(_answer(each) for each in stored.asked),
        by=stored.by,
    )


@dataclass(frozen=True, kw_only=True)
class _Stored:
    at: str
    by: str
    loop: Any
    asked: list[dict[str, Any]]


def _answer(row: dict[str, Any]) -> Answer:
    kind = returned(row["port"], row["method"])
    kept = row.get("text", "")
    if not kept or kind is None:
        return Answer(**row)
    return Answer(**row, answer=load(kind, kept))


@cache
def returned(port: str, method: str) -> Any:  # noqa: ANN401 - a type expression
    """What a port's method answers, by its annotation; None where today's ports have no such method."""
    protocol = {**get_type_hints(ports.Backends), **_BESIDE}.get(port)
    protocol = next((one for one in get_args(protocol) if one is not type(None)), protocol)  # one may be missing
    found = getattr(protocol, method, None)
    return get_type_hints(found)["return"] if found is not None else None
