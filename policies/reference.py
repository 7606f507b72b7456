"""Print what is written down of the rules: tables, a page a rule, a config file a profile, the form of waivers.

Run `.venv/bin/python policies/reference.py` after a rule has changed; a test compares.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import waivers
from reports import coverage
from rules.catalogue import catalogue
from rules.finding import Fail, Finding
from rules.profiles import config
from rules.props import Props
from rules.rule import PROFILES, InStack, Rule
from rules.stack import Resource, Stack
from runtime import initiative

_HERE = Path(__file__).resolve().parent
_BARE: tuple[Mapping[str, object], ...] = (
    {},
    {"properties": {"computeType": "AmlCompute"}},
    {"properties": {"computeType": "ComputeInstance"}},
)
"""Resources of which nothing is said but what they are."""

_OF_WAIVERS = (
    "- Give every waiver all of its fields. A file in which one is malformed is refused whole, with all that is wrong "
    "with it, and nothing is waived.\n- Take out what has ended and what excuses nothing: `policies waivers` lists "
    f"them. {waivers.WARNED_DAYS} days before its end a waiver is warned about."
)
_BEGIN, _END = "<!-- printed by reference.py: begin -->", "<!-- printed by reference.py: end -->"


def files() -> Mapping[Path, str]:
    """Tell what each printed file should hold."""
    rules = catalogue()
    readme = (_HERE / "README.md").read_text()
    before, _, rest = readme.partition(_BEGIN)
    printed = {_HERE / "README.md": f"{before}{_BEGIN}\n{_tables(rules)}{_END}{rest.partition(_END)[2]}"}
    for profile in PROFILES:
        printed[_HERE / "profiles" / f"{profile}.json"] = json.dumps(config(rules, profile), indent=2) + "\n"
    printed[coverage.TABLES / "README.md"] = coverage.told(rules)
    printed[_HERE / "initiative.json"] = initiative.written(rules)
    printed[_HERE / "waivers.schema.json"] = json.dumps(waivers.schema(_names(rules)), indent=2) + "\n"
    printed[_HERE / "docs" / "M14.md"] = page_of_waivers()
    return printed | {_HERE / "docs" / f"{rule.id}.md": page(rule) for rule in rules}


def page(rule: Rule) -> str:
    """Say all about one rule."""
    levels = [[profile, rule.levels[profile].value] for profile in PROFILES]
    parts = [
        f"# {rule.id}: {rule.name}",
        f"{rule.why}",
        f"On {_on(rule)}. Severity {rule.severity.value}.",
        f"## How to fix it\n\n{_remedy(rule)}",
        f"## How strict\n\n{_table(['profile', 'level'], levels).rstrip()}",
    ]
    if rule.settings:
        parts.append(f"## Settings\n\n{_settings((rule,)).rstrip()}")
    if any(name.startswith("azure-native:") for name in rule.applies_to):
        parts.append(f"## At run time\n\nIn Azure's own policies (`initiative.json`):\n\n{_twins(rule)}")
    maps = [[framework, ", ".join(names)] for framework, names in sorted(rule.maps.items())]
    parts.append(
        f"## What it answers elsewhere\n\n{_table(['framework', 'ids'], maps).rstrip() if maps else 'Nothing.'}"
    )
    return "\n\n".join(parts) + "\n"


def page_of_waivers() -> str:
    """Say all about M14, the one rule that is about no resource."""
    fields = [[f"`{name}`", meaning] for name, meaning in waivers.FIELDS.items()]
    longest = [[profile, str(waivers.LONGEST.defaults[profile])] for profile in PROFILES]
    parts = [
        f"# M14: {waivers.VALID}",
        waivers.WHY,
        "On the file `waivers.yaml`. Severity high; mandatory in every profile.",
        f"## How to fix it\n\n{_OF_WAIVERS}",
        f"## Fields\n\n{_table(['field', 'what it says'], fields).rstrip()}",
        f"## Settings\n\n`longest`: {waivers.LONGEST.meaning}.\n\n{_table(['profile', 'days'], longest).rstrip()}",
        "## At run time\n\nIn Azure's own policies (`initiative.json`):\n\nNothing: an exemption there is Azure's own.",
        "## What it answers elsewhere\n\nNothing.",
    ]
    return "\n\n".join(parts) + "\n"


def _remedy(rule: Rule) -> str:
    """What the rule itself says to somebody who has set nothing, and what a profile that repairs would set."""
    said = list(dict.fromkeys(finding.fix for finding in _of_nothing(rule) if isinstance(finding, Fail)))
    if rule.fix:
        said.append(rule.fix)
    if rule.repair is not None:
        changes = rule.repair(rule.defaults("prod"))
        said.append(
            "Where it repairs, it sets "
            + ", ".join(f"`{path}` to `{value!r}`" for path, value in changes.items())
            + "."
        )
    return "\n".join(f"- {one}" for one in said)


def _of_nothing(rule: Rule) -> Iterator[Finding]:
    settings = rule.defaults("prod")
    for resource_type in rule.applies_to:
        for props in _BARE:
            if isinstance(rule.check, InStack):
                bare = Resource(type=resource_type, urn="urn:pulumi:prod::p::t::n", props=Props(props), wired={})
                yield rule.judge_in_stack(bare, Stack((bare,)), settings)
            else:
                yield rule.judge(resource_type, Props(props), settings)


def _names(rules: tuple[Rule, ...]) -> Mapping[str, str]:
    return {word: rule.id for rule in rules for word in (rule.id, rule.name)}


def _tables(rules: tuple[Rule, ...]) -> str:
    parts = {"At run time": _at_run_time(), "Settings": _settings(rules), "Crosswalk": _crosswalk(rules)}
    return _rules(rules) + "".join(f"\n### {head}\n\n{table}" for head, table in parts.items()) + "\n"


def _rules(rules: tuple[Rule, ...]) -> str:
    head = ["id", "name", "on", "severity", *PROFILES, "why"]
    return _table(
        head,
        [
            [
                f"[{rule.id}](docs/{rule.id}.md)",
                f"`{rule.name}`",
                _on(rule),
                rule.severity.value,
                *(rule.levels[profile].value for profile in PROFILES),
                rule.why,
            ]
            for rule in rules
        ],
    )


def _at_run_time() -> str:
    rows = [
        [one.rule, initiative.told(one), "; ".join(one.differences) or "none known"] for one in initiative.members()
    ]
    return _table(["rule", "its twin in `initiative.json`", "where it answers otherwise"], rows)


def _twins(rule: Rule) -> str:
    found = initiative.twin(rule.id)
    if not found:
        return "Nothing: it is looked at by the pack and by `policies check` only."
    return "\n".join(f"- {_capital(initiative.told(one))}.{_but(one.differences)}" for one in found)


def _but(differences: tuple[str, ...]) -> str:
    return f" Not the same: {'; '.join(differences)}." if differences else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


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
