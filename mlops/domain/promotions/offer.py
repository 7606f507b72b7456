"""An offer: one version of a model in the registry that environments share, bound for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mlops.domain.world import DatasetVersion

TRIGGER = "promotion"  # the request that an offer makes


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A version that is bound for an environment, and the record that goes with it."""

    model: str
    version: str
    digest: str  # sha256 of the model's files
    source: str  # the environment that offers it
    target: str  # the environment that it is offered to
    record: str  # sha256 of the record's canonical form: what the offer is known by
    at: datetime

    @property
    def reference(self) -> str:
        """As people write it."""
        return f"{self.model}:{self.version}"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a candidate came from, and what its record says of how it was made."""

    offer: Offer
    registry: str
    author: str  # who asked for the version where it was trained
    code_digest: str = ""
    runtime: str = ""
    run: str = ""  # the training job
    trained_on: DatasetVersion | None = None
    approved: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What became of an offer."""

    record: str
    reference: str
    at: datetime
    refused: str = ""  # why; empty: it was taken


def open_for(offers: Sequence[Offer], target: str, replied: Sequence[Reply]) -> tuple[Offer, ...]:
    """What is offered to an environment and has no answer yet, oldest first.

    The order is that in which people offered, never that of version names.
    """
    done = {each.record for each in replied}
    waiting = (each for each in offers if each.target == target and each.record not in done)
    return tuple(sorted(waiting, key=lambda each: (each.at, each.record)))
