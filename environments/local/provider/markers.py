"""Pulumi's wire values: plain JSON in a Struct, with secrets, unknowns and outputs marked in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.protobuf import struct_pb2

from environments.local.provider.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # the protocol's marks, as all below
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Plain values (UNKNOWN where not known yet) and where among them the secrets are."""

    values: dict[str, Any] = field(default_factory=dict)
    secrets: frozenset[Path] = frozenset()


def read(struct: struct_pb2.Struct) -> Marked:
    """Take the marks off.  Raises ValueError for a marked value that no Azure resource takes, such as an asset."""
    secrets: set[Path] = set()
    values = {name: _plain(value, (name,), secrets) for name, value in struct.fields.items()}
    return Marked(values=values, secrets=frozenset(secrets))


def write(values: Mapping[str, Any], secrets: Iterable[Path] = ()) -> struct_pb2.Struct:
    """Put the marks on; a path to something that is not there marks nothing."""
    found = struct_pb2.Struct()
    marked = frozenset(secrets)
    for name, value in values.items():
        found.fields[name].CopyFrom(_marked(value, (name,), marked))
    return found


def is_known(value: Any) -> bool:  # noqa: ANN401
    """Whether there is nothing unknown in a value."""
    if isinstance(value, dict):
        return all(is_known(each) for each in value.values())
    if isinstance(value, list):
        return all(is_known(each) for each in value)
    return value is not UNKNOWN


def _plain(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:  # noqa: ANN401
    match value.WhichOneof("kind"):
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN else value.string_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_plain(each, (*path, index), secrets) for index, each in enumerate(value.list_value.values)]
        case "struct_value":
            return _plain_struct(value.struct_value, path, secrets)
    return None


def _plain_struct(struct: struct_pb2.Struct, path: Path, secrets: set[Path]) -> Any:  # noqa: ANN401
    fields = struct.fields
    if _SIGNATURE not in fields:
        return {name: _plain(value, (*path, name), secrets) for name, value in fields.items()}
    mark = fields[_SIGNATURE].string_value
    if mark not in {_SECRET, _OUTPUT}:
        raise ValueError(f"{'.'.join(map(str, path))} is an asset, an archive or a resource: Azure takes plain values")
    if mark == _SECRET or ("secret" in fields and fields["secret"].bool_value):
        secrets.add(path)
    return _plain(fields["value"], path, secrets) if "value" in fields else UNKNOWN


def _marked(value: Any, path: Path, secrets: frozenset[Path]) -> struct_pb2.Value:  # noqa: ANN401
    found = struct_pb2.Value()
    if isinstance(value, dict):
        found.struct_value.SetInParent()
        for name, each in value.items():
            found.struct_value.fields[name].CopyFrom(_marked(each, (*path, name), secrets))
    elif isinstance(value, list):
        found.list_value.SetInParent()
        found.list_value.values.extend(_marked(each, (*path, index), secrets) for index, each in enumerate(value))
    elif value is UNKNOWN:
        found.string_value = _UNKNOWN
    elif value is None:
        found.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        found.bool_value = value
    elif isinstance(value, int | float):
        found.number_value = value
    else:
        found.string_value = str(value)
    return _as_secret(found) if path in secrets else found


def _as_secret(value: struct_pb2.Value) -> struct_pb2.Value:
    found = struct_pb2.Value()
    found.struct_value.fields[_SIGNATURE].string_value = _SECRET
    found.struct_value.fields["value"].CopyFrom(value)
    return found
