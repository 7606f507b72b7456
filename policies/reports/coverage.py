"""What the rules answer of each framework, and what of it no rule answers, with the reason."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rules.rule import Rule

TABLES = Path(__file__).resolve().parents[1] / "crosswalk"
_OPPOSITE = "-opposite"  # a rule that forbids what the framework demands


def tables() -> Mapping[str, Mapping[str, Any]]:
    """Read the frameworks' ids, by the name that rules call a framework."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(TABLES.glob("*.json"))}


def covered(rules: Sequence[Rule]) -> Mapping[str, Mapping[str, list[str]]]:
    """Tell by framework and id which rules answer it."""
    found: dict[str, dict[str, list[str]]] = {}
    for rule in rules:
        for framework, names in rule.maps.items():
            for name in names:
                found.setdefault(framework.removesuffix(_OPPOSITE), {}).setdefault(name, []).append(rule.id)
    return found


def told(rules: Sequence[Rule]) -> str:
    """Write both ways down: what of theirs is answered or not, and which of ours nobody else has."""
    answered = covered(rules)
    parts = [
        "# What of others' rules is covered\n\nPrinted by `reference.py` from `maps` of the rules and these tables.\n"
    ]
    for framework, table in tables().items():
        own = answered.get(framework, {})
        open_ = {name: one for name, one in table["ids"].items() if name not in own}
        parts.append(f"## {table['title']}\n\n{len(table['ids']) - len(open_)} of {len(table['ids'])} are covered.\n")
        parts.append("| id | name | rules |\n| --- | --- | --- |")
        parts += [
            f"| {name} | {one['name']} | {', '.join(own[name])} |" for name, one in table["ids"].items() if name in own
        ]
        parts.append("")
        if open_:
            parts.append("| not covered | name | because |\n| --- | --- | --- |")
            parts += [f"| {name} | {one['name']} | {one['because']} |" for name, one in open_.items()]
            parts.append("")
    parts.append(f"## Ours alone\n\n{', '.join(f'{rule.id} `{rule.name}`' for rule in rules if not rule.maps)}\n")
    return "\n".join(parts)
