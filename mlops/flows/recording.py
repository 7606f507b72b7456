"""What a pass asks of the outside is listened to, so that its decisions can be redone from what it was told."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from typing import Any

from mlops.domain.loop import Loop
from mlops.domain.records.inputs import Asked, Inputs
from mlops.flows.context import Context, Generation, Step
from mlops.ports import Backends, OutsideError, Store

READS = ("load", "projects", "frozen")
"""What a pass reads of the store beside its own state."""


class Recorder:
    """Listens to one pass.  What it heard is only written down when the pass decides something."""

    def __init__(self, loop: Loop, now: datetime) -> None:
        self._loop = loop
        self._now = now
        self._asked: list[Asked] = []

    def listening(self, context: Context) -> Context:
        """The same context, whose answers are heard."""

        def generation(number: int) -> Generation:
            opened = context.generation(number)
            files = self._port("files", opened)
            return replace(opened, backends=through(opened.backends, self._port), read_card=files.read_card)

        return replace(context, generation=generation, store=self._store(context.store))

    def on_record(self, step: Step) -> Step:
        """The step with what led to its decisions."""
        if step.change is None or not step.change.decisions:
            return step
        heard = Inputs(loop=self._loop, at=self._now, asked=tuple(self._asked))
        return replace(step, change=replace(step.change, inputs=heard))

    def _store(self, store: Store) -> Any:  # noqa: ANN401 - it stands for the store itself
        return Beside(store, self._port("store", store), self._port("inbox", store.inbox))

    def _port(self, name: str, real: object) -> Any:  # noqa: ANN401 - it stands for any port
        def ask(method: str, *arguments: object, **named: object) -> object:
            asked = Asked(port=name, method=method, arguments=whole(arguments, named))
            try:
                answer = getattr(real, method)(*arguments, **named)
            except OutsideError as error:
                self._asked.append(replace(asked, error=error))
                raise
            self._asked.append(replace(asked, answer=answer))
            return answer

        return Port(ask)


class Port:
    """Stands for a port: each call goes to `ask`, with the method's name before its arguments."""

    def __init__(self, ask: Callable[..., object]) -> None:
        self._ask = ask

    def __getattr__(self, method: str) -> Callable[..., object]:
        return partial(self._ask, method)


class Beside:
    """Stands for the store: what a pass reads of it goes through ports, all else to itself."""

    def __init__(self, store: object, reads: Port, inbox: Port) -> None:
        self._store = store
        self._reads = reads
        self.inbox = inbox

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._reads if name in READS else self._store, name)


def whole(arguments: tuple[object, ...], named: Mapping[str, object]) -> tuple[object, ...]:
    """All that a question was about, as one value."""
    return (*arguments, *sorted(named.items()))


def through(backends: Backends, port: Callable[[str, object], Any]) -> Backends:
    """The same outside, each port of it behind another."""
    there = {each.name: getattr(backends, each.name) for each in fields(backends)}
    return replace(backends, **{name: port(name, real) for name, real in there.items() if real is not None})
