"""From the recorded states of earlier releases to today's program: nothing that holds data is made anew."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environments.rehearsal import acts, earlier
from environments.rehearsal.existing import UnmakeableError
from environments.rehearsal.subject import find
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    """Planned over the state as it was recorded; then what it holds is made, today's program put over it, all goes."""
    release = f"from {state.parent.name}"
    text = gzip.decompress(state.read_bytes()).decode()
    _imported(stage, text)
    engine = replace(stage.engine, pack="")  # what is asked of a stack today may be more than it was then
    file = ("--config-file", str(stage.beside(_said_then(stage, state))))
    ran, seconds = acts.timed(lambda: engine.changed("preview", *file))
    yield acts.row("upgrade", f"{release}: planned", wrong_of(ran), _told(ran), seconds)
    try:
        held = _made(stage, text)
    except UnmakeableError as error:
        yield Row(act="upgrade", what=f"{release}: made", result="failed", told=str(error))
    else:
        ran, seconds = acts.timed(lambda: engine.changed("refresh", *file))
        yield acts.row("upgrade", f"{release}: stands as recorded", acts.unclean(ran), "no change", seconds)
        ran, seconds = acts.timed(lambda: engine.changed("up", *file))
        yield acts.row("upgrade", f"{release}: made", wrong_of(ran) or lost(held, stage.held()), _told(ran), seconds)
        ran, seconds = acts.timed(lambda: engine.changed("preview", *file))
        yield acts.row("upgrade", f"{release}: preview after", acts.unclean(ran), "no change", seconds)
    yield from acts.gone(stage, "upgrade", f"{release}: all goes")


def _said_then(stage: Stage, state: Path) -> Mapping[str, Any]:
    """The stack file as it was: who upgrades changes nothing else.  Today's where none is recorded."""
    file = state.with_name(f"Pulumi.{stage.subject.stack}.yaml")
    return find(str(file), stage.subject.project).config if file.is_file() else stage.subject.config


def _made(stage: Stage, text: str) -> tuple[str, ...]:
    """Have the environment hold what the engine's state does, and the state say so; returns what holds data, by id."""
    plain = stage.home.folder("recorded") / "plain.json"
    plain.write_text(stage.engine.told("stack", "export", "--stack", stage.engine.stack, "--show-secrets"))
    given = earlier.make(plain, stage.engine.variables)
    _imported(stage, earlier.renamed(text, given))
    return holding(stage.resources())


def holding(resources: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What of a state holds data, by id."""
    return tuple(each["id"] for each in resources if each["type"] in HOLDS_DATA)


def _imported(stage: Stage, text: str) -> None:
    file = stage.home.folder("recorded") / "state.json"
    file.write_text(text)
    stage.engine.told("stack", "import", "--stack", stage.engine.stack, "--file", str(file), "--force")


def wrong_of(ran: Ran) -> str:
    """Why an upgrade may not be: it failed, or takes data with it; empty where neither is so."""
    if ran.code:
        return ran.errors
    lost = losing(ran.steps)
    return f"takes data with it: {acts.brief(lost)}" if lost else ""


def lost(held: Iterable[str], standing: Iterable[str]) -> str:
    """What held data and stands no more, however Azure spells it now; empty where all does."""
    there = {each.lower() for each in standing}
    gone = [each for each in held if each.lower() not in there]
    return f"what held data is gone: {', '.join(gone)}" if gone else ""


def _told(ran: Ran) -> str:
    counts = Counter(f"{step.operation} {step.type.rsplit(':', 1)[-1]}" for step in ran.steps)
    return ", ".join(f"{what} ({count})" for what, count in sorted(counts.items())) or "no change"


def losing(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that take data with them."""
    return tuple(step for step in steps if step.operation in {"replace", "delete"} and step.type in HOLDS_DATA)
