"""A source of events in the test's hand: it delivers until it is told, counts deliveries, and breaks when asked to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlops.ports import OutsideError
from mlops.post import Message

if TYPE_CHECKING:
    from collections.abc import Sequence


class FakeSource:
    """Keeps the promises of `post.EventSource`."""

    def __init__(self) -> None:
        self.messages: dict[str, bytes] = {}
        self.hidden: set[str] = set()
        self.tries: Counter[str] = Counter()
        self.broken = False  # deletions are refused

    def put(self, body: bytes) -> None:
        self.messages[f"m{len(self.messages) + sum(self.tries.values())}"] = body

    def receive(self) -> Sequence[Message]:
        found = [
            Message(id=number, body=body, handle=number)
            for number, body in self.messages.items()
            if number not in self.hidden
        ]
        self.tries.update(message.id for message in found)
        self.hidden.update(message.id for message in found)
        return [replace(message, tries=self.tries[message.id]) for message in found]

    def done(self, message: Message) -> None:
        if self.broken:
            raise OutsideError("deleting a message: the answer was lost")
        self.messages.pop(message.id, None)

    def reappear(self) -> None:
        """What was received and not done with comes again."""
        self.hidden.clear()


def grid(number: str, kind: str, subject: str, **data: Any) -> bytes:  # noqa: ANN401 - JSON
    """An event as Event Grid writes it."""
    event = {"id": number, "topic": "/subscriptions/s", "subject": subject, "eventTime": "1975-01-06T00:00:00Z"}
    return json.dumps({**event, "eventType": kind, "dataVersion": "1", "data": data}).encode()
