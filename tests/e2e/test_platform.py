"""The platform's whole life on a local environment: the commands that a user types, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from environments.local.install import ROOT, VENV

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    """A local environment of the test's own, driven by its command line."""

    home: Path

    def azure(self, *arguments: str) -> str:
        ran = self.start(*arguments)
        text, _ = ran.communicate(timeout=280)
        assert ran.returncode == 0, text
        return text

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command without waiting for its end."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.Popen(
            [str(VENV / "bin" / "local-azure"), "--home", str(self.home), *arguments],
            cwd=ROOT,
            env={**kept, "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"},
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


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    found = Local(tmp_path_factory.mktemp("platform"))
    found.azure("up")
    try:
        yield found
    finally:
        found.azure("down")


def test_the_platform_comes_up_once_and_goes_without_a_trace(local: Local) -> None:
    assert local.resources() == []
    assert set(local.changes("preview", "--policy-pack", "policies")) == {"create"}
    assert local.resources() == []

    _kill_the_provider_during_an_up(local)
    local.azure("up")
    assert set(local.up()) == {"create"}

    assert local.up() == {}
    assert local.changes("refresh", "--yes", "--skip-preview") == {}
    assert local.changes("preview") == {}
    assert local.outputs()["environment"] == "local"

    assert set(local.changes("destroy", "--yes", "--skip-preview")) == {"delete"}
    assert local.resources() == []


def _kill_the_provider_during_an_up(local: Local) -> None:
    """Kill -9 when some resources are there and others are on their way."""
    process = json.loads((local.home / "processes" / "provider.json").read_text())["pid"]
    running = local.start("run", "--", "pulumi", "up", "-s", "local", "--yes", "--skip-preview", "--non-interactive")
    begun = local.home / "provider" / "begun"
    deadline = time.monotonic() + 120
    while len(list(begun.glob("*.json"))) < 12:
        assert time.monotonic() < deadline, running.communicate()[0]
        time.sleep(0.02)
    psutil.Process(process).kill()
    running.communicate(timeout=120)
    assert running.returncode != 0
