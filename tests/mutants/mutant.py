"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A bug: `before`, which stands in `file` once, becomes `after`; one of `tests` must fail then."""

    name: str  # the promise that it breaks
    file: str
    before: str
    after: str
    tests: tuple[str, ...]  # files or folders, the likeliest first


def bugs_in(file: str, tests: tuple[str, ...], *bugs: tuple[str, str, str]) -> tuple[Mutant, ...]:
    """Bugs in one file of `mlops`: name, before, after."""
    return tuple(
        Mutant(name=name, file=f"mlops/{file}", before=before, after=after, tests=tests) for name, before, after in bugs
    )
