"""The registry that environments share: versions of models, each with the records that went with it."""

from typing import Protocol

from mlops.domain.promotions.offer import Offer
from mlops.domain.world import ModelVersion, Signature


class Registry(Protocol):
    """Versions never change in it: what is there under a name has the same bytes for ever."""

    def publish(self, model: ModelVersion) -> None:
        """Copy a version of the workspace into the registry, unless it is there.

        Raises RefusedError where the registry has other bytes under that name and version, or the workspace has.
        """

    def offer(self, offer: Offer, record: str) -> None:
        """Put the record beside the version, unless it is there: from now on the target sees it."""

    def offers(self, model: str) -> tuple[Offer, ...]:
        """All offers of a model, to whatever environment, that nobody withdrew."""

    def record(self, offer: Offer) -> str:
        """The record that was put there.  Raises RefusedError when it is gone."""

    def take(self, offer: Offer) -> ModelVersion:
        """Copy the version into the workspace, unless it is there; the digest is that of the bytes that came.

        Raises WrongBytesError before anything is registered when they are others than were offered.
        """

    def signature(self, model: ModelVersion) -> Signature | None:
        """What a version of the workspace says that it takes and gives; None where it says nothing."""
