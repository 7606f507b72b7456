"""The registry that environments share, in memory: each world copies into it and out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mlops.ports import RefusedError, WrongBytesError

if TYPE_CHECKING:
    from mlops.domain.promotions.offer import Offer
    from mlops.domain.world import ModelVersion, Signature
    from tests.fakes.azure import World


@dataclass
class Shelf:
    """What lies in the registry."""

    models: dict[str, ModelVersion] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)  # by their record
    records: dict[str, str] = field(default_factory=dict)
    copied: list[str] = field(default_factory=list)  # what happened


class FakeRegistry:
    """One world's way to it."""

    def __init__(self, world: World, shelf: Shelf) -> None:
        self._world = world
        self._shelf = shelf

    def publish(self, model: ModelVersion) -> None:
        """Copy it once."""
        world, shelf, key = self._world, self._shelf, f"{model.name}:{model.version}"
        world.fault("registry.publish")
        if world.models.get(key) != model:
            raise RefusedError(f"the workspace has no {key} with these bytes")
        if shelf.models.get(key, model) != model:
            raise RefusedError(f"the registry has other bytes under {key}")

        def copy() -> None:
            if key not in shelf.models:
                shelf.models[key] = model
                shelf.copied.append(key)

        world.seams.around("registry.publish", copy)

    def offer(self, offer: Offer, record: str) -> None:
        """Put it there once."""
        self._world.fault("registry.offer")
        if offer.reference not in self._shelf.models:
            raise RefusedError(f"{offer.reference} is not in the registry")

        def put() -> None:
            self._shelf.offers.setdefault(offer.record, offer)
            self._shelf.records.setdefault(offer.record, record)

        self._world.seams.around("registry.offer", put)

    def offers(self, model: str) -> tuple[Offer, ...]:
        """Those of the model."""
        self._world.fault("registry.offers")
        found = tuple(each for each in self._shelf.offers.values() if each.model == model)
        return self._world.seams.around("registry.offers", lambda: found)

    def record(self, offer: Offer) -> str:
        """As it was put there."""
        self._world.fault("registry.record")
        found = self._shelf.records.get(offer.record)
        if found is None:
            raise RefusedError(f"the record {offer.record} of {offer.reference} is gone")
        return found

    def take(self, offer: Offer) -> ModelVersion:
        """Register it once in this world."""
        world, found = self._world, self._shelf.models.get(offer.reference)
        world.fault("registry.take")
        if found is None:
            raise RefusedError(f"{offer.reference} is not in the registry")
        if world.taken is not None:
            return world.taken
        mine = world.models.get(offer.reference, found)
        if {found.digest, mine.digest} != {offer.digest}:
            raise WrongBytesError(f"{offer.reference} has other bytes than were offered")
        return world.seams.around("registry.take", lambda: world.models.setdefault(offer.reference, replace(found)))

    def signature(self, model: ModelVersion) -> Signature | None:
        """As the test says."""
        del model
        return self._world.signature
