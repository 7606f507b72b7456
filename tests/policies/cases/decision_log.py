"""Cases of the rule about the log of decisions: sound, changed, cut at either end, in another order."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.policies.case import UNKNOWN_LIST, UNKNOWN_NUMBER, UNKNOWN_TEXT, Case, Outcome

LOG = "aml-kit:records:DecisionLog"


def chain(*whats: str) -> list[str]:
    """Rows as they were hashed, each with the hash of the one before."""
    rows: list[str] = []
    for sequence, what in enumerate(whats, start=1):
        before = hashlib.sha256(rows[-1].encode()).hexdigest() if rows else ""
        rows.append(json.dumps({"previous": before, "sequence": sequence, "what": what, "why": "naïve “quotes”"}))
    return rows


def head(rows: list[str]) -> dict[str, Any]:
    """The last row's hash, as it is kept elsewhere."""
    return {"hash": hashlib.sha256(rows[-1].encode()).hexdigest(), "sequence": len(rows)}


_ROWS = chain("fired", "started", "passed", "promoted")
_HASH = head(_ROWS)["hash"]
_CHANGED = [row.replace("passed", "rejected") for row in _ROWS]


def _case(said: str, outcome: Outcome, record: Mapping[str, Any], **settings: object) -> Case:
    return Case(rule="M15", said=said, type=LOG, props=record, outcome=outcome, settings=settings)


CASES: tuple[Case, ...] = (
    _case("a sound log", "pass", {"rows": _ROWS, "head": head(_ROWS)}),
    _case("one row", "pass", {"rows": _ROWS[:1], "head": head(_ROWS[:1])}),
    _case("unset", "fail", {}),
    _case("no rows", "fail", {"rows": []}),
    _case("a changed row", "fail", {"rows": _CHANGED, "head": head(_ROWS)}),
    _case(
        "a changed last row", "fail", {"rows": [*_ROWS[:3], _ROWS[3].replace("promoted", "kept")], "head": head(_ROWS)}
    ),
    _case("a row taken out", "fail", {"rows": [_ROWS[0], *_ROWS[2:]], "head": head(_ROWS)}),
    _case("the first rows cut off", "fail", {"rows": _ROWS[2:], "head": head(_ROWS)}),
    _case("the last row cut off", "fail", {"rows": _ROWS[:3], "head": head(_ROWS)}),
    _case("two rows in another order", "fail", {"rows": [_ROWS[1], _ROWS[0], *_ROWS[2:]], "head": head(_ROWS)}),
    _case("a row that is no JSON", "fail", {"rows": ["fired"], "head": head(["fired"])}),
    _case("a log that grew since its head was kept", "pass", {"rows": _ROWS, "head": head(_ROWS[:2])}),
    _case("a head of another log", "fail", {"rows": _ROWS, "head": {**head(_ROWS[:2]), "hash": "0" * 64}}),
    _case("a head that says no place", "pass", {"rows": _ROWS, "head": {"hash": _HASH}}),
    _case("a head that says no place, of a longer log", "fail", {"rows": _ROWS[:3], "head": {"hash": _HASH}}),
    _case("a head at no place", "fail", {"rows": _ROWS, "head": {"hash": _HASH, "sequence": 0}}),
    _case(
        "a head at an unknown place",
        "cannot tell",
        {"rows": _ROWS, "head": {"hash": _HASH, "sequence": UNKNOWN_NUMBER}},
    ),
    _case("no head", "fail", {"rows": _ROWS}),
    _case("no head, and none is asked for", "pass", {"rows": _ROWS}, head=False),
    _case("unknown rows", "cannot tell", {"rows": UNKNOWN_LIST}),
    _case("an unknown head", "cannot tell", {"rows": _ROWS, "head": {"hash": UNKNOWN_TEXT}}),
    Case(
        rule="M15",
        said="a release",
        type="aml-kit:records:Release",
        props={"subject": {}},
        outcome="not applicable",
    ),
)
