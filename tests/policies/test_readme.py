"""The pipeline that the pack's README shows is one that runs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cli import main

from tests.policies.states import STORAGE, preview, resource, saved

README = Path(__file__).parents[2] / "policies" / "README.md"


def _commands() -> list[list[str]]:
    """Each `policies` of the pipeline, as its arguments; where it writes to is left out."""
    (block,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), flags=re.DOTALL)
    (job,) = yaml.safe_load(block)["jobs"].values()
    lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
    found = [re.sub(r"\$\{\{.*?\}\}", "said-by-github", line).split(" > ")[0].split() for line in lines]
    return [words[1:] for words in found if words[0] == ".venv/bin/policies"]


def test_the_pipeline_stops_at_what_is_refused_and_leaves_findings_for_code_scanning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    in_review, _ = _commands()
    file = saved(tmp_path, preview(resource(STORAGE, "open", {"allowBlobPublicAccess": True})), "preview.json")

    code = main([str(file) if word == "preview.json" else word for word in in_review])

    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == 5
    assert "S03" in [one["ruleId"] for one in found["runs"][0]["results"]]


def test_every_night_it_would_read_what_is_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    _, every_night = _commands()

    with pytest.raises(SystemExit) as refused:
        main([*every_night, "--colours"])  # so that it is read whole, and asks nobody

    assert refused.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == "policies: error: unrecognized arguments: --colours"
