"""The platform's whole life on a local environment: the commands that a user types, and nothing else."""

import json
import time

import psutil

from tests.e2e.local import Local


def test_the_platform_comes_up_once_and_goes_without_a_trace(empty: Local) -> None:
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
