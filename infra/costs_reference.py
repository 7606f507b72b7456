"""The table of what costs while nothing runs, and which stack file has it switched on."""

from infra.costs import COSTS
from infra.preflight import stack
from infra.settings import Settings

ENVIRONMENTS = ("local", "dev", "staging", "prod")
SCENARIOS = ("minimal", "typical", "private", "regulated")


def costs_table() -> str:
    """One row a cost, one column a stack file."""
    found = {name: _read(name) for name in (*ENVIRONMENTS, *SCENARIOS)}
    head = ("costs while nothing runs", "keys", "what turns it off", *found)
    rows = [
        (
            cost.what,
            ", ".join(f"`{key}`" for key in cost.keys),
            cost.off,
            *("on" if cost.on(settings) else "-" for settings in found.values()),
        )
        for cost in COSTS
    ]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ("---",) * len(head), *rows))


def _read(name: str) -> Settings:
    return stack.read(stack.load(stack.find(name)))
