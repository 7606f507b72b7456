"""What a report is made of."""

from dataclasses import dataclass

from mlops.domain.loop import Attempt, Loop, Measured
from mlops.domain.project import Project
from mlops.domain.records.decision import Recorded
from mlops.report.skill import ScoredDay


@dataclass(frozen=True, kw_only=True)
class Story:
    """All that the report tells."""

    project: Project
    loop: Loop
    decisions: tuple[Recorded, ...]
    measured: tuple[Measured, ...]
    attempts: tuple[Attempt, ...]  # those that ended, oldest first
    days: tuple[ScoredDay, ...]  # labelled rows that were answered
