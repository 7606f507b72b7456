"""What each single setting of a scenario touches, told by the recorder in the engine's way: `make touched` writes it.

Two recorded graphs are compared by the stand-in provider's own diff.  What is made anew answers nothing known yet, so
what depends on it shows a change, or is made anew in its turn, as in a preview.  The rehearsal proves the tables on the
real engine.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from pulumi.runtime.rpc import UNKNOWN

from environments.local.provider.changes import changes
from environments.local.provider.resources import served
from environments.rehearsal.alternatives import Alternative, alternatives
from environments.rehearsal.changed import PROTECTED, Touched, first_reason, summary
from environments.rehearsal.engine import Step
from infra.settings import SettingsError
from tests.infra.recorder import Asked, Graph, Unmade
from tests.infra.stacks import ROOT, SCENARIOS, built, document, sent

FOLDER = ROOT / "environments" / "scenarios" / "touched"
SCHEMA = json.loads((ROOT / "environments" / "Pulumi.schema.json").read_text())
NOTHING_UNMADE: Unmade = frozenset()
_BY_URN = Mapping[str, Asked]


def changes_of(scenario: str) -> tuple[Alternative, ...]:
    """Each setting of a scenario with another value."""
    return alternatives(document(scenario)["config"], SCHEMA)


def standing(scenario: str) -> Graph:
    """What stands before a setting is changed."""
    return built(scenario, sent(document(scenario)["config"]), NOTHING_UNMADE)


def touched(scenario: str, before: Graph, config: Mapping[str, Any]) -> Touched | str:
    """What a preview with this config would say over what stands."""
    try:
        return _foreseen(scenario, before, sent(config))
    except SettingsError as error:
        return f"refused: {first_reason(str(error))}"


def table(scenario: str, changes: Sequence[Alternative]) -> Iterator[tuple[str, Touched | str]]:
    """A scenario's table, row by row."""
    before = standing(scenario)
    for each in changes:
        yield each.key, touched(scenario, before, each.config)


def said(scenario: str) -> dict[str, Touched | str]:
    """A scenario's table as it is written."""
    found: dict[str, Touched | str] = yaml.safe_load((FOLDER / f"{scenario}.yaml").read_text())
    return found


def _foreseen(scenario: str, before: Graph, config: dict[str, str]) -> Touched | str:
    was = _by_urn(before)
    unmade: Unmade = NOTHING_UNMADE
    while True:
        now = _by_urn(built(scenario, config, unmade))
        operations = dict(_operations(was, now))
        found = frozenset(
            (now[urn].type, now[urn].name) for urn, what in operations.items() if what in {"create", "replace"}
        )
        if found <= unmade or not _is_read(found - unmade, now):
            break
        unmade |= found
    gone = [urn for urn, what in operations.items() if what in {"delete", "replace"} and was[urn].protect]
    if gone:
        return PROTECTED
    steps = tuple(
        Step(operation=what, type=(now.get(urn) or was[urn]).type, name=(now.get(urn) or was[urn]).name)
        for urn, what in operations.items()
    )
    return summary(steps, len(was))


def _by_urn(graph: Graph) -> _BY_URN:
    return {each.urn: each for each in graph.resources}


def _is_read(unmade: Unmade, now: _BY_URN) -> bool:
    """Whether anything is made of what these will answer."""
    urns = {urn for urn, each in now.items() if (each.type, each.name) in unmade}
    return any(not urns.isdisjoint(wires) for each in now.values() for wires in each.wired.values())


def _operations(was: _BY_URN, now: _BY_URN) -> Iterator[tuple[str, str]]:
    yield from ((urn, "create") for urn in now if urn not in was)
    yield from ((urn, "delete") for urn in was if urn not in now)
    differs = {urn: _differs(was[urn], now[urn].inputs, now[urn].ignore_changes) for urn in now if urn in was}
    replaced = {urn for urn, what in differs.items() if what == "replace"}
    while more := {urn for urn in differs if urn not in replaced and _falls(was[urn], replaced)}:
        replaced |= more
    final = {urn: "replace" if urn in replaced else what for urn, what in differs.items()}
    yield from ((urn, what) for urn, what in final.items() if what)


def _differs(was: Asked, now: Mapping[str, Any], ignored: Sequence[str] = ()) -> str:
    found = changes(served(was.type), was.inputs, now, ignored)
    return "replace" if any(each.replaces for each in found) else "update" if found else ""


def _falls(standing: Asked, replaced: set[str]) -> bool:
    """Whether it has to go before what it is made of goes: as the engine asks, with whole properties not known."""
    unknown = {key for key, wires in standing.wired.items() if not replaced.isdisjoint(wires)}
    new = {key: UNKNOWN if key in unknown else value for key, value in standing.inputs.items()}
    return bool(unknown) and _differs(standing, new) == "replace"


def write(scenario: str) -> None:
    """Write a scenario's table, for somebody to read."""
    found = dict(table(scenario, changes_of(scenario)))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{scenario}.yaml").write_text(yaml.safe_dump(found, sort_keys=False, width=120))


if __name__ == "__main__":
    for name in sys.argv[1:] or SCENARIOS:
        write(name)
