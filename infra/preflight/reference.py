"""The table of checks, as the README of this folder shows it."""

from pathlib import Path

from infra.preflight.registry import CHECKS, FIRST

README = Path(__file__).parent / "README.md"


def table() -> str:
    """One row a check."""
    rows = [(name, finds, asks) for name, (finds, asks) in FIRST.items()]
    rows += [(check.id, check.finds, check.asks) for check in CHECKS]
    text = "".join(f"| `{name}` | {finds} | {asks} |\n" for name, finds, asks in rows)
    return f"| check | finds | asks Azure for |\n| --- | --- | --- |\n{text}"
