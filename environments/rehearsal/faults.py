"""Faults at writes: the `up` that meets them may fail, a later one converges, and nothing is made twice or left."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from environments.local.arm.ids import parse
from environments.rehearsal import acts
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from environments.rehearsal.stage import Stage

_MOST_UPS = 30
"""Lost answers cost two runs for each step that one resource waits for another: sixteen in `typical`."""
_MORE_THAN_A_CLIENT_TRIES = 6


@dataclass(frozen=True, kw_only=True)
class Wave:
    """One kind of fault, met once by each kind of resource (or by each resource)."""

    kind: str
    what: str
    times: int = 1

    @property
    def is_ridden_out(self) -> bool:
        """Whether the client is to wait and try again, without the `up` failing."""
        return self.kind == "throttle"


WAVES = (
    Wave(kind="throttle", what="429 with Retry-After"),
    Wave(kind="internal", what="500", times=_MORE_THAN_A_CLIENT_TRIES),
    Wave(kind="lose-reply", what="lost answer", times=_MORE_THAN_A_CLIENT_TRIES),
    Wave(kind="fail-operation", what="operation failed"),
    Wave(kind="quota", what="quota exceeded"),
)


def played(stage: Stage, *, full: bool) -> Iterator[Row]:
    """Meet each kind of fault on the way up, each kind of resource once; `full`: each resource, also on the way down.

    Expects an empty environment and leaves one.
    """
    for wave in WAVES:
        yield from _wave(stage, wave, "up", full=full)
        yield from _way_down(stage, wave, full=full)


def _way_down(stage: Stage, wave: Wave, *, full: bool) -> Iterator[Row]:
    if not full:
        wrong = acts.cleared(stage)
        if wrong:
            yield Row(act="fault", what=f"{wave.what}: destroy", result="failed", told=wrong)
        return
    stage.engine.told("state", "unprotect", "--all", "--yes", "--stack", stage.engine.stack)
    yield from _wave(stage, wave, "destroy", full=True)
    left = stage.held()
    stage.forget_deleted()
    if left:
        yield Row(act="fault", what=f"{wave.what}: destroy", result="failed", told=acts.left_behind(left))


def _wave(stage: Stage, wave: Wave, command: str, *, full: bool) -> Iterator[Row]:
    began = time.monotonic()
    method = "PUT" if command == "up" else "DELETE"
    stage.calm()
    stage.order(kind=wave.kind, pattern=f"^{method} ", times=wave.times, each="path" if full else "type")
    tries, wrong = _converge(stage, command)
    happened = stage.happened()
    stage.calm()
    if not wrong and wave.is_ridden_out and tries > 1:
        wrong = "a throttled write made the run fail; the provider's client should have waited and tried again"
    if not wrong and command == "up":
        wrong = acts.unclean(stage.engine.changed("preview"))
    yield from _rows(wave, command, happened, wrong=wrong, tries=tries, seconds=time.monotonic() - began, full=full)


def _converge(stage: Stage, command: str) -> tuple[int, str]:
    """Run until it succeeds; returns how many runs that took, and what is wrong if it never did."""
    ran = None
    for tries in range(1, _MOST_UPS + 1):
        before = len(stage.happened())
        ran = stage.engine.changed(command, "--continue-on-error")
        if ran.code == 0:
            return tries, ""
        if len(stage.happened()) == before:
            break  # nothing was in its way this time, so the next would fail as well
    return tries, f"does not converge: {ran.errors if ran else ''}"


def _rows(
    wave: Wave,
    command: str,
    happened: Sequence[tuple[str, str]],
    *,
    wrong: str,
    tries: int,
    seconds: float,
    full: bool,
) -> Iterator[Row]:
    met = _met(wave, happened, full=full)
    impatient = [line for kind, line in happened if kind == "impatience"]
    if impatient and not wrong:
        wrong = f"came back before Retry-After was over: {impatient[0]}"
    if not met:
        yield Row(act="fault", what=f"{wave.what}: {command}", result="shown", told="nothing here can meet it")
        return
    told = f"{len(met)} met it, converged with run {tries}"
    yield acts.row("fault", f"{wave.what}: {command}", wrong, told, seconds)
    for name, times in sorted(met.items()) if not wrong else ():
        yield acts.row("fault", f"{wave.what}: {command} {name}", "", f"{times} times")


def _met(wave: Wave, happened: Sequence[tuple[str, str]], *, full: bool) -> Mapping[str, int]:
    """How often each kind of resource (or each resource) met the fault."""
    found: dict[str, int] = {}
    for kind, line in happened:
        if kind == wave.kind:
            resource = parse(line.partition(" ")[2])
            name = f"{resource.type} {resource.name}" if full else resource.type
            found[name] = found.get(name, 0) + 1
    return found
