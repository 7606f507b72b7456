"""What a box says of its resource: its name in Azure, and the few of its inputs that people look for."""

from collections.abc import Iterator, Mapping
from typing import Any

Inputs = Mapping[str, Any]
_WORKSPACES = {"Hub": "Hub workspace", "Project": "Project", "FeatureStore": "Feature store"}
_ACCESS = ("publicNetworkAccess", "publicNetworkAccessForIngestion", "publicNetworkAccessForQuery")
_NAMED_BY = {  # where the type's own name is not what the input is called by
    "StorageAccount": "accountName",
    "Server": "serverName",
    "ManagedEnvironment": "environmentName",
    "PrivateLinkScope": "scopeName",
}


def azure_name(token: str, inputs: Inputs, otherwise: str) -> str:
    """What it is called in Azure, where the program says it."""
    last = token.rsplit(":", maxsplit=1)[-1]
    key = _NAMED_BY.get(last, f"{last[0].lower()}{last[1:]}Name")
    return str(inputs.get(key) or inputs.get("resourceName") or otherwise)


def title(kind: str, inputs: Inputs, words: str) -> str:
    """What it is, where its type alone does not say it."""
    return _WORKSPACES.get(str(inputs.get("kind")), words) if kind == "machinelearningservices:Workspace" else words


def badges(inputs: Inputs, *, protect: bool) -> Iterator[str]:
    """One word each on what matters most."""
    within = inputs.get("properties")
    places = (inputs, within if isinstance(within, Mapping) else {})
    said = [place[key] for place in places for key in _ACCESS if isinstance(place.get(key), str)]
    if said:
        yield "closed" if all(each.lower() == "disabled" for each in said) else "open"
    if protect:
        yield "protected"


def facts(token: str, inputs: Inputs) -> Iterator[str]:
    """What else people look for, a line each."""
    match token:
        case "resources:ResourceGroup":
            yield f"region {inputs.get('location')}"
        case "storage:StorageAccount" | "containerregistry:Registry" | "keyvault:Vault":
            sku = inputs.get("sku") or inputs.get("properties", {}).get("sku", {})
            yield f"tier {sku.get('name')}"
        case "machinelearningservices:Registry":
            regions = inputs.get("regionDetails", [])
            yield "in " + ", ".join(str(region.get("location")) for region in regions)
        case "machinelearningservices:Workspace" if inputs.get("kind") == "Project":
            yield "on its hub's storage, vault and network"
        case "machinelearningservices:Workspace":
            mode = inputs.get("managedNetwork", {}).get("isolationMode", "Disabled")
            yield f"managed network: {_words(mode)}"
        case "operationalinsights:Workspace":
            yield f"keeps {_number(inputs.get('retentionInDays'))} days"
        case "network:VirtualNetwork":
            yield from inputs.get("addressSpace", {}).get("addressPrefixes", [])
        case "dbforpostgresql:Server":
            yield f"{inputs.get('sku', {}).get('name')}, version {inputs.get('version')}"


def row(token: str, name: str, inputs: Inputs) -> str:
    """One of several of a type, on one line."""
    properties = inputs.get("properties", {})
    inner = properties.get("properties") or {} if isinstance(properties, Mapping) else {}
    match token:
        case "machinelearningservices:Compute":
            scale = inner.get("scaleSettings", {})
            nodes = f" × {_number(scale.get('minNodeCount'))}-{_number(scale.get('maxNodeCount'))}" if scale else ""  # noqa: RUF001
            return f"{name}: {inner.get('vmSize') or properties.get('computeType')}{nodes}"
        case "consumption:Budget":
            return f"{_number(inputs.get('amount'))} a month"
        case "privatedns:PrivateZone":
            return str(inputs.get("privateZoneName", name)).removeprefix("privatelink.")
    return name.removesuffix("-endpoint").removeprefix("alert-").removeprefix("policy-")


def _words(mode: str) -> str:
    said = {"AllowOnlyApprovedOutbound": "approved only", "AllowInternetOutbound": "internet", "Disabled": "none"}
    return said.get(mode, mode)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
