"""What Azure's own JSON Schema of a resource type says about a body.

The files are draft-04, made for ARM templates.  Before they judge the body of a PUT, they are rewritten: template
expressions go, and so does what stands in the address and not in the body; a base and each of its sub-types become
one closed object that the discriminator chooses, so that a wrong value is reported once and not at every parent too;
numbers that the files call integers may have a fraction; enums are compared without case, as Azure does.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, cast

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from environments.local.validation.problem import Problem, below, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Json = dict[str, Any]

_EXPRESSION = "/definitions.json#/definitions/expression"
_IN_THE_ADDRESS = frozenset({"apiVersion", "name", "resources", "type"})
_BODY = "-"
_SAME_AS = {"2021-10-01-dataplanepreview": "2022-10-01-preview"}
"""Api-versions without a file, whose bodies another's describes: registries' data plane."""


def problems(folder: Path, arm_type: str, api_version: str, body: Mapping[str, Any]) -> tuple[Problem, ...] | None:
    """All that is wrong with a body that has no nulls; None when the folder knows no such type in that version."""
    judge = _judge(folder, arm_type.lower(), api_version.lower())
    if judge is None:
        return None
    if "properties" in judge.schema["$defs"][_BODY]["required"]:  # templates want it written even where it is empty
        body = {"properties": {}, **body}
    return tuple(_problem(each) for each in judge.iter_errors(body))


@functools.cache
def _judge(folder: Path, arm_type: str, api_version: str) -> Any:  # noqa: ANN401 - a class made at run time
    namespace = arm_type.partition("/")[0]
    for file in sorted((folder / _SAME_AS.get(api_version, api_version)).glob("*.json")):
        if f"{file.stem}.".lower().startswith(f"{namespace}."):
            found = _by_type(file).get(arm_type)
            if found is not None:
                body = _body(_read(file), found)
                return _JUDGE({"$ref": f"#/$defs/{_BODY}", "$defs": {**_definitions(file), _BODY: body}})
    return None


@functools.cache
def _read(file: Path) -> Json:
    found: Json = json.loads(file.read_bytes())
    return found


@functools.cache
def _by_type(file: Path) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, group in _read(file).items():
        if key.endswith("esourceDefinitions"):  # of groups, subscriptions, extensions: the bodies are the same
            for each in group.values():
                found.setdefault(str(each["properties"]["type"]["enum"][0]).lower(), each)
    return found


@functools.cache
def _definitions(file: Path) -> Json:
    document = _read(file)
    return {
        name: _rewritten(document, each)
        for name, each in document["definitions"].items()
        if not name.endswith("_childResource")
    }


def _body(document: Json, resource: Json) -> Json:
    kept = {
        **resource,
        "properties": {name: each for name, each in resource["properties"].items() if name not in _IN_THE_ADDRESS},
        "required": [name for name in resource.get("required", ()) if name not in _IN_THE_ADDRESS],
    }
    return _rewritten(document, kept)


def _rewritten(document: Json, node: Json) -> Json:
    node = _without_expressions(node)
    if "$ref" in node:
        return {"$ref": node["$ref"].replace("#/definitions/", "#/$defs/")}
    if "properties" in node or "allOf" in node:
        return _object(document, node, {}, ())
    found = {key: value for key, value in node.items() if key not in {"description", "default"}}
    if found.get("type") == "integer":
        found["type"] = "number"
    if found.get("exclusiveMinimum") is True:  # draft-04 has a flag where later drafts have the number
        found["exclusiveMinimum"] = found.pop("minimum")
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _rewritten(document, found[key])
    if "oneOf" in found:
        found["oneOf"] = [_rewritten(document, each) for each in found["oneOf"]]
    return found


def _without_expressions(node: Json) -> Json:
    if "oneOf" not in node:
        return node
    kept = [each for each in node["oneOf"] if not str(each.get("$ref", "")).endswith(_EXPRESSION)]
    if len(kept) == 1 and "properties" not in node:
        return _without_expressions(kept[0])
    return {**node, "oneOf": kept}


def _object(document: Json, node: Json, above: Json, required: Iterable[str]) -> Json:
    """Join an object with what its base said; where it is a base itself, its sub-types are so joined with it."""
    while "$ref" in node:
        node = document["definitions"][node["$ref"].rsplit("/", 1)[-1]]
    own, chosen = _base_and_subtypes(node)
    properties = {**above, **{name: _rewritten(document, each) for name, each in own.get("properties", {}).items()}}
    needed = sorted({*required, *own.get("required", ())})
    closed = own.get("additionalProperties", not properties)  # an empty object stands for any
    if isinstance(closed, dict):
        closed = _rewritten(document, closed)
    found = {"type": "object", "properties": properties, "required": needed, "additionalProperties": closed}
    if not chosen:
        return found
    name = _discriminator(chosen)
    return {
        "type": "object",
        "chosen": {
            "by": name,
            "from": {value: _object(document, each, properties, needed) for value, each in chosen[name].items()},
            "else": {value: found for value in properties.get(name, {}).get("enum", ()) if value not in chosen[name]},
        },
    }


def _discriminator(chosen: Mapping[str, Mapping[str, Json]]) -> str:
    """The property that has another value in every sub-type."""
    return max(chosen, key=lambda name: len(chosen[name]))


def _base_and_subtypes(node: Json) -> tuple[Json, dict[str, dict[str, Json]]]:
    """The base of a union and, by each property with one possible value, its sub-types by that value."""
    chosen: dict[str, dict[str, Json]] = {}
    if "allOf" in node:  # Azure ML: [base, {"oneOf": [{"allOf": [sub-type, {its constant}]}, …]}]
        base, union = node["allOf"]
        for subtype, constant in (each["allOf"] for each in union["oneOf"]):
            for name, value in constant["properties"].items():
                chosen.setdefault(name, {})[value["const"]] = subtype
        return base, chosen
    for subtype in node.get("oneOf", ()):
        for name, each in subtype["properties"].items():
            values = _without_expressions(each).get("enum", ())
            if len(values) == 1:
                chosen.setdefault(name, {})[values[0]] = subtype
    return node, chosen


def _chosen(judge: Draft202012Validator, union: Json, value: object, schema: Json) -> Iterator[ValidationError]:
    """The rule of our own keyword: look at one sub-type only, the one that the body names."""
    if not isinstance(value, dict):
        return
    name, known = union["by"], {**union["from"], **union["else"]}
    if name not in value:
        yield ValidationError("is required", validator="required", validator_value=[name], instance=value)
        return
    said = str(value[name]).lower()
    for each, subtype in known.items():
        if each.lower() == said:
            yield from judge.descend(value, subtype, schema_path=each)
            return
    yield ValidationError(
        "no such", validator="enum", validator_value=sorted(known), instance=value[name], schema=schema, path=[name]
    )


def _enum(_judge: Draft202012Validator, values: list[str], value: object, _schema: Json) -> Iterator[ValidationError]:
    if isinstance(value, str) and value.lower() not in {str(each).lower() for each in values}:
        yield ValidationError("no such")


_JUDGE: Any = validators.extend(Draft202012Validator, {"chosen": _chosen, "enum": _enum})  # type: ignore[no-untyped-call]


def _problem(error: ValidationError) -> Problem:
    path = ""
    for each in error.absolute_path:
        path = below(path, each)
    value, wanted, schema = cast("Any", error.instance), cast("Any", error.validator_value), cast("Any", error.schema)
    match error.validator:
        case "required":
            missing = next(name for name in wanted if name not in value)
            return Problem(path=below(path, missing), what="is required")
        case "additionalProperties":
            known = sorted(schema["properties"])
            unknown = next(name for name in value if name not in known)
            return Problem(path=below(path, unknown), what="is no known property", allowed=tuple(known))
        case "enum":
            allowed = tuple(str(each) for each in wanted)
            return Problem(path=path, what=f"has the unknown value {quoted(value)}", allowed=allowed)
        case "type":
            return Problem(path=path, what=f"has the wrong type: {quoted(value)}", allowed=(str(wanted),))
    return Problem(path=path, what=f"is out of bounds: {quoted(value)}", allowed=(f"{error.validator} {wanted}",))
