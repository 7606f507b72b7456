"""What every part is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi import Output, Resource

from infra.names import RESOURCE_GROUP, Names
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where it is built."""

    environment: str
    subscription_id: str
    tenant_id: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What every part is made from."""

    place: Place
    settings: Settings
    names: Names
    tags: Mapping[str, str]
    group: Output[str]

    @property
    def group_id(self) -> str:
        """The resource group's id, which is known before the group is made."""
        group = self.names.of(RESOURCE_GROUP)
        return f"/subscriptions/{self.place.subscription_id}/resourceGroups/{group}"

    @property
    def made_group_id(self) -> Output[str]:
        """The same id once the group is there: what is put on the group as a whole has to wait for it."""
        return Output.concat("/subscriptions/", self.place.subscription_id, "/resourceGroups/", self.group)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a part has declared, as far as others need to know."""

    told: Mapping[str, Any] = field(default_factory=dict)  # what the outside is told of it
    # What lies on, below or towards storage and vaults, or may: a lock on those holds all of it as well.
    held: tuple[Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Known:
    """A resource that was made or brought along: what others need to know of it."""

    id: Output[str]
    name: Output[str]
    inside: tuple[Resource, ...] = ()  # what was made in it together with it


def brought(resource_id: str) -> Known:
    """Know a resource by its id alone."""
    return Known(id=Output.from_input(resource_id), name=Output.from_input(resource_id.rsplit("/", 1)[1]))
