"""A program's inputs to the body that Azure wants, and Azure's answer back to a program's outputs.

Some properties stand on top of a body, all others under its `properties`; `wire_names` says which, and the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.azure_types import module
from environments.local.provider.resources import QUERY
from environments.local.provider.values import UNKNOWN
from environments.local.provider.wire_names import IDENTITIES, inner, is_on_top, wire_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.azure_types import Shape
    from environments.local.provider.resources import Served


def to_body(kind: Served, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Build the body of a PUT from inputs whose values are all known."""
    left_out = {*kind.path_inputs, *QUERY.get(kind.key, ())}
    top: dict[str, Any] = {}
    below: dict[str, Any] = {}
    for name, value in inputs.items():
        found = kind.type.inputs.get(name)
        if found is None or name in left_out:
            continue
        target = top if is_on_top(kind.key, name) else below
        target[wire_name(kind.key, name)] = _to_wire(kind.type.module, found.shape, value)
    if below:
        top["properties"] = {**top.get("properties", {}), **below}
    return top


def from_body(kind: Served, body: Mapping[str, Any]) -> dict[str, Any]:
    """Read outputs, by the program's names, from what Azure answers."""
    found: dict[str, Any] = {}
    below = body.get("properties") if "properties" not in kind.type.outputs else None
    for name in kind.type.outputs:
        place = body if is_on_top(kind.key, name) else below
        value = place.get(wire_name(kind.key, name)) if isinstance(place, dict) else None
        if value is not None:
            given = kind.type.inputs.get(name)
            found[name] = _from_wire(kind.type.module, given.shape, value) if given else value
    if "azureApiVersion" in kind.type.outputs:
        found["azureApiVersion"] = kind.type.api_version
    return found


def foreseen(kind: Served, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs that can be known before Azure is asked; UNKNOWN for what only Azure can say."""
    named = {"name": inputs.get(kind.name_input, UNKNOWN), "type": kind.arm_type}
    found = {**{name: value for name, value in named.items() if name in kind.type.outputs}}
    found |= from_body(kind, to_body(kind, inputs))
    for name, shape in kind.type.outputs.items():
        given = kind.type.inputs.get(name)
        if given is None:
            found.setdefault(name, UNKNOWN)
        elif name in found:
            found[name] = _foreseen(kind.type.module, given.shape, shape, found[name])
    return found


def overlaid(
    old: Mapping[str, Any], foreseen: Mapping[str, Any], inputs: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """What is known of a resource with what an update foresees over it.

    What only Azure can say stays as Azure said it (a changed tag gives no identity another principal, though one could
    be given); an input of `before` that is given no more goes, one that is not known yet makes what it sets unknown.
    """
    kept = {name: value for name, value in old.items() if name in foreseen or name not in before}
    for name, value in foreseen.items():
        known, given, was = old.get(name), inputs.get(name), before.get(name)
        if isinstance(value, dict) and isinstance(known, dict):
            kept[name] = overlaid(known, value, _parts(given), _parts(was))
        elif value is not UNKNOWN or given is UNKNOWN or name not in old:
            kept[name] = value
    return kept


def _parts(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def query(kind: Served, inputs: Mapping[str, Any]) -> dict[str, str]:
    """What of the inputs travels in the query."""
    return {name: str(inputs[name]).lower() for name in QUERY.get(kind.key, ()) if name in inputs}


def chosen_shape(of_module: str, shape: Shape, value: Mapping[str, Any], *, wire: bool = False) -> Shape | None:
    """The object shape that a value has, among a union's alternatives by their constants."""
    if shape.kind == "object":
        return shape
    objects = module(of_module).objects
    candidates = [each for each in shape.of if each.kind == "object"] if shape.kind == "union" else []
    for each in candidates:
        owner = f"{of_module}:{each.name}"
        consts = {
            (wire_name(owner, name) if wire else name): found.const
            for name, found in objects.get(each.name, {}).items()
            if found.const
        }
        if consts and all(str(value.get(name)).lower() == const.lower() for name, const in consts.items()):
            return each
    return candidates[0] if len(candidates) == 1 else None


def _to_wire(of_module: str, shape: Shape, value: Any, called: str = "") -> Any:  # noqa: ANN401
    if called == IDENTITIES and isinstance(value, list) and _held(shape).kind == "string":
        return {each: {} for each in value} if UNKNOWN not in value else UNKNOWN
    if isinstance(value, list):
        return [_to_wire(of_module, _held(shape), each) for each in value]
    if not isinstance(value, dict):
        return value
    if shape.kind == "map":
        return {key: _to_wire(of_module, _held(shape), each) for key, each in value.items()}
    chosen = chosen_shape(of_module, shape, value)
    if chosen is None:
        return value
    owner = f"{of_module}:{chosen.name}"
    properties = module(of_module).objects.get(chosen.name, {})
    outside = inner(owner)
    top: dict[str, Any] = {}
    below: dict[str, Any] = {}
    for name, each in value.items():
        target = below if outside is not None and name not in outside else top
        found = properties.get(name)
        target[wire_name(owner, name)] = _to_wire(of_module, found.shape, each, name) if found else each
    return {**top, "properties": {**top.get("properties", {}), **below}} if below else top


def _from_wire(of_module: str, shape: Shape, value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_from_wire(of_module, _held(shape), each) for each in value]
    if not isinstance(value, dict):
        return value
    if shape.kind == "map":
        return {key: _from_wire(of_module, _held(shape), each) for key, each in value.items()}
    flat = flattened(of_module, shape, value)
    chosen = chosen_shape(of_module, shape, flat, wire=True)
    if chosen is None:
        return value
    owner = f"{of_module}:{chosen.name}"
    properties = module(of_module).objects.get(chosen.name, {})
    names = {wire_name(owner, name): name for name in properties}
    found = {}
    for wire, each in flat.items():
        name = names.get(wire, wire)
        found[name] = _from_wire(of_module, properties[name].shape, each) if name in properties else each
    return {name: each for name, each in found.items() if each is not None}


def flattened(of_module: str, shape: Shape, value: dict[str, Any]) -> dict[str, Any]:
    """Lift an object's own `properties`, where the SDK does."""
    candidates = shape.of if shape.kind == "union" else (shape,)
    nested = any(inner(f"{of_module}:{each.name}") is not None for each in candidates)
    under = value.get("properties")
    if not nested or not isinstance(under, dict):
        return value
    return {**{name: each for name, each in value.items() if name != "properties"}, **under}


def _foreseen(of_module: str, given: Shape, answered: Shape, value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, dict):
        return value
    chosen, answer = chosen_shape(of_module, given, value), chosen_answer(answered, given, value, of_module)
    if chosen is None or answer is None:
        return value
    known = module(of_module).objects.get(chosen.name, {})
    found = dict(value)
    for name, shape in answer.items():
        if name not in known:
            found.setdefault(name, UNKNOWN)
        elif name in found:
            found[name] = _foreseen(of_module, known[name].shape, shape, found[name])
    return found


def chosen_answer(
    answered: Shape, given: Shape, value: Mapping[str, Any], of_module: str
) -> Mapping[str, Shape] | None:
    """What Azure's answer to an object holds: the class named like the input's, `Response` for `Args`."""
    chosen = chosen_shape(of_module, given, value)
    names = {answered.name, *(each.name for each in answered.of)}
    wanted = f"{chosen.name.removesuffix('Args')}Response" if chosen is not None else ""
    if answered.kind == "object":
        wanted = answered.name
    return module(of_module).answers.get(wanted) if wanted in names else None


def _held(shape: Shape) -> Shape:
    """What a list or map holds; a value of another kind than declared is passed on as it is."""
    return shape.of[0] if shape.kind in {"list", "map"} else shape
