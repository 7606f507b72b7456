"""Print what is written down of the code: keys of stack files and their schema, roles, costs, checks and components.

Run `.venv/bin/python -m infra.reference` after a setting has changed; a test compares.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra import component_reference, outputs
from infra.costs_reference import costs_table
from infra.preflight import reference as checks
from infra.roles_reference import roles_table
from infra.sections.mistakes import section
from infra.sections.values import IN_WORDS
from infra.settings import NAMESPACE, Settings
from infra.vm_sizes import VM_SIZES

_FOLDER = Path(__file__).resolve().parents[1] / "environments"
_BEGIN, _END = "<!-- printed by infra.reference: begin -->", "<!-- printed by infra.reference: end -->"

Schema = Mapping[str, Any]


def files() -> Mapping[Path, str]:
    """Tell what each printed file should hold."""
    told, roles, costs = (Path(__file__).with_name(name) for name in ("README.md", "ROLES.md", "COSTS.md"))
    components = component_reference.FOLDER / "README.md"
    return {
        _FOLDER / "README.md": _with(_FOLDER / "README.md", _tables()),
        told: _with(told, outputs.table()),
        roles: _with(roles, roles_table()),
        costs: _with(costs, costs_table()),
        components: _with(components, component_reference.tables()),
        checks.README: _with(checks.README, checks.table()),
        _FOLDER / "Pulumi.schema.json": json.dumps(_stack_file_schema(), indent=2) + "\n",
    }


def _with(readme: Path, printed: str) -> str:
    before, _, rest = readme.read_text().partition(_BEGIN)
    return f"{before}{_BEGIN}\n{printed}{_END}{rest.partition(_END)[2]}"


def _stack_file_schema() -> dict[str, Any]:
    schema = Settings.model_json_schema()
    definitions = schema.pop("$defs")
    for each in definitions.values():
        if "vmSize" in each["properties"]:
            each["properties"]["vmSize"]["enum"] = sorted(VM_SIZES)
    config = {
        "description": schema["description"],
        "type": "object",
        "required": [f"{NAMESPACE}:{key}" for key in schema["required"]],
        "properties": {f"{NAMESPACE}:{key}": _or_its_text(_said(value)) for key, value in schema["properties"].items()},
        "patternProperties": {"^(azure-native|pulumi):": True},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack file of aml-kit",
        "type": "object",
        "required": ["config"],
        "properties": {"config": config},
        "$defs": definitions,
    }


def _said(value: Schema) -> Schema:
    """A key as the stack file has it: said or left out, never null."""
    if "anyOf" not in value:
        return value
    kept = {key: each for key, each in value.items() if key != "default"}
    return {**kept, "anyOf": [option for option in value["anyOf"] if option.get("type") != "null"]}


def _or_its_text(value: Schema) -> Schema:
    # `pulumi config set` and `pulumi stack init` write numbers and truth values in quotation marks.
    texts = {"boolean": "^(true|false)$", "integer": "^[0-9]+$"}
    pattern = texts.get(value.get("type", ""))
    return {"anyOf": [value, {"type": "string", "pattern": pattern}]} if pattern else value


def _tables() -> str:
    schema = Settings.model_json_schema()
    text = _table(schema, prefix=f"{NAMESPACE}:") + _sections(schema, schema["$defs"])
    sizes = ", ".join(f"`{size}`" for size in VM_SIZES)
    return f"{text}\nKnown machine sizes (more: one line in `infra/vm_sizes.py`): {sizes}.\n"


def _sections(schema: Schema, definitions: Mapping[str, Schema], within: str = "") -> str:
    """One table for each section, and for what its lists and maps hold, in the order of the keys."""
    text = ""
    for key, value in schema["properties"].items():
        many = _many(value)
        found = section(many or value, definitions)
        if "properties" in found:
            title = f"Each of `{within}{key}`" if many else f"`{within}{key}`"
            text += f"\n{title}: {found['description']}\n\n{_table(found)}"
            text += _sections(found, definitions, within=f"{within}{key}.")
    return text


def _many(value: Schema) -> Schema | None:
    """What a list or a map holds many of."""
    for option in value.get("anyOf", (value,)):
        patterns: Mapping[str, Schema] = option.get("patternProperties", {})
        held: Schema | None = next(iter(patterns.values()), None) or option.get("items")
        if held:
            return held
    return None


def _table(schema: Schema, prefix: str = "") -> str:
    rows = [
        f"| `{prefix}{key}` | {value.get('description', '')} | {_allowed(value)} | {_default(key, value, schema)} |\n"
        for key, value in schema["properties"].items()
    ]
    return "| key | meaning | allowed | default |\n| --- | --- | --- | --- |\n" + "".join(rows)


def _allowed(value: Schema) -> str:
    words = "text"
    match value:
        case {"anyOf": [option, *_]}:
            words = _allowed(option)
        case {"$ref": _}:
            words = "a section, see below"
        case {"enum": options} | {"propertyNames": {"enum": options}}:
            words = ("a map; its keys: " if "propertyNames" in value else "") + ", ".join(
                f"`{option}`" for option in options
            )
        case {"pattern": pattern}:
            words = IN_WORDS[pattern]
        case {"type": "integer", "minimum": least, "maximum": most}:
            words = f"{least} to {most}"
        case {"type": "boolean"}:
            words = "`true`, `false`"
        case {"type": "array", "items": items}:
            words = f"a list; each {_allowed(items)}"
        case {"type": "integer"}:
            words = "a whole number"
        case {"patternProperties": patterns}:
            pattern, held = next(iter(patterns.items()))
            words = "a map, see below; " if "$ref" in held else f"a map; each {_allowed(held)}; "
            words += f"its keys: {IN_WORDS[pattern]}"
    return words


def _default(key: str, value: Schema, schema: Schema) -> str:
    if key in schema.get("required", ()):
        return "required"
    default = value.get("default")
    if default is None and "$ref" in next(iter(value.get("anyOf", ())), {}):
        return "off"
    return "none" if default in (None, [], {}, "") else f"`{json.dumps(default)}`".replace('"', "")


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
