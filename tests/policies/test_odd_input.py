"""No rule crashes, whatever it is shown: each type of the namespaces it knows, 500 others, with nothing or nonsense."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi_azure_native
import pytest
from pulumi_policy.proxy import unknown_checking_proxy

from rules.catalogue import catalogue
from rules.props import Props, WrongTypeError
from rules.rule import ANY, InStack, OfType, Rule
from rules.stack import Resource, Stack, unversioned
from tests.policies.case import MARKERS, Case, Other
from tests.policies.judged import CASES
from tests.policies.pack import Pack

_SDK = Path(next(iter(pulumi_azure_native.__path__)))
_ALIASES = re.compile(r'type_="(azure-native:[^"]+)"')
_TOKENS = re.compile(r'"(azure-native:[^"]+)"')
_BROKEN = re.compile(r"could not be evaluated, so nothing is shown: (?!WrongTypeError)")
_SEED, _ROUNDS, _OTHERS = 5, 40, 500
_ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    "/a/b",
    [],
    [None],
    ["x", 3],
    [[]],
    {},
    {"a": {"b": []}},
    *MARKERS,
)
_RULES = {rule.id: rule for rule in catalogue()}
_WORDS = sorted({word for case in CASES for word in case.props})


def _types() -> Iterator[str]:
    for namespace in sorted({name.split(":")[1] for rule in catalogue() for name in rule.applies_to if name != ANY}):
        for file in sorted((_SDK / namespace).glob("*.py")):
            yield from re.findall(r"'(azure-native:[^']+)',\n +resource_name", file.read_text())


def _others() -> list[str]:
    """Types of namespaces that no rule names, the same ones each time."""
    known = {name.split(":")[1] for rule in catalogue() for name in rule.applies_to}
    every = sorted(set(_TOKENS.findall((_SDK / "__init__.py").read_text())))
    strange = [token for token in every if token.split(":")[1] not in known]
    return random.Random(_SEED).sample(strange, _OTHERS)  # noqa: S311  the same each time


def _odd_props(chance: random.Random) -> dict[str, Any]:
    """Some of the words that rules read, each with something odd; now and then nothing at all."""
    return {word: chance.choice(_ODD) for word in chance.sample(_WORDS, chance.choice((0, 6, len(_WORDS))))}


def _bent(value: Any, chance: random.Random) -> Any:  # noqa: ANN401
    """Something like the value, with odd things in odd places."""
    if chance.random() < 0.2:
        return chance.choice(_ODD)
    if isinstance(value, dict):
        return {key: _bent(one, chance) for key, one in value.items()}
    if isinstance(value, list):
        return [_bent(one, chance) for one in value]
    return value


def _beside(case: Case) -> tuple[Resource, ...]:
    return tuple(
        Resource(type=unversioned(one.type), urn=one.urn, props=Props(dict(one.props)), wired=one.wired)
        for one in case.beside
    )


def _judged(rule: Rule, resource_type: str, props: dict[str, Any], beside: tuple[Resource, ...] = ()) -> None:
    settings = rule.defaults("prod")
    for read in (props, unknown_checking_proxy(props)):
        try:
            if isinstance(rule.check, InStack):
                it = Resource(type=unversioned(resource_type), urn="it", props=Props(read), wired={})
                rule.check.check(it, Stack((it, *beside)), settings)
            elif isinstance(rule.check, OfType):
                rule.check.check(resource_type, Props(read), settings)
            else:
                rule.check(Props(read), settings)
        except WrongTypeError:
            pass  # what cannot be read: the rule's wrapper refuses it and says where


def test_every_type_that_the_rules_know_may_say_nothing_or_only_odd_things() -> None:
    types = list(_types())
    assert len(types) > 200

    for resource_type in types:
        for rule in catalogue():
            if rule.is_about(resource_type):
                for odd in _ODD:
                    _judged(rule, resource_type, {} if odd is None else {"properties": odd, "tags": odd, "name": odd})


def test_500_other_types_may_say_nothing_or_only_odd_things_alone_and_beside_what_rules_know() -> None:
    chance = random.Random(_SEED)  # noqa: S311
    others = _others()
    assert len(set(others)) == _OTHERS
    beside = tuple(
        Resource(type=unversioned(one), urn=f"{number}", props=Props(_odd_props(chance)), wired={})
        for number, one in enumerate(others)
    )

    for rule in catalogue():
        for other in others if rule.is_about(others[0]) else ():
            for odd in _ODD:
                _judged(rule, other, {} if odd is None else dict.fromkeys(_WORDS, odd))
    for case in (one for one in CASES if one.in_stack):
        _judged(_RULES[case.rule], case.type, dict(case.props), (*_beside(case), *beside))


def test_the_pack_answers_about_all_of_them_and_no_rule_breaks(pack: Pack) -> None:
    chance = random.Random(_SEED)  # noqa: S311
    pack.start("regulated")
    stack = [Other(type=one, props=_odd_props(chance), name=str(n)) for n, one in enumerate([*_types(), *_others()])]

    assert len(stack) > 700
    assert [said for said in pack.said(stack) if _BROKEN.search(said)] == []
    for one in stack:  # nor does a repair
        pack.repaired("", one.type, one.props, one.name)


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_a_rule_may_be_shown_its_own_cases_bent_out_of_shape(rule: Rule) -> None:
    chance = random.Random(_SEED)  # noqa: S311  the same each time
    for case in (one for one in CASES if one.rule == rule.id and one.outcome != "not applicable"):
        for _ in range(_ROUNDS):
            beside = tuple(
                Resource(
                    type=unversioned(one.type), urn=one.urn, props=Props(_bent(dict(one.props), chance) or {}), wired={}
                )
                for one in case.beside
                if isinstance(one.props, dict)
            )
            bent = {key: _bent(value, chance) for key, value in case.props.items()}
            _judged(rule, case.type, bent, tuple(one for one in beside if isinstance(one.props.raw, dict)))


def test_what_azure_native_called_a_type_before_is_the_same_type() -> None:
    known = {name for rule in catalogue() for name in rule.applies_to if name.startswith("azure-native:")} - {ANY}
    strays = set()
    for resource_type in known:
        _, namespace, name = resource_type.split(":")
        file = _SDK / namespace / f"{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower()}.py"
        strays |= {alias for alias in _ALIASES.findall(file.read_text()) if unversioned(alias) != resource_type}

    assert strays == set()
