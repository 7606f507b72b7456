"""Frozen values as plain JSON: without the fields that have their default, so that a new field changes no old text."""

import dataclasses
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any


def text_of(value: object) -> str:
    """The value as JSON, without white space."""
    return json.dumps(value, default=plain, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str) -> str:
    """As the log writes digests."""
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:  # noqa: ANN401 - json's own protocol
    """What json does not know by itself."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: getattr(value, field.name)
            for field in dataclasses.fields(value)
            if not _is_default(field, getattr(value, field.name))
        }
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case PurePath():
            return str(value)
        case frozenset() | set():
            return sorted(value)
    return dict(value)


def _is_default(field: "dataclasses.Field[Any]", value: object) -> bool:
    if field.default_factory is not dataclasses.MISSING:
        return bool(field.default_factory() == value)
    return field.default is not dataclasses.MISSING and field.default == value
