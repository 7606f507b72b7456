"""The resources of a stack, by the type that they have today, as the engine hands them over."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from pulumi_policy import PolicyResource

from rules.props import Props
from rules.subscription import Subscription, in_id, of_provider

Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a whole stack; ``wired`` says from which resources (URNs) an input property comes."""

    type: str
    urn: str
    props: Props
    wired: Mapping[str, tuple[str, ...]]
    protect: bool = False  # whether Pulumi refuses to delete it
    subscription: Subscription = ""  # what it is deployed to


@dataclass(frozen=True)
class Stack:
    """All resources of a stack."""

    resources: tuple[Resource, ...]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def of(self, *types: str) -> tuple[Resource, ...]:
        """Pick the resources of these types; indexed, because stacks grow to thousands."""
        return tuple(one for name in types for one in self._by_type.get(name, ()))

    def once(self, make: Callable[..., Made], *of: object) -> Made:
        """Make something of this stack at the first asking, and keep it: ``make`` is pure, and given the stack."""
        key = (make, *of)
        if key not in self._made:
            self._made[key] = make(self, *of)
        made: Made = self._made[key]
        return made

    @cached_property
    def _made(self) -> dict[object, Any]:
        return {}

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for one in self.resources:
            found.setdefault(one.type, []).append(one)
        return found


_MOVED = {
    "insights:AutoscaleSetting": "monitor:AutoscaleSetting",
    "insights:Component": "applicationinsights:Component",
    "insights:DiagnosticSetting": "monitor:DiagnosticSetting",
    "machinelearningservices:EnvironmentSpecificationVersion": "machinelearningservices:EnvironmentVersion",
    "machinelearningservices:MachineLearningCompute": "machinelearningservices:Compute",
    "machinelearningservices:MachineLearningDatastore": "machinelearningservices:Datastore",
    "network:InterfaceEndpoint": "network:PrivateEndpoint",
    "network:PrivateZone": "privatedns:PrivateZone",
}
"""What azure-native called these types before; it still takes the old names."""


@lru_cache(maxsize=4096)
def unversioned(resource_type: str) -> str:
    """Strip the API version and take old names for new ones, so that neither is a way around a rule.

    ``azure-native:storage/v20230101:StorageAccount`` and the local package's ``azure-native_storage_v20230101:…`` are
    both ``azure-native:storage:StorageAccount``.
    """
    written = re.match(r"azure-native(?:_\w+)?:(\w+)(?:/v\w+)?:(.+)", resource_type, re.DOTALL)
    if written is None:
        return resource_type
    name = ":".join(written.groups())
    return f"azure-native:{_MOVED.get(name, name)}"


def resource_of(one: PolicyResource, subscription: Subscription) -> Resource:
    """Read a resource of a whole stack, which deploys to a subscription, as the engine hands it over."""
    props = Props(one.props)
    return Resource(
        type=unversioned(one.resource_type),
        urn=one.urn,
        props=props,
        subscription=in_id(props.at("id")) or of_provider(one.provider.props if one.provider else None, subscription),
        wired={key: tuple(found.urn for found in all_) for key, all_ in one.property_dependencies.items()},
        protect=bool(one.opts.protect),
    )
