"""States and previews as Pulumi writes them, of resources that a test makes up."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
WORKSPACE = "azure-native:machinelearningservices:Workspace"
STORAGE = "azure-native:storage:StorageAccount"
PROVIDERS = "/subscriptions/s/resourceGroups/g/providers"


def resource(kind: str, name: str, inputs: Mapping[str, Any], stack: str = "prod", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """One resource of a state."""
    return {
        "urn": f"urn:pulumi:{stack}::aml-kit::{kind}::{name}",
        "custom": True,
        "id": f"{PROVIDERS}/Microsoft.Any/{kind.rpartition(':')[2]}s/{name}",
        "type": kind,
        "inputs": dict(inputs),
        "outputs": dict(inputs),
        **more,
    }


def state(*resources: Mapping[str, Any]) -> dict[str, Any]:
    """What `pulumi stack export` writes."""
    provider = {"urn": "urn:pulumi:prod::aml-kit::pulumi:providers:azure-native::default", "custom": True,
                "type": "pulumi:providers:azure-native", "id": "1"}  # fmt: skip
    return {"version": 3, "deployment": {"manifest": {"version": "v3.259.0"}, "resources": [provider, *resources]}}


def preview(*resources: Mapping[str, Any], op: str = "create") -> dict[str, Any]:
    """What `pulumi preview --json --show-sames` prints."""
    steps = [{"op": op, "urn": one["urn"], "newState": dict(one)} for one in resources]
    return {"steps": steps, "changeSummary": {op: len(steps)}}


def saved(folder: Path, content: object, name: str = "file.json") -> Path:
    """Write it to a file."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path
