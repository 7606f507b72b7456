"""Offer a version to the next environment: its bytes into the registry, its record beside them, a line in the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops.domain.data.windows import in_force
from mlops.domain.declared.promotion import Promotion
from mlops.domain.loop import Attempt, Change, Loop
from mlops.domain.project import Project
from mlops.domain.promotions import taking
from mlops.domain.promotions.offer import Offer
from mlops.domain.promotions.taking import Approved, Record
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.rollouts.history import good_versions
from mlops.flows.commands import NotPossibleError, ordered
from mlops.flows.context import Context, Generation
from mlops.flows.offered_record import record_of
from mlops.flows.release_record import canonical
from mlops.ports import RefusedError
from mlops.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A version on its way out, with all that decides whether it may leave."""

    attempt: Attempt
    offer: Offer
    record: Record
    text: str  # of the record, canonical
    registry: str
    approved: Approved
    there: Offer | None = None  # offered already, with these words or others


def next_after(project: Project, environment: str, to: str | None) -> str:
    """Where a version goes from here.  Raises NotPossibleError for a hop that the order does not have."""
    promotion = project.promotion
    if promotion is None:
        raise NotPossibleError(f"{project.name} has no `promotion`: say there in which order environments follow")
    order = " -> ".join(promotion.order)
    following = promotion.after(environment)
    if following is None:
        raise NotPossibleError(f"nothing follows {environment}: {order}")
    if to not in {None, following}:
        raise NotPossibleError(f"from {environment} a version goes to {following}, not to {to}: {order}")
    return following


def leaving(loop: Loop, attempts: tuple[Attempt, ...], version: str | None) -> Attempt:
    """Pick the attempt that made a version: the champion's, unless another is named.

    Only what serves, or served well, may leave; never what was gone back from, or was trained on data that is set
    aside by now.  Raises NotPossibleError.
    """
    if loop.champion is None:
        raise NotPossibleError(f"{loop.project} has no champion: there is nothing to promote")
    good = {each.model.version: each for each in (*good_versions(loop, attempts), loop.champion)}
    wanted = version or loop.champion.model.version
    if wanted not in good:
        raise NotPossibleError(
            f"{wanted} is no champion, nor a good one of before: {', '.join(sorted(good))} may be promoted"
        )
    found = good[wanted]
    if found.model.digest in loop.failed_digests:
        raise NotPossibleError(f"{found.model.reference} has bytes that failed in a rollout: it may not leave")
    attempt = next(each for each in attempts if each.number == found.attempt)
    for window in in_force(loop.quarantines):
        if attempt.origin is None and window.overlaps(attempt.train) and window not in attempt.without:
            raise NotPossibleError(
                f"{found.model.reference} was trained on {window}, which is quarantined since: train again, or "
                f"`mlops release` it"
            )
    return attempt


def offer_of(record: Record, now: datetime) -> Offer:
    """What is offered with a record."""
    return Offer(
        model=record.model,
        version=record.version,
        digest=record.bytes,
        source=record.source or "",
        target=record.target,
        record=record.digest,
        at=now,
    )


def about(generation: Generation, attempt: Attempt, found: Mapping[str, Any], now: datetime) -> Leaving:
    """See what would leave, and what is still missing.  Asks the registry, changes nothing."""
    registry, promotion = _shared(generation)
    record = record_of(found)
    candidate = attempt.candidate
    if candidate is None or (record.model, record.version, record.bytes) != (
        candidate.name,
        candidate.version,
        candidate.digest,
    ):
        raise NotPossibleError(f"the record is about {record.model}:{record.version}, not about this version")
    offers = registry.offers(record.model)
    there = next((each for each in offers if each.record == record.digest), None)
    return Leaving(
        attempt=attempt,
        offer=there or offer_of(record, now),
        record=record,
        text=canonical(found).decode(),
        registry=generation.registry,
        approved=taking.approved(promotion, record, now),
        there=there,
    )


def promote(context: Context, generation: Generation, out: Leaving, actor: str) -> tuple[Decision, ...]:
    """Let it leave: copy the bytes, put the record beside them, write it down.  What is done already is not redone.

    Raises NotPossibleError while approvals are missing.
    """
    if out.approved.missing:
        raise NotPossibleError(f"{out.offer.reference} may not leave for {out.offer.target}: {out.approved.missing}")
    candidate = out.attempt.candidate
    if candidate is None:
        raise NotPossibleError(f"attempt {out.attempt.number} made no model")
    _not_frozen(context)
    registry, _ = _shared(generation)
    try:
        registry.publish(candidate)
        registry.offer(out.offer, out.text)
    except RefusedError as error:
        raise NotPossibleError(f"{out.offer.reference} cannot leave: {error}") from error
    if _on_record(context, out):
        return ()

    def order(loop: Loop, now: datetime) -> Change:
        by = f", approved by {', '.join(out.approved.people)}" if out.approved.people else ""
        offer = out.offer
        said = Decision(
            at=now,
            subject=Subject.PROMOTION,
            what="offered",
            why=f"{offer.reference} to {offer.target} through {out.registry}{by}",
            numbers=Numbers(
                version=offer.reference,
                digest=offer.digest,
                record=offer.record,
                source=offer.source,
                target=offer.target,
                registry=out.registry,
                approvedBy=", ".join(out.approved.people),
            ),
            actor=actor,
            attempt=out.attempt.number,
        )
        return Change(loop=loop, decisions=(said,))

    return ordered(context, order)


def _shared(generation: Generation) -> tuple[Registry, Promotion]:
    registry, promotion = generation.backends.registry, generation.project.promotion
    if registry is None or promotion is None:
        raise NotPossibleError(f"{generation.project.name} has no `promotion`, or no registry to promote through")
    return registry, promotion


def _not_frozen(context: Context) -> None:
    loop = context.store.load(context.name)
    word = (loop.frozen if loop else None) or context.store.frozen()
    if word is not None:
        raise NotPossibleError(f"{context.name} is frozen by {word.actor}: {word.reason}; mlops unfreeze first")


def _on_record(context: Context, out: Leaving) -> bool:
    rows = (row.decision for row in context.store.decisions(context.name))
    return any(
        each.subject is Subject.PROMOTION and each.what == "offered" and each.numbers.get("record") == out.offer.record
        for each in rows
    )
