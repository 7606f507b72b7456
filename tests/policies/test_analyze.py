"""Pulumi's own command over an exported state refuses what `policies check` refuses."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from environments.local.install import VENV
from tests.policies.states import STORAGE, WORKSPACE, resource, saved, state
from tests.policies.test_checks import check

PACK = Path(__file__).resolve().parents[2] / "policies"


def analyzed(file: Path, folder: Path, profile: str) -> tuple[int, set[str]]:
    """The exit code, and what of the pack is violated at a level that refuses."""
    ran = subprocess.run(
        ["pulumi", "policy", "analyze", "--policy-pack", str(PACK),
         "--policy-pack-config", str(PACK / "profiles" / f"{profile}.json"), "--file", str(file), "--json"],
        env={**os.environ, "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}", "PULUMI_BACKEND_URL": folder.as_uri(),
             "PULUMI_CONFIG_PASSPHRASE": ""},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    found = [one["policyEvent"] for one in lines if "policyEvent" in one]
    return ran.returncode, {one["policyName"] for one in found if one["enforcementLevel"] == "mandatory"}


def test_a_state_is_refused_for_the_same_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(tmp_path, state(resource(STORAGE, "a", {}), resource(WORKSPACE, "b", {})))

    code, told = analyzed(file, tmp_path, "prod")

    _, report = check(capsys, "--state", str(file), "--profile", "prod")
    names = {rule["id"]: rule["name"] for rule in report["rules"]}
    assert (code != 0, told) == (True, {names[row["rule"]] for row in report["rows"] if row["refused"]})
    assert {"storage-no-shared-key", "workspace-diagnostics"} <= told


def test_a_state_in_which_nothing_is_refused_passes(tmp_path: Path) -> None:
    assert analyzed(saved(tmp_path, state()), tmp_path, "local") == (0, set())
