"""The platform's whole life on a local environment: the commands that a user types, and nothing else."""

import json
import time
from pathlib import Path

import psutil

from tests.e2e.local import Local


def test_the_platform_comes_up_once_and_goes_without_a_trace(empty: Local, tmp_path: Path) -> None:
    local = empty
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
    _what_is_deployed_is_judged_as_its_state_is(local, tmp_path / "state.json")

    assert set(local.changes("destroy", "--yes", "--skip-preview")) == {"delete"}
    assert local.resources() == []


def _what_is_deployed_is_judged_as_its_state_is(local: Local, state: Path) -> None:
    local.azure("run", "--", "pulumi", "stack", "export", "-s", "local", "--show-secrets", "--file", str(state))

    deployed, kept = _judged(local, "--live"), _judged(local, "--state", str(state))

    assert len({resource for _, resource in kept}) > 30
    assert {key: deployed.get(key, "not read") for key in kept} == kept


def _judged(local: Local, *what: str) -> dict[tuple[str, str], str]:
    """What each rule says of each resource, by Azure's id."""
    _, said = local.ended("run", "--", "policies", "check", *what, "--profile", "local", "--output", "json")
    report = json.loads(said[said.index("{\n") :])
    ids = {key: thing["id"].lower() for key, thing in report["things"].items()}
    assert report["unread"] == []
    return {(row["rule"], ids[row["resource"]]): row["outcome"] for row in report["rows"]}


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
