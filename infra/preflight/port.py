"""What preflight asks of Azure, in our words; every method raises `CannotTellError` when it gets no answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Size:
    """A machine size as Azure ML offers it in one region."""

    name: str
    family: str
    vcpus: int
    gpus: int = 0
    low_priority: bool = True
    for_computes: tuple[str, ...] = ("AmlCompute", "ComputeInstance")
    prices: Mapping[str, float] = field(default_factory=dict)
    """By tier (`Standard`, `LowPriority`), for an hour of Linux, as Azure estimates it; often none."""
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class Sku:
    """A machine size as Microsoft.Compute offers it to this subscription in one region."""

    name: str
    family: str
    vcpus: int
    restricted: str = ""
    """Azure's code of why it may not be used here, such as `NotAvailableForSubscription`; empty: it may."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One quota: how much of it is used, and how much there is."""

    name: str
    used: int | None
    """None: Azure does not count it, as for free trials; then its limit is a template and not to be believed."""
    limit: int
    """-1: it has no limit of its own."""
    low_priority: bool = False


@dataclass(frozen=True, kw_only=True)
class Servers:
    """What PostgreSQL's flexible servers may be in one region, for this subscription."""

    tiers: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Sizes by tier, each with where a second server may stand by (`SameZone`, `ZoneRedundant`)."""
    versions: tuple[str, ...] = ()
    geo_backup: bool = False
    closed: str = ""
    """Why none may be made here at all; empty: they may."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Whether a name can be had; `free` is False with Azure's words for why."""

    free: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """A resource that was deleted and still holds its name."""

    kind: str
    name: str
    id: str = ""
    purge: str = ""
    """When Azure lets go of it by itself, if it says so."""
    purgeable: bool = True


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One grant of the caller: what it allows, less what it leaves out."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    condition: str = ""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy in force at a scope, with its effect and parameters resolved."""

    assignment: str
    definition: str
    """The definition's name: a GUID if it is built in."""
    title: str
    effect: str
    """In lower case: `deny`, `audit` …; empty where it could not be resolved."""
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Azure(Protocol):
    """Azure, as far as preflight looks at it.  Nothing is ever written."""

    def subscription(self) -> str:
        """The subscription that all else is about."""

    def providers(self) -> Mapping[str, str]:
        """Registration state by lower-cased namespace."""

    def regions(self, kind: str) -> frozenset[str]:
        """Where a resource type can be had, by short names such as `eastus`."""

    def sizes(self, region: str) -> Mapping[str, Size]:
        """Machine sizes of Azure ML by lower-cased name."""

    def skus(self, region: str) -> Mapping[str, Sku]:
        """Machine sizes of the subscription by lower-cased name."""

    def ml_usages(self, region: str) -> tuple[Usage, ...]:
        """Azure ML's own quota, which is apart from that of virtual machines."""

    def vm_usages(self, region: str) -> tuple[Usage, ...]:
        """The quota of virtual machines, which Kubernetes clusters draw on."""

    def servers(self, region: str) -> Servers:
        """What PostgreSQL's flexible servers may be."""

    def taken(self, kind: str, name: str) -> Taken:
        """Whether a name that is unique in the world can be had; `kind` is a resource type."""

    def find(self, resource_id: str, version: str) -> Mapping[str, Any] | None:
        """One resource as it is now, or None."""

    def deleted(self) -> tuple[Deleted, ...]:
        """Deleted vaults and Log Analytics workspaces that still hold their names."""

    def permissions(self, scope: str) -> tuple[Permission, ...]:
        """What the caller may do at a scope."""

    def policies(self, scope: str) -> tuple[Policy, ...]:
        """Policies in force at a scope, initiatives taken apart."""
