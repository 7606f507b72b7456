"""What is judged, wherever it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rules.subscription import Subscription

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that nobody knows; what cannot be decrypted is one, too."""

Kind = Literal["state", "preview", "live", "records"]


class UnreadableError(Exception):
    """There is nothing here to judge; the text says what was found instead, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One resource: what was asked for (`inputs`), and with what Azure made of it (`state`)."""

    type: str  # as it was written, API version and all
    name: str
    inputs: Mapping[str, Any]
    urn: str = ""
    id: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    wired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    judged: bool = True  # False: only something that others are wired to
    source: str = ""  # file:line of the program, where it is known
    subscription: Subscription = ""  # what it is deployed to

    @property
    def key(self) -> str:
        """Its name in a report: the URN where Pulumi knows it, else Azure's id."""
        return self.urn or self.id


@dataclass(frozen=True, kw_only=True)
class Source:
    """Everything that was read from one place."""

    kind: Kind
    of: str  # a file's name, or a subscription
    stack: str  # its name, where it is said
    digest: str  # SHA-256 of what was read
    subjects: tuple[Subject, ...]
    unread: tuple[str, ...] = ()  # what should have been read and could not be
