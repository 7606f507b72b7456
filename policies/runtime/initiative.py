"""The initiative as a file: every member found in this folder, each rule's settings as parameters."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import runtime
from rules.rule import ADVISORY, Rule
from runtime.members import BuiltIn, Member, Own

_BUILT_IN = "/providers/Microsoft.Authorization/policyDefinitions"
_CATEGORY = "Machine Learning"
_EFFECTS = ["Audit", "Deny", "Disabled"]
_CHANGES = ["Modify", "Disabled"]
_ROLES = "/providers/Microsoft.Authorization/roleDefinitions"
_PROFILE = "prod"  # whose limits are the defaults; an assignment may give others
_KINDS: Mapping[type, str] = {bool: "Boolean", int: "Integer", float: "Float", str: "String", list: "Array"}


def members() -> tuple[Member, ...]:
    """All members, ordered by rule; Azure's own before ours."""
    found = [one for module in pkgutil.iter_modules(runtime.__path__) for one in _of(f"runtime.{module.name}")]
    return tuple(sorted(found, key=lambda one: (one.rule, isinstance(one, Own))))


def written(rules: Sequence[Rule]) -> str:
    """The file that an environment's program reads: definitions, the set that they make, and how it is assigned."""
    by_id = {rule.id: rule for rule in rules}
    found = members()
    own = [(one, by_id[one.rule]) for one in found if isinstance(one, Own)]
    parameters: dict[str, Any] = {"effect": _effect("Audit"), "change": _change()}
    for one, rule in own:
        parameters |= {parameter(rule, name): _parameter(rule, name) for name in _settings(one)}
    document = {
        "title": "Guardrails for Azure Machine Learning",
        "message": "The guardrails refuse this; `policies explain RULE` says why, and how to fix it.",
        "metadata": {"category": _CATEGORY, "version": "1.0.0"},
        "parameters": parameters,
        "definitions": [_definition(one, rule) for one, rule in own],
        "members": [member for one in found for member in _members(one, by_id[one.rule])],
        "assignment": {"parameters": {"effect": "Deny", "change": "Modify"}, "roles": []},
    }
    return json.dumps(document, indent=2) + "\n"


def parameter(rule: Rule, setting: str) -> str:
    """One name for a setting among all rules: `cluster-max-nodes-cap` and `most` are `clusterMaxNodesCapMost`."""
    first, *rest = f"{rule.name}-{setting}".split("-")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def twin(rule: str) -> tuple[Member, ...]:
    """What of the initiative looks at run time for what a rule looks at before."""
    return tuple(one for one in members() if one.rule == rule)


def told(one: Member) -> str:
    """A member in one line."""
    if isinstance(one, BuiltIn):
        return f"Azure's `{one.guid[:8]}` ({one.title})"
    changes = ", which changes the request (`modify`)" if one.change else ""
    return "a definition of ours" + (", for what Azure's does not ask" if one.beside else "") + changes


def _definition(one: Own, rule: Rule) -> dict[str, Any]:
    settings = {name: _parameter(rule, name) for name in _settings(one)}
    parameters = {"effect": _effect("Audit"), **settings}
    then: dict[str, Any] = {"effect": "[parameters('effect')]"}
    if one.change:
        word = {
            "type": "String",
            "metadata": {"description": f"one of {rule.all_settings()[one.change.words].meaning}"},
        }
        parameters = {"effect": _change(), **settings, "word": word}
        operations = list(one.change.operations)
        then["details"] = {"roleDefinitionIds": [f"{_ROLES}/{one.change.role}"], "operations": operations}
    return {
        "name": rule.name,
        "title": f"{rule.id}: {rule.name}",
        "description": rule.why,
        "mode": one.mode,
        "metadata": {"category": _CATEGORY, "version": "1.0.0", "rule": rule.id},
        "parameters": parameters,
        "policyRule": {"if": one.broken, "then": then},
    }


def _members(one: Member, rule: Rule) -> Iterator[dict[str, Any]]:
    whole = _member(one, rule)
    if isinstance(one, BuiltIn) or one.change is None:
        yield whole
        return
    for word in rule.defaults(_PROFILE)[one.change.words]:
        given = {**whole["parameters"], "effect": {"value": "[parameters('change')]"}, "word": {"value": word}}
        yield {**whole, "reference": f"{one.reference}-{word}", "parameters": given}


def _member(one: Member, rule: Rule) -> dict[str, Any]:
    if isinstance(one, BuiltIn):
        given = {"effect": {"value": one.effect}, **{name: {"value": value} for name, value in one.parameters.items()}}
        named = {"policyDefinitionId": f"{_BUILT_IN}/{one.guid}"}
    else:
        # What the pack only advises refuses nothing here either.
        effect = "Audit" if rule.levels[_PROFILE] == ADVISORY else "[parameters('effect')]"
        handed = {name: {"value": f"[parameters('{parameter(rule, name)}')]"} for name in _settings(one)}
        given, named = {"effect": {"value": effect}, **handed}, {"definition": rule.name}
    return {"reference": one.reference, **named, "parameters": given}


def _settings(one: Own) -> list[str]:
    """The settings that a definition asks for, in the order of their first mention."""
    asked = dict.fromkeys(re.findall(r"parameters\('(\w+)'\)", json.dumps(one.broken)))
    return [name for name in asked if not (one.change and name == "word")]


def _parameter(rule: Rule, setting: str) -> dict[str, Any]:
    value = rule.defaults(_PROFILE)[setting]
    return {
        "type": _KINDS[type(value)],
        "defaultValue": value,
        "metadata": {"description": rule.all_settings()[setting].meaning},
    }


def _effect(default: str) -> dict[str, Any]:
    return {"type": "String", "defaultValue": default, "allowedValues": _EFFECTS}


def _change() -> dict[str, Any]:
    return {"type": "String", "defaultValue": _CHANGES[0], "allowedValues": _CHANGES}


def _of(module: str) -> tuple[Member, ...]:
    found: tuple[Member, ...] = getattr(importlib.import_module(module), "MEMBERS", ())
    return found
