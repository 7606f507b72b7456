"""A bare program that declares the resources of a preview: the SDK's classes, literal inputs, no components."""

from __future__ import annotations

import importlib
import inspect
import json
from pprint import pformat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_MARKED = "4dabf18193072939515e22adb298388d"
_FIRST = "azure-native:resources:ResourceGroup"
Json = Any


class Later:
    """What only Azure can say; in the bare program, an output of its resource group, as unknown as the original."""

    def __repr__(self) -> str:
        return "LATER"


def program(events: str) -> str:
    """Write the program that declares what a preview, told as a line of JSON an event, was going to make."""
    found = sorted(_declared(events), key=lambda each: each[0] != _FIRST)
    modules = sorted({kind.split(":")[1] for kind, _, _ in found})
    lines = ["import pulumi", *(f"from pulumi_azure_native import {module}" for module in modules), ""]
    for number, (kind, name, inputs) in enumerate(found):
        _, module, what = kind.split(":")
        arguments = "".join(f"    {key}={pformat(value)},\n" for key, value in _by_python(module, what, inputs).items())
        lines.append(f"r{number} = {module}.{what}(\n    {name!r},\n{arguments})")
        if number == 0:
            lines.append("LATER = r0.id")
    return "\n".join(lines) + "\n"


def _declared(events: str) -> Iterator[tuple[str, str, dict[str, Json]]]:
    for line in events.splitlines():
        metadata = (json.loads(line).get("resourcePreEvent") or {}).get("metadata") if line.startswith("{") else None
        if metadata and metadata["type"].startswith("azure-native:") and metadata.get("new"):
            yield metadata["type"], metadata["urn"].rsplit("::", 1)[1], metadata["new"].get("inputs") or {}


def _by_python(module: str, what: str, inputs: dict[str, Json]) -> dict[str, Json]:
    known = inspect.signature(getattr(importlib.import_module(f"pulumi_azure_native.{module}"), what)._internal_init)  # noqa: SLF001
    names = {name.replace("_", "").lower(): name for name in known.parameters}
    return {names[key.lower()]: _plain(value) for key, value in inputs.items() if key.lower() in names}


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        if _MARKED in value:
            return Later()
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return Later() if isinstance(value, str) and _UNKNOWN in value else value
