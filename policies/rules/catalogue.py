"""All rules there are: every module of this folder that has RULES.

Found rather than listed, so that a rule is one file, and so that none can be written and forgotten.
"""

import importlib
import pkgutil

import rules
from rules.rule import Rule


def catalogue() -> tuple[Rule, ...]:
    """Collect the rules, ordered by id; raise ValueError when two share an id or a name."""
    found = sorted(
        (rule for module in pkgutil.iter_modules(rules.__path__) for rule in _rules_of(f"rules.{module.name}")),
        key=lambda rule: rule.id,
    )
    for key in ("id", "name"):
        taken = [getattr(rule, key) for rule in found]
        if len(set(taken)) < len(taken):
            raise ValueError(f"two rules have the same {key}: {sorted(taken)}")
    return tuple(found)


def _rules_of(module: str) -> tuple[Rule, ...]:
    found: tuple[Rule, ...] = getattr(importlib.import_module(module), "RULES", ())
    return found
