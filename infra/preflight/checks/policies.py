"""Azure Policy in force: assignments that would deny what `up` makes, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.preflight import plan
from infra.preflight.check import Check
from infra.preflight.findings import Finding, bad, good, unknown
from infra.preflight.plan import Stack, types
from infra.preflight.port import Azure, Policy

_TAGS = ("owner", "cost-center", "environment", "data-classification")
_GROUPS = "2024-03-01"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A built-in policy that we can foresee: what it would refuse of a stack, and what to change."""

    refuses: Callable[[Stack, Policy], str]
    """What it would refuse, empty if nothing."""
    change: str


def _regions(stack: Stack, policy: Policy) -> str:
    allowed = {str(each).lower().replace(" ", "") for each in policy.parameters.get("listOfAllowedLocations", ())}
    outside = [each for each in (stack.settings.location, *stack.settings.registry_locations) if each not in allowed]
    return f"{', '.join(outside)} is not among {', '.join(sorted(allowed))}" if outside else ""


def _tag(_stack: Stack, policy: Policy) -> str:
    wanted = str(policy.parameters.get("tagName", ""))
    return "" if wanted in _TAGS else f"resources have no tag {wanted!r}; they have {', '.join(_TAGS)}"


def _allowed_types(stack: Stack, policy: Policy) -> str:
    allowed = {str(each).lower() for each in policy.parameters.get("listOfResourceTypesAllowed", ())}
    outside = [kind for kind in types(stack) if kind.lower() not in allowed and kind != plan.RESOURCE_GROUP]
    return f"not allowed: {', '.join(outside)}" if outside else ""


def _refused_types(stack: Stack, policy: Policy) -> str:
    refused = {str(each).lower() for each in policy.parameters.get("listOfResourceTypesNotAllowed", ())}
    inside = [kind for kind in types(stack) if kind.lower() in refused]
    return f"not allowed: {', '.join(inside)}" if inside else ""


def _public(stack: Stack, _policy: Policy) -> str:
    return "publicNetworkAccess is true" if stack.settings.public_network_access else ""


def _outbound(stack: Stack, _policy: Policy) -> str:
    mode = stack.settings.isolation_mode
    return "" if mode == "AllowOnlyApprovedOutbound" else f"isolationMode is {mode}"


def _never(_stack: Stack, _policy: Policy) -> str:
    return ""


def _always(words: str) -> Callable[[Stack, Policy], str]:
    return lambda _stack, _policy: words


_FITS = Known(refuses=_never, change="")
_TAGGED = Known(refuses=_tag, change="have the assignment exempt this resource group, or ask for one of these tags")
_IN_REGIONS = Known(refuses=_regions, change="change location or registryLocations, or have the region allowed")
KNOWN: Mapping[str, Known] = {
    "e56962a6-4747-49cd-b67b-bf8b01975c4c": _IN_REGIONS,  # allowed locations
    "e765b5de-1225-4ba3-bd56-1ac6695af988": _IN_REGIONS,  # allowed locations for resource groups
    "871b6d14-10aa-478d-b590-94f262ecfa99": _TAGGED,  # require a tag on resources
    "96670d01-0a4d-4649-9c89-2d3abc0a5025": _TAGGED,  # require a tag on resource groups
    "a08ec900-254a-4555-9bf5-e42af04b5c5c": Known(refuses=_allowed_types, change="have these types allowed"),
    "6c112d4e-5bc7-47ae-a041-ea2d9dccd749": Known(refuses=_refused_types, change="have these types allowed"),
    "438c38d2-3772-465a-a9cc-7a6666a275ce": Known(  # workspaces disable public network access
        refuses=_public, change="set publicNetworkAccess to false"
    ),
    "6ddb1705-c8cf-450e-aa4b-19ad6703c440": Known(  # workspaces use approved outbound
        refuses=_outbound, change="set isolationMode to AllowOnlyApprovedOutbound"
    ),
    "e413671a-dd10-4cc1-a943-45b598596cb7": Known(  # V1 legacy mode
        refuses=_always("it demands the legacy mode of 2021, which this program never turns on"),
        change="have the assignment exempt this resource group",
    ),
    "5f0c7d88-c7de-45b8-ac49-db49e72eaa78": _FITS,  # user-assigned identity: always so here
    "679ddf89-ab8f-48a5-9029-e76054077449": _FITS,  # instances stop when idle: always so here
    "e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f": _FITS,  # computes without local authentication: always so here
}
"""By the definition's GUID ("Azure Policy built-in definitions", General, Tags and Machine Learning)."""


def _look(azure: Azure, stack: Stack) -> tuple[Policy, ...]:
    return azure.policies(stack.group if azure.find(stack.group, _GROUPS) is not None else stack.scope)


def _judge(stack: Stack, seen: tuple[Policy, ...]) -> tuple[Finding, ...]:
    held = [policy for policy in seen if policy.effect in {"deny", ""}]
    findings = tuple(_of_one(stack, policy) for policy in held)
    return findings or (good("policies", f"none of {len(seen)} in force denies"),)


def _of_one(stack: Stack, policy: Policy) -> Finding:
    about = f"{policy.assignment}: {policy.title}"
    known = KNOWN.get(policy.definition.lower())
    if known is None:
        effect = "denies" if policy.effect else "has an effect that cannot be read here"
        return unknown(
            about,
            f"it {effect}, and preflight does not know what it refuses",
            "read it, then bypass this check with what you found, or have it exempt this resource group",
        )
    refused = known.refuses(stack, policy)
    return (
        bad(about, f"would deny: {refused}", known.change) if refused else good(about, "denies nothing of this stack")
    )


CHECK = Check(
    id="policies",
    finds="an Azure Policy assignment that would deny what `up` makes",
    asks="policyAssignments of Microsoft.Authorization at the scope, their definitions and initiatives",
    look=_look,
    judge=_judge,
)
