"""A signed head over all logs: a log whose newest rows were cut off is still a chain, and only this shows it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops.domain.records.decision import Recorded

FORM = "aml-kit.seal/1"


@dataclass(frozen=True, kw_only=True)
class End:
    """Where a project's log ended."""

    sequence: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Seal:
    """Where all logs ended at a moment; each names the one before it."""

    number: int  # 1, 2, 3 … without gaps
    at: datetime
    previous: str  # the digest of the seal before; empty for the first
    ends: Mapping[str, End]  # by project


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A seal with its Ed25519 signature."""

    seal: Seal
    key: str  # which: the SHA-256 of the raw public key
    signature: str  # base64, over the seal's text


def text_of(seal: Seal) -> str:
    """What is signed: JSON with sorted keys and no white space."""
    content = {
        "form": FORM,
        "number": seal.number,
        "at": seal.at.isoformat(),
        "previous": seal.previous,
        "ends": {project: [end.sequence, end.hash] for project, end in seal.ends.items()},
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_text(text: str) -> Seal:
    """The seal of a signed text.  Raises ValueError when it is none."""
    try:
        found: dict[str, Any] = json.loads(text)
        if found["form"] != FORM:
            raise ValueError(f"it is of the form {found['form']!r}, not {FORM}")
        ends = {project: End(sequence=int(end[0]), hash=str(end[1])) for project, end in found["ends"].items()}
        at = datetime.fromisoformat(found["at"])
        return Seal(number=int(found["number"]), at=at, previous=str(found["previous"]), ends=ends)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"it lacks {error}") from error


def digest_of(seal: Seal) -> str:
    """What the next seal names this one by."""
    return hashlib.sha256(text_of(seal).encode()).hexdigest()


def missing_seal(seals: Sequence[Seal]) -> int | None:
    """The number of the first seal that does not follow the one before it; None when all do."""
    previous = ""
    for expected, seal in enumerate(seals, start=1):
        if seal.number != expected or seal.previous != previous:
            return expected
        previous = digest_of(seal)
    return None


def cut(project: str, rows: Sequence[Recorded], seal: Seal) -> str:
    """What a log lacks that was signed, in a sentence; empty when it has all."""
    end = seal.ends.get(project)
    if end is None:
        return ""
    when = f"seal {seal.number} of {seal.at:%Y-%m-%d %H:%M}"
    if len(rows) < end.sequence:
        return f"the log of {project} was cut off after decision {len(rows)}: {when} signed {end.sequence} of them"
    if rows[end.sequence - 1].hash != end.hash:
        return f"decision {end.sequence} of {project} is not the one that {when} signed"
    return ""
