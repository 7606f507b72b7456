"""Does a resource meet a policy's conditions?  Read from Azure Policy's own JSON, as data; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from environments.local.policy import aliases, expressions
from environments.local.policy.aliases import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class World:
    """What a condition may ask about: the resource as it would be written, and where it comes from."""

    resource: Json
    """The body of the request with `id`, `name`, `fullName` and `type`."""
    parameters: Json = field(default_factory=dict)
    group: Json = field(default_factory=dict)
    subscription: Json = field(default_factory=dict)
    api_version: str = ""
    bound: Mapping[str, Any] = field(default_factory=dict)
    """By its alias in lower case, or by its name: the element that a `count` looks at."""

    def worked_out(self, value: Any) -> Any:  # noqa: ANN401
        """A value of the policy, with its expressions worked out."""
        return expressions.evaluate(value, self._given())

    def read(self, name: str) -> Any:  # noqa: ANN401
        """What a field is; ABSENT where nothing is said."""
        for alias, element in sorted(self.bound.items(), key=lambda each: -len(each[0])):  # the innermost first
            if name.lower() == alias:
                return element
            if "[*]" in alias and name.lower().startswith(f"{alias}."):
                whole, above = aliases.path_of(name), aliases.path_of(alias)
                return aliases.along(whole[len(above) :].strip("."), element)
        return aliases.read(name, self.resource)

    def _given(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "current": self._current,
            "field": lambda name: None if (found := self.read(name)) is ABSENT else found,
            "parameters": self._parameter,
            "requestcontext": lambda: {"apiVersion": self.api_version},
            "resourcegroup": lambda: self.group,
            "subscription": lambda: self.subscription,
        }

    def _parameter(self, name: str) -> Any:  # noqa: ANN401
        for key, value in self.parameters.items():
            if key.lower() == name.lower():
                return value
        raise expressions.ExpressionError(f"there is no parameter '{name}'")

    def _current(self, name: str = "") -> Any:  # noqa: ANN401
        if name:
            found = self.read(name) if aliases.is_known(name) else self.bound.get(name.lower())
        else:
            found = list(self.bound.values())[-1]
        return None if found is ABSENT else found


def holds(condition: Json, world: World) -> bool:
    """Whether all of a condition is so.  Raises ExpressionError."""
    given = {key.lower(): value for key, value in condition.items()}
    if "allof" in given:
        return all(holds(each, world) for each in given["allof"])
    if "anyof" in given:
        return any(holds(each, world) for each in given["anyof"])
    if "not" in given:
        return not holds(given["not"], world)
    return _compared_with(given, world)


def _compared_with(given: Json, world: World) -> bool:
    try:
        return _compared_values(given, world)
    except TypeError as error:  # such as a number that is less than a list
        raise expressions.ExpressionError(f"{given} cannot be compared: {error}") from error


def _compared_values(given: Json, world: World) -> bool:
    name = next(key for key in given if key in OPERATORS)
    wanted = world.worked_out(given[name])
    if "count" in given:
        return OPERATORS[name](_counted(given["count"], world), wanted)
    if "value" in given:
        found = world.worked_out(given["value"])
        return OPERATORS[name](ABSENT if found is None else found, wanted)
    asked = str(world.worked_out(given["field"]))
    found = world.read(asked)
    if "[*]" in asked and isinstance(found, list) and not _is_bound(asked, world):
        return all(OPERATORS[name](each, wanted) for each in found)
    return OPERATORS[name](found, wanted)


def _is_bound(asked: str, world: World) -> bool:
    """Whether each `[*]` of a field is the element that a count looks at."""
    return any("[*]" in alias and "[*]" not in asked.lower()[len(alias) :] and asked.lower().startswith(alias)
               for alias in world.bound)  # fmt: skip


def _counted(count: Json, world: World) -> int:
    where = count.get("where")
    if "field" in count:
        key, found = str(count["field"]).lower(), world.read(str(count["field"]))
    else:
        key, found = str(count.get("name", "")).lower(), world.worked_out(count["value"])
    elements = found if isinstance(found, list) else [] if found in (ABSENT, None) else [found]
    if where is None:
        return len(elements)
    return sum(holds(where, replace(world, bound={**world.bound, key: each})) for each in elements)


def _text(value: Any) -> str:  # noqa: ANN401
    """Policies compare texts without case, and numbers and flags by how they are written."""
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower()


def _equals(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    if isinstance(found, dict | list) or isinstance(wanted, dict | list):
        return bool(found == wanted)
    return found is not ABSENT and _text(found) == _text(wanted)


def _in(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    return any(_equals(found, each) for each in wanted)


def _like(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    if found is ABSENT:
        return False
    return re.fullmatch(re.escape(_text(wanted)).replace(r"\*", ".*"), _text(found), re.DOTALL) is not None


def _contains(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    if isinstance(found, list):
        return _in(wanted, found)
    return found is not ABSENT and _text(wanted) in _text(found)


def _contains_key(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    return isinstance(found, dict) and _text(wanted) in map(_text, found)


def _exists(found: Any, wanted: Any) -> bool:  # noqa: ANN401
    return (found is not ABSENT) == (_text(wanted) == "true")


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compared(found: Any, wanted: Any) -> bool:  # noqa: ANN401
        if found is ABSENT:
            return False
        if isinstance(found, str) or isinstance(wanted, str):
            return compare(_text(found), _text(wanted))
        return compare(found, wanted)

    return compared


def _not(operator: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda found, wanted: not operator(found, wanted)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "contains": _contains,
    "containskey": _contains_key,
    "equals": _equals,
    "exists": _exists,
    "greater": _compared(lambda a, b: a > b),
    "greaterorequals": _compared(lambda a, b: a >= b),
    "in": _in,
    "less": _compared(lambda a, b: a < b),
    "lessorequals": _compared(lambda a, b: a <= b),
    "like": _like,
    "notcontains": _not(_contains),
    "notcontainskey": _not(_contains_key),
    "notequals": _not(_equals),
    "notin": _not(_in),
    "notlike": _not(_like),
}
