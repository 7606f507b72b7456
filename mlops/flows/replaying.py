"""One recorded pass, redone: the outside, the store and the clock are what the recording says they were."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, cast

from mlops import ports
from mlops.domain.claim import Claim
from mlops.domain.loop import Change, Loop
from mlops.domain.records.decision import Decision
from mlops.domain.records.inputs import Answer, Recording, about, fingerprint
from mlops.flows.context import Context, Generation
from mlops.flows.reconcile import reconcile
from mlops.flows.recording import READS, Port, whole
from mlops.ports import Backends, OutsideError, StateError, Store

_EFFECTS = frozenset(
    {
        "training.submit",
        "training.cancel",
        "endpoints.ensure_deployment",
        "endpoints.delete_deployment",
        "endpoints.set_traffic",
        "runs.start",
        "runs.stop",
    }
)
"""What changes something outside: that it is no longer done is a difference, even where the words are the same."""

Open = Callable[[int, Backends], Generation]
"""A generation onto an outside of our choice.  Raises StateError."""


class AsksMoreError(Exception):
    """Today's code asks what was not asked then: nobody knows what the answer would have been."""


class NotKeptError(Exception):
    """The answer was too large to be kept."""


def redo(recording: Recording, open_generation: Open) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """What today's code decides, and which effects it leaves out.

    Raises:
        AsksMoreError, NotKeptError: as they say.
        StateError: what the pass stood on cannot be read any more.
    """
    if recording.loop is None:
        raise StateError("the recording has no state")
    told = _Told(recording)
    store = _Store(recording.loop, told)
    backends = Backends(**{each.name: told.port(each.name) for each in fields(Backends)})
    files = told.port("files")
    context = Context(
        name=recording.loop.project,
        clock=_Then(recording.at),
        store=cast("Store", store),
        generation=lambda number: replace(open_generation(number, backends), read_card=files.read_card),
    )
    reconcile(context)
    decided = store.saved.decisions if store.saved is not None else ()
    return decided, told.left_out()


class _Then:
    """The clock of that pass."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


class _Told:
    """Answers as they were given, each question by what it was about."""

    def __init__(self, recording: Recording) -> None:
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self._used: set[tuple[str, str]] = set()
        for each in recording.asked:
            self._answers.setdefault((each.name, each.arguments), []).append(each)

    def port(self, name: str) -> Any:  # noqa: ANN401 - it stands for any port
        def ask(method: str, *arguments: object, **named: object) -> object:
            return self._answer(f"{name}.{method}", whole(arguments, named))

        return Port(ask)

    def _answer(self, name: str, arguments: tuple[object, ...]) -> object:
        key = (name, fingerprint(arguments))
        waiting = self._answers.get(key)
        if not waiting:
            raise AsksMoreError(f"today's code asks for more: {name} ({about(arguments)}) was not asked then")
        self._used.add(key)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]  # asked again, the last answer stands
        if found.size:
            raise NotKeptError(f"the answer of {name} ({found.about}) was too large to keep: {found.size} characters")
        if found.error:
            kind: type[Exception] = getattr(ports, found.error, OutsideError)
            raise kind(found.why)
        return found.answer

    def left_out(self) -> tuple[str, ...]:
        return tuple(
            f"{name} ({answers[0].about}) is not done"
            for (name, digest), answers in self._answers.items()
            if name in _EFFECTS and (name, digest) not in self._used
        )


class _Store:
    """The store of that pass: what is saved is only remembered."""

    def __init__(self, loop: Loop, told: _Told) -> None:
        self.saved: Change | None = None
        self.inbox = told.port("inbox")
        self._loop = loop
        self._reads = told.port("store")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what a pass reads beside its own state
        if name not in READS:
            raise AttributeError(name)
        return getattr(self._reads, name)

    def load(self, project: str) -> Loop | None:
        if project == self._loop.project:
            return self._loop
        other: Loop | None = self._reads.load(project)
        return other

    def save(self, change: Change, claim: Claim | None = None) -> Loop:
        del claim
        self.saved = change
        return change.loop
