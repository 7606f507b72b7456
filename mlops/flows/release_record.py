"""A promoted version as a record for others, and people's words about it: its form stands in `policies/records`.

Written by our own code.  What nobody knows is left out, never made up: whoever judges the record finds what is missing.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import rfc8785

from mlops.domain.declared.facts import Card, Facts
from mlops.domain.loop import Attempt, Champion, Outcome
from mlops.domain.project import Project
from mlops.domain.records.decision import Recorded, Subject
from mlops.flows.commands import NotPossibleError
from mlops.flows.release_numbers import measurements

FORM = "aml-kit.records.release/1"
_HEX = re.compile(r"[0-9a-f]{64}")
_PINNED = re.compile(r".+@(sha256:[0-9a-f]{64})")


@dataclass(frozen=True, kw_only=True)
class Release:
    """Everything that a record is made of: the version, where it ran, and where it is bound for."""

    attempt: Attempt
    project: Project  # of the attempt's generation: what it was made and judged by
    now: Project  # the newest generation: what watches it, and what people say of it now
    environment: str
    to: str
    card: Card | None
    decisions: tuple[Recorded, ...]
    before: Attempt | None  # the promoted one before
    champion: Champion | None


def promoted(attempts: tuple[Attempt, ...], version: str | None) -> tuple[Attempt, ...]:
    """Pick the promoted attempts, or the one that made a version.  Raises NotPossibleError."""
    found = tuple(one for one in attempts if one.outcome is Outcome.PROMOTED and one.candidate is not None)
    if version is None and found:
        return found
    picked = tuple(one for one in found if one.candidate is not None and one.candidate.version == version)
    if not picked:
        known = ", ".join(one.candidate.version for one in found if one.candidate) or "none yet"
        raise NotPossibleError(f"no version {version or ''} was promoted here; promoted: {known}".replace("  ", " "))
    return picked


def previous(attempts: tuple[Attempt, ...], attempt: Attempt) -> Attempt | None:
    """The version that answered before."""
    earlier = (one for one in reversed(attempts) if one.number < attempt.number)
    return next((one for one in earlier if one.outcome is Outcome.PROMOTED and one.candidate is not None), None)


def record(release: Release, beside: Mapping[str, Any]) -> dict[str, Any]:
    """Build the record; `beside` holds what other programs know, and overrides nothing.  Raises NotPossibleError."""
    subject = _joined(_subject(release), beside, "")
    found: dict[str, Any] = {"form": FORM, "subject": subject, "approvals": []}
    champion, candidate = release.champion, release.attempt.candidate
    if champion and champion.model == candidate and release.to == release.environment:
        found["deployed"] = _said(
            digest=_digest(champion.model.digest), deployment=champion.deployment, at=_moment(champion.since)
        )
    return found


def file_name(found: Mapping[str, Any]) -> str:
    """Name the file after what it is about."""
    subject = found["subject"]
    return f"{subject['model']['name']}-{subject['model']['version']}-{subject['stage']['to']}.json"


def canonical(found: Mapping[str, Any]) -> bytes:
    """The canonical form (RFC 8785) of a record, or of a part of it."""
    return rfc8785.dumps(dict(found))


def subject_digest(found: Mapping[str, Any]) -> str:
    """What an approval is bound to."""
    return "sha256:" + hashlib.sha256(canonical(found["subject"])).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Voice:
    """One person's word about a record."""

    who: str
    at: datetime
    granted: bool
    reason: str
    role: str | None
    expires: date


def with_approval(found: Mapping[str, Any], voice: Voice) -> dict[str, Any]:
    """Add a person's word, bound to exactly what the record says now.  Raises NotPossibleError."""
    author = str(found["subject"].get("author", ""))
    if voice.granted and voice.who.lower() == author.lower():
        raise NotPossibleError(f"{voice.who} asked for this version and cannot approve it: another person must")
    if voice.expires < voice.at.date():
        raise NotPossibleError(f"an approval until {voice.expires} is over already")
    return {**found, "approvals": [*found.get("approvals", []), word(voice, subject_digest(found))]}


def word(voice: Voice, digest: str) -> dict[str, Any]:
    """A person's word as a record holds it, bound to a subject's digest."""
    return _said(
        identity=voice.who,
        role=voice.role,
        at=_moment(voice.at),
        decision="approved" if voice.granted else "rejected",
        comment=voice.reason,
        digest=digest,
        expires=voice.expires.isoformat(),
    )


def _subject(release: Release) -> dict[str, Any]:
    attempt, facts, dataset = release.attempt, release.now.facts, release.attempt.dataset
    model, origin = attempt.candidate, attempt.origin
    trained = origin.trained_on if origin else dataset  # what comes from elsewhere learned nothing here
    if model is None:
        raise NotPossibleError(f"attempt {attempt.number} made no model")
    held_out = f"{dataset.name}:{dataset.version}" if dataset else None
    return _said(
        model=_said(
            name=model.name,
            version=model.version,
            digest=_digest(model.digest),
            format=facts.format,
            created=_created(release),
        ),
        runtime=_runtime(release.project.deployment.image),
        code=_said(digest=attempt.code_digest),
        data=_said(name=trained.name, version=trained.version, digest=_digest(trained.digest)) if trained else None,
        run=origin.run if origin else attempt.job,
        author=attempt.author,
        **_people_say(facts, release.card),
        stage={"from": None if release.to == release.environment else release.environment, "to": release.to},
        evaluation=_said(dataset=held_out),
        measurements=list(measurements(release.project, attempt, held_out)),
        monitoring=_said(
            monitors=[{"name": one.name, "signal": one.signal} for one in release.now.monitors],
            alertOwner=facts.alert_owner,
        ),
        rollback=_way_back(release.before),
    )


def _people_say(facts: Facts, card: Card | None) -> dict[str, Any]:
    return {
        "owner": facts.owner,
        "intendedUse": facts.intended_use,
        "licence": facts.licence,
        "risk": _said(tier=facts.tier, aiAct=facts.ai_act),
        "card": _said(status=card.status, version=card.version, updated=card.updated, digest=card.digest)
        if card
        else None,
    }


def _created(release: Release) -> str | None:
    """When the version was registered, as the log has it."""
    rows = (one.decision for one in release.decisions)
    made = (one for one in rows if one.subject is Subject.ATTEMPT and one.what == "candidate")
    return next((_moment(one.at) for one in made if one.attempt == release.attempt.number), None)


def _runtime(image: str) -> dict[str, Any]:
    pinned = _PINNED.fullmatch(image)
    return _said(image=image, digest=pinned[1] if pinned else None)


def _way_back(before: Attempt | None) -> dict[str, Any]:
    """What answered before was served until this was: it can be again."""
    if before is None or before.candidate is None:
        return {"first": True}
    return {"version": before.candidate.version, "deployable": True}


def _joined(mine: Mapping[str, Any], theirs: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Add what is not said yet; lists grow.  Raises NotPossibleError where both say something else."""
    found = dict(mine)
    for key, value in theirs.items():
        path = f"{where}.{key}".lstrip(".")
        had = found.get(key)
        if isinstance(had, Mapping) and isinstance(value, Mapping):
            found[key] = _joined(had, value, path)
        elif isinstance(had, list) and isinstance(value, list):
            found[key] = [*had, *value]
        elif key in found and had != value:
            raise NotPossibleError(f"--with says another {path} than this loop knows: take it out there")
        else:
            found[key] = value
    return found


def _said(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Only what says something."""
    return {name: value for name, value in parts.items() if value not in (None, "", {}, [])}


def _digest(found: str) -> str | None:
    return f"sha256:{found}" if _HEX.fullmatch(found) else None


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
