"""Frozen values to JSON and back, by their declared types; standard library, because `status` must not wait."""

import dataclasses
import enum
import json
import types
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from mlops.domain.records.plain import text_of

T = TypeVar("T")
Decoder = Callable[[Any], Any]


class UnreadableError(Exception):
    """A stored value does not have the shape that this program knows; the message names the place."""


def dump(value: object) -> str:
    """JSON of a frozen value, without the fields that have their default."""
    return text_of(value)


def load(kind: type[T], text: str) -> T:
    """The value again.  Fields that a newer program added take their default; raises UnreadableError."""
    hashable: Any = kind  # as all types are, which mypy does not know of type[T]
    try:
        value: T = _decoder(hashable)(json.loads(text))
    except (TypeError, ValueError, KeyError) as error:
        raise UnreadableError(f"{getattr(kind, '__name__', kind)}: {error}") from error
    return value


@cache
def _decoder(kind: Any) -> Decoder:  # noqa: ANN401 - a type expression
    origin, inner = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind)
    if origin in {Union, types.UnionType}:
        return _optional(inner)
    if origin is tuple:
        return _tuple(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        value_of = _decoder(inner[1])
        return lambda raw: {key: value_of(value) for key, value in raw.items()}
    return _scalar(kind)


def _dataclass(kind: Any) -> Decoder:  # noqa: ANN401
    hints = get_type_hints(kind)
    fields = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}

    def decode(raw: Mapping[str, Any]) -> Any:  # noqa: ANN401
        return kind(**{name: fields[name](value) for name, value in raw.items() if name in fields})

    return decode


def _optional(inner: tuple[Any, ...]) -> Decoder:
    kinds = [kind for kind in inner if kind is not type(None)]
    if len(kinds) > 1:  # only plain values may be of several kinds: float | int | str | bool
        return lambda raw: raw
    value_of = _decoder(kinds[0])
    return lambda raw: None if raw is None else value_of(raw)


def _tuple(inner: tuple[Any, ...]) -> Decoder:
    if inner[-1] is Ellipsis:
        value_of = _decoder(inner[0])
        return lambda raw: tuple(map(value_of, raw))
    decoders = [_decoder(kind) for kind in inner]
    return lambda raw: tuple(decode(value) for decode, value in zip(decoders, raw, strict=True))


def _scalar(kind: Any) -> Decoder:  # noqa: ANN401
    if kind is datetime:
        return datetime.fromisoformat
    if kind is timedelta:
        return lambda raw: timedelta(seconds=raw)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    if kind is float:
        return float
    return lambda raw: raw
