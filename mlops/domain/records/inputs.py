"""What a pass decided on: the state before it, the moment, and every answer from outside, so that it can be redone."""

from dataclasses import dataclass, field
from datetime import datetime

from mlops.domain.loop import Loop
from mlops.domain.records.plain import digest_of, text_of


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question of a pass, with its answer, or with the error that came instead."""

    port: str
    method: str
    arguments: tuple[object, ...]
    answer: object = None
    error: Exception | None = None


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What led to decisions.  An order of a person has no questions: `by` says who gave it."""

    loop: Loop | None  # None: there was none before
    at: datetime
    asked: tuple[Asked, ...] = ()
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A recorded question, as far as it was kept: `arguments` is the digest of what was asked about."""

    port: str
    method: str
    arguments: str
    about: str = ""  # the same in a few words, for people
    answer: object = None
    text: str = ""  # the answer as it was stored
    error: str = ""  # the kind of what came instead …
    why: str = ""  # … and its words
    size: int = 0  # of an answer that was too large to keep; then …
    digest: str = ""  # … this is all that is known of it

    @property
    def name(self) -> str:
        """As people are told of it."""
        return f"{self.port}.{self.method}"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Inputs as they were stored, with the digest that the decisions carry."""

    digest: str
    loop: Loop | None
    at: datetime
    asked: tuple[Answer, ...] = field(default=())
    by: str = ""


def fingerprint(arguments: tuple[object, ...]) -> str:
    """The digest of what a question was about."""
    return digest_of(text_of(arguments))


def about(arguments: tuple[object, ...]) -> str:
    """What a question was about, in a few words."""
    words = (word for argument in arguments for word in _words(argument))
    return " ".join(dict.fromkeys(words))[:120]


def _words(argument: object) -> tuple[str, ...]:
    if isinstance(argument, str):
        return (argument,)
    if isinstance(argument, dict):
        return tuple(f"{key} {value}" for key, value in sorted(argument.items()))
    telling = ("monitor", "metric", "deployment", "name", "window")
    found = [getattr(argument, name) for name in telling if hasattr(argument, name)]
    return tuple(str(getattr(each, "name", each)) for each in found)
