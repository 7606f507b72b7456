"""The architecture is kept: who may import whom, what every folder says of itself, what is never written down."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("environments", "infra", "mlops")


def _lint_imports(checkout: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "lint-imports"
    environment = {"PYTHONPATH": str(checkout), "COLUMNS": "200"}
    command = [str(linter), "--no-cache", "--config", str(checkout / "pyproject.toml")]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copied_checkout(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for program in PROGRAMS:
        shutil.copytree(ROOT / program, tmp_path / program, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_import_contracts_hold(copied_checkout: Path) -> None:
    done = _lint_imports(copied_checkout)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("mlops/flows/__init__.py", "import infra", "The programs never import each other"),
        ("infra/__init__.py", "import mlops", "The programs never import each other"),
        ("environments/local/__init__.py", "import mlops", "The programs never import each other"),
        ("mlops/domain/__init__.py", "import mlops.ports", "mlops: command line, wiring"),
        ("mlops/flows/__init__.py", "import mlops.simulation", "mlops: command line, wiring"),
        ("mlops/domain/__init__.py", "import sqlalchemy", "The domain is standard library only"),
        ("mlops/flows/__init__.py", "import azure.ai.ml", "The domain is standard library only"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(copied_checkout: Path, file: str, line: str, contract: str) -> None:
    target = copied_checkout / file
    target.write_text(f"{target.read_text()}\n{line}\n")

    done = _lint_imports(copied_checkout)

    assert done.returncode == 1
    assert any(contract in row and "BROKEN" in row for row in done.stdout.splitlines()), done.stdout


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_every_top_folder_says_what_lives_there() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in _tracked("*/*")} - {".ci"}

    without = sorted(folder for folder in folders if not (ROOT / folder / "README.md").exists())

    assert without == []


def test_no_mock_library_is_used() -> None:
    pattern = re.compile(r"unittest\.mock|MagicMock|monkeypatch\.setattr|\bmocker\b")

    users = [
        str(f.relative_to(ROOT)) for f in _tracked("*.py") if pattern.search(f.read_text()) and f != Path(__file__)
    ]

    assert users == []


def test_no_download_address_is_recorded_where_packages_are_pinned() -> None:
    pins = _tracked("requirements.txt", "*package-lock.json", "*go.sum")
    address = re.compile(r'"resolved"|--index-url|--find-links|--extra-index-url')

    assert len(pins) == 3
    assert [str(f.relative_to(ROOT)) for f in pins if address.search(f.read_text())] == []


def test_every_python_requirement_is_pinned_by_hash() -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.txt").read_text().strip())

    unpinned = [block.splitlines()[0] for block in blocks if "==" not in block or "--hash=sha256:" not in block]

    assert unpinned == []
