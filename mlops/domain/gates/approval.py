"""Approvals: who may say yes, how many must, and to exactly what."""

import hashlib
from collections.abc import Iterable, Mapping

from mlops.domain.declared.gate import ApprovalGate, Approvers
from mlops.domain.loop import Approval, Attempt, Rollout

BY_TIER: Mapping[str | None, int] = {None: 1, "low": 1, "medium": 1, "high": 2}
"""How many people must approve where the project does not say it: by the tier of the model's risk."""


def asked(gate: ApprovalGate, tier: str | None) -> bool:
    """Whether the gate is asked at this risk; a risk that nobody named is asked about."""
    return not gate.tiers or tier is None or tier in gate.tiers


def digest_of(attempt: Attempt, generation: int, rollout: Rollout | None = None) -> str:
    """What a word is bound to: the candidate, its gate results, the newest project file, and the rollout's step."""
    text = f"{attempt.candidate}|{attempt.gates}|{attempt.generation}|{generation}"
    if rollout is not None:
        text += f"|{rollout.deployment}|{rollout.champion}|{rollout.position}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def barred(approvers: Approvers, attempt: Attempt, actor: str) -> str:
    """Why somebody's word cannot count; empty when it can."""
    if approvers.not_author and actor.lower() == attempt.author.lower():
        return f"{actor} asked for this candidate and cannot approve it: another person must"
    if approvers.groups and actor.lower() not in {name.lower() for name in approvers.people}:
        return f"{actor} is not of {' or '.join(approvers.groups)} ({', '.join(approvers.people)}): one of them must"
    return ""


def counted(approvers: Approvers, attempt: Attempt, words: Iterable[Approval], digest: str) -> tuple[Approval, ...]:
    """The words that count: on exactly this, by somebody who may."""
    return tuple(word for word in words if word.digest == digest and not barred(approvers, attempt, word.actor))


def agreed(words: Iterable[Approval]) -> list[str]:
    """The most people who said yes to the same record; whoever says it twice, in whatever letters, counts once."""
    by_record: dict[str, dict[str, str]] = {}
    for word in words:
        if word.granted:
            by_record.setdefault(word.subject, {}).setdefault(word.actor.lower(), word.actor)
    return sorted(max(by_record.values(), key=len, default={}).values())


def declined(words: Iterable[Approval]) -> Approval | None:
    """The first word against it: one is enough."""
    return next((word for word in words if not word.granted), None)
