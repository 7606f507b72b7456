"""Draw a project's history: one HTML file with no script, font or picture from elsewhere."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import jinja2

from mlops.domain.loop import Outcome
from mlops.domain.records.decision import Recorded, Subject
from mlops.report import drawings
from mlops.report.geometry import LEFT, RIGHT, WIDTH, TimeAxis
from mlops.report.skill import Skill, bought, skill_of
from mlops.report.story import Story

_TEMPLATE = Path(__file__).parent / "page.html.jinja"


def render(story: Story) -> str:
    """One HTML file: no script, no font, no picture from elsewhere."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["day"] = lambda moment: f"{moment:%Y-%m-%d}"
    environment.filters["short"] = lambda digest: digest.removeprefix("sha256:")[:12]
    axis = _axis(story)
    answer = bought(story.days) if story.days else None
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        story=story,
        axis=axis,
        width=WIDTH,
        left=LEFT,
        right=RIGHT,
        answer=answer,
        bars=drawings.bars(answer),
        curves=tuple(drawings.curve(story, monitor, axis) for monitor in story.project.monitors),
        serving=drawings.serving(story, axis),
        tries=tuple(drawings.attempt_bar(attempt, axis) for attempt in story.attempts),
        bands=tuple(drawings.quarantine_band(each, axis) for each in story.loop.quarantines),
        spoilt=_spoilt(story),
        intervals={attempt.number: drawings.intervals(attempt) for attempt in story.attempts},
        counts=_counts(story),
        years_of_log=_by_year(story.decisions),
    )


def _axis(story: Story) -> TimeAxis:
    moments = [row.decision.at for row in story.decisions]
    moments += [each.at for each in story.measured] + [day.time for day in story.days]
    end = max([story.loop.started, *moments]) + timedelta(days=1)
    return TimeAxis(start=min([story.loop.started, *moments]), end=end)


def _counts(story: Story) -> Mapping[str, int]:
    outcomes = [attempt.outcome for attempt in story.attempts]
    return {
        "trained": sum(1 for attempt in story.attempts if attempt.candidate),
        "promoted": outcomes.count(Outcome.PROMOTED),
        "refused": outcomes.count(Outcome.REJECTED),
        "rolled back": outcomes.count(Outcome.ROLLED_BACK),
        "failed": outcomes.count(Outcome.FAILED) + outcomes.count(Outcome.ABORTED),
        "superseded": outcomes.count(Outcome.SUPERSEDED),
    }


def _spoilt(story: Story) -> Skill | None:
    """How the answers were on quarantined days: quarantine protects training, not those who asked."""
    windows = [each.window for each in story.loop.quarantines]
    days = [day for day in story.days if any(window.start <= day.time < window.end for window in windows)]
    return skill_of("quarantined days", days, story.days) if days else None


def _by_year(decisions: tuple[Recorded, ...]) -> Mapping[int, list[Recorded]]:
    """The log without each held look, by year."""
    years: dict[int, list[Recorded]] = {}
    for row in decisions:
        if row.decision.subject is not Subject.MONITOR:
            years.setdefault(row.decision.at.year, []).append(row)
    return years
