"""From the recorded states of earlier releases to today's program: nothing that holds data is made anew."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import TYPE_CHECKING

from environments.rehearsal import acts
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from environments.rehearsal.engine import Step
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
    """Preview today's program over each recorded state of this stack; the environment itself is not asked."""
    states = sorted(recorded.glob(f"*/{stage.subject.stack}.json.gz"))
    if not states:
        told = f"no state of {stage.subject.stack} is recorded in {recorded}"
        yield Row(act="upgrade", what="from earlier releases", result="shown", told=told)
    for state in states:
        yield _from(stage, state)


def _from(stage: Stage, state: Path) -> Row:
    began = time.monotonic()
    file = stage.home.folder("recorded") / "state.json"
    file.write_bytes(gzip.decompress(state.read_bytes()))
    kept = stage.home.folder("recorded") / "kept.json"
    kept.write_text(stage.engine.told("stack", "export", "--stack", stage.engine.stack))
    try:
        stage.engine.told("stack", "import", "--stack", stage.engine.stack, "--file", str(file), "--force")
        ran = stage.engine.changed("preview")
    finally:
        stage.engine.told("stack", "import", "--stack", stage.engine.stack, "--file", str(kept), "--force")
    lost = losing(ran.steps)
    wrong = ran.errors if ran.code else f"takes data with it: {acts.brief(lost)}" if lost else ""
    right = acts.brief(ran.steps) or "no change"
    return acts.row("upgrade", f"from {state.parent.name}", wrong, right, time.monotonic() - began)


def losing(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that take data with them."""
    return tuple(step for step in steps if step.operation in {"replace", "delete"} and step.type in HOLDS_DATA)
