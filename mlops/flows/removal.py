"""A project that nobody wants to run any more: its loop ends, its log and what serves stay."""

from dataclasses import replace
from datetime import datetime

from mlops.domain.loop import Change, Loop, Word
from mlops.domain.records.decision import Decision, Subject
from mlops.flows.commands import NotPossibleError, ordered, said_by
from mlops.flows.context import Context


def remove(context: Context, actor: str, reason: str) -> tuple[Decision, ...]:
    """No controller looks at it again, and its endpoint is free for another project; applied again, it goes on."""

    def order(loop: Loop, now: datetime) -> Change:
        if loop.attempt is not None:
            raise NotPossibleError(
                f"attempt {loop.attempt.number} of {loop.project} is under way and would be left half-done: "
                "run mlops abort, and remove it when it has ended"
            )
        word = Word(actor=actor, at=now, reason=reason)
        after = replace(loop, removed=word, pending=None)
        return Change(loop=after, decisions=(said_by(loop, now, Subject.PROJECT, "removed", word),))

    return ordered(context, order)
