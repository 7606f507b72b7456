"""What a check is: a look at Azure, and a pure judgement of what was seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from infra.preflight.findings import CannotTellError, Finding, unknown
from infra.preflight.plan import Stack
from infra.preflight.port import Azure

Seen = TypeVar("Seen")


@dataclass(frozen=True, kw_only=True)
class Check(Generic[Seen]):
    """One row of the table of checks."""

    id: str
    finds: str
    """What would fail without it, in a sentence."""
    asks: str
    """What it asks of Azure, in Azure's words."""
    look: Callable[[Azure, Stack], Seen]
    """Asks; the only impure part.  May raise CannotTellError."""
    judge: Callable[[Stack, Seen], tuple[Finding, ...]]
    """Thinks; at least one finding."""

    def run(self, azure: Azure, stack: Stack) -> tuple[Finding, ...]:
        """Look and judge; what Azure does not answer cannot be told."""
        try:
            seen = self.look(azure, stack)
        except CannotTellError as error:
            return (unknown(self.id, str(error), _ASK_AGAIN),)
        return self.judge(stack, seen)


_ASK_AGAIN = "make it answer and run preflight again, or bypass this check with a reason"
