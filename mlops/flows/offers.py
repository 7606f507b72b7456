"""Look at what the environment before this one offers, and ask for it as for any other candidate, or say why not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mlops.domain import attempt as attempts
from mlops.domain.loop import Change, Loop, Request
from mlops.domain.promotions import taking
from mlops.domain.promotions.coming import told
from mlops.domain.promotions.offer import TRIGGER, Offer, Origin, Reply, open_for
from mlops.domain.promotions.taking import Asking
from mlops.domain.records.decision import Decision, Numbers, Subject
from mlops.domain.triggers import policy
from mlops.flows import offered_record
from mlops.flows.context import NOTHING, Generation, Section, Step, Wait
from mlops.flows.triggers import ask
from mlops.ports import RefusedError
from mlops.registry import Registry


def look(generation: Generation, loop: Loop, now: datetime) -> Section:
    """Give the newest offer its place among the requests, and every other one its answer."""
    project, environment = generation.project, generation.platform.environment
    registry, promotion = generation.backends.registry, project.promotion
    if promotion is None or registry is None or promotion.before(environment) is None:
        return NOTHING
    due = loop.offers_at + promotion.check_every if loop.offers_at else now
    if now < due <= now + promotion.check_every:
        return Wait(until=due)
    offers = registry.offers(project.model)
    waiting = open_for(offers, environment, loop.replies)
    seen = replace(loop, offers_at=now, replies=_still(loop, offers))
    gone = _withdrawn(seen, offers, now)
    if gone is not None:
        return Step(change=gone)
    if not waiting:
        return Step(change=Change(loop=seen))
    if len(waiting) > 1:
        newer = f"{waiting[1].reference} was offered after it"
        return Step(change=_refuse(seen, waiting[0], newer, now, again=True))
    return Step(change=_answer(generation, seen, waiting[0], offers, now))


def _still(loop: Loop, offers: Sequence[Offer]) -> tuple[Reply, ...]:
    """Answers to offers that nobody makes any more need not be kept."""
    there = {offer.record for offer in offers}
    return tuple(each for each in loop.replies if each.record in there)


def _withdrawn(loop: Loop, offers: Sequence[Offer], now: datetime) -> Change | None:
    """What waits for its turn and is offered no more goes; what is under way already, a person may abort."""
    origin = loop.pending.origin if loop.pending else None
    if origin is None or any(each.record == origin.offer.record for each in offers):
        return None
    why = f"{origin.offer.reference} is offered by {origin.offer.source} no more"
    return Change(loop=policy.taken(loop), decisions=(_said(now, "withdrawn", why, told(origin)),))


def _answer(generation: Generation, loop: Loop, offer: Offer, offers: Sequence[Offer], now: datetime) -> Change:
    project, registry = generation.project, generation.backends.registry
    promotion = project.promotion
    if registry is None or promotion is None:
        return Change(loop=loop)
    environment = generation.platform.environment
    asking = Asking(
        environment=environment,
        model=project.model,
        promotion=promotion,
        failed=loop.failed_digests,
        here=tuple(_here(loop)),
    )
    try:
        read = offered_record.parsed(registry.record(offer))
    except RefusedError as error:
        return _refuse(loop, offer, str(error), now)
    why = taking.refused(asking, offer, read.record, tuple(_before(registry, offer, offers)), now)
    if why:
        return _refuse(loop, offer, why, now)
    people = taking.approved(promotion, read.record, now).people
    return _ask(generation, loop, read.origin(offer, generation.registry, people), now)


def _before(registry: Registry, offer: Offer, offers: Sequence[Offer]) -> Iterator[Offer]:
    """Offers of these bytes to others, as far as their records say so, too."""
    for each in offers:
        if each.record == offer.record or not taking.same_bytes(each, offer):
            continue
        try:
            record = offered_record.parsed(registry.record(each)).record
        except RefusedError:
            continue
        if not taking.mismatch(each, record):
            yield each


def _here(loop: Loop) -> Iterator[str]:
    """Digests of what serves, is on its way to, or waits for its turn."""
    if loop.champion is not None:
        yield loop.champion.model.digest
    for request in (loop.attempt.request if loop.attempt else None, loop.pending):
        if request is not None and request.origin is not None:
            yield request.origin.offer.digest


def _refuse(loop: Loop, offer: Offer, why: str, now: datetime, *, again: bool = False) -> Change:
    """Say no.  With `again` there is more to look at, at once."""
    reply = Reply(record=offer.record, reference=offer.reference, at=now, refused=why)
    after = replace(loop, replies=(*loop.replies, reply), offers_at=None if again else loop.offers_at)
    numbers = Numbers(version=offer.reference, digest=offer.digest, record=offer.record, source=offer.source)
    said = f"{offer.reference} from {offer.source} is not taken: {why}"
    return Change(loop=after, decisions=(_said(now, "refused", said, numbers),))


def _ask(generation: Generation, loop: Loop, origin: Origin, now: datetime) -> Change:
    offer = origin.offer
    by = f", approved by {', '.join(origin.approved)}" if origin.approved else ""
    why = f"{offer.reference} from {offer.source}{by}"
    reply = Reply(record=offer.record, reference=offer.reference, at=now)
    taken = replace(loop, replies=(*loop.replies, reply))
    request = Request(
        key=attempts.request_key(loop, f"{TRIGGER} {offer.record}", now),
        trigger=TRIGGER,
        why=why,
        asked=now,
        first=now,
        manual=True,  # people offered it
        origin=origin,
    )
    change = ask(generation.project.policy, taken, request)
    return replace(change, decisions=(_said(now, "taken", why, told(origin)), *change.decisions))


def _said(now: datetime, what: str, why: str, numbers: Numbers) -> Decision:
    return Decision(at=now, subject=Subject.PROMOTION, what=what, why=why, numbers=numbers)
