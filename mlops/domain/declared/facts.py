"""What people say of a model that nothing measures: who answers for it, what it is for, what it may do wrong."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Facts:
    """For the record of a release; what nobody said is None, and is left out there."""

    owner: str | None = None
    intended_use: str | None = None
    licence: str | None = None
    alert_owner: str | None = None
    tier: str | None = None
    ai_act: str | None = None
    format: str | None = None  # in which the model is saved
    card: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a model card says of itself, and the digest of its bytes."""

    digest: str
    status: str | None = None
    version: str | None = None
    updated: str | None = None  # ISO 8601
