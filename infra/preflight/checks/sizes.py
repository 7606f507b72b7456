"""Machine sizes: sold in the region, to this subscription, for this purpose, in this tier."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.preflight.check import Check
from infra.preflight.demand import Machines, machines, pools
from infra.preflight.findings import Finding, bad, good
from infra.preflight.plan import Stack
from infra.preflight.port import Azure, Size, Sku

_RESTRICTED = {
    "NotAvailableForSubscription": "ask Azure's support for it, or",
    "QuotaId": "this kind of subscription cannot have it:",
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What can be had in one region."""

    sizes: Mapping[str, Size]
    skus: Mapping[str, Sku]


def _look(azure: Azure, stack: Stack) -> Mapping[str, Offer]:
    regions = sorted({one.region for one in machines(stack)})
    found = {region: Offer(sizes=azure.sizes(region), skus=azure.skus(region)) for region in regions}
    # Kubernetes takes any virtual machine: Azure ML's list does not bind it.
    others = sorted({one.region for one in pools(stack)} - set(regions))
    return found | {region: Offer(sizes={}, skus=azure.skus(region)) for region in others}


def _judge(stack: Stack, seen: Mapping[str, Offer]) -> tuple[Finding, ...]:
    found = (
        *(_of_one(one, seen[one.region]) for one in machines(stack)),
        *(_of_pool(one, seen[one.region]) for one in pools(stack)),
    )
    return found or (good("machines", "the stack file asks for none"),)


def _of_pool(one: Machines, seen: Offer) -> Finding:
    about, sku = f"{one.key}.vmSize {one.size_name}", seen.skus.get(one.size_name.lower())
    if sku is None:
        return bad(about, f"there are no such virtual machines in {one.region}", "choose another size or region")
    if sku.restricted:
        return bad(
            about,
            f"is closed to this subscription in {one.region} ({sku.restricted})",
            f"{_RESTRICTED.get(sku.restricted, '')} choose another size or region".strip(),
        )
    return good(about, f"can be had in {one.region}")


def _of_one(one: Machines, seen: Offer) -> Finding:
    about, name, region = f"{one.key}.vmSize {one.size_name}", one.size_name.lower(), one.region
    size, sku = seen.sizes.get(name), seen.skus.get(name)
    if size is None:
        near = _alternatives(one, seen)
        return bad(about, f"Azure ML does not have it in {region} (it is retired, or never came)", near)
    if sku is not None and sku.restricted:
        what = _RESTRICTED.get(sku.restricted, "")
        return bad(
            about,
            f"is closed to this subscription in {region} ({sku.restricted})",
            f"{what} {_alternatives(one, seen)}",
        )
    if one.compute in _KNOWN_PURPOSES and size.for_computes and one.compute not in size.for_computes:
        return bad(
            about, f"is not for {one.compute}, only for {', '.join(size.for_computes)}", _alternatives(one, seen)
        )
    if one.low_priority and not size.low_priority:
        return bad(about, "has no low priority", f"set {one.key}.priority to Dedicated, or {_alternatives(one, seen)}")
    if size.family.lower() != one.size.family.lower() or size.vcpus != one.size.vcpus:
        return bad(
            about,
            f"Azure says family {size.family} and {size.vcpus} vCPUs; infra/vm_sizes.py says {one.size.family} and "
            f"{one.size.vcpus}, so quotas would be compared wrongly",
            "mend its line in infra/vm_sizes.py",
        )
    return good(about, f"Azure ML has it in {region}")


_KNOWN_PURPOSES = ("AmlCompute", "ComputeInstance")


def _alternatives(one: Machines, seen: Offer) -> str:
    fit = [
        size.name
        for name, size in sorted(seen.sizes.items(), key=lambda pair: (pair[1].vcpus, pair[0]))
        if (size.gpus > 0) == (one.size.gpus > 0)
        and size.vcpus >= one.size.vcpus
        and (size.low_priority or not one.low_priority)
        and not (name in seen.skus and seen.skus[name].restricted)
    ]
    return f"choose another size, such as {', '.join(fit[:3])}, or another region" if fit else "choose another region"


CHECK = Check(
    id="sizes",
    finds="a machine size that is retired, not in the region, closed to the subscription, or without low priority",
    asks="vmSizes of Microsoft.MachineLearningServices and skus of Microsoft.Compute",
    look=_look,
    judge=_judge,
)
