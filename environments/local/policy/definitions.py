"""What is wrong with a policy's definition: all that Azure would refuse, and all that is not understood here; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.policy import aliases, expressions
from environments.local.policy.conditions import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVALUATED = ("append", "audit", "deny", "disabled", "modify")
KNOWN_ONLY = ("auditifnotexists", "deployifnotexists", "denyaction", "manual", "addtonetworkgroup")
"""Effects that may be defined and assigned, and that nothing here evaluates: the compliance says so."""
MODES = ("all", "indexed")

_WAYS = ("allof", "anyof", "not", "field", "value", "count")
_OPERATIONS = ("add", "addorreplace", "remove")


def findings(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell everything that is wrong, each with its place."""
    rule = properties.get("policyRule")
    if not isinstance(rule, dict) or not isinstance(rule.get("if"), dict) or not isinstance(rule.get("then"), dict):
        return ("policyRule needs an object 'if' and an object 'then'",)
    parameters = properties.get("parameters") or {}
    return (
        *_mode(str(properties.get("mode") or "Indexed")),
        *_condition(rule["if"], "if", parameters),
        *_then(rule["then"], parameters),
    )


def member_findings(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell what is wrong with what a set hands to its members."""
    parameters = properties.get("parameters") or {}
    return tuple(
        line
        for i, member in enumerate(properties.get("policyDefinitions") or ())
        for name, each in (member.get("parameters") or {}).items()
        for line in _expressions(each.get("value"), f"policyDefinitions[{i}].{name}", parameters)
    )


def possible_effects(effect: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Which effects a definition may have, in lower case."""
    if not expressions.is_expression(effect):
        return (effect.lower(),)
    node = expressions.parse(effect)
    if not isinstance(node, expressions.Call) or node.name.lower() != "parameters":
        return ()
    name = str(getattr(node.arguments[0], "value", "")).lower()
    row: Mapping[str, Any] = next((each for key, each in parameters.items() if key.lower() == name), {})
    found = [*row.get("allowedValues", ()), *([row["defaultValue"]] if "defaultValue" in row else [])]
    return tuple(dict.fromkeys(str(each).lower() for each in found))


def _mode(mode: str) -> Iterator[str]:
    if mode.lower() not in MODES and not mode.lower().startswith("microsoft."):
        yield f"mode: '{mode}' is no mode; there are All, Indexed and those of resource providers"


def _condition(found: Any, where: str, parameters: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(found, dict) or not found:
        yield f"{where}: a condition is an object with one of {', '.join(_WAYS)}"
        return
    given = {key.lower(): value for key, value in found.items()}
    ways = [key for key in given if key in _WAYS]
    if len(ways) != 1:
        yield f"{where}: a condition has one of {', '.join(_WAYS)}, not {len(ways)}"
        return
    way = ways[0]
    if way in {"allof", "anyof"}:
        if not isinstance(given[way], list):
            yield f"{where}.{way}: a list of conditions is needed"
            return
        for i, each in enumerate(given[way]):
            yield from _condition(each, f"{where}.{way}[{i}]", parameters)
    elif way == "not":
        yield from _condition(given[way], f"{where}.not", parameters)
    else:
        yield from _leaf(given, way, where, parameters)


def _leaf(given: Mapping[str, Any], way: str, where: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    unknown = sorted(key for key in given if key != way and key not in OPERATORS)
    yield from (f"{where}: there is no operator '{key}' here" for key in unknown)
    if len([key for key in given if key in OPERATORS]) + len(unknown) != 1:
        yield f"{where}: one operator is needed beside '{way}'"
    if way == "field":
        yield from _field(given[way], f"{where}.field", parameters)
    elif way == "count":
        yield from _count(given[way], f"{where}.count", parameters)
    else:
        yield from _expressions(given[way], f"{where}.value", parameters)
    for key, value in given.items():
        if key in {"in", "notin"} and not isinstance(value, list) and not expressions.is_expression(value):
            yield f"{where}.{key}: a list is needed"
        if key in OPERATORS:
            yield from _expressions(value, f"{where}.{key}", parameters)


def _count(found: Any, where: str, parameters: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(found, dict) or ("field" in found) == ("value" in found):
        yield f"{where}: one of field and value is needed"
        return
    yield from (
        f"{where}: there is no key '{key}'" for key in sorted(found.keys() - {"field", "value", "name", "where"})
    )
    if "field" in found:
        yield from _field(found["field"], f"{where}.field", parameters)
    else:
        yield from _expressions(found["value"], f"{where}.value", parameters)
    if "where" in found:
        yield from _condition(found["where"], f"{where}.where", parameters)


def _field(name: Any, where: str, parameters: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    if expressions.is_expression(name):  # such as [concat('tags[', parameters('tagName'), ']')]
        yield from _expressions(name, where, parameters)
    elif not aliases.is_known(str(name)):
        yield (
            f"{where}: the alias '{name}' is not known to the local environment"
            " (environments/local/policy/aliases.json holds those that are)"
        )


def _expressions(value: Any, where: str, parameters: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, list):
        for i, each in enumerate(value):
            yield from _expressions(each, f"{where}[{i}]", parameters)
    if not expressions.is_expression(value):
        return
    try:
        calls = list(expressions.functions(expressions.parse(value)))
    except expressions.ExpressionError as error:
        yield f"{where}: {error}"
        return
    declared = [name.lower() for name in parameters]
    for call in calls:
        first = getattr(call.arguments[0], "value", None) if call.arguments else None
        if call.name.lower() not in (*expressions.PLAIN, *expressions.OF_THE_REQUEST):
            yield f"{where}: the function '{call.name}' is not known to the local environment"
        elif call.name.lower() == "parameters" and str(first).lower() not in declared:
            yield f"{where}: there is no parameter '{first}'"
        elif call.name.lower() == "field" and isinstance(first, str):
            yield from _field(first, where, parameters)


def _then(then: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[str]:
    effect = str(then.get("effect") or "")
    yield from _expressions(effect, "then.effect", parameters)
    try:
        effects = possible_effects(effect, parameters)
    except expressions.ExpressionError:
        return
    for each in effects:
        if each not in (*EVALUATED, *KNOWN_ONLY):
            yield f"then.effect: there is no effect '{each}'"
    details = then.get("details")
    if "modify" in effects:
        yield from _modify(details, parameters)
    if "append" in effects:
        yield from _append(details, parameters)


def _modify(details: Any, parameters: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(details, dict) or not details.get("roleDefinitionIds") or not details.get("operations"):
        yield "then.details: modify needs roleDefinitionIds and operations"
        return
    for i, each in enumerate(details["operations"]):
        where = f"then.details.operations[{i}]"
        if str(each.get("operation")).lower() not in _OPERATIONS:
            yield f"{where}: there is no operation '{each.get('operation')}'; there are add, addOrReplace and remove"
        yield from _target(each.get("field"), where, parameters)
        yield from _expressions(each.get("value"), f"{where}.value", parameters)
        yield from _expressions(each.get("condition"), f"{where}.condition", parameters)


def _append(details: Any, parameters: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(details, list) or not details:
        yield "then.details: append needs a list of fields and values"
        return
    for i, each in enumerate(details):
        yield from _target(each.get("field"), f"then.details[{i}]", parameters)
        yield from _expressions(each.get("value"), f"then.details[{i}].value", parameters)


def _target(name: Any, where: str, parameters: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    if "[*]" in str(name):
        yield f"{where}: the local environment changes no elements of lists ('{name}')"
    else:
        yield from _field(name, f"{where}.field", parameters)
