"""A file with policies of one's own: definitions, the set they make beside Azure's, and how the set is assigned.

```json
{
  "title": "…", "metadata": {"version": "1.0.0"}, "message": "what Azure says to somebody it refuses",
  "parameters": {"effect": {"type": "String", "defaultValue": "Audit", "allowedValues": ["Audit", "Deny"]}},
  "definitions": [{"name": "…", "title": "…", "description": "…", "mode": "All", "metadata": {}, "parameters": {},
                   "policyRule": {"if": {}, "then": {"effect": "audit"}}}],
  "members": [{"reference": "…", "definition": "name of one of definitions", "parameters": {}},
              {"reference": "…", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/GUID"}],
  "assignment": {"parameters": {"effect": "Audit"}, "roles": ["GUID of a role that members of Azure's act by"]}
}
```

Rules, parameters and metadata are Azure Policy's own JSON.  The file is printed by whoever writes the policies; nothing
of theirs is imported.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.sections.values import near

ROOT = Path(__file__).resolve().parents[1]
_LONGEST = 64  # of a definition's 128 characters ("Naming rules and restrictions"), the environment takes some
_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
_ACTING = frozenset({"modify", "deployifnotexists"})
# Whoever may change everything or hand out roles is no guardrail.
_TOO_WIDE: Mapping[str, str] = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
_FILE: Mapping[str, type] = {
    "title": str,
    "message": str,
    "metadata": dict,
    "parameters": dict,
    "definitions": list,
    "members": list,
    "assignment": dict,
}
_DEFINITION: Mapping[str, type] = {
    "name": str,
    "title": str,
    "description": str,
    "mode": str,
    "metadata": dict,
    "parameters": dict,
    "policyRule": dict,
}
_MEMBER: Mapping[str, type] = {"reference": str, "parameters": dict}
_ASSIGNMENT: Mapping[str, type] = {"parameters": dict, "roles": list}
_IN_WORDS: Mapping[type, str] = {str: "a text", dict: "an object", list: "a list"}

Json = Mapping[str, Any]


class InitiativeError(Exception):
    """The file cannot be used; ``findings`` tells all that is wrong with it, a line each."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__("; ".join(findings))
        self.findings = tuple(findings)


@dataclass(frozen=True, kw_only=True)
class Initiative:
    """What the file says, and what follows from it."""

    title: str
    message: str
    metadata: Json
    parameters: Json
    definitions: tuple[Json, ...]
    members: tuple[Json, ...]
    assigned: Json  # the assignment's parameters
    roles: tuple[str, ...]  # GUIDs of what its identity is granted, to change what it changes
    acts: bool  # whether it changes or builds something


def load(path: str) -> Initiative:
    """Read a file, seen from the folder of `Pulumi.yaml`.  Raises InitiativeError."""
    try:
        found = json.loads((ROOT / path).read_text())
    except OSError as error:
        raise InitiativeError([f"initiative {path} cannot be read: {error.strerror or error}"]) from error
    except ValueError as error:
        raise InitiativeError([f"initiative {path} is no JSON: {error}"]) from error
    return parse(found, path)


def parse(found: Any, path: str) -> Initiative:  # noqa: ANN401  any JSON
    """Check what a file holds.  Raises InitiativeError with all that is wrong with it."""
    findings = [f"initiative {path}: {line}" for line in _wrong(found)]
    if findings:
        raise InitiativeError(findings)
    definitions = found["definitions"]
    roles = {*map(_guid, found["assignment"]["roles"]), *(role for each in definitions for role in _roles(each))}
    return Initiative(
        title=found["title"],
        message=found["message"],
        metadata=found["metadata"],
        parameters=found["parameters"],
        definitions=tuple(definitions),
        members=tuple(found["members"]),
        assigned=found["assignment"]["parameters"],
        roles=tuple(sorted(roles)),
        acts=bool(roles),
    )


def _wrong(found: Any) -> Iterator[str]:  # noqa: ANN401  any JSON
    shape = [*_misshapen("", found, _FILE)]
    if shape:
        yield from shape
        return
    for i, each in enumerate(found["definitions"]):
        shape += _misshapen(f"definitions[{i}]", each, _DEFINITION)
    for i, each in enumerate(found["members"]):
        shape += _misshapen(f"members[{i}]", each, _MEMBER, either=("definition", "policyDefinitionId"))
    shape += _misshapen("assignment", found["assignment"], _ASSIGNMENT)
    yield from shape
    if not shape:
        yield from _wrong_definitions(found["definitions"])
        yield from _wrong_members(found)
        yield from _too_wide(found)


def _misshapen(where: str, found: Any, shape: Mapping[str, type], either: Sequence[str] = ()) -> Iterator[str]:  # noqa: ANN401
    at = f"{where}: " if where else ""
    if not isinstance(found, dict):
        yield f"{at}should be an object"
        return
    for key, kind in shape.items():
        if not isinstance(found.get(key), kind):
            yield f"{at}{key} should be {_IN_WORDS[kind]}"
    if either and len([key for key in either if isinstance(found.get(key), str)]) != 1:
        yield f"{at}one of {' and '.join(either)} should be a text, and only one"
    for key in sorted(found.keys() - shape.keys() - set(either)):
        yield f"{at}no such key {key!r}{near(key, (*shape, *either))}"


def _wrong_definitions(definitions: Sequence[Json]) -> Iterator[str]:
    names = [each["name"] for each in definitions]
    for i, each in enumerate(definitions):
        name = each["name"]
        if not re.fullmatch(_NAME, name) or len(name) > _LONGEST:
            yield (
                f"definitions[{i}]: name {name!r} should be up to {_LONGEST} lower-case letters and digits, "
                "single dashes between"
            )
        if name in names[:i]:
            yield f"definitions[{i}]: {name!r} is defined twice"
        if _may_act(each) and not _roles(each):
            yield (
                f"definitions[{i}]: {name!r} changes or builds something, and names no role to do it by: "
                "add then.details.roleDefinitionIds"
            )


def _wrong_members(found: Json) -> Iterator[str]:
    names = tuple(each["name"] for each in found["definitions"])
    references = [each["reference"] for each in found["members"]]
    if not references:
        yield "members is empty: a set holds at least one policy"
    for i, each in enumerate(found["members"]):
        if each["reference"] in references[:i]:
            yield f"members[{i}]: reference {each['reference']!r} is taken"
        if "definition" in each and each["definition"] not in names:
            yield f"members[{i}]: no such definition {each['definition']!r}{near(each['definition'], names)}"
    for key in sorted(found["assignment"]["parameters"].keys() - found["parameters"].keys()):
        yield f"assignment: no such parameter {key!r}{near(key, tuple(found['parameters']))}"


def _too_wide(found: Json) -> Iterator[str]:
    roles = {*map(_guid, found["assignment"]["roles"])}.union(*map(_roles, found["definitions"]))
    for role in sorted(roles & _TOO_WIDE.keys()):
        yield f"{_TOO_WIDE[role]} ({role}) is more than a policy may be granted: name the role for what it changes"


def _roles(definition: Json) -> frozenset[str]:
    details = _then(definition).get("details")
    named = details.get("roleDefinitionIds", ()) if isinstance(details, dict) else ()
    return frozenset(map(_guid, named))


def _guid(role: str) -> str:
    return str(role).rsplit("/", 1)[-1].lower()


def _may_act(definition: Json) -> bool:
    effect = str(_then(definition).get("effect", "")).lower()
    asked = re.fullmatch(r"\[parameters\('(.+)'\)\]", effect)
    if asked is None:
        return effect in _ACTING
    parameters = {name.lower(): each for name, each in definition["parameters"].items()}
    asked_for = parameters.get(asked[1], {})
    possible = {str(each).lower() for each in (*asked_for.get("allowedValues", ()), asked_for.get("defaultValue"))}
    return bool(possible & _ACTING)


def _then(definition: Json) -> Json:
    then = definition["policyRule"].get("then")
    return then if isinstance(then, dict) else {}
