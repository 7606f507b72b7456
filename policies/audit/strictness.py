"""How strict to be: a profile by its name, changed by a config file where there is one."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from pulumi_policy import EnforcementLevel

from audit.judging import Chosen, Strictness
from audit.subjects import UnreadableError
from rules.rule import PROFILES, Rule, settled
from waivers import LONGEST, VALID, near


def named_profile(word: str) -> str:
    """Take a profile's name.  Raises UnreadableError."""
    if word not in PROFILES:
        raise UnreadableError(f"there is no profile {word!r} among {', '.join(PROFILES)}{near(word, PROFILES)}")
    return word


def chosen(
    rules: Sequence[Rule], profile: str, config: Path | None, unknowns: str | None, day: date
) -> tuple[Strictness, Mapping[str, int]]:
    """Put a config file over a profile; also tell how long a waiver may last where.  Raises UnreadableError."""
    said = _config(rules, config) if config else {}
    everywhere = said.get("all", {}).get("enforcementLevel")
    of = {
        rule.id: _chosen(rule, profile, {"enforcementLevel": everywhere} | said.get(rule.name, {}), day)
        for rule in rules
    }
    longest = dict(LONGEST.defaults)
    longest[profile] = said.get(VALID, {}).get("longest", longest[profile])
    blocks = None if unknowns is None else unknowns == "block"
    return Strictness(profile=profile, of=of, blocks_unknowns=blocks), longest


def _chosen(rule: Rule, profile: str, said: Mapping[str, Any], day: date) -> Chosen:
    level = said["enforcementLevel"]
    config = {key: value for key, value in said.items() if key != "enforcementLevel"}
    on_that_day = {"today": day.isoformat()} if {**rule.defaults(profile), **config}.get("today") == "" else {}
    settings = settled(rule.defaults(profile), {**config, **on_that_day})
    return Chosen(level=EnforcementLevel(level) if level else rule.levels[profile], settings=settings)


def _config(rules: Sequence[Rule], path: Path) -> dict[str, dict[str, Any]]:
    """Read a config of Pulumi's form; unlike Pulumi, refuse names and values that mean nothing."""
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UnreadableError(f"{path} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise UnreadableError(f"{path} is no object of policies, such as policies/profiles/prod.json")
    schemas = {rule.name: {name: one.schema for name, one in rule.all_settings().items()} for rule in rules}
    schemas |= {VALID: {"longest": LONGEST.schema}, "all": {}}
    said = {name: {"enforcementLevel": one} if isinstance(one, str) else one for name, one in document.items()}
    faults = [fault for name, one in said.items() for fault in _faults(name, one, schemas)]
    if faults:
        raise UnreadableError("\n  ".join([f"{path} cannot be used:", *faults]))
    return said


def _faults(name: str, said: object, schemas: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if name not in schemas:
        return [f"there is no rule {name!r}{near(name, schemas)}"]
    if not isinstance(said, dict):
        return [f"{name}: a level, or an object of settings"]
    levels = {"enum": [level.value for level in EnforcementLevel]}
    known = {"enforcementLevel": levels, **schemas[name]}
    found = [f"{name}: there is no setting {key!r}{near(key, known)}" for key in said if key not in known]
    for key in said.keys() & known.keys():
        found += [f"{name}.{key}: {error.message}" for error in Draft202012Validator(known[key]).iter_errors(said[key])]
    return found
