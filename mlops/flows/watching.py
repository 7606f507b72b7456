"""Who watches the passes: traces, metrics and logs hear of each, and change none."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlops.flows.reconcile import Pass

    Ended: TypeAlias = Callable[[Pass], None]


class Watching(Protocol):
    """Somebody who watches."""

    def a_pass(self, project: str) -> AbstractContextManager[Ended]:
        """Is entered before the pass, told how it ended, and left; an error that ends the pass goes through it."""


class Nobody:
    """Watches nothing."""

    @contextmanager
    def a_pass(self, project: str) -> Iterator[Ended]:  # noqa: ARG002 - as the protocol has it
        """See Watching.a_pass."""
        yield lambda _: None


class Several:
    """Several who watch."""

    def __init__(self, *watching: Watching) -> None:
        self._watching = watching

    @contextmanager
    def a_pass(self, project: str) -> Iterator[Ended]:
        """See Watching.a_pass."""
        with ExitStack() as all_of_them:
            told = [all_of_them.enter_context(each.a_pass(project)) for each in self._watching]

            def ended(done: Pass) -> None:
                for tell in told:
                    tell(done)

            yield ended


def outcome(done: Pass) -> str:
    """A pass in a word: acted, trouble, operation (waits for one) or waited."""
    if done.acted:
        return "acted"
    if done.trouble:
        return "trouble"
    return "operation" if done.waiting_for == "operation" else "waited"
