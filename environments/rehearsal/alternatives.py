"""For each setting of a stack file, what it could be instead: by the schema that editors check stack files by."""

from __future__ import annotations

import copy
import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = Any
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "^[a-z]+[0-9]?$": ("westeurope", "westus2"),
    r"^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$": ("another.example.com", "third.example.com"),
    "^PT[1-9][0-9]*[SMH]$": ("PT17M", "PT18M"),
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": (
        "5f2b1c3e-0000-4000-8000-00000000000a",
        "5f2b1c3e-0000-4000-8000-00000000000b",
    ),
    "^[1-9][0-9]*m?$": ("3", "5"),
    "^[1-9][0-9]*(Mi|Gi|Ti)$": ("6Gi", "7Gi"),
    r"^1\.[0-9]{2}(\.[0-9]+)?$": ("1.32", "1.33"),
    r"^Standard_[A-Za-z0-9_]+$": ("Standard_D4ds_v5", "Standard_D2ds_v5"),
    r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$": ("example/other", "example/another"),
}
"""By pattern: values that fit it, for patterns that plain words do not fit."""
_WORDS = ("other", "another", "Another")
_SIZE = re.compile(r"Standard_[A-Z]+[0-9]")
_SIZES = ("Standard_DS4_v2", "Standard_DS3_v2")
_FIXED = frozenset({"azure-native:location"})


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """One setting with another value."""

    key: str
    """`aml-kit:computeClusters.cpu.maxNodes`; `+` or `-` at the end for an entry more or less."""
    config: dict[str, Json]
    """The whole config with that one change."""

    @property
    def said(self) -> str:
        """The key without its namespace."""
        return self.key.partition(":")[2] or self.key


def alternatives(config: Mapping[str, Json], schema: Mapping[str, Json]) -> tuple[Alternative, ...]:
    """Every single change: of each value that is set, and of each that is left to its default."""
    known: Mapping[str, Json] = schema["properties"]["config"]["properties"]
    found = []
    for key in [*config, *(each for each in known if each not in config)]:
        if key in _FIXED or (key not in known and not isinstance(config[key], (str, bool, int, list, dict))):
            continue
        given = known.get(key) or _guessed(config[key])
        for at, value in _values(given, config.get(key), schema, ()):
            found.append(Alternative(key=key + _written(at), config=_set(config, (key, *_plain(at)), value)))
    return tuple({each.key: each for each in reversed(found)}.values())[::-1]


_GONE = object()


def _values(
    schema: Json, value: Json, whole: Mapping[str, Json], at: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Where and what, for one value and all below it."""
    schema = _resolved(schema, whole)
    value = schema.get("default") if value is None else value
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        for name, inner in schema["properties"].items() if isinstance(value, dict) else ():
            yield from _values(inner, value.get(name), whole, (*at, name))
    elif kind == "object":
        yield from _entries(schema, value or {}, whole, at)
    elif kind == "array":
        yield from _items(schema, list(value or []), whole, at)
    elif (other := _other(schema, value)) is not None:
        yield at, other


def _entries(
    schema: Json, value: dict[str, Json], whole: Mapping[str, Json], at: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Json]]:
    inner = next(iter((schema.get("patternProperties") or {"": schema.get("additionalProperties") or {}}).values()))
    if not value:
        return
    first, last = next(iter(value)), list(value)[-1]
    yield from _values(inner, value[first], whole, (*at, first))
    yield (*at, "other", "+"), copy.deepcopy(value[first])
    yield (*at, last, "-"), _GONE


def _items(
    schema: Json, value: list[Json], whole: Mapping[str, Json], at: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Json]]:
    item = _resolved(schema.get("items") or {}, whole)
    more = next((each for each in _candidates(item) if each not in value), None)
    if more is not None:
        yield (*at, "+"), [*value, more]
    if value and item.get("type") == "object":
        yield from _values(item, value[0], whole, (*at, "0"))
    if value:
        yield (*at, "-"), value[:-1]


def _other(schema: Json, value: Json) -> Json:
    """Another value of the same schema; None where none is known."""
    return next((each for each in _candidates(schema, value) if each != value and str(each) != str(value)), None)


def _candidates(schema: Json, value: Json = None) -> Iterator[Json]:
    match schema:
        case {"enum": options}:
            yield from options
        case {"type": "boolean"}:
            yield value not in (True, "true")
        case {"type": "integer" | "number"}:
            least, most = schema.get("minimum", 0), schema.get("maximum", 10**6)
            start = int(value) if value is not None else least
            yield from (each for each in (start + 1, start - 1) if least <= each <= most)
        case {"type": "string"} if isinstance(value, str) and (half := _half(value)):
            yield half
        case {"type": "string", "pattern": pattern} if pattern in _TEXTS:
            yield from _TEXTS[pattern]
        case {"type": "string"} if _SIZE.match(str(value)):
            yield from _SIZES
        case {"type": "string", "pattern": pattern}:
            yield from (each for each in _WORDS if re.search(pattern, each))
        case {"type": "string"}:
            yield from _WORDS


def _half(value: str) -> str:
    """The first half of a range of addresses, which fits wherever the range does; nothing of another value."""
    try:
        return str(next(ipaddress.ip_network(value).subnets()))
    except (ValueError, StopIteration):
        return ""


def _resolved(schema: Json, whole: Mapping[str, Json]) -> Json:
    """The schema itself: what a reference points at, or the first that is more than null."""
    if "$ref" in schema:
        target: Json = whole
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _resolved(target, whole)
    if "anyOf" in schema:
        first = next(each for each in schema["anyOf"] if each.get("type") != "null")
        return {**_resolved(first, whole), **({"default": schema["default"]} if "default" in schema else {})}
    return schema


def _guessed(value: Json) -> Json:
    """A schema for a key that nobody describes: of a user's own program."""
    kinds = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return {"type": kinds[type(value)]}


def _written(at: tuple[str, ...]) -> str:
    return "".join(f" {step}" if step in {"+", "-"} else f".{step}" for step in at)


def _plain(at: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(step for step in at if step not in {"+", "-"})


def _set(config: Mapping[str, Json], path: tuple[str, ...], value: Json) -> dict[str, Json]:
    changed = copy.deepcopy(dict(config))
    place: Json = changed
    for step in path[:-1]:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if value is _GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed
