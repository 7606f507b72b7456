"""Mistakes of a stack file in words: where, what, and what is allowed or to be done."""

from collections.abc import Mapping
from typing import Any

from infra.sections.values import CONTRADICTIONS, IN_WORDS, near

_WRITE_ONE = "write one, or take it away"

Schema = Mapping[str, Any]


def told(at: str, problem: Any, schema: Schema) -> list[str]:  # noqa: ANN401  pydantic's ErrorDetails has no stable loc
    """One mistake as pydantic found it, in lines for people."""
    path = [str(step) for step in problem["loc"] if step != "[key]"]
    where = f"{at}:{'.'.join(path)}" if path else at
    match problem["type"]:
        case "extra_forbidden":
            return [f"{where}: no such key{near(path[-1], _keys_at(path[:-1], schema))}"]
        case "missing":
            return [f"{where}: is required, and missing"]
        case "string_pattern_mismatch":
            return [f"{where}: {problem['input']!r} is not {IN_WORDS[problem['ctx']['pattern']]}"]
        case kind if kind == CONTRADICTIONS:
            return [f"{where}: {line}" for line in problem["ctx"]["found"]]
    told = f"{where}: {problem['msg'].removeprefix('Input ')}"
    return [f"{told}, not {problem['input']!r}" if problem["input"] is not None else f"{told}, not null: {_WRITE_ONE}"]


def _keys_at(path: list[str], schema: Schema) -> tuple[str, ...]:
    node = schema
    for step in path:
        node = _inside(node, step, schema["$defs"])
    return tuple(node.get("properties", ()))


def _inside(node: Schema, step: str, definitions: Schema) -> Any:  # noqa: ANN401  JSON
    below = node.get("properties", {}).get(step) or next(iter(node.get("patternProperties", {}).values()), None)
    return section(below or node.get("additionalProperties") or node.get("items") or {}, definitions)


def no_value(at: str, key: str, schema: Schema) -> str:
    """Say of a key of the stack file that it is there and says nothing."""
    found = section(schema["properties"][key], schema["$defs"])
    remedy = _WRITE_ONE
    if key in schema["required"]:
        remedy = "write one"
    elif "properties" in found and not found.get("required"):
        remedy = "write {} to have it with its defaults, or take it away"
    return f"{at}:{key}: has no value (null, or empty): {remedy}"


def section(value: Schema, definitions: Schema) -> Schema:
    """Follow a schema to what it refers to, past the null that a section that is off may be."""
    for option in value.get("anyOf", (value,)):
        if "$ref" in option:
            found: Schema = definitions[option["$ref"].rsplit("/", 1)[1]]
            return found
    return value
