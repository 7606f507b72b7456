"""A throw-away Pulumi project and the real engine to run it with."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from environments.local import environment
from environments.local.install import VENV, engine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project folder whose state lies beside it, cut off from the user's own Pulumi."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def pulumi(self, *arguments: str) -> Ran:
        done = subprocess.run(
            [str(engine()), *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Ran(code=done.returncode, text=done.stdout + done.stderr)

    def changes(self, command: str, *arguments: str) -> dict[str, int]:
        """What `up`, `preview` or `destroy` counted, by kind of change, without what stayed the same."""
        yes = () if command == "preview" else ("--yes", "--skip-preview")
        ran = self.pulumi(command, "--stack", "local", "--json", *yes, *arguments)
        assert ran.code == 0, "\n".join(line for line in ran.text.splitlines() if '"error' in line) or ran.text
        counted = _counted(ran.text)
        return {kind: count for kind, count in counted.items() if kind != "same"}

    def outputs(self) -> dict[str, Any]:
        ran = self.pulumi("stack", "output", "--json", "--stack", "local")
        assert ran.code == 0, ran.text
        found: dict[str, Any] = json.loads(ran.text)
        return found

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": environment.state(self.folder.parent / "state"),
            "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
            "PULUMI_HOME": str(self.folder.parent / "pulumi-home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.settings,
        }


def _counted(text: str) -> dict[str, int]:
    """`preview` prints one JSON document, the others one event a line."""
    if text.startswith("{\n"):
        document: dict[str, Any] = json.loads(text)
        return dict(document["changeSummary"])
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    summaries: list[dict[str, int] | None] = [
        each["summaryEvent"]["resourceChanges"] for each in lines if "summaryEvent" in each
    ]
    return summaries[-1] or {}


def project(
    folder: Path, program: str, *, runtime: str = "python", settings: Mapping[str, str] | None = None
) -> Project:
    """Make a project with one stack, `local`."""
    made = Project(folder=folder / "project", settings=settings or {})
    (made.folder / "infra").mkdir(parents=True)
    (folder / "state").mkdir()
    (made.folder / "Pulumi.yaml").write_text(f"name: trial\nruntime: {runtime}\nmain: infra\n")
    (made.folder / "infra" / "__main__.py").write_text(program)
    ran = made.pulumi("stack", "init", "local")
    assert ran.code == 0, ran.text
    return made
