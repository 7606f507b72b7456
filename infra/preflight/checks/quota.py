"""Quota: whether all machines fit at their maximum, by family and in all, dedicated and low priority apart."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.preflight.check import Check
from infra.preflight.demand import Machines, by_pool, by_tier, machines
from infra.preflight.findings import Finding, bad, good, unknown
from infra.preflight.plan import Stack
from infra.preflight.port import Azure, Usage

TOTAL = {False: "TotalDedicatedCores", True: "TotalLowPriorityCores"}
"""Azure ML's names of the quotas that all families share."""
_UNLIMITED = -1
_COMPUTES = "2025-06-01"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is, and what the stack's own machines use of it already, by key of the stack file."""

    usages: tuple[Usage, ...]
    own: tuple[tuple[str, int], ...] = ()


def _look(azure: Azure, stack: Stack) -> Seen:
    asked = machines(stack)
    if not asked:
        return Seen(usages=())
    own = tuple((one.key, _running(azure, one) * one.size.vcpus) for one in asked)
    return Seen(usages=azure.ml_usages(stack.settings.location), own=own)


def _running(azure: Azure, one: Machines) -> int:
    """How many of the machines run now: an earlier `up` may have made them, and their share is theirs."""
    found = azure.find(one.id, _COMPUTES) if one.id else None
    inner = ((found or {}).get("properties") or {}).get("properties") or {}
    if one.compute == "ComputeInstance":
        return 1 if inner.get("state") == "Running" else 0
    return int(inner.get("currentNodeCount") or 0)


def _judge(stack: Stack, seen: Seen) -> tuple[Finding, ...]:
    asked = machines(stack)
    return tuple(_all(asked, seen, stack.settings.location)) or (good("machines", "the stack file asks for none"),)


def _all(asked: tuple[Machines, ...], seen: Seen, region: str) -> Iterator[Finding]:
    own = dict(seen.own)
    for pool, needed in by_pool(asked).items():
        mine = [one for one in asked if one.pool == pool]
        usage = _usage(seen.usages, pool.family, low_priority=pool.low_priority)
        used = sum(own.get(one.key, 0) for one in mine)
        yield _fits(_called(pool.family, pool.low_priority), mine, Need(needed, used, region), usage)
    for tier, needed in by_tier(asked).items():
        mine = [one for one in asked if one.low_priority is tier]
        usage = _usage(seen.usages, TOTAL[tier], low_priority=tier)
        used = sum(own.get(one.key, 0) for one in mine)
        yield _fits(TOTAL[tier], mine, Need(needed, used, region), usage)


@dataclass(frozen=True)
class Need:
    """What is needed of one quota at most, and what the stack uses of it already."""

    most: int
    own: int
    region: str


def _called(family: str, low_priority: bool) -> str:  # noqa: FBT001  a part of one name
    return f"{family} ({'low priority' if low_priority else 'dedicated'})"


def _usage(usages: tuple[Usage, ...], name: str, *, low_priority: bool) -> Usage | None:
    fit = [each for each in usages if _plain(each.name) == _plain(name)]
    # The shared quotas have a name of their own; a family's two are told apart by their type.
    return next((each for each in fit if name in TOTAL.values() or each.low_priority is low_priority), None)


def _plain(name: str) -> str:
    """A family's name as it is compared: Azure itself writes it with and without spaces and in several cases."""
    return name.replace(" ", "").lower()


def _fits(about: str, asked: list[Machines], need: Need, usage: Usage | None) -> Finding:
    sum_of = " + ".join(f"{one.key} {one.most} x {one.size.vcpus}" for one in asked)
    if usage is None:
        if asked[0].low_priority and about not in TOTAL.values():
            return good(about, "families have no low-priority quota of their own here")
        return bad(
            about,
            f"{need.most} vCPUs are needed ({sum_of}); the subscription has no such quota in {need.region}",
            _ask_for(about, need.most, need.region, asked),
        )
    if usage.limit == _UNLIMITED:
        return good(about, f"{need.most} vCPUs are needed; it has no limit of its own")
    if usage.used is None:
        return unknown(
            about,
            f"{need.most} vCPUs are needed; Azure shows a limit of {usage.limit} but counts no use, as in free trials, "
            "where the limit is not what can be had",
            "upgrade the subscription to pay-as-you-go",
        )
    free = usage.limit - max(usage.used - need.own, 0)
    if need.most > free:
        return bad(
            about,
            f"{need.most} vCPUs are needed ({sum_of}); {free} of {usage.limit} are free in {need.region}",
            _ask_for(about, usage.limit + need.most - free, need.region, asked),
        )
    return good(about, f"{need.most} of {free} free vCPUs ({sum_of})")


def _ask_for(about: str, limit: int, region: str, asked: list[Machines]) -> str:
    keys = ", ".join(f"{one.key}.maxNodes" if one.compute == "AmlCompute" else one.key for one in asked)
    return f"ask Azure for a limit of {limit} on {about} (Azure Machine Learning, {region}), or lower {keys}"


CHECK = Check(
    id="quota",
    finds="machines at their maximum that do not fit the quota of their family, or of all families together",
    asks="usages of Microsoft.MachineLearningServices in the region",
    look=_look,
    judge=_judge,
)
