"""May an offered version be taken?  Its record must be about these bytes, approved as they are, and no hop left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from mlops.domain.declared.promotion import Promotion
from mlops.domain.promotions.offer import Offer


@dataclass(frozen=True, kw_only=True)
class Said:
    """One person's word in a record."""

    who: str
    at: datetime
    granted: bool
    digest: str  # of the subject that it is about
    expires: date | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a release's record says, as far as it decides whether the version may be taken."""

    digest: str  # of its canonical form
    subject: str  # digest of what approvals are bound to
    model: str
    version: str
    bytes: str  # digest of the model's files
    source: str | None
    target: str
    author: str
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Approved:
    """How the words of a record count: who said yes, what is still missing (nothing: it is approved)."""

    people: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks: an environment, with the models that failed there, and those that are there."""

    environment: str
    model: str
    promotion: Promotion
    failed: tuple[str, ...] = ()  # digests
    here: tuple[str, ...] = ()


def approved(promotion: Promotion, record: Record, now: datetime) -> Approved:
    """Count the words that are about exactly this subject: version, bytes and all else that the record says."""
    asked = promotion.asked
    if asked is None:
        return Approved()
    about = [word for word in record.said if word.digest == record.subject]
    declined = next((word for word in about if not word.granted), None)
    if declined is not None:
        return Approved(missing=f"{declined.who} declined it: {declined.reason or 'no reason given'}")
    known = {name.lower() for name in asked.approvers.people}
    people: dict[str, str] = {}
    for word in about:
        who = word.who.lower()
        stale = now > word.at + asked.expires or (word.expires is not None and now.date() > word.expires)
        own = asked.approvers.not_author and who == record.author.lower()
        if not stale and not own and (not asked.approvers.groups or who in known):
            people.setdefault(who, word.who)
    count, needed = len(people), asked.approvers.count
    names = tuple(sorted(people.values()))
    if count >= needed:
        return Approved(people=names)
    of = f" of {' or '.join(asked.approvers.groups)}" if asked.approvers.groups else ""
    others = f"; {len(record.said) - count} more do not count" if len(record.said) > count else ""
    return Approved(people=names, missing=f"{count} of {needed} approvals{of} of {record.subject}{others}")


def mismatch(offer: Offer, record: Record) -> str:
    """How a record is not about what is offered; empty: it is."""
    if record.digest != offer.record:
        return f"its record is another than was offered ({record.digest}, not {offer.record})"
    about = (record.model, record.version, record.bytes, record.source, record.target)
    if about != (offer.model, offer.version, offer.digest, offer.source, offer.target):
        way = f"from {record.source} to {record.target}"
        return f"its record is about {record.model}:{record.version} with the bytes {record.bytes}, {way}"
    return ""


def refused(asking: Asking, offer: Offer, record: Record, before: Sequence[Offer], now: datetime) -> str:
    """Why the offer is not taken; empty: it may be.  `before` are offers of these bytes, as their records say, too."""
    if offer.model != asking.model:
        return f"it is a version of {offer.model}, and this project's model is {asking.model}"
    wrong = mismatch(offer, record) or _skipped(asking, offer, before)
    if wrong:
        return wrong
    if offer.digest in asking.failed:
        return f"these bytes failed in {asking.environment} before"
    if offer.digest in asking.here:
        return f"these bytes are in {asking.environment} already"
    return approved(asking.promotion, record, now).missing


def _skipped(asking: Asking, offer: Offer, before: Sequence[Offer]) -> str:
    """No hop is left out: the same bytes went through every environment before this one."""
    order = asking.promotion.order
    came = asking.promotion.before(asking.environment)
    if came is None or offer.source != came or offer.target != asking.environment:
        return f"{offer.source} may not offer to {asking.environment}: models come from {came}"
    hops = {(each.source, each.target) for each in before if same_bytes(each, offer)}
    for source, target in pairwise(order[: order.index(came) + 1]):
        if (source, target) not in hops:
            return f"{offer.reference} with these bytes never went from {source} to {target}"
    return ""


def same_bytes(one: Offer, other: Offer) -> bool:
    """Whether both offer one version with the same bytes."""
    return (one.model, one.version, one.digest) == (other.model, other.version, other.digest)
