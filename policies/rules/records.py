"""Records about models, as rules read them: their types, what an approval is bound to, what a limit says.

`records/README.md` says what a record is; nothing here knows who wrote it.
"""

import hashlib
import re
from typing import Any

import rfc8785

from rules.finding import PASS, CannotTell, Fail, Finding, worst
from rules.profiles import refused
from rules.props import Absent, Props, Unknown
from rules.rule import ADVISORY, Levels

RELEASE = "aml-kit:records:Release"
DECISION_LOG = "aml-kit:records:DecisionLog"
STAGES = ("dev", "staging", "prod")
TIERS = ("low", "medium", "high")
NOT_LOCAL: Levels = refused(local=ADVISORY)
"""Refused, but said only in dev and on one's own machine, where nobody is served."""

SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_BOUND = re.compile(r"(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)")


def subject_digest(record: Props) -> str | Absent | Unknown:
    """Give the digest that approvals name: SHA-256 of the canonical form (RFC 8785) of what is approved."""
    found: Any = record.copy("subject")
    if isinstance(found, Absent | Unknown):
        return found
    return "sha256:" + hashlib.sha256(rfc8785.dumps(found)).hexdigest()


def keeps(value: float, bound: str) -> bool | None:
    """Tell whether a value keeps a bound such as ``<= 0.25``; None when the bound is no bound."""
    read = _BOUND.fullmatch(bound.strip())
    if read is None:
        return None
    sign, limit = read[1], float(read[2])
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[sign]


def all_said(record: Props, *paths: str) -> Finding:
    """Ask for texts that say something."""
    return worst(*(_said(record, path) for path in paths))


def said(record: Props, path: str) -> str | None:
    """Read a text; None where nothing, or nothing yet, is said."""
    found = record.text(path)
    return found if isinstance(found, str) else None


def _said(record: Props, path: str) -> Finding:
    match record.text(path):
        case Unknown():
            return CannotTell(path)
        case str() as text if text.strip():
            return PASS
    return Fail(f"Say it in the record: {path}.")
