"""Which resource another one means: by what the engine knows of the wiring first, by Azure ids and names after."""

import re
from collections.abc import Mapping

from rules.index import Index, index, meant
from rules.props import ABSENT, UNKNOWN, Absent, Unknown
from rules.stack import Resource, Stack
from rules.subscription import in_id

WORKSPACE = "azure-native:machinelearningservices:Workspace"

# What a resource is called in its own inputs (outputs and states say ``name``), and what comes before it in its id.
_NAMES = {
    "containerregistry:Registry": ("registryName", "registries"),
    "keyvault:Vault": ("vaultName", "vaults"),
    "machinelearningservices:BatchDeployment": ("deploymentName", "deployments"),
    "machinelearningservices:BatchEndpoint": ("endpointName", "batchEndpoints"),
    "machinelearningservices:Compute": ("computeName", "computes"),
    "machinelearningservices:OnlineDeployment": ("deploymentName", "deployments"),
    "machinelearningservices:OnlineEndpoint": ("endpointName", "onlineEndpoints"),
    "machinelearningservices:Registry": ("registryName", "registries"),
    "machinelearningservices:Workspace": ("workspaceName", "workspaces"),
    "network:PrivateEndpoint": ("privateEndpointName", "privateEndpoints"),
    "operationalinsights:Workspace": ("workspaceName", "workspaces"),
    "privatedns:PrivateZone": ("privateZoneName", "privateDnsZones"),
    "storage:StorageAccount": ("accountName", "storageAccounts"),
}

Answer = bool | Unknown


def name_of(resource: Resource) -> str | Absent | Unknown:
    """Tell what Azure calls a resource."""
    said = resource.props.text("name")
    own, _ = _NAMES.get(resource.type.removeprefix("azure-native:"), ("", ""))
    written = resource.props.text(own) if own else ABSENT
    return said if isinstance(said, str) or isinstance(written, Absent) else written


def means(resource: Resource, key: str, said: str | Absent | Unknown, target: Resource) -> Answer:
    """Tell whether what a resource says in one of its inputs (``key``) is the target: its name, or its Azure id.

    A value that is not known yet is the target if it comes from the target alone, and not if it comes from others only.
    So is one that is not said: a stack shows what Azure answered, which leaves out what only the address of a request
    says (the workspace of a compute, the subject of a diagnostic setting).
    """
    wired = set(resource.wired.get(key, ()))
    if isinstance(said, Absent) and not wired:
        return _lies_below(resource, target)
    if isinstance(said, Absent | Unknown):
        return UNKNOWN if not wired or (target.urn in wired and len(wired) > 1) else target.urn in wired
    whole = target.props.text("id")
    if isinstance(whole, str) and "/" in said:
        return said.strip("/").lower() == whole.strip("/").lower()
    name = name_of(target)
    if isinstance(name, Unknown):
        return UNKNOWN
    return isinstance(name, str) and _is_id_of(said.lower().rstrip("/"), name.lower(), target)


def _lies_below(resource: Resource, target: Resource) -> bool:
    own, whole = resource.props.text("id"), target.props.text("id")
    if not isinstance(own, str) or not isinstance(whole, str):
        return False
    return bool(whole.strip("/")) and f"/{own.strip('/')}/".lower().startswith(f"/{whole.strip('/')}/".lower())


def _is_id_of(said: str, name: str, target: Resource) -> bool:
    before, _, last = said.rpartition("/")
    _, kind = _NAMES.get(target.type.removeprefix("azure-native:"), ("", ""))
    of_its_kind = not kind or "/providers/" not in said or before.endswith(f"/{kind.lower()}")
    return last == name and of_its_kind


def refers(resource: Resource, path: str, target: Resource) -> Answer:
    """Tell whether the text at a path is the target's name or id."""
    key, said = path.split(".", 1)[0], resource.props.text(path)
    # What Azure answers, which is what a state holds, repeats no name of a parent; the wiring still tells.
    return means(resource, key, UNKNOWN if isinstance(said, Absent) and resource.wired.get(key) else said, target)


def find(resource: Resource, path: str, stack: Stack, *types: str) -> Resource | Absent | Unknown:
    """Find the resource of these types that the text at a path means."""
    answers = [(one, refers(resource, path, one)) for one in meant(resource, path, stack.once(_index, *types))]
    if found := [one for one, answer in answers if answer is True]:
        return found[0]
    return UNKNOWN if any(isinstance(answer, Unknown) for _, answer in answers) else Absent()


def that_may_mean(target: Resource, path: str, stack: Stack, *types: str) -> tuple[Resource, ...]:
    """Pick the resources of these types whose text at a path may mean the target, to be asked by ``refers``."""
    return stack.once(_sources, path, target.type, *types).get(target.urn, ())


def _index(stack: Stack, *types: str) -> Index:
    return index(stack, name_of, *types)


def _sources(stack: Stack, path: str, target: str, *types: str) -> Mapping[str, tuple[Resource, ...]]:
    found: dict[str, list[Resource]] = {}
    for one in stack.of(*types):
        for urn in {each.urn for each in meant(one, path, stack.once(_index, target))}:
            found.setdefault(urn, []).append(one)
    return {urn: tuple(ones) for urn, ones in found.items()}


def workspace_of(resource: Resource, stack: Stack) -> Resource | Absent | Unknown:
    """Find the workspace that a resource is in; it may be in another stack, or a preview may not know yet."""
    return find(resource, "workspaceName", stack, WORKSPACE)


def lies_in(resource: Resource, other: Resource, path: str) -> Answer:
    """Tell whether the scope at a path of another resource is around this one: its group, or its subscription."""
    scope, whole = other.props.enum(path), resource.props.enum("id")
    if isinstance(scope, str) and isinstance(whole, str) and "/resourcegroups/" in whole:
        return f"/{whole.strip('/')}/".startswith(f"/{scope.strip('/')}/")
    if isinstance(scope, str):
        return False if _is_elsewhere(resource, scope) else _is_around(resource, scope.strip("/"))
    return in_one_group(other, path, resource)


def in_one_group(other: Resource, path: str, resource: Resource) -> Answer:
    """Tell, of values that are not known yet, whether they come from one group."""
    mine, its = set(other.wired.get(path, ())), set(resource.wired.get("resourceGroupName", ()))
    return bool(mine & its) if mine and its else UNKNOWN


def _is_elsewhere(resource: Resource, scope: str) -> bool:
    """Tell whether a scope lies for certain in another subscription than a resource."""
    own = resource.subscription
    return isinstance(own, str) and bool(own) and in_id(scope) not in ("", own)


def _is_around(resource: Resource, scope: str) -> Answer:
    group = resource.props.enum("resourceGroupName")
    if named := re.search(r"(?:^|/)resourcegroups/([^/]+)$", scope):
        return named[1] == group if isinstance(group, str) else UNKNOWN
    if not re.fullmatch(r"subscriptions/[^/]+", scope):
        return False
    return True if in_id(scope) == resource.subscription else UNKNOWN
