"""Where the fields of policies stand in a resource's body: aliases as a table, and a few names that need none.

The table (`aliases.json`) holds what public lists of Azure's aliases and Azure's own policies name, for the types that
policies here speak of.  An alias that is not in it is refused, as Azure refuses one that it does not have.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ABSENT: Any = object()
"""What a field is that nothing was said of; not the same as null, which Azure takes for the same."""

_ON_TOP = ("fullname", "id", "identity.type", "kind", "location", "name", "tags", "type")
_TAG = re.compile(r"tags(?:\.(?P<dotted>[^\[\]]+)|\[['\"]?(?P<named>[^\]]*?)['\"]?\])", re.IGNORECASE)


@cache
def table() -> Mapping[str, str]:
    """Every alias in lower case, and the path that it stands for."""
    found: dict[str, str] = {}
    for kind, row in _rows().items():
        for place in ("properties", "properties.properties"):
            found |= {f"{kind}/{tail}".lower(): f"{place}.{tail}" for tail in row.get(place, ())}
        found |= {f"{kind}/{tail}".lower(): path for tail, path in row.get("elsewhere", {}).items()}
    return found


def is_indexed(kind: str, body: Mapping[str, Any]) -> bool:
    """Whether policies of mode `Indexed` look at a type: those whose resources have tags and a location."""
    if kind.lower() == "microsoft.resources/subscriptions/resourcegroups":
        return False
    row = {name.lower(): each for name, each in _rows().items()}.get(kind.lower())
    return bool(row["indexed"]) if row is not None else "location" in body


def is_known(field: str) -> bool:
    """Whether a policy may ask for this field."""
    return field.lower() in _ON_TOP or _TAG.fullmatch(field) is not None or field.lower() in table()


def path_of(field: str) -> str:
    """Where a field stands in a body.  Raises KeyError for one that nothing can be written to."""
    tag = _TAG.fullmatch(field)
    if tag is not None:
        return f"tags.{tag['dotted'] or tag['named']}"
    return field.lower() if field.lower() in ("kind", "location", "tags") else table()[field.lower()]


def read(field: str, resource: Mapping[str, Any]) -> list[Any] | Any:  # noqa: ANN401
    """What a field is: one value, or ABSENT; for a field with `[*]` the list of what its elements have."""
    tag = _TAG.fullmatch(field)
    if tag is not None:
        return _one(resource.get("tags"), tag["dotted"] or tag["named"])
    lowered = field.lower()
    if lowered == "location" and isinstance(resource.get("location"), str):
        return str(resource["location"]).replace(" ", "").lower()
    if lowered in _ON_TOP:
        return along(lowered, resource)
    kind = str(resource.get("type")).lower()
    if not lowered.startswith(f"{kind}/") or "/" in lowered[len(kind) + 1 :]:
        return [] if "[*]" in lowered else ABSENT  # an alias of another type
    return along(table()[lowered], resource)


def along(path: str, value: Any) -> Any:  # noqa: ANN401
    """Follow a path; `[*]` makes a list of what every element has."""
    head, star, rest = path.partition("[*]")
    for name in head.strip(".").split(".") if head.strip(".") else ():
        value = _one(value, name)
        if value is ABSENT:
            return [] if star else ABSENT
    if not star:
        return value
    elements = value if isinstance(value, list) else []
    found = [along(rest.strip("."), each) if rest else each for each in elements]
    return [inner for each in found for inner in each] if "[*]" in rest else found


def written(body: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    """The body with a value at a path; ABSENT takes it away."""
    first, _, rest = path.partition(".") if not path.startswith("tags.") else ("tags", ".", path[5:])
    name = next((each for each in body if each.lower() == first.lower()), first)
    changed = dict(body)
    if first == "tags" and rest:
        changed[name] = _with(body.get(name) or {}, rest, value)
    elif rest:
        inner = body.get(name)
        changed[name] = written(inner if isinstance(inner, dict) else {}, rest, value)
    else:
        changed = _with(changed, name, value)
    return changed


def _with(body: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    kept = {key: each for key, each in body.items() if key.lower() != name.lower()}
    return kept if value is ABSENT else {**kept, name: value}


def _one(value: Any, name: str) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        return ABSENT
    found = next((each for key, each in value.items() if key.lower() == name.lower()), ABSENT)
    return ABSENT if found is None else found


def names() -> Iterator[str]:
    """Every alias as Azure writes it."""
    for kind, row in _rows().items():
        for tails in (row.get("properties", ()), row.get("properties.properties", ()), row.get("elsewhere", {})):
            yield from (f"{kind}/{tail}" for tail in tails)


@cache
def _rows() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(Path(__file__).with_name("aliases.json").read_text())
    return found
