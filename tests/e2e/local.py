"""A local environment of the tests' own, driven by its command line, as its users drive it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from environments.local.install import ROOT, VENV

if TYPE_CHECKING:
    from pathlib import Path

_LEFT = textwrap.dedent("""
    import json, os, requests
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential().get_token("https://management.azure.com/.default").token
    found = []
    for kind in ("resourcegroups", "resources"):
        address = f"https://management.azure.com/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}/{kind}"
        reply = requests.get(f"{address}?api-version=2021-04-01", headers={"Authorization": f"Bearer {token}"})
        found += [each["id"] for each in reply.json()["value"]]
    print(json.dumps(found))
""")


@dataclass(frozen=True)
class Local:
    """A local environment, and the checkout (or a copy of its files) whose stacks are built on it."""

    home: Path
    checkout: Path = ROOT

    def azure(self, *arguments: str) -> str:
        """Run `local-azure`; it has to succeed."""
        code, text = self.ended(*arguments)
        assert code == 0, text
        return text

    def ended(self, *arguments: str) -> tuple[int, str]:
        """Run `local-azure`; returns its exit code and all it said."""
        ran = self.start(*arguments)
        text, _ = ran.communicate(timeout=280)
        return ran.returncode, text

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command without waiting for its end."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.Popen(
            [str(VENV / "bin" / "local-azure"), "--home", str(self.home), *arguments],
            cwd=self.checkout,
            env={**kept, "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def changes(self, command: str, *arguments: str) -> dict[str, int]:
        """What a command of the engine counted, without what stayed the same."""
        said = self.azure("run", "--", "pulumi", command, "-s", "local", "--json", "--non-interactive", *arguments)
        if command == "preview":
            counted: dict[str, int] = json.loads(said[said.index("{") :])["changeSummary"]
        else:
            events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
            counted = [each["summaryEvent"]["resourceChanges"] for each in events if "summaryEvent" in each][-1] or {}
        return {kind: count for kind, count in counted.items() if kind != "same"}

    def up(self) -> dict[str, int]:
        return self.changes("up", "--yes", "--skip-preview", "--policy-pack", "policies")

    def resources(self) -> list[str]:
        """What Azure's own API lists: resource groups, then all that is in them."""
        found: list[str] = json.loads(self.azure("run", "--", "python", "-c", _LEFT))
        return found

    def outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.azure("run", "--", "pulumi", "stack", "output", "--json", "-s", "local")
        )
        return found

    def set(self, stack: str, **changed: object) -> None:
        """Change settings of a stack file; only ever in a copy of the checkout."""
        assert self.checkout != ROOT
        file = self.checkout / "environments" / f"Pulumi.{stack}.yaml"
        written = yaml.safe_load(file.read_text())
        written["config"] |= {f"aml-kit:{key}": value for key, value in changed.items()}
        file.write_text(yaml.safe_dump(written))


def copied_checkout(folder: Path) -> Path:
    """Lay out what Pulumi reads: stack files by copy, so that tests may change them, programs by link."""
    (folder / "environments").mkdir(parents=True)
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    for file in (ROOT / "environments").glob("Pulumi.*.yaml"):
        shutil.copy(file, folder / "environments")
    for name in ("infra", "policies"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(VENV)
    return folder
