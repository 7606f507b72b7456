"""Quota: whether all machines fit at their maximum, by family and in all, dedicated and low priority apart."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from infra.preflight.check import Check
from infra.preflight.demand import Machines, by_pool, by_tier, machines, pools, with_surge
from infra.preflight.findings import Finding, bad, good, unknown
from infra.preflight.plan import Stack
from infra.preflight.port import Azure, Usage

_ML, _VM = "Azure Machine Learning", "virtual machines"
TOTAL = {(_ML, False): "TotalDedicatedCores", (_ML, True): "TotalLowPriorityCores", (_VM, False): "cores"}
"""Azure's names of the quotas that all families share, by service and whether low priority."""
_UNLIMITED = -1
_COMPUTES = "2024-10-01"

Usages = Mapping[str, tuple[Usage, ...]]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is by region, and what the stack's own machines use of it already, by key of the stack file."""

    ml: Usages = field(default_factory=dict)
    vm: Usages = field(default_factory=dict)
    own: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is needed of one quota at most, by whom, and what the stack uses of it already."""

    about: str
    service: str
    region: str
    most: int
    own: int
    asked: tuple[Machines, ...]
    usage: Usage | None
    total: bool


def _look(azure: Azure, stack: Stack) -> Seen:
    asked = machines(stack)
    return Seen(
        ml=_by_region(azure.ml_usages, asked),
        vm=_by_region(azure.vm_usages, pools(stack)),
        own={one.key: _running(azure, one) * one.size.vcpus for one in asked},
    )


def _by_region(ask: Callable[[str], tuple[Usage, ...]], asked: tuple[Machines, ...]) -> Usages:
    return {region: ask(region) for region in sorted({one.region for one in asked})}


def _running(azure: Azure, one: Machines) -> int:
    """How many of the machines run now: an earlier `up` may have made them, and their share is theirs."""
    found = azure.find(one.id, _COMPUTES)
    if one.compute == "OnlineDeployment":
        return with_surge(int(((found or {}).get("sku") or {}).get("capacity") or 0))
    inner = ((found or {}).get("properties") or {}).get("properties") or {}
    if one.compute == "ComputeInstance":
        return 1 if inner.get("state") == "Running" else 0
    return int(inner.get("currentNodeCount") or 0)


def _judge(stack: Stack, seen: Seen) -> tuple[Finding, ...]:
    needs = (*_needs(_ML, machines(stack), seen.ml, seen.own), *_needs(_VM, pools(stack), seen.vm, {}))
    return tuple(map(_of_one, needs)) or (good("machines", "the stack file asks for none"),)


def _needs(service: str, asked: tuple[Machines, ...], usages: Usages, own: Mapping[str, int]) -> Iterator[Need]:
    def need(about: str, mine: tuple[Machines, ...], usage: Usage | None, *, total: bool) -> Need:
        most, used = sum(one.vcpus for one in mine), sum(own.get(one.key, 0) for one in mine)
        region = mine[0].region
        return Need(
            about=about, service=service, region=region, most=most, own=used, asked=mine, usage=usage, total=total
        )

    for pool in by_pool(asked):
        mine = tuple(one for one in asked if one.pool == pool)
        usage = _usage(usages[pool.region], pool.family, low_priority=pool.low_priority)
        yield need(f"{pool.family} ({_tier(low_priority=pool.low_priority)})", mine, usage, total=False)
    for region, low in by_tier(asked):
        mine = tuple(one for one in asked if (one.region, one.low_priority) == (region, low))
        name = TOTAL[service, low]
        yield need(name, mine, next((each for each in usages[region] if each.name == name), None), total=True)


def _tier(*, low_priority: bool) -> str:
    return "low priority" if low_priority else "dedicated"


def _usage(usages: tuple[Usage, ...], name: str, *, low_priority: bool) -> Usage | None:
    fit = (each for each in usages if _plain(each.name) == _plain(name) and each.low_priority is low_priority)
    return next(fit, None)


def _plain(name: str) -> str:
    """A family's name as it is compared: Azure itself writes it with and without spaces and in several cases."""
    return name.replace(" ", "").lower()


def _of_one(need: Need) -> Finding:
    sum_of = " + ".join(f"{one.key} {one.most} x {one.size.vcpus}" for one in need.asked)
    usage = need.usage
    if usage is None and need.asked[0].low_priority and not need.total:
        return good(need.about, "families have no low-priority quota of their own here")
    if usage is None:
        seen = f"{need.most} vCPUs are needed ({sum_of}); the subscription has no such quota in {need.region}"
        return bad(need.about, seen, _ask_for(need, need.most))
    if usage.limit == _UNLIMITED:
        return good(need.about, f"{need.most} vCPUs are needed; it has no limit of its own")
    if usage.used is None:
        return unknown(
            need.about,
            f"{need.most} vCPUs are needed; Azure shows a limit of {usage.limit} but counts no use, as in free trials, "
            "where the limit is not what can be had",
            "upgrade the subscription to pay-as-you-go",
        )
    free = usage.limit - max(usage.used - need.own, 0)
    if need.most > free:
        seen = f"{need.most} vCPUs are needed ({sum_of}); {free} of {usage.limit} are free in {need.region}"
        return bad(need.about, seen, _ask_for(need, usage.limit + need.most - free))
    return good(need.about, f"{need.most} of {free} free vCPUs ({sum_of})")


def _ask_for(need: Need, limit: int) -> str:
    keys = ", ".join(one.lowered for one in need.asked)
    return f"ask Azure for a limit of {limit} on {need.about} ({need.service}, {need.region}), or lower {keys}"


CHECK = Check(
    id="quota",
    finds="machines at their maximum that do not fit the quota of their family, or of all families together",
    asks="usages of Microsoft.MachineLearningServices, and of Microsoft.Compute for Kubernetes, in each region",
    look=_look,
    judge=_judge,
)
