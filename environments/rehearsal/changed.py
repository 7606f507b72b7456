"""Each single setting changed once: what it touches is what it should touch."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from environments.rehearsal import acts
from environments.rehearsal.alternatives import Alternative, alternatives
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from environments.rehearsal.engine import Ran, Step
    from environments.rehearsal.stage import Stage

Touched = dict[str, Any]
_AT_ONCE = 2
_ALL = "everything"


def played(stage: Stage, *, full: bool) -> Iterator[Row]:
    """Preview each change; `full`: make it, and take it back.  Expects the stack to stand."""
    if full:
        for each in alternatives(stage.subject.config, _schema(stage)):
            yield _made(stage, each)
        return
    expected = read_expected(stage)
    for change, found, seconds in _all_previewed(stage):
        yield _judged(change, found, expected, seconds)


def all_touched(stage: Stage) -> Iterator[tuple[str, Touched | str]]:
    """What each setting touches, by its key.  Expects the stack to stand."""
    for change, found, _ in _all_previewed(stage):
        yield change.key, found


def _all_previewed(stage: Stage) -> Iterator[tuple[Alternative, Touched | str, float]]:
    changes = alternatives(stage.subject.config, _schema(stage))
    standing = sum(str(each["type"]).startswith("azure-native:") for each in stage.resources())
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        previews = threads.map(lambda each: _previewed(stage, each), changes)
        for each, (ran, seconds) in zip(changes, previews, strict=True):
            yield each, touched(ran, standing), seconds


def touched(ran: Ran, standing: int) -> Touched | str:
    """What a run plans, by operation; `refused: why` where the program refuses the value."""
    if ran.code:
        return f"refused: {_first_reason(ran.errors)}"
    found: dict[str, list[str]] = {}
    for step in ran.steps:
        found.setdefault(step.operation, []).append(_name(step))
    return {
        operation: _ALL if len(names) >= standing - 1 else sorted(names) for operation, names in sorted(found.items())
    }


def expected_file(stage: Stage) -> Path:
    """Where it is said what each setting of a shipped stack file touches."""
    return stage.subject.file.parent / "touched" / f"{stage.subject.stack}.yaml"


def read_expected(stage: Stage) -> Mapping[str, Touched | str] | None:
    """What is said for this stack; None where nobody has."""
    file = expected_file(stage)
    found: Mapping[str, Touched | str] | None = yaml.safe_load(file.read_text()) if file.is_file() else None
    return found


def _judged(
    change: Alternative, found: Touched | str, expected: Mapping[str, Touched | str] | None, seconds: float
) -> Row:
    told = found if isinstance(found, str) else json.dumps(found).replace('"', "") if found else "nothing"
    shown = Row(act="setting", what=change.said, result="shown", told=told, seconds=seconds)
    if expected is None:
        return shown
    if change.key not in expected:
        return replace(shown, result="failed", told=f"nobody has said what it should touch; it touches {told}")
    right = expected[change.key]
    same = right == found or (isinstance(right, str) and isinstance(found, str) and found.startswith(right))
    wrong = "" if same else f"touches {told}\nbut should touch {json.dumps(right)}"
    return acts.row("setting", change.said, wrong, told, seconds)


def _previewed(stage: Stage, change: Alternative) -> tuple[Ran, float]:
    """Without the policy pack: a value that it forbids touches something all the same, and that is what is asked."""
    began = time.monotonic()
    file = stage.beside(change.config)
    try:
        alone = replace(stage.engine, pack="")
        return alone.changed("preview", "--config-file", str(file)), time.monotonic() - began
    finally:
        file.unlink(missing_ok=True)


def _made(stage: Stage, change: Alternative) -> Row:
    """Make the change and take it back; a refusal before anything was made counts as made."""
    began = time.monotonic()
    file = stage.beside(change.config)
    before = stage.held()
    ran = stage.engine.changed("up", "--config-file", str(file))
    file.unlink(missing_ok=True)
    wrong = ""
    if ran.code and stage.held() != before:
        wrong = f"failed half-way: {ran.errors}"
    back = stage.engine.changed("up")
    stage.forget_deleted()
    if not wrong and back.code:
        wrong = f"cannot be taken back: {back.errors}"
    told = f"refused: {_first_reason(ran.errors)}" if ran.code else acts.brief(ran.steps) or "nothing"
    return acts.row("setting", change.said, wrong, told, time.monotonic() - began)


def _schema(stage: Stage) -> Mapping[str, Any]:
    file = stage.engine.project / stage.subject.config_folder / "Pulumi.schema.json"
    if file.is_file():
        found: Mapping[str, Any] = json.loads(file.read_text())
        return found
    return {"properties": {"config": {"properties": {}}}}


def _name(step: Step) -> str:
    return f"{step.name} ({step.type.rsplit(':', 1)[-1]})"


def _first_reason(errors: str) -> str:
    lines = [line.strip().removeprefix("- ") for line in errors.splitlines() if line.strip()]
    reasons = [line for line in lines if "cannot be used" not in line and not line.startswith("error:")]
    return (reasons or lines or ["no reason was given"])[0]
