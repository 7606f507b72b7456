"""From the recorded states of earlier releases to today's program: nothing that holds data is made anew."""

from __future__ import annotations

import gzip
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environments.rehearsal import acts, earlier
from environments.rehearsal.existing import UnmakeableError
from environments.rehearsal.subject import find
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.rehearsal.engine import Ran, Step
    from environments.rehearsal.stage import Stage

RECORDED = Path(__file__).with_name("recorded")
HOLDS_DATA = frozenset(
    {
        "azure-native:containerregistry:Registry",
        "azure-native:dbforpostgresql:Database",
        "azure-native:dbforpostgresql:Server",
        "azure-native:keyvault:Key",
        "azure-native:keyvault:Secret",
        "azure-native:keyvault:Vault",
        "azure-native:machinelearningservices:Registry",
        "azure-native:machinelearningservices:Workspace",
        "azure-native:operationalinsights:Workspace",
        "azure-native:resources:ResourceGroup",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:FileShare",
        "azure-native:storage:Queue",
        "azure-native:storage:StorageAccount",
    }
)
"""What takes data, models, keys or logs with it when it goes; a resource group takes all of them."""


def played(stage: Stage, recorded: Path = RECORDED) -> Iterator[Row]:
    """From each recorded state of this stack to today's program.  Leaves an empty environment."""
    states = sorted(recorded.glob(f"*/{stage.subject.stack}.json.gz"))
    if not states:
        told = f"no state of {stage.subject.stack} is recorded in {recorded}"
        yield Row(act="upgrade", what="from earlier releases", result="shown", told=told)
    elif stage.held():
        yield from acts.gone(stage, "upgrade", "what stands goes first")
    for state in states:
        yield from _from(stage, state)


def _from(stage: Stage, state: Path) -> Iterator[Row]:
    """What the state holds is made, today's program is put over it, and all goes again."""
    release, began = state.parent.name, time.monotonic()
    try:
        held = _taken_up(stage, gzip.decompress(state.read_bytes()).decode())
    except UnmakeableError as error:
        yield Row(act="upgrade", what=f"from {release}", result="failed", told=str(error))
    else:
        file = ("--config-file", str(stage.beside(_said_then(stage, state))))
        alone = replace(stage.engine, pack="")  # what is asked of a stack today may be more than it was then
        ran = alone.changed("up", *file)
        yield acts.row("upgrade", f"from {release}", _wrong(stage, ran, held), _told(ran), time.monotonic() - began)
        after, seconds = acts.timed(lambda: alone.changed("preview", *file))
        yield acts.row("upgrade", f"from {release}: preview after", acts.unclean(after), "no change", seconds)
    yield from acts.gone(stage, "upgrade", f"from {release}: all goes")


def _said_then(stage: Stage, state: Path) -> Mapping[str, Any]:
    """The stack file as it was: who upgrades changes nothing else.  Today's where none is recorded."""
    file = state.with_name(f"Pulumi.{stage.subject.stack}.yaml")
    return find(str(file), stage.subject.project).config if file.is_file() else stage.subject.config


def _taken_up(stage: Stage, text: str) -> tuple[str, ...]:
    """Have the environment hold what a state says, and the engine the state; returns the ids of what holds data."""
    folder = stage.home.folder("recorded")
    _imported(stage, folder / "state.json", text)
    plain = folder / "plain.json"
    plain.write_text(stage.engine.told("stack", "export", "--stack", stage.engine.stack, "--show-secrets"))
    given = earlier.make(plain, stage.engine.variables)
    _imported(stage, folder / "state.json", earlier.renamed(text, given))
    return tuple(each["id"] for each in stage.resources() if each["type"] in HOLDS_DATA)


def _imported(stage: Stage, file: Path, text: str) -> None:
    file.write_text(text)
    stage.engine.told("stack", "import", "--stack", stage.engine.stack, "--file", str(file), "--force")


def _wrong(stage: Stage, ran: Ran, held: tuple[str, ...]) -> str:
    if ran.code:
        return ran.errors
    if lost := losing(ran.steps):
        return f"takes data with it: {acts.brief(lost)}"
    standing = {each.lower() for each in stage.held()}
    gone = [each for each in held if each.lower() not in standing]
    return f"what held data is gone: {', '.join(gone)}" if gone else ""


def _told(ran: Ran) -> str:
    counts = Counter(f"{step.operation} {step.type.rsplit(':', 1)[-1]}" for step in ran.steps)
    return ", ".join(f"{what} ({count})" for what, count in sorted(counts.items())) or "no change"


def losing(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that take data with them."""
    return tuple(step for step in steps if step.operation in {"replace", "delete"} and step.type in HOLDS_DATA)
