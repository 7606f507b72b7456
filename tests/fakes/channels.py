"""A channel in the test's hand: it writes down what it was told, and breaks when asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops.ports import OutsideError

if TYPE_CHECKING:
    from mlops.domain.messages.letters import Notice


class KilledError(BaseException):
    """The process died here."""


class FakeChannel:
    """Keeps the promises of `post.Channel`."""

    def __init__(self) -> None:
        self.told: list[Notice] = []
        self.asked = 0
        self.broken = False
        self.dies = False  # after it was told

    def send(self, notice: Notice) -> None:
        self.asked += 1
        if self.broken:
            raise OutsideError("it answers 500")
        self.told.append(notice)
        if self.dies:
            raise KilledError

    def words(self) -> list[str]:
        return [f"{each.decision.subject.value} {each.decision.what}" for each in self.told]
