"""What changed between two sets of inputs, and what has drifted in Azure behind a program's back."""

from __future__ import annotations

import copy
import itertools
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from environments.local.azure_types import module
from environments.local.provider import bodies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from environments.local.azure_types import Property, Shape
    from environments.local.provider.resources import Served

_RESOURCE_ID = re.compile(r"/subscriptions/", re.IGNORECASE)


class Kind(Enum):
    """What happened to a property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property that differs, by its path (`tags["a.b"]`, `subnets[1].addressPrefix`)."""

    path: str
    kind: Kind
    replaces: bool


def changes(
    kind: Served, old: Mapping[str, Any], new: Mapping[str, Any], ignored: Sequence[str] = ()
) -> tuple[Change, ...]:
    """All that differs between old and new inputs, save what the program ignores."""
    return tuple(
        Change(path=path, kind=what, replaces=kind.replaces(path))
        for path, what in _differences(old, new, "")
        if not any(_covers(each, path) for each in ignored)
    )


def drifted(
    kind: Served, inputs: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """The inputs, with what has changed in Azure since the last look written into them.

    What Azure's answer adds or spells in its own way from the start is no drift: only the outputs of then (`before`)
    and of now are compared.
    """
    kept = dict(inputs)
    for name, found in kind.type.inputs.items():
        if name in kind.path_inputs or name not in kind.type.outputs:
            continue
        _drift(kept, name, _as_inputs(kind.type.module, found.shape, before.get(name)),
               _as_inputs(kind.type.module, found.shape, now.get(name)))  # fmt: skip
    return kept


def imported(kind: Served, resource_id: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a resource that no program has described yet."""
    found: dict[str, Any] = dict(kind.inputs_of(resource_id))
    for name, each in kind.type.inputs.items():
        value = _as_inputs(kind.type.module, each.shape, outputs.get(name))
        if value is not None and name not in kind.path_inputs:
            found[name] = value
    return found


def _differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, Kind]]:  # noqa: ANN401
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            yield from _difference(old.get(name), new.get(name), _below(path, name))
    elif isinstance(old, list) and isinstance(new, list):
        for index, (was, is_now) in enumerate(itertools.zip_longest(old, new)):
            yield from _difference(was, is_now, f"{path}[{index}]")
    elif not _same(old, new, path):
        yield path, Kind.UPDATE


def _difference(old: Any, new: Any, path: str) -> Iterator[tuple[str, Kind]]:  # noqa: ANN401
    """Absent and null are one: no Azure type tells them apart."""
    if old is None and new is not None:
        yield path, Kind.ADD
    elif old is not None and new is None:
        yield path, Kind.DELETE
    elif old is not None:
        yield from _differences(old, new, path)


def _same(old: Any, new: Any, path: str) -> bool:  # noqa: ANN401
    """Whether Azure takes two values for one: regions by either of their names, ids in any case."""
    if isinstance(old, str) and isinstance(new, str):
        if path == "location":
            return old.replace(" ", "").lower() == new.replace(" ", "").lower()
        if _RESOURCE_ID.match(old):
            return old.lower() == new.lower()
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def _covers(ignored: str, path: str) -> bool:
    return ignored in {"*", path} or path.startswith((f"{ignored}.", f"{ignored}["))


def _drift(kept: dict[str, Any], name: str, before: Any, now: Any) -> None:  # noqa: ANN401
    if _is_equal(before, now):
        return
    if isinstance(before, dict) and isinstance(now, dict) and isinstance(kept.get(name), dict):
        deeper = dict(kept[name])
        for key in {*before, *now}:
            _drift(deeper, key, before.get(key), now.get(key))
        kept[name] = deeper
    elif now is None:
        kept.pop(name, None)
    else:
        kept[name] = now


def _is_equal(one: Any, other: Any) -> bool:  # noqa: ANN401
    return not any(True for _ in _differences({"": one}, {"": other}, ""))


def _as_inputs(of_module: str, shape: Shape, value: Any) -> Any:  # noqa: ANN401
    """Leave out of an answer what no program can set."""
    if isinstance(value, list):
        return [_as_inputs(of_module, shape.of[0], each) for each in value] if shape.kind == "list" else value
    if not isinstance(value, dict):
        return value
    if shape.kind == "list":
        return sorted(value)  # identities, which Azure answers as a map by id
    if shape.kind == "map":
        return {key: _as_inputs(of_module, shape.of[0], each) for key, each in value.items()}
    chosen = bodies.chosen_shape(of_module, shape, value)
    if chosen is None:
        return value
    properties: Mapping[str, Property] = module(of_module).objects.get(chosen.name, {})
    return {
        name: _as_inputs(of_module, properties[name].shape, each) for name, each in value.items() if name in properties
    }


def _below(path: str, name: str) -> str:
    if "." in name or "[" in name:
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name


def with_ignored(
    kind: Served, inputs: Mapping[str, Any], live: Mapping[str, Any], ignored: Sequence[str]
) -> dict[str, Any]:
    """The inputs, with what the program ignores as it is in Azure now: another owner has set it."""
    found = copy.deepcopy(dict(inputs))
    for path in ignored:
        names = path.split(".")
        shape = kind.type.inputs.get(names[0])
        if shape is None:
            continue
        there: Any = {names[0]: _as_inputs(kind.type.module, shape.shape, live.get(names[0]))}
        here: Any = found
        for name in names[:-1]:
            there = there.get(name) if isinstance(there, dict) else None
            here = here.get(name) if isinstance(here, dict) else None
        if isinstance(there, dict) and isinstance(here, dict) and there.get(names[-1]) is not None:
            here[names[-1]] = there[names[-1]]
    return found
