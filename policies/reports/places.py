"""Where in the repository a finding is: the program's line, else the stack file's."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from audit.report import Report, Thing


@dataclass(frozen=True)
class Place:
    """A file, relative to the repository if it is in there, a line, and how many characters it has, at least one."""

    file: str
    line: int
    width: int = 1


def stack_file_of(report: Report) -> Path | None:
    """Find the stack file where Pulumi.yaml of this repository keeps them."""
    candidates = (Path("environments") / f"Pulumi.{report.stack}.yaml", Path(f"Pulumi.{report.stack}.yaml"))
    return next((one for one in candidates if report.stack and one.is_file()), None)


def place(thing: Thing, stack_file: Path | None) -> Place:
    """Say where to look; code scanning takes no finding without a file, so Pulumi.yaml stands for what is not known."""
    if thing.source:
        file, _, number = thing.source.rpartition(":")
        line = max(int(number), 1) if number.isdigit() else 1
        return _seen(Path(file if number.isdigit() else thing.source), line)
    if stack_file is not None:
        return _seen(stack_file, _line(stack_file, thing.name))
    return _seen(Path("Pulumi.yaml"), 1)


def _seen(file: Path, line: int) -> Place:
    """As the repository names it; how long the line is, where the file can be read."""
    shown = file.relative_to(Path.cwd()) if file.is_absolute() and file.is_relative_to(Path.cwd()) else file
    lines = _lines(file.absolute())
    return Place(shown.as_posix(), line, max(len(lines[line - 1]), 1) if line <= len(lines) else 1)


def _line(stack_file: Path, name: str) -> int:
    """The line whose key is the resource's name, else the first."""
    key = re.compile(rf"\s+['\"]?{re.escape(name)}['\"]?:")
    return next((number for number, line in enumerate(_lines(stack_file.absolute()), 1) if key.match(line)), 1)


@cache
def _lines(file: Path) -> tuple[str, ...]:
    try:
        return tuple(file.read_text().splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
