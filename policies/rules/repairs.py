"""How a resource is put right in place: what a repair may say of a property, besides a plain value."""

from dataclasses import dataclass
from typing import Any

from rules.props import Absent, Props, Unknown


@dataclass(frozen=True)
class AtLeast:
    """A repair that raises a number which is too low, and lowers none."""

    number: float


@dataclass(frozen=True)
class IfAbsent:
    """A repair that adds what nobody has said in any case of the letters."""

    value: object


@dataclass(frozen=True)
class OneOf:
    """A repair that sets the first of several good words where none of them stands."""

    words: tuple[str, ...]


def put_right(props: Props, path: str, value: object) -> bool:
    """Set one property in place; what is not known yet is left alone."""
    first, _, rest = path.partition(".*.")
    if not rest:
        return _set_one(props, path, value)
    found = props.items(first)
    if isinstance(found, Absent | Unknown):
        return False  # nothing there to put right
    changed = [put_right(one, rest, value) for one in found if isinstance(one, Props)]
    return any(changed)


def _set_one(props: Props, path: str, value: object) -> bool:
    found = props.at(path)
    if isinstance(found, Unknown) or _is_right(found, value):
        return False
    here: Any = props.raw
    *parents, last = path.split(".")
    for key in parents:
        if key not in here or here[key] is None:
            here[key] = {}
        here = here[key]
    if isinstance(value, IfAbsent) and last.lower() in (str(key).lower() for key in here):
        return False
    here[last] = _plain(value)
    return True


def _is_right(found: object, value: object) -> bool:
    match value:
        case AtLeast(number):
            return isinstance(found, int | float) and found >= number
        case OneOf(words):
            return isinstance(found, str) and found.lower() in [word.lower() for word in words]
    return False


def _plain(value: object) -> object:
    match value:
        case AtLeast(number):
            return number
        case IfAbsent(said):
            return said
        case OneOf(words):
            return words[0]
    return value
