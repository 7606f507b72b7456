"""What is wrong with the inputs of a resource, or with the body of a PUT, by what Azure's SDK knows of its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments.local.azure_types import module
from environments.local.provider import bodies, wire_names
from environments.local.provider.resources import QUERY, by_arm_type, served
from environments.local.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.local.azure_types import Property, Shape
    from environments.local.provider.resources import Served

_ENVELOPE = frozenset({"apiVersion", "dependsOn", "id", "name", "systemData", "type"})
_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "object": (dict,),
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: where (`properties.scaleSettings.maxNodeCount`) and what."""

    path: str
    text: str


def problems_of_inputs(kind: Served, inputs: Mapping[str, Any]) -> list[Problem]:
    """All that is wrong with a program's inputs."""
    return list(_object(kind.type.module, kind.type.inputs, inputs, "", owner=kind.key, wire=False))


def validate(arm_type: str, body: Mapping[str, Any]) -> list[Problem] | None:
    """All that is wrong with the body of a PUT, in Azure's own names; None when the SDK does not know the type.

    It is judged by the one api-version that the SDK uses: see `api_version`.
    """
    key = by_arm_type().get(arm_type.lower())
    if key is None:
        return None
    kind = served(f"azure-native:{key}")
    mine = {name: each for name, each in kind.type.inputs.items() if name not in _not_in_body(kind)}
    top = {name: each for name, each in mine.items() if wire_names.is_on_top(kind.key, name)}
    below = {name: each for name, each in mine.items() if name not in top}
    outer = {name: value for name, value in body.items() if name not in _ENVELOPE - set(top)}
    under = outer.pop("properties", {}) if below else {}
    found = list(_object(kind.type.module, top, outer, "", owner=kind.key, wire=True))
    if not isinstance(under, dict):
        return [*found, Problem(path="properties", text="must be an object")]
    given = {wire_names.wire_name(kind.key, name) for name in mine}
    read_only = {wire_names.wire_name(kind.key, name) for name in kind.type.output_only} - given
    sent = {name: value for name, value in under.items() if name not in read_only}
    return found + list(_object(kind.type.module, below, sent, "properties", owner=kind.key, wire=True))


def api_version(arm_type: str) -> str | None:
    """The api-version whose bodies `validate` knows; None for an unknown type."""
    key = by_arm_type().get(arm_type.lower())
    return served(f"azure-native:{key}").type.api_version if key else None


def _not_in_body(kind: Served) -> set[str]:
    return {*kind.path_inputs, *QUERY.get(kind.key, ())}


def _object(
    of_module: str, properties: Mapping[str, Property], value: Mapping[str, Any], path: str, *, owner: str, wire: bool
) -> Iterator[Problem]:
    by_name = {wire_names.wire_name(owner, name) if wire else name: found for name, found in properties.items()}
    for name, found in by_name.items():
        if found.required and value.get(name) is None:
            yield Problem(path=_below(path, name), text="is required")
    for name, each in value.items():
        here = _below(path, name)
        if name not in by_name:
            yield Problem(path=here, text=f"is no property of {owner}; known are {', '.join(sorted(by_name))}")
        elif each is not None and not (wire and name == wire_names.IDENTITIES and isinstance(each, dict)):
            yield from _value(of_module, by_name[name].shape, each, here, wire=wire)


def _value(of_module: str, shape: Shape, value: Any, path: str, *, wire: bool) -> Iterator[Problem]:  # noqa: ANN401
    if value is UNKNOWN or shape.kind == "any":
        return
    if shape.kind == "union":
        yield from _union(of_module, shape, value, path, wire=wire)
    elif not _is(value, shape.kind):
        yield Problem(path=path, text=f"must be {_article(shape.kind)}, not {value!r}")
    elif allowed := _unmet(shape, value, wire=wire):
        yield Problem(path=path, text=f"must be one of {', '.join(allowed)}, not {value!r}")
    elif shape.kind == "list":
        for index, each in enumerate(value):
            yield from _value(of_module, shape.of[0], each, f"{path}[{index}]", wire=wire)
    elif shape.kind == "map":
        for key, each in value.items():
            yield from _value(of_module, shape.of[0], each, _below(path, key), wire=wire)
    elif shape.kind == "object":
        yield from _named(of_module, shape.name, value, path, wire=wire)


def _unmet(shape: Shape, value: Any, *, wire: bool) -> tuple[str, ...]:  # noqa: ANN401
    """The values that there are, if the given one is none of them; a program may use one that the wheel misses."""
    allowed = shape.values or (shape.known if wire else ())
    return allowed if allowed and value.lower() not in {each.lower() for each in allowed} else ()


def _union(of_module: str, shape: Shape, value: Any, path: str, *, wire: bool) -> Iterator[Problem]:  # noqa: ANN401
    if isinstance(value, dict) and any(each.kind == "object" for each in shape.of):
        flat = bodies.flattened(of_module, shape, value) if wire else value
        chosen = bodies.chosen_shape(of_module, shape, flat, wire=wire)
        if chosen is not None:
            yield from _named(of_module, chosen.name, value, path, wire=wire)
        elif not any(each.kind == "map" for each in shape.of):
            yield _no_alternative(of_module, shape, flat, path, wire=wire)
        return
    tried = [list(_value(of_module, each, value, path, wire=wire)) for each in shape.of]
    if all(tried):
        yield tried[0][0]


def _no_alternative(of_module: str, shape: Shape, value: Mapping[str, Any], path: str, *, wire: bool) -> Problem:
    consts: dict[str, list[str]] = {}
    for each in shape.of:
        for name, found in module(of_module).objects.get(each.name, {}).items():
            if found.const:
                said = wire_names.wire_name(f"{of_module}:{each.name}", name) if wire else name
                consts.setdefault(said, []).append(found.const)
    if not consts:
        return Problem(path=path, text=f"must be one of {', '.join(each.name for each in shape.of)}")
    name, allowed = max(consts.items(), key=lambda each: len(each[1]))
    return Problem(path=_below(path, name), text=f"must be one of {', '.join(allowed)}, not {value.get(name)!r}")


def _named(of_module: str, name: str, value: dict[str, Any], path: str, *, wire: bool) -> Iterator[Problem]:
    properties = module(of_module).objects.get(name)
    if properties is None:
        return
    owner = f"{of_module}:{name}"
    outside = wire_names.inner(owner)
    if not wire or outside is None:
        yield from _object(of_module, properties, value, path, owner=owner, wire=wire)
        return
    top = {each: found for each, found in properties.items() if each in outside}
    below = {each: found for each, found in properties.items() if each not in outside}
    outer = {each: found for each, found in value.items() if each != "properties"}
    yield from _object(of_module, top, outer, path, owner=owner, wire=True)
    under = value.get("properties")
    if under is not None and not isinstance(under, dict):
        yield Problem(path=_below(path, "properties"), text="must be an object")
    elif under is not None or any(found.required for found in below.values()):
        yield from _object(of_module, below, under or {}, _below(path, "properties"), owner=owner, wire=True)


def _is(value: Any, kind: str) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _KINDS[kind])


def _article(kind: str) -> str:
    words = {"integer": "a whole number", "boolean": "true or false", "map": "an object", "object": "an object"}
    return words.get(kind, f"a {kind}")


def _below(path: str, name: str) -> str:
    if "." in name or "[" in name:
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name
