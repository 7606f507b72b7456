"""Whatever the seed draws, what the policy bounds stays bounded: the loop's own decisions say so."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops.backends.store.database import Database, in_memory
from mlops.domain.loop import Attempt
from mlops.simulation.scenario import Drift, Kind, Moments, Training, World
from tests.mlops.simulation.worlds import CALM, NIMBLE, lived

COOLDOWN, PER, RUNS = timedelta(days=9), timedelta(days=40), 2
BOUNDED = NIMBLE.replace("cooldown: P20D", f"cooldown: P9D, budget: {{runs: {RUNS}, per: P40D}}")
UNBOUNDED = NIMBLE.replace("cooldown: P20D", "cooldown: P1D")
WILD = CALM.model_copy(update={"edits": Moments(per_year=6), "training": Training(fails=0.2, broken=0.2)})


def attempts(world: World, text: str, seed: int) -> tuple[Attempt, ...]:
    """Of the simulated months, as the store remembers them."""
    stores: list[Database] = []

    def kept() -> Database:
        stores.append(in_memory())
        return stores[0]

    lived(world, text, days=90, seed=seed, new_store=kept)
    return stores[0].attempts("rain")


def cooled(found: tuple[Attempt, ...]) -> bool:
    """Whether each began long enough after the end of the one before."""
    ends = [each.ended for each in found if each.ended is not None]
    return all(after.started - end >= COOLDOWN for end, after in zip(ends, found[1:], strict=False))


def most(found: tuple[Attempt, ...]) -> int:
    """Attempts that began within any one period."""
    return max(sum(timedelta() <= other.started - each.started < PER for other in found) for each in found)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), size=st.floats(0.8, 3.0), day=st.integers(5, 60))
def test_budget_and_cool_down_hold_in_every_world(seed: int, size: float, day: int) -> None:
    drift = (Drift(kind=Kind.SUDDEN, size=size, day=day), Drift(kind=Kind.GRADUAL, size=size, day=day))
    found = attempts(WILD.model_copy(update={"drift": drift}), BOUNDED, seed)
    assert len(found) > 1
    assert cooled(found)
    assert most(found) <= RUNS


def test_without_them_neither_holds() -> None:
    drift = (Drift(kind=Kind.SUDDEN, size=2, day=20), Drift(kind=Kind.GRADUAL, size=2, day=20))
    found = attempts(WILD.model_copy(update={"drift": drift}), UNBOUNDED, 1)
    assert not cooled(found)
    assert most(found) > RUNS
