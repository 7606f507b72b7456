"""A recorded state made true: its resources stand in the local environment, and it names what they were given there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.identity import DefaultAzureCredential

from environments.local.provider import bodies
from environments.local.provider.resource_manager import RefusedError, ResourceManager
from environments.local.provider.resources import served
from environments.rehearsal.existing import UnmakeableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = Any
_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the mark of a secret in a state
_GIVEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What Azure gives by chance: who an identity is, which workspace this is."""


def make(plain: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Make what a state without encryption holds; returns what is given now by what was given then.

    Raises UnmakeableError.
    """
    told = subprocess.run(
        [sys.executable, "-m", __name__, str(plain)],
        env=dict(variables),
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise UnmakeableError(f"a recorded state could not be made: {told.stderr.strip().splitlines()[-1]}")
    found: dict[str, str] = json.loads(told.stdout)
    return found


def renamed(text: str, given: Mapping[str, str]) -> str:
    """A text with what was given then by what is given now."""
    return re.sub("|".join(map(re.escape, given)), lambda hit: given[hit[0]], text) if given else text


def differences(before: Json, now: Json) -> Iterator[tuple[str, str]]:
    """What was given then and what is given now, where two answers are alike but for that."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in before.keys() & now.keys():
            yield from differences(before[key], now[key])
    elif isinstance(before, str) and isinstance(now, str) and before != now and _GIVEN.fullmatch(before):
        yield before, now


def main(file: str) -> None:
    """Make it all, in the order of the state, as the deployer that the variables tell of."""
    manager = ResourceManager(endpoint="https://management.azure.com", credential=DefaultAzureCredential())
    state = json.loads(Path(file).read_text())
    given: dict[str, str] = {}
    for each in state["deployment"].get("resources") or []:
        if str(each["type"]).startswith("azure-native:") and each.get("id"):
            given |= _made(manager, each, given)
    print(json.dumps(given))


def _made(manager: ResourceManager, recorded: Mapping[str, Json], given: Mapping[str, str]) -> dict[str, str]:
    kind, said = served(recorded["type"]), json.loads(renamed(json.dumps(recorded), given))
    inputs = _plain(said["inputs"])
    query = {"api-version": kind.type.api_version, **bodies.query(kind, inputs)}
    try:
        answer = manager.put(said["id"], query, bodies.to_body(kind, inputs))
    except RefusedError as error:
        sys.exit(f"{said['id']}: {error}")
    return dict(differences(_plain(said["outputs"]), bodies.from_body(kind, answer)))


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        if _SECRET in value:
            return json.loads(value["plaintext"])
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main(sys.argv[1])
