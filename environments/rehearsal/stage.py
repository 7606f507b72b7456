"""Where a stack is rehearsed: a throw-away local environment, and a copy of the project's files that may be changed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from environments.local import environment, processes
from environments.local.arm.ids import ResourceId
from environments.local.home import Home
from environments.rehearsal import existing
from environments.rehearsal.engine import Engine
from environments.rehearsal.subject import PLANTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from environments.rehearsal.subject import Subject

_NOT_LINKED = frozenset({"Pulumi.yaml", ".local-azure", ".git"})
_STACK_FILES = "Pulumi.*.y*ml"
_LEVEL_OF_A_SUBSCRIPTION = 2
Json = Any


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One running local environment and one project on it."""

    home: Home
    subject: Subject
    engine: Engine
    sealed: dict[str, Json]
    """Values of the stack file that are encrypted, as the engine wrote them."""

    # ------------------------------------------------------------------ the stack file

    @property
    def file(self) -> Path:
        """The copy of the stack file, which may be changed."""
        return self.engine.project / self.subject.config_folder / f"Pulumi.{self.subject.stack}.yaml"

    def write(self, config: Mapping[str, Json]) -> None:
        """Have the copy say this."""
        salted = yaml.safe_load(self.file.read_text()) if self.file.exists() else {}
        kept = {key: value for key, value in salted.items() if key == "encryptionsalt"}
        text = {**self.subject.document, **kept, "config": {**config, **self._kept_sealed(config)}}
        self.file.write_text(yaml.safe_dump(text, sort_keys=False))

    def restore(self) -> None:
        """Have the copy say what the original says."""
        self.write(self.subject.config)

    def beside(self, config: Mapping[str, Json]) -> Path:
        """Another file of the same stack, which says this; for whoever asks to remove it."""
        text = {**yaml.safe_load(self.file.read_text()), "config": {**config, **self._kept_sealed(config)}}
        handle, name = tempfile.mkstemp(suffix=".yaml", dir=self.home.folder("changed"))
        with os.fdopen(handle, "w") as file:
            yaml.safe_dump(text, file, sort_keys=False)
        return Path(name)

    def seal(self) -> None:
        """Have the engine encrypt what stands in for the encrypted values of the original."""
        planted = [key for key, value in self.subject.config.items() if value == PLANTED]
        for key in planted:
            self.engine.told("config", "set", "--secret", key, PLANTED, "--stack", self.engine.stack)
        written = yaml.safe_load(self.file.read_text())["config"]
        self.sealed.update({key: written[key] for key in planted})

    def _kept_sealed(self, config: Mapping[str, Json]) -> dict[str, Json]:
        return {key: value for key, value in self.sealed.items() if config.get(key) == PLANTED}

    def resources(self) -> list[dict[str, Json]]:
        """What the engine's state holds."""
        state = json.loads(self.engine.told("stack", "export", "--stack", self.engine.stack))
        found: list[dict[str, Json]] = state["deployment"].get("resources") or []
        return found

    # ------------------------------------------------------------------ the cloud

    def order(self, **fault: object) -> None:
        """Have a fault happen."""
        processes.call(self.home, "POST", "/faults", dict(fault))

    def happened(self) -> list[tuple[str, str]]:
        """Kind and request of the faults that have happened."""
        told: Any = processes.call(self.home, "GET", "/faults")["happened"]
        return [(each["kind"], each["request"]) for each in told]

    def calm(self) -> None:
        """Forget all faults, waiting and past."""
        processes.call(self.home, "DELETE", "/faults")

    def forget_deleted(self) -> None:
        """Let the names of what was deleted be taken again, as though their retention had passed."""
        processes.call(self.home, "DELETE", "/deleted")

    def held(self) -> tuple[str, ...]:
        """The ids of all that is in the subscription, but for what was there before the first `up`."""
        brought = {ResourceId(each).key for each in existing.named_in(self.subject.config)}
        with contextlib.closing(sqlite3.connect(f"file:{self.home.database}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT id, key FROM resources ORDER BY position").fetchall()
        return tuple(
            text
            for text, key in rows
            if key.startswith("/subscriptions/") and key.count("/") > _LEVEL_OF_A_SUBSCRIPTION
            if not any(_around(key, each) for each in brought)
        )


@contextlib.contextmanager
def staged(subject: Subject, folder: Path, schemas: str | None) -> Iterator[Stage]:
    """Start a local environment in a folder, and lay the project out on it; both are ended in the end."""
    home = Home(folder / "azure")
    home.folder("processes")
    try:
        processes.up(home, schemas)
        project = _laid_out(subject, folder / "project")
        engine = Engine(
            project=project,
            variables={**environment.inherited(), **processes.variables(home)},
            stack=subject.stack,
            pack="policies" if (project / "policies" / "PulumiPolicy.yaml").is_file() else "",
        )
        stage = Stage(home=home, subject=subject, engine=engine, sealed={})
        stage.restore()
        if subject.stack not in _stacks(engine):
            engine.told("stack", "init", subject.stack, "--no-select")
        stage.seal()
        existing.make(subject.config, engine.variables)
        yield stage
    finally:
        processes.down(home)


def _laid_out(subject: Subject, folder: Path) -> Path:
    """Programs by link, stack files by copy: nothing of the project itself is ever written to."""
    config = Path(subject.config_folder)
    (folder / config).mkdir(parents=True, exist_ok=True)
    shutil.copy(subject.project / "Pulumi.yaml", folder)
    for above in (Path(), config) if config.parts else (config,):
        for path in (subject.project / above).iterdir():
            beside = folder / above / path.name
            if not (path.name in _NOT_LINKED or path.match(_STACK_FILES) or beside.is_symlink() or beside.exists()):
                beside.symlink_to(path)
    return folder


def _stacks(engine: Engine) -> Sequence[str]:
    return [str(each["name"]).rsplit("/", 1)[-1] for each in json.loads(engine.told("stack", "ls", "--json"))]


def _around(key: str, brought: str) -> bool:
    """Whether something is what was brought along, lies above it, or is a part of it."""
    return key == brought or brought.startswith(f"{key}/") or key.startswith(f"{brought}/")
