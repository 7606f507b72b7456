"""Gather a project's history and write it down as one HTML file."""

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from mlops.domain.loop import Attempt, Loop, Measured
from mlops.domain.project import Project
from mlops.domain.records.decision import Recorded
from mlops.domain.world import Answer
from mlops.flows.commands import NotPossibleError
from mlops.report.page import render
from mlops.report.skill import ScoredDay
from mlops.report.story import Story

_BEFORE, _AFTER = timedelta(days=1), timedelta(days=366)  # answers carry event time, and a quiet loop decides nothing


class History(Protocol):
    """An opened loop, as far as a report reads it."""

    def project(self) -> Project:
        """The newest generation."""

    def state(self) -> Loop:
        """Where the loop stands."""

    def decisions(self) -> tuple[Recorded, ...]:
        """The log, oldest first."""

    def measured(self) -> tuple[Measured, ...]:
        """All measurements, oldest first."""

    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts, oldest first."""

    def answers(self, start: datetime, end: datetime) -> tuple[Answer, ...]:
        """What was answered in that event time."""


def report(history: History, output: Path, baseline: Path | None = None) -> None:
    """Write the report to `output`; `baseline` is a predictions.csv of the first model left alone (key, candidate).

    Raises:
        NotPossibleError: the baseline cannot be used, or the file cannot be written.
    """
    loop, decisions = history.state(), history.decisions()
    first = read_baseline(baseline) if baseline else {}
    measured = history.measured()
    newest = max([loop.started, *(row.decision.at for row in decisions), *(each.at for each in measured)])
    answers = history.answers(loop.started - _BEFORE, newest + _AFTER)
    story = Story(
        project=history.project(),
        loop=loop,
        decisions=decisions,
        measured=measured,
        attempts=history.attempts(),
        days=scored(answers, first),
    )
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(render(story), encoding="utf-8")
    except OSError as error:
        raise NotPossibleError(f"{output} cannot be written: {error.strerror}; choose another with --output") from error


def scored(answers: tuple[Answer, ...], first: Mapping[str, float]) -> tuple[ScoredDay, ...]:
    """The labelled answers in order of time, each beside what the first model says of the same row."""
    return tuple(
        ScoredDay(
            key=each.key,
            time=each.time,
            label=each.label,
            served=each.prediction,
            first=first.get(each.key),
            deployment=each.deployment,
        )
        for each in sorted(answers, key=lambda each: (each.time, each.key))
        if each.label is not None
    )


def read_baseline(path: Path) -> Mapping[str, float]:
    """Probabilities of a single model by key, from its predictions.csv.

    Raises:
        NotPossibleError: the file is not there, or lacks the columns.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {row["key"]: float(row["candidate"]) for row in rows}
    except OSError as error:
        raise NotPossibleError(f"the baseline {path} cannot be read: {error.strerror}") from error
    except (KeyError, ValueError, TypeError) as error:
        raise NotPossibleError(
            f"the baseline {path} needs the columns key and candidate, with a number each"
        ) from error
