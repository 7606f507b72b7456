"""What came of it, side by side, as lines to print."""

from collections.abc import Iterator, Sequence

from mlops.simulation.results import CAVEATS, Result

Row = tuple[str, ...]


def rows(results: Sequence[Result]) -> tuple[Row, ...]:
    """A row a number, a column a version."""
    return tuple(_rows(results))


def _rows(results: Sequence[Result]) -> Iterator[Row]:
    def row(what: str, *said: str) -> Row:
        return (what, *said)

    yield row("retrainings", *(str(each.retrainings) for each in results))
    for outcome, words in _OUTCOMES.items():
        yield row(f"  {words}", *(str(each.outcomes[outcome]) for each in results))
    for held in sorted({held for each in results for held in each.waits}):
        yield row(f"held by {held}", *(str(each.waits.get(held, 0)) for each in results))
    yield row("bad data set aside", *(str(each.quarantines) for each in results))
    yield row("traffic repaired", *(str(each.repairs) for each in results))
    yield row("days of degraded service", *(f"{each.days_degraded:.1f}" for each in results))
    yield row("  of these without answers", *(f"{each.days_down:.2f}" for each in results))
    yield row("days before anything served", *(f"{each.days - each.days_served:.1f}" for each in results))
    yield row("right answers (best possible)", *(f"{each.mean_right:.4f} ({each.best:g})" for each in results))
    yield row("GPU hours", *(f"{each.money.gpu_hours:.1f}" for each in results))
    yield row("training", *(f"{each.money.training:,.2f} {each.money.currency}" for each in results))
    yield row("serving", *(f"{each.money.serving:,.2f} {each.money.currency}" for each in results))
    if any(each.money.degraded for each in results):
        yield row("degraded service", *(f"{each.money.degraded:,.2f} {each.money.currency}" for each in results))
    yield row("money in all", *(f"{each.money.total:,.2f} {each.money.currency}" for each in results))


_OUTCOMES = {
    "promoted": "promoted",
    "rejected": "refused by a gate",
    "rolled back": "rolled back",
    "failed": "failed",
    "aborted": "aborted",
    "superseded": "gave way to newer ones",
    "under way": "still under way",
}


def asides(results: Sequence[Result]) -> tuple[str, ...]:
    """What was simplified, and what no simulation can tell; each said once."""
    several = len(results) > 1
    notes = [f"{each.name}: {note}" if several else note for each in results for note in each.notes]
    shared = [note for note in results[0].notes if all(note in each.notes for each in results)]
    own = [note for note in notes if not any(note.endswith(each) for each in shared)]
    return (*shared, *own, *CAVEATS)
