"""No secret is seen where people look: in the exported state, in outputs, in logs."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from environments.local.arm.identity import secrets_of
from environments.rehearsal.subject import PLANTED
from environments.rehearsal.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from environments.rehearsal.stage import Stage

_SHORTEST = 8
_SECRET_PROPERTIES = ("InstrumentationKey", "ConnectionString", "administratorLoginPassword")


def played(stage: Stage) -> Iterator[Row]:
    """Look for every secret that there is, in every place that is read."""
    began = time.monotonic()
    known = planted(stage)
    places = _places(stage)
    seen = sorted({f"{name} in {place}" for place, text in places.items() for name in found(known, text)})
    yield Row(
        act="secrets",
        what="state, outputs and logs",
        result="failed" if seen else "passed",
        told="seen: " + ", ".join(seen) if seen else f"none of {len(known)} secrets in {len(places)} places",
        seconds=time.monotonic() - began,
    )


def found(known: Mapping[str, str], text: str) -> tuple[str, ...]:
    """The names of the secrets that a text holds."""
    return tuple(name for name, value in known.items() if len(value) >= _SHORTEST and value in text)


def planted(stage: Stage) -> dict[str, str]:
    """Every secret of this environment, by what it is."""
    known = {f"the {name} secret of the deployer": value for name, value in secrets_of(stage.home).items()}
    known["an encrypted value of the stack file"] = PLANTED
    with closing(sqlite3.connect(f"file:{stage.home.database}?mode=ro", uri=True)) as database:
        accounts = database.execute("SELECT name, value FROM documents WHERE kind = 'accounts'").fetchall()
        bodies = database.execute("SELECT id, body FROM resources").fetchall()
    known |= {f"the key of account {name}": str(json.loads(value).get("key", "")) for name, value in accounts}
    for resource_id, body in bodies:
        properties = json.loads(body).get("properties") or {}
        for name in _SECRET_PROPERTIES:
            if properties.get(name):
                known[f"{name} of {resource_id.rsplit('/', 1)[1]}"] = str(properties[name])
    return known


def _places(stage: Stage) -> dict[str, str]:
    places = {f"log {file.stem}": file.read_text(errors="replace") for file in (stage.home.path / "logs").glob("*.log")}
    places["the exported state"] = stage.engine.told("stack", "export", "--stack", stage.engine.stack)
    places["the outputs"] = stage.engine.told("stack", "output", "--json", "--stack", stage.engine.stack)
    shown = stage.engine.changed("preview", "--diff")
    places["what a preview prints"] = shown.text
    return places
