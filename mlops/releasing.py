"""Records of releases as files: written from a loop, approved by people; what they say is `flows/release_record`."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from mlops.domain.loop import Approval, Attempt
from mlops.flows import release_record
from mlops.flows.commands import NotPossibleError
from mlops.flows.release_record import FORM, Release, Voice
from mlops.spec.card import read_card
from mlops.wiring import OpenLoop

_LASTS = timedelta(days=180)


def export(loop: OpenLoop, out: Path, version: str | None, to: str | None, beside: Path | None) -> tuple[Path, ...]:
    """Write a record for each promoted version, or for one; approvals that lie in a file there stay in it.

    Raises NotPossibleError, and ProjectFileError for a card that is none.
    """
    recorded = _recorder(loop, to, beside)
    written = []
    for attempt in release_record.promoted(loop.attempts(), version):
        found = recorded(attempt)
        path = out / release_record.file_name(found)
        had = _approvals(path)
        said = [one for one in map(_in_the_loop, attempt.approvals) if one["digest"] and one not in had]
        written.append(_write(path, found | {"approvals": [*had, *said]}))
    return tuple(written)


def bound(loop: OpenLoop, attempt: Attempt, to: str, folder: Path, beside: Path | None) -> tuple[Path, dict[str, Any]]:
    """Build the record of a version that is bound for a stage, with the words that lie in its file, and name that file.

    Raises NotPossibleError, and ProjectFileError for a card that is none.
    """
    found = _recorder(loop, to, beside)(attempt)
    path = folder / release_record.file_name(found)
    return path, found | {"approvals": _approvals(path)}


def asked(loop: OpenLoop, beside: Path | None) -> Callable[[Attempt], str]:
    """Make the function that tells the digest of what a candidate's record will say where the loop runs.

    Raises NotPossibleError, and ProjectFileError for a card that is none.
    """
    recorded = _recorder(loop, None, beside)
    return lambda attempt: release_record.subject_digest(recorded(attempt))


def _recorder(loop: OpenLoop, to: str | None, beside: Path | None) -> Callable[[Attempt], dict[str, Any]]:
    attempts, now = loop.attempts(), loop.project()
    known = _object(beside, "what other programs know of the release") if beside else {}
    card = read_card(now.facts.card) if now.facts.card else None

    def recorded(attempt: Attempt) -> dict[str, Any]:
        project, platform = loop.as_applied(attempt.generation)
        release = Release(
            attempt=attempt,
            project=project,
            now=now,
            environment=platform.environment,
            to=to or platform.environment,
            card=card,
            decisions=loop.decisions(),
            before=release_record.previous(attempts, attempt),
            champion=loop.state().champion,
        )
        return release_record.record(release, known)

    return recorded


def _in_the_loop(said: Approval) -> dict[str, Any]:
    """A word that was said to the loop's gate, as a record holds it; about no record, it names no digest."""
    expires = (said.at + _LASTS).date()
    voice = Voice(who=said.actor, at=said.at, granted=said.granted, reason=said.reason, role=None, expires=expires)
    return {"digest": "", **release_record.word(voice, said.subject)}


def approve(path: Path, at: datetime, until: date | None, **word: Any) -> str:  # noqa: ANN401  as Voice has them
    """Put a person's word into a record; returns the digest that it is bound to.  Raises NotPossibleError."""
    found = _record(path)
    voice = Voice(at=at, expires=until or (at + _LASTS).date(), **word)
    _write(path, release_record.with_approval(found, voice))
    return release_record.subject_digest(found)


def _approvals(path: Path) -> list[Any]:
    found: list[Any] = _record(path).get("approvals", []) if path.exists() else []
    return found


def _record(path: Path) -> dict[str, Any]:
    found = _object(path, "a record that `mlops records export` wrote")
    if found.get("form") != FORM or not isinstance(found.get("subject"), dict):
        raise NotPossibleError(f"{path} should hold a record that `mlops records export` wrote ({FORM})")
    return found


def _object(path: Path, what: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotPossibleError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise NotPossibleError(f"{path} is no JSON: it should hold {what}") from error
    if not isinstance(found, dict):
        raise NotPossibleError(f"{path} should hold {what}: an object")
    return found


def _write(path: Path, found: dict[str, Any]) -> Path:
    """Whole or not at all: half a record would be taken for a changed one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        half.write_bytes(release_record.canonical(found))
        half.replace(path)
    except OSError as error:
        raise NotPossibleError(f"{path} cannot be written: {error.strerror}") from error
    return path
