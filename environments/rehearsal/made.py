"""Changes of settings that are really made, and taken back: what an `up` touches is what its row says."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from environments.rehearsal import acts
from environments.rehearsal.changed import (
    ALL,
    IS_PROTECTED,
    Touched,
    first_reason,
    judged,
    previewed,
    summary,
    told_of,
    touched,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from environments.rehearsal.alternatives import Alternative
    from environments.rehearsal.engine import Engine, Ran, Step
    from environments.rehearsal.stage import Stage
    from environments.rehearsal.table import Row

_KIND = re.compile(r"\((\w+)\)$")
_OTHER_ENVIRONMENTS = frozenset({"aml-kit:location", "aml-kit:workload", "aml-kit:generation"})
"""Settings by which all is made anew somewhere, or under names, that a deleted vault may still hold."""
_NAMES_A_DEPLOYMENT = re.compile(r"^aml-kit:batchEndpoints\.\w+\.defaultDeployment$")
"""Deployments are made by `mlops`, on a platform that stands; Azure refuses the name of one that is not there."""
_OWN_WORDS = {"RequestDisallowedByPolicy": "a policy", "ScopeLocked": "a lock"}
"""Azure's words for what an assigned policy or a lock refuses: what the stack itself put there bites."""
_NOT_KNOWN_BEFORE = frozenset({"create", "replace"})
"""What is made by these answers nothing in a preview, so that more seems to change than does."""


def sample(changes: Sequence[Alternative], expected: Mapping[str, Touched | str], most: int) -> tuple[Alternative, ...]:
    """Few changes that together touch many kinds of resources in many ways; none that makes another environment."""
    ways = {each.key: _ways(expected.get(each.key)) for each in changes if each.key not in _OTHER_ENVIRONMENTS}
    seen: set[tuple[str, str]] = set()
    chosen: set[str] = set()
    while len(chosen) < most:
        best = max((key for key in ways if key not in chosen), key=lambda key: len(ways[key] - seen), default=None)
        if best is None or not ways[best]:
            break
        chosen.add(best)
        seen |= ways.pop(best)
    return tuple(each for each in changes if each.key in chosen)


def _ways(row: Touched | str | None) -> set[tuple[str, str]]:
    if not isinstance(row, dict) or ALL in row.values():
        return set()
    return {(operation, _KIND.findall(name)[0]) for operation, names in row.items() for name in names}


def played(stage: Stage, changes: Sequence[Alternative], expected: Mapping[str, Touched | str] | None) -> Iterator[Row]:
    """Make each change and take it back; what cannot be made is only previewed.  Expects the stack to stand."""
    for each in changes:
        row = (expected or {}).get(each.key)
        if isinstance(row, str) or _NAMES_A_DEPLOYMENT.match(each.key):
            ran, seconds = previewed(stage, each)
            yield judged(each, touched(ran, _standing(stage)), expected, seconds)
        else:
            yield _made(stage, each, row)
    if changes:
        ran, seconds = acts.timed(lambda: _bare(stage).changed("preview"))
        yield acts.row("made", "all taken back", acts.unclean(ran), "no change", seconds)


def _made(stage: Stage, change: Alternative, expected: Touched | None) -> Row:
    """A refusal before anything was made counts as made, where nobody has said what is right."""
    began = time.monotonic()
    engine, standing, before, kept = _bare(stage), _standing(stage), stage.held(), acts.protected(stage)
    file = stage.beside(change.config)
    ran = engine.changed("up", "--config-file", str(file))
    file.unlink(missing_ok=True)
    half_way = stage.held() != before
    back, let_go = _taken_back(stage, engine, kept)
    stage.forget_deleted()
    found = summary(ran.steps, standing)
    told, wrong = told_of(found), ""
    if ran.code:
        told, wrong = refusal(ran.errors, to_be_made=expected is not None or half_way)
    if let_go:
        told += f"; stays until its protection is let go: {', '.join(let_go)}"
    if back.code:
        wrong = wrong or f"cannot be taken back: {back.errors}"
    elif expected is not None and not ran.code:
        wrong = beside(found, expected) or unlike(ran.steps, back.steps)
    return acts.row("made", change.said, wrong, told, time.monotonic() - began)


def _taken_back(stage: Stage, engine: Engine, kept: Mapping[str, str]) -> tuple[Ran, Sequence[str]]:
    """Also what is protected from the day it is made: that stays until people let it go, and then it goes."""
    back = engine.changed("up")
    made = {name: urn for name, urn in acts.protected(stage, by="urn").items() if name not in kept}
    if not (back.code and made and IS_PROTECTED.search(back.errors)):
        return back, ()
    for urn in made.values():
        engine.told("state", "unprotect", urn, "--yes", "--stack", engine.stack)
    again = engine.changed("up")
    return replace(again, steps=(*back.steps, *again.steps)), sorted(made)


def refusal(errors: str, *, to_be_made: bool) -> tuple[str, str]:
    """What is told of a change that was refused, and what is wrong with that."""
    for word, what in _OWN_WORDS.items():
        if word in errors:
            return f"refused by {what} that stands: {first_reason(errors)}", ""
    return f"refused: {first_reason(errors)}", f"cannot be made: {errors}" if to_be_made else ""


def beside(found: Touched, row: Touched) -> str:
    """What a real `up` did beside its row, or left undone; empty where it did what the row says.

    A preview tells more than is done where something is made whose answers it cannot know: only then less is right.
    """
    if ALL in row.values():
        return ""
    done, said = _pairs(found), _pairs(row)
    if more := sorted(done - said):
        return f"touches what it should not: {_spoken(more)}"
    certain = {"create", "delete"} if _NOT_KNOWN_BEFORE & {*row} else {*row}
    left = sorted(pair for pair in said - done if pair[0] in certain or not done)
    return f"does not touch what it should: {_spoken(left)}" if left else ""


def unlike(made: Sequence[Step], back: Sequence[Step]) -> str:
    """What taking a change back did to others than the change had touched, or left as the change had made it."""
    there, here = {(one.type, one.name) for one in made}, {(one.type, one.name) for one in back}
    names = sorted(name for _, name in there ^ here)
    return f"is not taken back as it was made: {', '.join(names)}" if names else ""


def _pairs(row: Touched) -> set[tuple[str, str]]:
    return {(operation, name) for operation, names in row.items() for name in names}


def _spoken(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{operation} {name}" for operation, name in pairs)


def _bare(stage: Stage) -> Engine:
    """Without the policy pack, as the table was told."""
    return replace(stage.engine, pack="")


def _standing(stage: Stage) -> int:
    return sum(str(each["type"]).startswith("azure-native:") for each in stage.resources())
