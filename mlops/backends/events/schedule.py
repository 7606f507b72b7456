"""A schedule: its newest tick is an event, whose name is its time, so that it counts once."""

import json
from collections.abc import Sequence
from datetime import datetime

from mlops.domain.declared.source import Kind, ScheduleSource
from mlops.flows.schedule import previous_tick
from mlops.ports import Clock
from mlops.post import Message


class Schedule:
    """Keeps the promises of `post.EventSource`; a tick is delivered once a process, and stored once for all."""

    def __init__(self, name: str, place: ScheduleSource, clock: Clock, means: Kind = Kind.DATA) -> None:
        self._name, self._place, self._clock, self._means = name, place, clock, means
        self._told: datetime | None = None

    def receive(self) -> Sequence[Message]:
        """The newest tick, unless it was told."""
        tick = previous_tick(self._place.when, self._clock.now())
        if tick == self._told:
            return []
        said = {
            "specversion": "1.0",
            "type": f"aml-kit.{self._means.value}",
            "source": self._name,
            "id": tick.isoformat(),
        }
        said |= {"subject": self._name, "time": tick.isoformat()}
        return [Message(id=tick.isoformat(), body=json.dumps(said).encode(), handle=tick)]

    def done(self, message: Message) -> None:
        """Stored."""
        assert isinstance(message.handle, datetime)  # noqa: S101 - as `receive` made it
        self._told = message.handle
