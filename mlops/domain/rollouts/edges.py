"""The phases of a rollout and which may follow which: data, so that every change of phase can be checked against it."""

from collections.abc import Mapping

from mlops.domain.loop import RolloutPhase as Phase

_BACK = Phase.ROLLING_BACK

EDGES: Mapping[Phase | None, frozenset[Phase | None]] = {  # None: no rollout, before it began and after it ended
    None: frozenset({Phase.DEPLOYING}),
    Phase.DEPLOYING: frozenset({Phase.VERIFYING, Phase.SHADOWING, Phase.COMPARING, Phase.CANARY, Phase.BAKING, _BACK}),
    Phase.VERIFYING: frozenset({Phase.VERIFYING, Phase.SHADOWING, Phase.CANARY, _BACK}),
    Phase.SHADOWING: frozenset({Phase.SHADOWING, Phase.CANARY, _BACK}),
    Phase.COMPARING: frozenset({Phase.COMPARING, Phase.CANARY, _BACK}),  # never to baking: the switch lies between
    Phase.CANARY: frozenset({Phase.CANARY, Phase.BAKING, _BACK, None}),  # None: without a champion nothing is baked
    Phase.BAKING: frozenset({_BACK, None}),
    _BACK: frozenset({None}),
}


class IllegalEdgeError(Exception):
    """A phase would follow one that it cannot follow: a fault of this program, and nothing is saved."""


def check(before: Phase | None, after: Phase | None) -> None:
    """Raise IllegalEdgeError unless both are the same or the one may follow the other."""
    if before is not after and after not in EDGES[before]:
        raise IllegalEdgeError(f"a rollout cannot go from {before} to {after}")
