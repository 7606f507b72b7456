"""Print the project file's JSON Schema and its reference table: `python -m mlops.spec.reference schema|table`."""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mlops.spec.document import Document
from mlops.spec.document.trigger import KINDS
from mlops.spec.fields import written_duration

SCHEMA_FILE = Path(__file__).with_name("project.schema.json")


def schema() -> str:
    """The JSON Schema, as it is committed."""
    return schema_of(Document, "aml-kit project")


def schema_of(root: type[BaseModel], title: str) -> str:
    """The JSON Schema of a kind of file."""
    made = root.model_json_schema(by_alias=True)
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def table() -> str:
    """The reference, as it stands in the README: every key, its default and its meaning."""
    return table_of((Document, ""), *((condition, "CONDITION") for condition in KINDS))


def table_of(*parts: tuple[type[BaseModel], str]) -> str:
    """The reference of a kind of file, each part under its path."""
    rows = ["| Key | Default | Meaning |", "|---|---|---|"]
    for part, path in parts:
        rows += [f"| `{key}` | {default} | {meaning} |" for key, default, meaning in _rows(part, path)]
    return "\n".join(rows) + "\n"


def _rows(part: type[BaseModel], path: str) -> Iterator[tuple[str, str, str]]:
    for name, field in part.model_fields.items():
        key = f"{path}.{field.alias or name}".removeprefix(".")
        inner = _parts(field.annotation)
        several = "tuple" in str(field.annotation)
        if "dict[str" in str(field.annotation) and inner:
            key = f"{key}.NAME"
        if name in {"when", "all", "any", "not_"}:
            yield key, _default(field), f"{field.description}: one CONDITION, or a list for all and any"
            continue
        yield key + ("[]" if several and inner else ""), _default(field), field.description or _words(field)
        for each in inner:
            yield from _rows(each, key + ("[]" if several else ""))


def _words(field: FieldInfo) -> str:
    return " or ".join(f"`{word}`" for word in get_args(field.annotation))


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, BaseModel) or (
        isinstance(value, tuple) and any(isinstance(each, BaseModel) for each in value)
    ):
        return "see below"
    if value is None or value in ((), {}):
        return "none" if value is None else "empty"
    return "required" if field.is_required() else f"`{_written(value)}`"


def _written(value: object) -> str:
    match value:
        case timedelta():
            return written_duration(value)
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(map(_written, value))
        case tuple():
            return ", ".join(map(_written, value))
    return str(value)


def _parts(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - a type expression
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for option in get_args(annotation) for part in _parts(option)]


if __name__ == "__main__":
    sys.stdout.write(schema() if sys.argv[1:] == ["schema"] else table())
