"""What a subscription may have: machine sizes and quota, told as Azure tells them and enforced where Azure does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.arm.resource_types import Reply, ResourceType
from environments.local.services.uris import WORKSPACE
from environments.local.subscription import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.local.arm.ids import ResourceId
    from environments.local.arm.resource_types import Body, Context, Request, Resource

_ML = "Microsoft.MachineLearningServices"
_COMPUTE, _DEPLOYMENT = f"{WORKSPACE}/computes", f"{WORKSPACE}/onlineEndpoints/deployments"
_INCREASE = (
    "Talk to your Subscription Admin or refer to https://docs.microsoft.com/azure/machine-learning/"
    "how-to-manage-quotas#request-quota-increases to increase"
)
DEDICATED, LOW_PRIORITY = "TotalDedicatedCores", "TotalLowPriorityCores"
_UNLIMITED = -1


@dataclass(frozen=True, kw_only=True)
class Use:
    """Machines of one size that Azure keeps for somebody."""

    of: str
    """The lower-cased id of the compute or deployment."""
    size: str
    count: int
    low_priority: bool = False


def check_compute(context: Context, request: Request, region: str) -> None:
    """Refuse a cluster or instance whose first machines (all that always run) do not fit.  Raises ArmError."""
    properties = request.body.get("properties") or {}
    kind, inner = str(properties.get("computeType")).lower(), properties.get("properties") or {}
    if kind not in {"amlcompute", "computeinstance"}:
        return
    size = _size(context, str(inner.get("vmSize")), region)
    low = str(inner.get("vmPriority")).lower() == "lowpriority"
    if low and not size["lowPriorityCapable"]:
        raise ArmError(
            400,
            "UnsupportedVMSizeForLowPriority",
            f"The VM size {inner['vmSize']} is not allowed for LowPriority. Please convert to Dedicated or use a"
            " different VM size.",
        )
    scale = inner.get("scaleSettings") or {}
    # Azure looks at what must run at least; a cluster that never reaches its maximum is made all the same.
    least = max(int(scale.get("minNodeCount") or 0), 1) if kind == "amlcompute" else 1
    needed = least * size["vCPUs"]
    for name, limit in _limits(context, size["family"], region, low_priority=low):
        if limit != _UNLIMITED and needed > limit:
            raise ArmError(
                400,
                "ClusterMinNodesExceedCoreQuota",
                f"The specified subscription has a {name} vCPU quota of {limit} and cannot accomodate for at least"
                f" {least} requested managed compute node which maps to {needed} vCPUs. {_INCREASE} the {name} quota.",
            )


def check_deployment(context: Context, request: Request, region: str) -> None:
    """Refuse a managed online deployment that does not fit beside what runs.  Raises ArmError."""
    use = _of_deployment(request.id, request.body)
    if use is None:
        return
    size = _size(context, use.size, region)
    needed = use.count * size["vCPUs"]
    others = [each for each in uses(context, region) if each.of != use.of]
    for name, limit in _limits(context, size["family"], region, low_priority=False):
        family = None if name == "total" else size["family"]
        used = _used(context, others, family, region, low_priority=False)
        if limit != _UNLIMITED and used + needed > limit:
            raise ArmError(
                400,
                "OutOfQuota",
                f"Not enough quota available for {use.size} in SubscriptionName {context.settings.subscription}."
                f" Current usage/limit: {used}/{limit}. Additional needed: {needed}. Please see troubleshooting guide,"
                " available here: https://aka.ms/oe-tsg#error-outofquota",
            )


def uses(context: Context, region: str) -> list[Use]:
    """All machines of Azure ML in a region: nodes that always run, instances that run, deployments with surge."""
    computes = [_of_compute(each) for each in context.store.of_type(_COMPUTE) if _place(context, each.body) == region]
    deployments = [
        _of_deployment(each.id, each.body)
        for each in context.store.of_type(_DEPLOYMENT)
        if _place(context, each.body) == region
    ]
    return [each for each in (*computes, *deployments) if each is not None and each.count]


def _of_compute(compute: Resource) -> Use | None:
    kind, inner = str(compute.properties.get("computeType")).lower(), compute.properties.get("properties") or {}
    of, size = compute.id.key, str(inner.get("vmSize"))
    if kind == "computeinstance":
        return Use(of=of, size=size, count=int(inner.get("state") == "Running"))
    if kind != "amlcompute":
        return None
    least = int((inner.get("scaleSettings") or {}).get("minNodeCount") or 0)
    low = str(inner.get("vmPriority")).lower() == "lowpriority"
    running = max(least, int(inner.get("currentNodeCount") or 0))
    return Use(of=of, size=size, count=running, low_priority=low)


def _of_deployment(wanted: ResourceId, body: Body) -> Use | None:
    properties = body.get("properties") or {}
    if str(properties.get("endpointComputeType") or "Managed").lower() != "managed":
        return None
    capacity = int((body.get("sku") or {}).get("capacity") or 1)
    # A fifth more is kept for Azure's own upgrades, rounded up.
    size = str(properties.get("instanceType") or "Standard_DS3_v2")
    return Use(of=wanted.key, size=size, count=-(-capacity * 6 // 5))


def _place(context: Context, body: Body) -> str:
    return plain(str(body.get("location") or context.settings.region))


def plain(region: str) -> str:
    """`East US` and `eastus` are one."""
    return region.replace(" ", "").lower()


# ---------------------------------------------------------------- tables


def _sizes(context: Context, region: str) -> dict[str, dict[str, Any]]:
    """Sizes of a region by name; a row may name `regions`, `restricted` (why it may not be used) and `prices`."""
    found = table(context.home, "sizes")
    return {name: row for name, row in found.items() if region in row.get("regions", (region,))}


def _size(context: Context, wanted: str, region: str) -> Mapping[str, Any]:
    found = {name.lower(): row for name, row in _sizes(context, region).items()}.get(wanted.lower())
    if found is None or found.get("restricted"):
        raise ArmError(
            400, "InvalidPropertyValue", f"'{wanted}' is not a supported VM size in {region} for this subscription."
        )
    return found


def _quota(context: Context, part: str, region: str) -> dict[str, Any]:
    """One service's limits in one region: the common ones, changed by the region's own."""
    found = table(context.home, "quota")[part]
    own = (found.get("regions") or {}).get(region) or {}
    inner = {key: {**value, **own.get(key, {})} for key, value in found.items() if isinstance(value, dict)}
    return {**found, **{key: value for key, value in own.items() if not isinstance(value, dict)}, **inner}


def _limits(context: Context, family: str, region: str, *, low_priority: bool) -> Iterator[tuple[str, int]]:
    """The limits that a machine must fit, by what Azure's messages call them."""
    quota = _quota(context, "machineLearning", region)
    if not low_priority:  # low priority is not shared out among families
        yield family, int(quota["dedicated"].get(family, 0))
    yield "total", int(quota[LOW_PRIORITY if low_priority else DEDICATED])


def _used(context: Context, found: list[Use], family: str | None, region: str, *, low_priority: bool) -> int:
    known = {name.lower(): row for name, row in _sizes(context, region).items()}
    return sum(
        each.count * known[each.size.lower()]["vCPUs"]
        for each in found
        if each.low_priority is low_priority
        and each.size.lower() in known
        and family in {None, known[each.size.lower()]["family"]}
    )


# ---------------------------------------------------------------- answers


def _region(request: Request) -> str:
    return plain(request.id.name)


def _listed(rows: list[Body]) -> Reply:
    return Reply(body={"value": rows, "nextLink": None})


def _ml_sizes(context: Context, request: Request) -> Reply:
    own = ("regions", "restricted", "prices")
    rows = []
    for name, row in _sizes(context, _region(request)).items():
        shown = {"name": name, **{key: value for key, value in row.items() if key not in own}}
        rows.append(shown | ({"estimatedVMPrices": _prices(row["prices"])} if row.get("prices") else {}))
    return _listed(rows)


def _prices(prices: Mapping[str, float]) -> Body:
    values = [{"osType": "Linux", "vmTier": tier, "retailPrice": price} for tier, price in prices.items()]
    return {"billingCurrency": "USD", "unitOfMeasure": "OneHour", "values": values}


def _skus(context: Context, request: Request) -> Reply:
    """Microsoft.Compute's list: of one region, if `$filter` names one."""
    wanted = request.query.get("$filter", "").partition(" eq ")[2].strip("'") or context.settings.region
    region = plain(wanted)
    rows = []
    for name, row in _sizes(context, region).items():
        reason = row.get("restricted")
        closed = {"type": "Location", "values": [region], "reasonCode": reason}
        able = [{"name": "vCPUs", "value": str(row["vCPUs"])}, {"name": "GPUs", "value": str(row["gpus"])}]
        rows.append(
            {
                "resourceType": "virtualMachines",
                "name": name,
                "family": row["family"],
                "locations": [region],
                "capabilities": able,
                "restrictions": [closed] if reason else [],
            }
        )
    return _listed(rows)


def _ml_usages(context: Context, request: Request) -> Reply:
    region = _region(request)
    quota, found = _quota(context, "machineLearning", region), uses(context, region)
    rows = []
    for low, total in ((False, DEDICATED), (True, LOW_PRIORITY)):
        kind = "lowPriorityCores" if low else "dedicatedCores"
        used = _used(context, found, None, region, low_priority=low)
        rows.append(_usage(f"{_ML}/{kind}/usages", total, used, quota[total]))
        for family, limit in quota["dedicated"].items():
            used = _used(context, found, family, region, low_priority=low)
            rows.append(_usage(f"{_ML}/{kind}/usages", family, used, _UNLIMITED if low else limit))
    return _listed(rows)


def _vm_usages(context: Context, request: Request) -> Reply:
    quota = _quota(context, "compute", _region(request))
    kind = "Microsoft.Compute/locations/usages"
    rows = [_usage(kind, "cores", 0, quota["cores"])]
    return _listed([*rows, *(_usage(kind, family, 0, limit) for family, limit in quota["families"].items())])


def _usage(kind: str, name: str, used: int, limit: int) -> Body:
    return {
        "type": kind,
        "name": {"value": name, "localizedValue": name},
        "currentValue": used,
        "limit": limit,
        "unit": "Count",
    }


RESOURCE_TYPES = (
    ResourceType(type=f"{_ML}/locations/vmSizes", answered=_ml_sizes),
    ResourceType(type=f"{_ML}/locations/usages", answered=_ml_usages),
    ResourceType(type="Microsoft.Compute/skus", answered=_skus),
    ResourceType(type="Microsoft.Compute/locations/usages", answered=_vm_usages),
)
