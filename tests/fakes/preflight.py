"""Azure as preflight asks it: answers that a test sets, and questions that are refused."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.preflight.findings import CannotTellError
from infra.preflight.port import Deleted, Permission, Policy, Servers, Size, Sku, Taken, Usage

REGIONS = frozenset({"eastus", "westus2", "westeurope"})
SIZES = {
    "standard_ds3_v2": Size(name="Standard_DS3_v2", family="standardDSv2Family", vcpus=4),
    "standard_ds4_v2": Size(name="Standard_DS4_v2", family="standardDSv2Family", vcpus=8),
    "standard_f8s_v2": Size(name="Standard_F8s_v2", family="standardFSv2Family", vcpus=8),
    "standard_nc4as_t4_v3": Size(name="Standard_NC4as_T4_v3", family="Standard NCASv3_T4 Family", vcpus=4, gpus=1),
    "standard_nc40ads_h100_v5": Size(
        name="Standard_NC40ads_H100_v5", family="StandardNCadsH100v5Family", vcpus=40, gpus=1, low_priority=False
    ),
}
USAGES = (
    Usage(name="TotalDedicatedCores", used=0, limit=1200),
    Usage(name="TotalLowPriorityCores", used=0, limit=300, low_priority=True),
    Usage(name="standardDSv2Family", used=0, limit=500),
    Usage(name="standardDSv2Family", used=0, limit=-1, low_priority=True),
    Usage(name="standardFSv2Family", used=0, limit=500),
    Usage(name="Standard NCASv3_T4 Family", used=0, limit=96),
    Usage(name="Standard NCASv3_T4 Family", used=0, limit=-1, low_priority=True),
)
SERVERS = Servers(
    tiers={
        "Burstable": {"Standard_B1ms": ()},
        "GeneralPurpose": {"Standard_D2ds_v5": ("SameZone", "ZoneRedundant")},
        "MemoryOptimized": {"Standard_E2ds_v5": ("SameZone", "ZoneRedundant")},
    },
    versions=("15", "16", "17"),
    geo_backup=True,
)
ALL = (Permission(actions=("*",)),)


@dataclass(kw_only=True)
class FakeAzure:
    """Answers what it was given; by default a subscription in which nothing is in the way."""

    subscription_id: str = "11111111-2222-3333-4444-555555555555"
    states: Mapping[str, str] = field(default_factory=dict)
    """Namespaces that are something else than registered, in lower case."""
    known_regions: frozenset[str] = REGIONS
    known_sizes: Mapping[str, Size] = field(default_factory=lambda: SIZES)
    restricted: Mapping[str, str] = field(default_factory=dict)
    usages: tuple[Usage, ...] = USAGES
    machines: tuple[Usage, ...] = (Usage(name="cores", used=0, limit=350),)
    """Quota of virtual machines."""
    database: Servers = SERVERS
    names: Mapping[str, str] = field(default_factory=dict)
    """Taken names, and why."""
    tenant: str = "99999999-2222-3333-4444-555555555555"
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What exists, by lower-cased id."""
    twins: tuple[Deleted, ...] = ()
    grants: tuple[Permission, ...] = ALL
    in_force: tuple[Policy, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    """Questions that get no answer, by the port's method, and why."""

    def _asked(self, method: str) -> None:
        if method in self.refused:
            raise CannotTellError(self.refused[method])

    def subscription(self) -> str:
        self._asked("subscription")
        return self.subscription_id

    def providers(self) -> Mapping[str, str]:
        self._asked("providers")
        return _Registered(lambda: "Registered", self.states)

    def regions(self, kind: str) -> frozenset[str]:
        self._asked("regions")
        return self.known_regions if kind.startswith("Microsoft.") else frozenset()

    def sizes(self, region: str) -> Mapping[str, Size]:
        self._asked("sizes")
        return self.known_sizes if region in self.known_regions else {}

    def skus(self, region: str) -> Mapping[str, Sku]:
        self._asked("skus")
        return {
            name: Sku(name=size.name, family=size.family, vcpus=size.vcpus, restricted=self.restricted.get(name, ""))
            for name, size in self.sizes(region).items()
        }

    def ml_usages(self, region: str) -> tuple[Usage, ...]:
        self._asked("ml_usages")
        return self.usages if region in self.known_regions else ()

    def vm_usages(self, region: str) -> tuple[Usage, ...]:
        self._asked("vm_usages")
        return self.machines if region in self.known_regions else ()

    def servers(self, region: str) -> Servers:
        self._asked("servers")
        return self.database if region in self.known_regions else Servers(closed="there are none")

    def taken(self, kind: str, name: str) -> Taken:
        self._asked("taken")
        assert "/" in kind
        return Taken(free=name not in self.names, why=self.names.get(name, ""))

    def find(self, resource_id: str, version: str) -> Mapping[str, Any] | None:
        self._asked("find")
        assert version
        if resource_id == f"/subscriptions/{self.subscription_id}":
            return {"subscriptionId": self.subscription_id, "tenantId": self.tenant}
        return self.resources.get(resource_id.lower())

    def deleted(self) -> tuple[Deleted, ...]:
        self._asked("deleted")
        return self.twins

    def permissions(self, scope: str) -> tuple[Permission, ...]:
        self._asked("permissions")
        assert scope.startswith("/subscriptions/")
        return self.grants

    def policies(self, scope: str) -> tuple[Policy, ...]:
        self._asked("policies")
        assert scope.startswith("/subscriptions/")
        return self.in_force


class _Registered(defaultdict[str, str]):
    """Every namespace is registered, but those that are named."""

    def get(self, key: str, _default: object = None) -> str:
        return self[key]
