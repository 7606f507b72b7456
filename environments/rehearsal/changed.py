"""Each single setting changed once: what it touches is what it should touch."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from environments.rehearsal import acts
from environments.rehearsal.alternatives import Alternative, alternatives
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from environments.rehearsal.engine import Ran, Step
    from environments.rehearsal.stage import Stage

Touched = dict[str, Any]
_AT_ONCE = 2
_READABLE = 200
"""Characters of a reason: some name all sizes of machines there are."""
ALL = "everything"
"""What a row says in place of the names of all that stands."""
PROTECTED = "refused: what is protected would be made anew or go"
_OF_A_SUBSCRIPTION = re.compile(r"-[0-9a-f]{6}\.")
IS_PROTECTED = re.compile(r"marked for protection|because it is protected")


def played(stage: Stage, every: int = 1, of: Sequence[str] = ()) -> Iterator[Row]:
    """Preview each change; `every`: of so many one; `of`: of these settings only.  Expects the stack to stand."""
    changes, expected = changes_of(stage), read_expected(stage)
    for change, found, seconds in _all_previewed(stage, named(changes, of)[::every]):
        yield judged(change, found, expected, seconds)
    for key in sorted({*(expected or {})} - {each.key for each in changes}):
        yield Row(act="setting", what=key, result="failed", told="a row of the table, and no setting of the stack file")


def changes_of(stage: Stage) -> tuple[Alternative, ...]:
    """Each setting of the stack file with another value."""
    return alternatives(stage.subject.config, _schema(stage))


def named(changes: Sequence[Alternative], of: Sequence[str]) -> Sequence[Alternative]:
    """Those of settings that are named, and of what is below them; all where none is."""
    return [each for each in changes if any(_below(each.said, name) for name in of)] if of else changes


def _below(said: str, name: str) -> bool:
    return said == name or said.startswith((f"{name}.", f"{name} "))


def written(stage: Stage) -> Iterator[Row]:
    """Write down what each setting touches, as right; kept row by row, so that it can be gone on with."""
    kept = stage.home.folder("touched") / "rows.yaml"
    known = _read(kept) or {}
    changes = changes_of(stage)
    for change, found, seconds in _all_previewed(stage, tuple(each for each in changes if each.key not in known)):
        with kept.open("a") as more:
            more.write(_as_yaml({change.key: found}))
        yield judged(change, found, None, seconds)
    rows = _read(kept) or {}
    file = expected_file(stage)
    file.parent.mkdir(exist_ok=True)
    file.write_text(_as_yaml({each.key: rows[each.key] for each in changes}))
    kept.unlink()


def _all_previewed(stage: Stage, changes: Sequence[Alternative]) -> Iterator[tuple[Alternative, Touched | str, float]]:
    standing = sum(str(each["type"]).startswith("azure-native:") for each in stage.resources())
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        previews = threads.map(lambda each: previewed(stage, each), changes)
        for each, (ran, seconds) in zip(changes, previews, strict=True):
            yield each, touched(ran, standing), seconds


def touched(ran: Ran, standing: int) -> Touched | str:
    """What a run plans, by operation; `refused: why` where the program refuses the value."""
    if ran.code:
        return PROTECTED if IS_PROTECTED.search(ran.errors) else f"refused: {first_reason(ran.errors)}"
    return summary(ran.steps, standing)


def summary(steps: Sequence[Step], standing: int) -> Touched:
    """Steps by operation, all that stands said in one word."""
    found: dict[str, list[str]] = {}
    for step in steps:
        found.setdefault(step.operation, []).append(_name(step))
    return {operation: ALL if len(names) == standing else sorted(names) for operation, names in sorted(found.items())}


def expected_file(stage: Stage) -> Path:
    """Where it is said what each setting of a shipped stack file touches."""
    return stage.subject.file.parent / "touched" / f"{stage.subject.stack}.yaml"


def read_expected(stage: Stage) -> Mapping[str, Touched | str] | None:
    """What is said for this stack; None where nobody has."""
    return _read(expected_file(stage))


def _read(file: Path) -> Mapping[str, Touched | str] | None:
    found: Mapping[str, Touched | str] | None = yaml.safe_load(file.read_text()) if file.is_file() else None
    return found


def _as_yaml(rows: Mapping[str, Touched | str]) -> str:
    return yaml.safe_dump(dict(rows), sort_keys=False, width=120)


def judged(
    change: Alternative, found: Touched | str, expected: Mapping[str, Touched | str] | None, seconds: float
) -> Row:
    """Hold what a change touches against its row."""
    told = found if isinstance(found, str) else told_of(found)
    shown = Row(act="setting", what=change.said, result="shown", told=told, seconds=seconds)
    if expected is None:
        return shown
    if change.key not in expected:
        return replace(shown, result="failed", told=f"nobody has said what it should touch; it touches {told}")
    right = expected[change.key]
    same = right == found or (isinstance(right, str) and isinstance(found, str) and found.startswith(right))
    wrong = "" if same else f"touches {told}\nbut should touch {json.dumps(right)}"
    return acts.row("setting", change.said, wrong, told, seconds)


def previewed(stage: Stage, change: Alternative) -> tuple[Ran, float]:
    """Without the policy pack: a value that it forbids touches something all the same, and that is what is asked."""
    began = time.monotonic()
    file = stage.beside(change.config)
    try:
        alone = replace(stage.engine, pack="")
        return alone.changed("preview", "--config-file", str(file)), time.monotonic() - began
    finally:
        file.unlink(missing_ok=True)


def told_of(found: Touched) -> str:
    """In one line."""
    return json.dumps(found).replace('"', "") if found else "nothing"


def _schema(stage: Stage) -> Mapping[str, Any]:
    file = stage.engine.project / stage.subject.config_folder / "Pulumi.schema.json"
    if file.is_file():
        found: Mapping[str, Any] = json.loads(file.read_text())
        return found
    return {"properties": {"config": {"properties": {}}}}


def _name(step: Step) -> str:
    # A server's own zone is called after the server, whose name ends in a digest of the subscription, too.
    return f"{_OF_A_SUBSCRIPTION.sub('-*.', step.name)} ({step.type.rsplit(':', 1)[-1]})"


def first_reason(errors: str) -> str:
    """The first thing that is said to be wrong, without what is said around it."""
    lines = [line.strip().removeprefix("- ") for line in errors.splitlines() if line.strip()]
    reasons = [line for line in lines if "cannot be used" not in line and not line.startswith("error:")]
    return (reasons or lines or ["no reason was given"])[0][:_READABLE]
