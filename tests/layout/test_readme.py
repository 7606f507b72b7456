"""What README and CONTRIBUTING show is there: commands, folders, links."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *("README.md", "CONTRIBUTING.md", "docs/README.md", "environments/README.md", "tests/README.md"),
    *(
        "mlops/README.md",
        "mlops/monitors/README.md",
        "mlops/simulation/README.md",
        "infra/README.md",
        "infra/COSTS.md",
        "infra/ROLES.md",
        "infra/components/README.md",
    ),
)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text())
    local = [link for link in links if "://" not in link]

    assert [link for link in local if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_the_map_of_the_monitors_names_every_module_there_is() -> None:
    folder = ROOT / "mlops" / "monitors"
    named = set(re.findall(r"`([a-z_]+)`", (folder / "README.md").read_text()))

    assert {path.stem for path in folder.glob("[a-z]*.py")} - named == set()
    assert {name for name in named if not (folder / f"{name}.py").exists()} <= {"measure"}


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = "\n".join((ROOT / page).read_text() for page in PAGES)
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", pages, re.MULTILINE))

    assert named - targets == set()
    assert {"demo", "test", "lint", "up", "down", "help"} <= targets


def test_every_command_of_the_readme_exists() -> None:
    text = (ROOT / "README.md").read_text()

    commands = set(re.findall(r"mlops ([a-z]+)", text)) & set(re.findall(r"`[^`]*mlops ([a-z]+)", text))
    known = subprocess.run(
        [Path(sys.executable).parent / "mlops", "--help"], capture_output=True, text=True, check=True
    )

    assert commands == {"apply", "monitor", "reconcile"}
    assert [command for command in commands if not re.search(rf"\b{command}\b", known.stdout)] == []


def test_ci_runs_the_readmes_test_command_and_nothing_else() -> None:
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith(("#", "set ", "cd ", "if ["))
    ]

    assert commands == ["make test"]
