"""Names: those that Azure would not take, and those that somebody else in the world has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from infra.preflight import plan
from infra.preflight.check import Check
from infra.preflight.findings import Finding, bad, good
from infra.preflight.plan import Planned, Stack, planned
from infra.preflight.port import Azure, Taken


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one type may be called ("Naming rules and restrictions for Azure resources")."""

    pattern: str
    words: str


_ML = Rule(pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}", words="3 to 33 letters, digits, `-` and `_`")
_ENDPOINT = Rule(
    pattern=r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]", words="3 to 32 letters, digits and dashes, first a letter"
)
_APP = Rule(
    pattern=r"(?!.*--)[a-z][a-z0-9-]{0,30}[a-z0-9]",
    words="2 to 32 lower-case letters, digits and single dashes, first a letter, no dash at the end",
)
RULES: Mapping[str, Rule] = {
    plan.RESOURCE_GROUP: Rule(pattern=r"[\w.()-]{0,89}[\w()-]", words="1 to 90 characters, the last no dot"),
    plan.STORAGE: Rule(pattern=r"[a-z0-9]{3,24}", words="3 to 24 lower-case letters and digits"),
    plan.VAULT: Rule(
        pattern=r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
        words="3 to 24 letters, digits and single dashes, first a letter",
    ),
    plan.CONTAINER_REGISTRY: Rule(pattern=r"[A-Za-z0-9]{5,50}", words="5 to 50 letters and digits"),
    plan.LOGS: Rule(
        pattern=r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
        words="4 to 63 letters, digits and dashes, no dash at the ends",
    ),
    plan.INSIGHTS: Rule(
        pattern=r"[^%&\\?/]{0,259}[^%&\\?/. ]",
        words="1 to 260 characters, none of % & \\ ? /, no dot or space at the end",
    ),
    plan.IDENTITY: Rule(pattern=r"[A-Za-z0-9][\w-]{2,127}", words="3 to 128 letters, digits, `-` and `_`"),
    plan.WORKSPACE: _ML,
    plan.REGISTRY: _ML,
    plan.COMPUTE: Rule(
        pattern=r"(?!.*-[0-9]+$)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
        words="3 to 24 letters, digits and dashes, first a letter, not ending in a dash and digits",
    ),
    plan.ENDPOINT: _ENDPOINT,
    plan.BATCH_ENDPOINT: _ENDPOINT,
    plan.VIRTUAL_NETWORK: Rule(
        pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]",
        words="2 to 64 letters, digits, `-`, `_` and dots, first a letter or digit, the last no dash and no dot",
    ),
    plan.KUBERNETES: Rule(
        pattern=r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?",
        words="1 to 63 letters, digits, `-` and `_`, letters or digits at the ends",
    ),
    plan.APPS: Rule(
        pattern=r"(?!.*--)[a-z][a-z0-9-]{0,58}[a-z0-9]",
        words="2 to 60 lower-case letters, digits and single dashes, first a letter, no dash at the end",
    ),
    plan.APP: _APP,
    plan.JOB: _APP,
    plan.POSTGRES: Rule(
        pattern=r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        words="3 to 63 lower-case letters, digits and dashes, no dash at the ends",
    ),
}
WORLDWIDE = (plan.STORAGE, plan.VAULT, plan.CONTAINER_REGISTRY, plan.POSTGRES)
"""Types whose names are unique in the world, and for which Azure tells whether one is free."""
_VERSIONS = {
    plan.STORAGE: "2024-01-01",
    plan.VAULT: "2024-11-01",
    plan.CONTAINER_REGISTRY: "2023-07-01",
    plan.POSTGRES: "2024-08-01",
}


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has a name: nobody, this very stack, or somebody else."""

    taken: Taken
    ours: bool


def _look(azure: Azure, stack: Stack) -> Mapping[str, Holder]:
    found = {}
    for one in planned(stack):
        if one.type in WORLDWIDE:
            taken = azure.taken(one.type, one.name)
            # What an earlier `up` made is taken too, by us.
            ours = not taken.free and azure.find(one.id, _VERSIONS[one.type]) is not None
            found[one.id] = Holder(taken=taken, ours=ours)
    return found


def _judge(stack: Stack, seen: Mapping[str, Holder]) -> tuple[Finding, ...]:
    return tuple(_of_one(one, seen.get(one.id)) for one in planned(stack))


def _of_one(one: Planned, holder: Holder | None) -> Finding:
    about = f"{one.type.rsplit('/', 1)[1]} {one.name}"
    if not fits(one.type, one.name):
        return bad(
            about,
            f"Azure takes {RULES[one.type].words}",
            "shorten the stack's name, `workload` or the key in the stack file that the name is made of",
        )
    if holder is None:
        return good(about, "Azure takes it")
    if holder.ours:
        return good(about, "taken by this stack itself")
    if holder.taken.free:
        return good(about, "free")
    return bad(
        about,
        f"taken: {holder.taken.why or 'somebody in the world has it'}",
        "raise `generation` in the stack file (it is part of every unique name), or change `workload`",
    )


def fits(kind: str, name: str) -> bool:
    """Whether Azure takes a name for a resource type."""
    rule = RULES.get(kind)
    return rule is None or re.fullmatch(rule.pattern, name) is not None


CHECK = Check(
    id="names",
    finds="a name that is too long, has a character Azure does not take, or is taken somewhere in the world",
    asks="checkNameAvailability of Microsoft.Storage, Microsoft.KeyVault, Microsoft.ContainerRegistry and "
    "Microsoft.DBforPostgreSQL",
    look=_look,
    judge=_judge,
)
