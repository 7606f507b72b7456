"""The names and places that a program leaves open."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from environments.local.provider.resources import FIXED_NAMES, GUID_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.provider.resources import Served

_SUFFIX = 8  # hexadecimal digits after a name that nobody chose


class UnnamedError(Exception):
    """The program gives no name and forbids to find one."""


def completed(
    kind: Served,
    inputs: Mapping[str, Any],
    old: Mapping[str, Any],
    *,
    logical_name: str,
    seed: bytes,
    proposed: str | None,
    location: str | None,
) -> dict[str, Any]:
    """Fill in the name (the one it has, or the one proposed, or one of our own) and the stack's region.

    Raises UnnamedError when `proposed` is empty, which is how the engine forbids names that nobody chose.
    """
    found = dict(inputs)
    name = kind.name_input
    if name and found.get(name) is None and name in kind.type.inputs:
        found[name] = old.get(name) or _new_name(kind, logical_name, seed, proposed)
    if location and found.get("location") is None and "location" in kind.type.inputs:
        found["location"] = location
    return found


def _new_name(kind: Served, logical_name: str, seed: bytes, proposed: str | None) -> str:
    if kind.key in FIXED_NAMES:
        return FIXED_NAMES[kind.key]
    digest = hashlib.sha256(seed + kind.key.encode() + logical_name.encode()).digest()
    if kind.key in GUID_NAMES:
        return str(uuid.UUID(bytes=digest[:16], version=4))
    if proposed == "":
        raise UnnamedError(f"{kind.name_input} is required: the project's settings forbid automatic names")
    return proposed or f"{logical_name}{digest.hex()[:_SUFFIX]}"
