"""Costs: what machines come to in a month at their maximum, against the budget; by Azure's own prices or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.preflight.check import Check
from infra.preflight.demand import Machines, machines, pools
from infra.preflight.findings import Finding, bad, good, unknown
from infra.preflight.plan import Stack
from infra.preflight.port import Azure, Size

_HOURS = 730
"""Of a month, as Azure's own calculator counts them."""
_TIERS = {False: "Standard", True: "LowPriority"}

Prices = Mapping[str, Mapping[str, Size]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Machines, and what one of them costs an hour; None: Azure does not say."""

    of: Machines
    price: float | None
    currency: str

    @property
    def most(self) -> int:
        """How many there can be in ordinary times."""
        return self.of.most - self.of.surge

    @property
    def monthly(self) -> float:
        """What all of them cost, if they all run all month."""
        return self.most * (self.price or 0.0) * _HOURS


def _look(azure: Azure, stack: Stack) -> Prices:
    if stack.settings.budget is None:
        return {}
    return {region: azure.sizes(region) for region in sorted({one.region for one in _asked(stack)})}


def _asked(stack: Stack) -> tuple[Machines, ...]:
    return (*machines(stack), *pools(stack))


def _judge(stack: Stack, seen: Prices) -> tuple[Finding, ...]:
    budget = stack.settings.budget
    if budget is None:
        return (good("budget", "the stack file has none to hold costs against"),)
    lines = [_priced(one, seen[one.region]) for one in _asked(stack)]
    return (_held(f"budget.amount {budget.amount}", budget.amount, lines),)


def _priced(one: Machines, sizes: Mapping[str, Size]) -> Line:
    size = sizes.get(one.size_name.lower())
    price = size.prices.get(_TIERS[one.low_priority]) if size else None
    return Line(of=one, price=price, currency=size.currency if size else "")


def _held(about: str, amount: int, lines: list[Line]) -> Finding:
    known = [line for line in lines if line.price is not None]
    unsaid = [line for line in lines if line.price is None]
    currencies = sorted({line.currency for line in known})
    total = sum(line.monthly for line in known)
    sums = " + ".join(f"{line.of.key} {line.most} x {line.price:g}" for line in known)
    told = f"{total:.0f} {'/'.join(currencies)} a month at the most ({sums}, {_HOURS} hours)"
    if len(currencies) > 1:
        return unknown(about, f"Azure tells prices in {', '.join(currencies)}", _LOOK_UP)
    if total > amount:
        keys = ", ".join(line.of.lowered for line in known if line.monthly)
        return bad(
            about,
            f"machines alone can come to {told}",
            f"raise budget.amount, lower {keys}, or bypass this check with why they will not all run all month",
        )
    if unsaid:
        names = ", ".join(f"{line.of.key} ({line.of.size_name}, {_TIERS[line.of.low_priority]})" for line in unsaid)
        rest = f"; the others come to {told}" if known else ""
        return unknown(about, f"Azure tells no price of {names}{rest}", _LOOK_UP)
    if not lines:
        return good(about, "the stack file asks for no machines")
    return good(about, f"machines come to {told}; all else comes on top")


_LOOK_UP = "look the prices up in Azure's calculator, then bypass this check with what you found"
CHECK = Check(
    id="costs",
    finds="machines that cost more than `budget` if all of them run all month",
    asks="vmSizes of Microsoft.MachineLearningServices, with their estimatedVMPrices",
    look=_look,
    judge=_judge,
)
