"""Print what is written down of the rules: the README's tables and one config file a profile.

Run `.venv/bin/python policies/reference.py` after a rule has changed; a test compares.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from rules.catalogue import catalogue
from rules.profiles import config
from rules.rule import PROFILES, InStack, Rule

_HERE = Path(__file__).resolve().parent
_BEGIN, _END = "<!-- printed by reference.py: begin -->", "<!-- printed by reference.py: end -->"


def files() -> Mapping[Path, str]:
    """Tell what each printed file should hold."""
    rules = catalogue()
    readme = (_HERE / "README.md").read_text()
    before, _, rest = readme.partition(_BEGIN)
    printed = {_HERE / "README.md": f"{before}{_BEGIN}\n{_tables(rules)}{_END}{rest.partition(_END)[2]}"}
    for profile in PROFILES:
        printed[_HERE / "profiles" / f"{profile}.json"] = json.dumps(config(rules, profile), indent=2) + "\n"
    return printed


def _tables(rules: tuple[Rule, ...]) -> str:
    return f"{_rules(rules)}\n### Settings\n\n{_settings(rules)}\n### Crosswalk\n\n{_crosswalk(rules)}\n"


def _rules(rules: tuple[Rule, ...]) -> str:
    head = ["id", "name", "on", "severity", *PROFILES, "why"]
    return _table(
        head,
        [
            [
                rule.id,
                f"`{rule.name}`",
                _on(rule),
                rule.severity.value,
                *(rule.levels[profile].value for profile in PROFILES),
                rule.why,
            ]
            for rule in rules
        ],
    )


def _on(rule: Rule) -> str:
    types = ", ".join(name.removeprefix("azure-native:") for name in rule.applies_to)
    return f"{types} (stack)" if isinstance(rule.check, InStack) else types


def _settings(rules: tuple[Rule, ...]) -> str:
    rows = [
        [f"`{rule.name}`", f"`{name}`", setting.meaning, *(f"{setting.defaults[profile]}" for profile in PROFILES)]
        for rule in rules
        for name, setting in rule.settings.items()
    ]
    return _table(["rule", "setting", "meaning", *PROFILES], rows)


def _crosswalk(rules: tuple[Rule, ...]) -> str:
    frameworks = sorted({framework for rule in rules for framework in rule.maps})
    rows = [[rule.id, *(", ".join(rule.maps.get(one, ("-",))) for one in frameworks)] for rule in rules]
    return _table(["id", *frameworks], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
