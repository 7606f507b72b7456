"""The trials of a sweep: points of its search space, by Azure ML's names of distributions and sampling algorithms."""

from __future__ import annotations

import itertools
import math
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST_TRIALS = 1000


class SearchSpaceError(Exception):
    """A search space that cannot be sampled as asked; the text says why."""


def trials(space: Mapping[str, Sequence[Any]], algorithm: str, seed: int, most: int | None) -> Iterator[dict[str, Any]]:
    """Yield the points to try, at most `most` (Azure's limit is 1,000).

    `space` maps a name to `[distribution, arguments]`; `algorithm` is Grid, Random or Bayesian.  Bayesian sampling is
    answered with random points: the trials are real, their choice does not learn.  Raises SearchSpaceError.
    """
    limit = min(most or _MOST_TRIALS, _MOST_TRIALS)
    if algorithm.lower() == "grid":
        return itertools.islice(_grid(space), limit)
    numbers = random.Random(seed)  # noqa: S311 - sampling, not secrecy
    return ({name: _sample(name, spec, numbers) for name, spec in space.items()} for _ in range(limit))


def check(space: Mapping[str, Sequence[Any]], algorithm: str) -> None:
    """Raise SearchSpaceError for an unknown distribution, or a grid over what is not a choice."""
    if algorithm.lower() == "grid":
        next(_grid(space), None)
    for name, spec in space.items():
        _sample(name, spec, random.Random(0))  # noqa: S311 - sampling, not secrecy


def _grid(space: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    choices = []
    for name, (distribution, arguments) in space.items():
        if str(distribution).lower() != "choice":
            raise SearchSpaceError(f"grid sampling takes choices only; {name} is {distribution}.")
        choices.append(_options(arguments))
    return (dict(zip(space, point, strict=True)) for point in itertools.product(*choices))


def _options(arguments: Sequence[Any]) -> Sequence[Any]:
    """`["choice", [[1, 2]]]` on the wire; some writers leave the inner list out."""
    nested = len(arguments) == 1 and isinstance(arguments[0], list)
    return arguments[0] if nested else arguments


def _sample(name: str, spec: Sequence[Any], numbers: random.Random) -> object:
    distribution, arguments = str(spec[0]).lower(), spec[1]
    if distribution == "choice":
        return numbers.choice(list(_options(arguments)))
    if distribution == "randint":
        return numbers.randrange(int(arguments[0]))
    quantum = float(arguments[2]) if distribution.startswith("q") else None
    low, high = float(arguments[0]), float(arguments[1])
    value = _continuous(name, distribution.removeprefix("q"), low, high, numbers)
    return value if quantum is None else round(value / quantum) * quantum


def _continuous(name: str, distribution: str, first: float, second: float, numbers: random.Random) -> float:
    match distribution:
        case "uniform":
            return numbers.uniform(first, second)
        case "loguniform":  # Azure's arguments are already logarithms
            return math.exp(numbers.uniform(first, second))
        case "normal":
            return numbers.gauss(first, second)
        case "lognormal":
            return math.exp(numbers.gauss(first, second))
    raise SearchSpaceError(
        f"{name}: there is no distribution {distribution}; allowed: choice, randint, uniform, loguniform, normal, "
        "lognormal and their quantised forms."
    )
