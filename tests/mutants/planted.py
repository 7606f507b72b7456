"""Plant bugs in a copy of the code, one after the other, and say which test found each: `make mutants`."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant

ROOT = Path(__file__).parents[2]
_COPIED = ("mlops", "tests", "environments", "examples", "policies", "infra", "pyproject.toml")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", ".*_cache")
_FOUND = re.compile(r"^(?:FAILED|ERROR) ([^\s]+)", re.MULTILINE)
_LONGEST = 600
"""Seconds: a bug that makes a test run for ever is found by that."""


class PlantingError(Exception):
    """A bug cannot be planted: the code has changed."""


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the code to plant bugs in."""
    with tempfile.TemporaryDirectory(prefix="aml-kit-mutants-") as folder:
        there = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, there / name, ignore=_LEFT_OUT)
            else:
                shutil.copy(source, there / name)
        yield there


def mutated(mutant: Mutant, text: str) -> str:
    """The file with the bug.  Raises PlantingError unless its place is there exactly once."""
    found = text.count(mutant.before)
    if found != 1:
        raise PlantingError(f"{mutant.name}: {mutant.file} has its place {found} times, not once: say where it is now")
    return text.replace(mutant.before, mutant.after)


def killer(mutant: Mutant, root: Path) -> str:
    """Plant it in the copy, run its tests, take it out: the test that failed, empty when all passed."""
    file = root / mutant.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(mutated(mutant, sound), encoding="utf-8")
    try:
        return _first_failure(mutant.tests, root)
    finally:
        file.write_text(sound, encoding="utf-8")


def _first_failure(tests: Sequence[str], root: Path) -> str:
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        return f"{tests[0]}: does not end"
    if done.returncode == 0:
        return ""
    found = _FOUND.search(done.stdout)
    if found is None:  # nothing was tested: no bug was found by that
        raise PlantingError(f"the tests cannot be run: {(done.stdout + done.stderr).strip()[-500:]}")
    return found.group(1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant all, or those that are named.  Returns 0: all were found, 1: one was not, 2: one could not be planted."""
    parser = argparse.ArgumentParser(prog="mutants", description="Plant bugs; each must be found by a test.")
    parser.add_argument("names", nargs="*", help="only these (default: all)")
    parser.add_argument("--at-once", type=int, default=2, help="copies that are tested beside each other")
    given = parser.parse_args(arguments)
    chosen = [mutant for mutant in MUTANTS if not given.names or mutant.name in given.names]
    unknown = sorted({*given.names} - {mutant.name for mutant in chosen})
    if unknown:
        parser.error(f"there is no mutant {', '.join(unknown)}")
    try:
        survived = _played(chosen, given.at_once)
    except PlantingError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    print(f"{len(chosen) - len(survived)} of {len(chosen)} planted bugs found")
    return int(bool(survived))


def _played(chosen: Sequence[Mutant], at_once: int) -> list[str]:
    shares = [chosen[at::at_once] for at in range(at_once)]
    with ThreadPoolExecutor(at_once) as threads:
        return [name for share in threads.map(_share, shares) for name in share]


def _share(mutants: Sequence[Mutant]) -> list[str]:
    survived = []
    with copied() as root:
        for mutant in mutants:
            found = killer(mutant, root)
            print(f"{mutant.name:<45} {found or 'SURVIVED'}", flush=True)
            survived += [] if found else [mutant.name]
    return survived


if __name__ == "__main__":
    sys.exit(main())
