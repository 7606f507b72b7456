"""What the initiative is made of: Azure's own policies by id, and definitions of ours where those miss or mislead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Condition = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class BuiltIn:
    """One of Azure's policies, by the GUID it has in every tenant."""

    rule: str  # the rule of the pack that it is the twin of, whole or in part
    guid: str
    title: str
    effect: str = "[parameters('effect')]"  # or the one it has
    parameters: Mapping[str, Any] = field(default_factory=dict)
    differences: tuple[str, ...] = ()  # where it says something else than the rule, in words

    @property
    def reference(self) -> str:
        """Its name within the initiative."""
        return f"{self.rule.lower()}-built-in"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a definition makes of a request that is broken, instead of refusing it; one member for each word of a list.

    ``[parameters('word')]`` in the definition is the word.
    """

    words: str  # the rule's setting, a list
    operations: tuple[Condition, ...]
    role: str  # GUID of what the assignment's identity is granted, to put right what is there already


@dataclass(frozen=True, kw_only=True)
class Own:
    """A definition of ours: ``broken`` holds for what the rule fails.

    ``[parameters('x')]`` in it is the rule's setting x; ``beside`` says that one of Azure's covers the rest.
    """

    rule: str
    broken: Condition
    change: Change | None = None
    mode: str = "All"
    beside: bool = False
    differences: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """Its name within the initiative."""
        return self.rule.lower()


Member = BuiltIn | Own


def of(kind: str, *conditions: Condition) -> Condition:
    """Whatever is of a type and meets all conditions."""
    return {"allOf": [{"field": "type", "equals": kind}, *conditions]}


def either(*conditions: Condition) -> Condition:
    """Whatever meets one of several conditions."""
    return {"anyOf": list(conditions)}


def absent(alias: str) -> Condition:
    """Whatever does not say a property."""
    return {"field": alias, "exists": False}


def unlike_all(alias: str, setting: str) -> Condition:
    """Whatever has a value that none of a list allows; `*` stands for anything."""
    where = {"field": alias, "like": "[current('allowed')]"}
    return {"count": {"value": f"[parameters('{setting}')]", "name": "allowed", "where": where}, "equals": 0}
