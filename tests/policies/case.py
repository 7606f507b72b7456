"""What a case of a rule is: what somebody asks for, and what the rule has to say about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["pass", "fail", "cannot tell", "not applicable"]

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_FLAG = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"
UNKNOWN_NUMBER = "3eeb2bf0-c639-47a8-9e75-3b44932eb421"
UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
UNKNOWN_OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"

MARKERS = (
    UNKNOWN_TEXT,
    UNKNOWN_FLAG,
    UNKNOWN_NUMBER,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
)


@dataclass(frozen=True, kw_only=True)
class Other:
    """Another resource of the stack; ``wired`` names the resources an input comes from."""

    type: str
    name: str
    props: Mapping[str, Any]
    wired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    provider: Mapping[str, Any] = field(default_factory=dict)

    @property
    def urn(self) -> str:
        return urn(self.type, self.name)


@dataclass(frozen=True, kw_only=True)
class Case:
    """``said`` starts with "unset" where nothing is said about what the rule looks at."""

    rule: str
    said: str
    type: str
    props: Mapping[str, Any]
    outcome: Outcome
    beside: tuple[Other, ...] = ()
    alone: bool = False  # a rule that looks at the whole stack, and there is nothing else in it
    wired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    provider: Mapping[str, Any] = field(default_factory=dict)  # what it is told, such as its subscription
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def in_stack(self) -> bool:
        return self.alone or bool(self.beside)

    @property
    def subject(self) -> Other:
        return Other(
            type=self.type,
            name="it",
            props=self.props,
            wired=self.wired,
            protect=self.protect,
            provider=self.provider,
        )

    def __str__(self) -> str:
        return f"{self.rule} {self.said}"


def urn(resource_type: str, name: str) -> str:
    """A resource's name in the engine."""
    return f"urn:pulumi:prod::aml-kit::{resource_type}::{name}"
