"""Where in the repository a finding is: the program's line, else the stack file's."""

import re
from dataclasses import dataclass
from pathlib import Path

from audit.report import Report, Thing


@dataclass(frozen=True)
class Place:
    """A file, relative to the repository, and a line."""

    file: str
    line: int


def stack_file_of(report: Report) -> Path | None:
    """Find the stack file where Pulumi.yaml of this repository keeps them."""
    candidates = (Path("environments") / f"Pulumi.{report.stack}.yaml", Path(f"Pulumi.{report.stack}.yaml"))
    return next((one for one in candidates if report.stack and one.is_file()), None)


def place(thing: Thing, stack_file: Path | None) -> Place:
    """Say where to look; code scanning takes no finding without a file, so Pulumi.yaml stands for what is not known."""
    if thing.source:
        file, _, line = thing.source.rpartition(":")
        return Place(file, int(line) if line.isdigit() else 1)
    if stack_file is not None:
        return Place(stack_file.as_posix(), _line(stack_file, thing.name))
    return Place("Pulumi.yaml", 1)


def _line(stack_file: Path, name: str) -> int:
    """The line whose key is the resource's name, else the first."""
    try:
        lines = stack_file.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return 1
    key = re.compile(rf"\s+['\"]?{re.escape(name)}['\"]?:")
    return next((number for number, line in enumerate(lines, 1) if key.match(line)), 1)
