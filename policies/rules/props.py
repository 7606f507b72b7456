"""Reading what Pulumi hands to a policy, which may be absent, unknown, secret, or not the type it looks like."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_policy.proxy import UnknownValueError

# The engine's stand-ins for values that a preview cannot know (sdk/go/common/resource/plugin/rpc.go in pulumi/pulumi).
_MARKERS = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
    }
)


@dataclass(frozen=True)
class Absent:
    """Nobody said it."""


@dataclass(frozen=True)
class Unknown:
    """Somebody said it, and a preview cannot know what."""


class WrongTypeError(TypeError):
    """What stands there is nothing that Azure could read there; the message quotes the path, never the value."""


ABSENT = Absent()
UNKNOWN = Unknown()


@dataclass(frozen=True)
class Props:
    """One resource's properties, addressed by dotted paths such as ``properties.properties.vmSize``.

    Each reader answers a value, ABSENT or UNKNOWN; null counts as absent.  A value of the wrong type raises
    WrongTypeError, which the rule's wrapper turns into a refusal: what cannot be read has not passed.
    """

    raw: Mapping[str, object]

    def enum(self, path: str) -> str | Absent | Unknown:
        """Read a word in lower case: Azure takes enums in any case."""
        found = self.text(path)
        return found.lower() if isinstance(found, str) else found

    def text(self, path: str) -> str | Absent | Unknown:
        """Read a text as it stands."""
        match self.at(path):
            case str() | Absent() | Unknown() as found:
                return found
        raise WrongTypeError(f"{path} is not a text")

    def flag(self, path: str) -> bool | Absent | Unknown:
        """Read a truth value."""
        match self.at(path):
            case bool() | Absent() | Unknown() as found:
                return found
            case str() as word if word.lower() in ("true", "false"):
                return word.lower() == "true"
        raise WrongTypeError(f"{path} is neither true nor false")

    def number(self, path: str) -> float | Absent | Unknown:
        """Read a number; on the wire all of them are floats."""
        return _number(path, self.at(path))

    def items(self, path: str) -> "tuple[Props | Unknown, ...] | Absent | Unknown":
        """Read a list of objects; each element may be unknown on its own."""
        found = self.at(path)
        if isinstance(found, Absent | Unknown):
            return found
        if isinstance(found, str) or not isinstance(found, Sequence):
            raise WrongTypeError(f"{path} is not a list")
        return tuple(_item(path, element) for element in _elements(found))

    def texts(self, path: str) -> "tuple[str | Unknown, ...] | Absent | Unknown":
        """Read a list of texts; each element may be unknown on its own, and a null counts for nothing."""
        found = self.at(path)
        if isinstance(found, Absent | Unknown):
            return found
        if isinstance(found, str) or not isinstance(found, Sequence):
            raise WrongTypeError(f"{path} is not a list")
        elements = tuple(element for element in _elements(found) if not isinstance(element, Absent))
        if any(not isinstance(element, str | Unknown) for element in elements):
            raise WrongTypeError(f"{path} holds something that is not a text")
        return tuple(element for element in elements if isinstance(element, str | Unknown))

    def entries(self, path: str) -> "Mapping[str, Props | Unknown] | Absent | Unknown":
        """Read a map of objects whose keys are anybody's words; a null counts for nothing."""
        found = self.at(path)
        if isinstance(found, Absent | Unknown):
            return found
        if not isinstance(found, Mapping):
            raise WrongTypeError(f"{path} is not a map")
        read = {str(key): _get(found, key) for key in found}
        return {key: _item(path, value) for key, value in read.items() if not isinstance(value, Absent)}

    def numbers(self, path: str) -> "Mapping[str, float | Unknown] | Absent | Unknown":
        """Read a map of numbers whose keys are anybody's words; a null counts for nothing."""
        found = self.at(path)
        if isinstance(found, Absent | Unknown):
            return found
        if not isinstance(found, Mapping):
            raise WrongTypeError(f"{path} is not a map")
        read = {str(key): _number(path, _get(found, key)) for key in found}
        return {key: value for key, value in read.items() if not isinstance(value, Absent)}

    def inside(self, path: str) -> "Props | Absent | Unknown":
        """Read an object."""
        found = self.at(path)
        return found if isinstance(found, Absent) else _item(path, found)

    def said(self) -> tuple[str, ...]:
        """Tell which properties say something, even where a value is not known yet."""
        return tuple(str(key) for key in self.raw if _get(self.raw, key) not in (ABSENT, ""))

    def copy(self, path: str) -> object:
        """Copy whatever stands there out of Pulumi's wrappers; UNKNOWN where any part of it is."""
        return _copied(self.at(path))

    def at(self, path: str) -> object:
        """Read whatever stands there."""
        here: object = self.raw
        for key in path.split("."):
            if not isinstance(here, Mapping):
                raise WrongTypeError(f"{path} cannot be read: what is above {key} is not an object")
            here = _get(here, key)
            if isinstance(here, Absent | Unknown):
                break
        return here


def _copied(value: object) -> object:
    match value:
        case Mapping():
            members = {str(key): _copied(_get(value, key)) for key in value}
            if UNKNOWN in members.values():
                return UNKNOWN
            return {key: None if one == ABSENT else one for key, one in members.items()}
        case Sequence() if not isinstance(value, str):
            elements = [_copied(one) for one in _elements(value)]
            return UNKNOWN if UNKNOWN in elements else [None if one == ABSENT else one for one in elements]
    return value


def _number(path: str, value: object) -> float | Absent | Unknown:
    match value:
        case Absent() | Unknown():
            return value
        case bool():
            pass
        case int() | float():
            return float(value)
    raise WrongTypeError(f"{path} is not a number")


def _get(mapping: Mapping[str, object], key: str) -> object:
    try:
        return _known(mapping[key])
    except KeyError:
        return ABSENT
    except UnknownValueError:  # how Pulumi's proxies answer in Analyze; in Remediate they hand out the marker
        return UNKNOWN


def _known(value: object) -> object:
    if value is None:
        return ABSENT
    return UNKNOWN if isinstance(value, str) and value in _MARKERS else value


def _elements(sequence: Sequence[object]) -> Iterator[object]:
    # By index: iterating one of Pulumi's lists ends at the first unknown element.
    for index in range(len(sequence)):
        try:
            yield _known(sequence[index])
        except UnknownValueError:
            yield UNKNOWN


def _item(path: str, element: object) -> Props | Unknown:
    match element:
        case Unknown():
            return element
        case Mapping():
            return Props(element)
    raise WrongTypeError(f"{path} holds something that is not an object")
