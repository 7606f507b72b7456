"""From the written policy to the domain's."""

from datetime import timedelta

from mlops.domain.declared import policy as declared_policy
from mlops.spec.document.policy import Budget, TriggerPolicy


def policy_of(part: TriggerPolicy) -> declared_policy.TriggerPolicy:
    """A policy in which nothing was found wrong."""
    return declared_policy.TriggerPolicy(
        debounce=part.debounce,
        max_wait=part.max_wait,
        cooldown=part.cooldown,
        on_busy=part.concurrency.on_busy,
        budget=_budget(part.budget) if part.budget else None,
        breaker_failures=part.circuit_breaker.failures,
        breaker_hold=_breaker_hold(part),
        breaker_reset_by=part.circuit_breaker.reset_by,
        manual_skips=part.overrides.manual.skip,
    )


def _breaker_hold(part: TriggerPolicy) -> timedelta:
    """Longer than the cool-down that holds everything anyway."""
    said = part.circuit_breaker.hold_for
    return max(3 * part.cooldown, timedelta(days=3)) if said is None else said


def _budget(part: Budget) -> declared_policy.Budget:
    cost = part.cost
    money = {"cost": cost.limit, "currency": cost.currency} if cost else {"cost": None}
    return declared_policy.Budget(**{**part.model_dump(exclude={"cost"}), **money})
