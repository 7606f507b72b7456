"""What is drawn of an environment, and from what: resources in, boxes and lines out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.picture.kinds import Subject


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as a program declares it."""

    token: str  # its type without the package: `storage:StorageAccount`
    name: str
    urn: str
    parent: str
    inputs: Mapping[str, Any]
    wired: Mapping[str, tuple[str, ...]]  # input -> URNs of the resources it comes from
    protect: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a box."""

    key: str
    text: str
    runs_as: str = ""  # the key of an identity's box


@dataclass(frozen=True, kw_only=True)
class Box:
    """One resource, or all of one type; and how many resources it stands for."""

    key: str
    title: str
    name: str
    badges: tuple[str, ...]
    rows: tuple[Row, ...]
    stands_for: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """From a box, or a row of it, to a box."""

    source: str
    row: str
    target: str
    means: str  # "grant", "private" or "uses"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """All there is to draw."""

    panels: tuple[tuple[Subject, tuple[Box, ...]], ...]
    lines: tuple[Line, ...]
    identities: tuple[str, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """All boxes of all panels."""
        return tuple(box for _, boxes in self.panels for box in boxes)
