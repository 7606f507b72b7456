"""The acts of a rehearsal: each plays on a stage and tells what it saw, row by row."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from environments.rehearsal.engine import Ran, Step
    from environments.rehearsal.stage import Stage

_SHOWN_STEPS = 12


def first_up(stage: Stage) -> Iterator[Row]:
    """All is made."""
    ran, seconds = timed(lambda: stage.engine.changed("up"))
    wrong = ran.errors if ran.code else ""
    if not wrong and any(step.operation not in {"create", "import"} for step in ran.steps):
        wrong = f"a first up did more than create: {brief(ran.steps)}"
    yield row("up", "first up", wrong, f"{len(ran.steps)} created", seconds)


def again(stage: Stage) -> Iterator[Row]:
    """What stands is left alone, and Azure is seen as it is."""
    for what, command in (("second up", "up"), ("refresh", "refresh"), ("preview after refresh", "preview")):
        ran, seconds = timed(lambda command=command: stage.engine.changed(command))  # type: ignore[misc]
        yield row("again", what, unclean(ran), "no change", seconds)


def destroyed(stage: Stage) -> Iterator[Row]:
    """All goes, in an order that Azure accepts, and nothing is left; what is protected stays until it is let go."""
    kept = protected(stage)
    if kept:
        ran, seconds = timed(lambda: stage.engine.changed("destroy"))
        wrong = "" if ran.code else "destroy went through, though there is protection"
        if lost := [name for name, resource_id in kept.items() if resource_id not in stage.held()]:
            wrong = f"a destroy that was refused has deleted what is protected: {', '.join(lost)}"
        yield row("destroy", "what is protected stays", wrong, f"protected: {', '.join(kept)}", seconds)
    yield from gone(stage, "destroy", "all goes, in Azure's order")


def gone(stage: Stage, act: str, what: str) -> Iterator[Row]:
    """Destroy whatever stands, protected or not."""
    began = time.monotonic()
    wrong = cleared(stage)
    yield row(act, what, wrong, "nothing is left", time.monotonic() - began)


def cleared(stage: Stage) -> str:
    """Destroy, protected or not; returns what went wrong."""
    stage.engine.told("state", "unprotect", "--all", "--yes", "--stack", stage.engine.stack)
    ran = stage.engine.changed("destroy")
    left = stage.held()
    stage.forget_deleted()
    if ran.code:
        return ran.errors
    return left_behind(left)


def left_behind(left: tuple[str, ...]) -> str:
    """What to say of what is left; nothing when nothing is."""
    more = f" and {len(left) - _SHOWN_STEPS} more" if len(left) > _SHOWN_STEPS else ""
    return f"left behind: {', '.join(left[:_SHOWN_STEPS])}{more}" if left else ""


def protected(stage: Stage, by: Literal["id", "urn"] = "id") -> dict[str, str]:
    """The ids, or the URNs, of what the state protects, by name."""
    found = [each for each in stage.resources() if each.get("protect") and each.get("id")]
    return {each["urn"].rsplit("::", 1)[1]: each[by] for each in found}


def timed(run: Callable[[], Ran]) -> tuple[Ran, float]:
    """Run and measure."""
    began = time.monotonic()
    return run(), time.monotonic() - began


def row(act: str, what: str, wrong: str, right: str, seconds: float = 0.0) -> Row:
    """A row that passed, unless something is wrong."""
    return Row(act=act, what=what, result="failed" if wrong else "passed", told=wrong or right, seconds=seconds)


def unclean(ran: Ran) -> str:
    """Why a run was not without change; empty when it was."""
    if ran.code:
        return ran.errors
    return f"changes what stands: {brief(ran.steps)}" if ran.steps else ""


def brief(steps: tuple[Step, ...]) -> str:
    """Some of the steps, and how many more."""
    more = f" and {len(steps) - _SHOWN_STEPS} more" if len(steps) > _SHOWN_STEPS else ""
    return ", ".join(map(str, steps[:_SHOWN_STEPS])) + more
