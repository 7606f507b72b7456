"""The record that comes with an offer, read: whoever wrote it, nothing in it is believed before it is checked."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mlops.domain.promotions.offer import Offer, Origin
from mlops.domain.promotions.taking import Record, Said
from mlops.domain.world import DatasetVersion
from mlops.flows.release_record import FORM, canonical, subject_digest
from mlops.ports import RefusedError

_SHA = "sha256:"


@dataclass(frozen=True, kw_only=True)
class Read:
    """A record, and what it says of how the version was made."""

    record: Record
    subject: Mapping[str, Any]

    def origin(self, offer: Offer, registry: str, approved: tuple[str, ...]) -> Origin:
        """Where the candidate comes from."""
        data, trained_on = self.subject.get("data") or {}, None
        if data.get("name") and data.get("version"):
            digest = str(data.get("digest", "")).removeprefix(_SHA)
            trained_on = DatasetVersion(
                name=str(data["name"]), version=str(data["version"]), digest=digest, train_rows=0, holdout_rows=0
            )
        runtime = self.subject.get("runtime") or {}
        return Origin(
            offer=offer,
            registry=registry,
            author=self.record.author,
            code_digest=str((self.subject.get("code") or {}).get("digest", "")),
            runtime=str(runtime.get("image", "")),
            run=str(self.subject.get("run", "")),
            trained_on=trained_on,
            approved=approved,
        )


def digest_of(found: Mapping[str, Any]) -> str:
    """What an offer is known by: all of its record, the words of people included."""
    return hashlib.sha256(canonical(found)).hexdigest()


def record_of(found: Mapping[str, Any]) -> Record:
    """What decides whether the version may be taken.  Raises RefusedError for what is no such record."""
    try:
        subject = found["subject"]
        model, stage = subject["model"], subject["stage"]
        if found["form"] != FORM:
            raise RefusedError(f"its record has the form {found['form']!r}: this program reads {FORM}")
        return Record(
            digest=digest_of(found),
            subject=subject_digest(found),
            model=str(model["name"]),
            version=str(model["version"]),
            bytes=str(model["digest"]).removeprefix(_SHA),
            source=stage.get("from"),
            target=str(stage["to"]),
            author=str(subject["author"]),
            said=tuple(_words(found.get("approvals", ()))),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"its record is none: {type(error).__name__} {error}") from error


def parsed(text: str) -> Read:
    """Read what lies in the registry.  Raises RefusedError."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RefusedError(f"its record is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise RefusedError("its record is no object")
    return Read(record=record_of(found), subject=found["subject"])


def _words(approvals: Iterable[Mapping[str, Any]]) -> Iterable[Said]:
    for each in approvals:
        yield Said(
            who=str(each["identity"]),
            at=datetime.fromisoformat(each["at"]),
            granted=each["decision"] == "approved",
            digest=str(each["digest"]),
            expires=date.fromisoformat(each["expires"]) if each.get("expires") else None,
            reason=str(each.get("comment", "")),
        )
