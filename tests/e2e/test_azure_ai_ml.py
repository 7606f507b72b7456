"""A program of a user of Azure ML, with nothing in it that knows of the local environment, runs on it as it is."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local.install import ROOT

if TYPE_CHECKING:
    from tests.e2e.local import Local

PROGRAM = Path(__file__).parent / "programs" / "first_week.py"

_GROUP = textwrap.dedent("""
    import os, requests
    from azure.identity import DefaultAzureCredential
    token = DefaultAzureCredential().get_token("https://management.azure.com/.default").token
    address = f"https://management.azure.com/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}/resourcegroups/first"
    head, body = {"Authorization": f"Bearer {token}"}, {"location": "eastus"}
    requests.put(f"{address}?api-version=2021-04-01", headers=head, json=body).raise_for_status()
""")


def test_the_first_week_of_a_user_of_azure_ml_runs_unmodified(local: Local) -> None:
    local.azure("run", "--", "python", "-c", _GROUP)
    conda = ROOT / "examples" / "rain" / "environment" / "conda.yml"  # built already where the example ran
    said = local.azure("run", "--", "env", "EXAMPLE_GROUP=first", f"EXAMPLE_CONDA={conda}", "python", str(PROGRAM))
    found = json.loads(said.strip().splitlines()[-1])
    assert found == {
        "workspaces": ["first-week"],
        "blobstores": ["workspaceartifactstore", "workspaceblobstore"],
        "total": "6",
        "completed": True,
        "failure": "JobException",
        "children": ["double", "double_1"],
        "schedules": ["nightly"],
        "answer": "42",
        "log": True,
        "refused": 400,
        "gone": 404,
        "cancelled": True,
    }
    assert "total 6" in said  # what stream prints
