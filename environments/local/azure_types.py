"""What the `pulumi_azure_native` wheel says about each Azure type, read from its source without importing it.

Importing one module of the wheel costs seconds and 100 MB or more; its source holds the same facts in a regular form.
A module's facts are read once (about a second) and kept in a cache outside the checkout, by the wheel's version.
What the wheel does not say (paths, replace-on-change, secrets, wire names below `properties`) stands in
`environments.local.provider`.
"""

from __future__ import annotations

import functools
import json
import os
import re
import tempfile
from dataclasses import asdict
from importlib import metadata, util
from pathlib import Path
from typing import Any

from environments.local.azure_source import AzureType, Module, Property, Shape, read

__all__ = ["AzureType", "Module", "Property", "Shape", "UnknownTypeError", "azure_type", "module", "wheel_version"]

_WHEEL = "pulumi_azure_native"
_FORMAT = 3  # of the cache; raise it when what is read changes


class UnknownTypeError(LookupError):
    """The wheel has no such type."""


def azure_type(token: str) -> AzureType:
    """Look a token up, with or without an API version (`azure-native:storage/v20240101:StorageAccount`).

    Raises UnknownTypeError.
    """
    try:
        package, name, resource = token.split(":")
        found = module(name.split("/")[0]).types[resource]
    except (ValueError, LookupError) as error:
        raise UnknownTypeError(f"{token} is not a type of {_WHEEL} {wheel_version()}") from error
    if package != "azure-native" or token not in {found.token, *found.aliases}:
        raise UnknownTypeError(f"{token} is not a type of {_WHEEL} {wheel_version()}")
    return found


@functools.cache
def module(name: str) -> Module:
    """Read a module of the wheel.  Raises UnknownTypeError."""
    folder = _wheel() / name
    if not re.fullmatch(r"[a-z0-9]+", name) or not (folder / "__init__.py").exists():
        raise UnknownTypeError(f"{_WHEEL} {wheel_version()} has no module {name}")
    kept = _cache() / f"{name}.json"
    try:
        return _decoded(json.loads(kept.read_text()))
    except (OSError, ValueError, KeyError, TypeError):  # not there, or half of it
        found = read(folder, name)
    _keep(kept, json.dumps(asdict(found), separators=(",", ":")))
    return found


@functools.cache
def wheel_version() -> str:
    """The installed wheel's version."""
    return metadata.version(_WHEEL)


@functools.cache
def _wheel() -> Path:
    found = util.find_spec(_WHEEL)  # finds without running its code
    if found is None or found.origin is None:
        raise UnknownTypeError(f"{_WHEEL} is not installed")
    return Path(found.origin).parent


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "aml-kit" / "azure-types" / f"{wheel_version()}-{_FORMAT}"


def _keep(path: Path, text: str) -> None:
    """Write whole or not at all: several processes may read the wheel at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as aside:
            aside.write(text)
        Path(aside.name).replace(path)
    except OSError:
        return  # a cache that cannot be written costs time, nothing else


def _decoded(kept: dict[str, Any]) -> Module:
    return Module(
        types={
            name: AzureType(
                token=each["token"],
                api_version=each["api_version"],
                inputs={key: _property(value) for key, value in each["inputs"].items()},
                outputs={key: _shape(value) for key, value in each["outputs"].items()},
                aliases=tuple(each["aliases"]),
            )
            for name, each in kept["types"].items()
        },
        objects={
            name: {key: _property(value) for key, value in each.items()} for name, each in kept["objects"].items()
        },
        answers={name: {key: _shape(value) for key, value in each.items()} for name, each in kept["answers"].items()},
    )


def _property(kept: dict[str, Any]) -> Property:
    return Property(
        name=kept["name"], shape=_shape(kept["shape"]), required=kept["required"], const=kept.get("const", "")
    )


def _shape(kept: dict[str, Any]) -> Shape:
    return Shape(
        kind=kept["kind"],
        of=tuple(_shape(each) for each in kept["of"]),
        name=kept["name"],
        values=tuple(kept["values"]),
        known=tuple(kept["known"]),
    )
