"""A proposed monitor, as it stands in a project file with the reason above it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WIDTH = 110
_LONGEST = 31
_ESCAPED = '"\\'


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One monitor, and why it is as it is."""

    name: str
    signal: str
    metric: str
    columns: tuple[str, ...]
    why: str
    days: int
    least: int
    """Values without which nobody can tell."""
    success: str
    failure: str = ""
    every: str = ""
    """Time between two looks; a seventh of the window where nothing is said."""
    false_alarms: float | None = None
    segment: tuple[str, tuple[str, ...]] | None = None
    """A column, and those of its values whose rows are looked at beside the whole."""


def written(one: Proposal) -> Iterator[str]:
    """Give its lines of YAML."""
    yield from textwrap.wrap(one.why, _WIDTH, initial_indent="  # ", subsequent_indent="  # ")
    yield f"  - name: {one.name}"
    yield f"    signal: {one.signal}"
    yield f"    metric: {one.metric}"
    yield from _columns(one.columns)
    yield f"    window: P{one.days}D"
    yield f"    every: {one.every or f'P{max(one.days // 7, 1)}D'}"
    yield f"    minSamples: {one.least}"
    if one.segment:
        column, values = one.segment
        yield f"    segments: [{{column: {quoted(column)}, values: [{', '.join(map(quoted, values))}]}}]"
    failure = f', failure: "{one.failure}"' if one.failure else ""
    chance = f", falseAlarms: {one.false_alarms:g}" if one.false_alarms else ""
    yield f'    limit: {{success: "{one.success}"{failure}{chance}}}'


def _columns(names: tuple[str, ...]) -> Iterator[str]:
    line = "    columns: ["
    for name in names:
        said = f"{quoted(name)}{']' if name == names[-1] else ', '}"
        if len(line) + len(said) > _WIDTH:
            yield line.rstrip()
            line = "      "
        line += said
    if names:
        yield line


def shown(name: str) -> str:
    """Write a column's name as it may stand in a comment."""
    return name if name.isprintable() else quoted(name)


def quoted(name: str) -> str:
    """Write a text as YAML reads it back, whatever it holds."""
    letters = (one if one.isprintable() and one not in _ESCAPED else f"\\U{ord(one):08X}" for one in name)
    return f'"{"".join(letters)}"'


def names(wanted: Iterable[str]) -> tuple[str, ...]:
    """Make monitors' names of any texts: at most 31 small letters, digits and dashes, a letter first, each once."""
    found: list[str] = []
    for text in wanted:
        letters = "".join(one if one.isalnum() and one.isascii() else " " for one in text.lower())
        plain = "-".join(letters.split())
        plain = plain if plain[:1].isalpha() else f"m-{plain}".rstrip("-")
        name, number = plain[:_LONGEST].strip("-"), 1
        while name in found:
            number += 1
            name = f"{plain[: _LONGEST - 1 - len(str(number))].strip('-')}-{number}"
        found.append(name)
    return tuple(found)
