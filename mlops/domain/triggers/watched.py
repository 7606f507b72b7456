"""What triggers wait for beside monitors: new rows, labels that arrive, assets that change; what was seen of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mlops.domain.data.windows import last_boundary
from mlops.domain.declared.monitor import Monitor, Signal
from mlops.domain.declared.trigger import ReadyCondition, Rows, RowsCondition
from mlops.domain.loop import AssetSeen, Loop
from mlops.domain.project import Project
from mlops.domain.triggers.conditions import arrival_key
from mlops.domain.triggers.triggers import conditions_of
from mlops.domain.world import Window

ROWS_EVERY = timedelta(days=1)  # how often rows and labels are counted; an event that tells of data makes it sooner
ASSETS_EVERY = timedelta(hours=1)  # how often assets are looked at; an event that tells of a model makes it sooner
CODE = "code"  # the training code, by its digest
CHAMPION = "@champion"


def rows_asked(project: Project, rows: Rows) -> bool:
    """Whether any trigger looks at the number of these rows."""
    return any(isinstance(leaf, RowsCondition) and leaf.rows is rows for leaf in conditions_of(project))


def arrivals_asked(project: Project) -> Mapping[str, ReadyCondition]:
    """The conditions on labels that should have come, by the key under which their share is remembered."""
    return {arrival_key(leaf): leaf for leaf in conditions_of(project) if isinstance(leaf, ReadyCondition)}


def unused(loop: Loop, now: datetime) -> Window:
    """Event time that no attempt has used."""
    used = loop.last.used if loop.last else loop.started
    return Window(start=min(used, now), end=now)


def labels_due(project: Project, over: timedelta, now: datetime) -> Window:
    """The newest event time whose labels should all be there."""
    end = last_boundary(now - project.data.delay - project.data.grace, timedelta(days=1))
    return Window(start=end - over, end=end)


def collected(every: timedelta) -> Monitor:
    """How collected rows are counted."""
    return Monitor(
        name="rows-collected", signal=Signal.DATA_QUALITY, metric="row_count", window=every, every=every, min_samples=1
    )


def arrived(every: timedelta) -> Monitor:
    """How the share of rows that have their label is measured."""
    return Monitor(
        name="labels-arrived",
        signal=Signal.MODEL_PERFORMANCE,
        metric="labelled_share",
        window=every,
        every=every,
        min_samples=1,
    )


def seen(loop: Loop, versions: Mapping[str, str], now: datetime) -> Loop:
    """Remember what assets are; one that is seen for the first time has not changed."""
    assets = {
        name: replace(loop.assets[name], version=version) if name in loop.assets else AssetSeen(version, version)
        for name, version in versions.items()
    }
    return replace(loop, assets=assets, assets_at=now)


def used(loop: Loop) -> Loop:
    """An attempt begins: it trains on assets as they are now."""
    return replace(loop, assets={name: replace(each, used=each.version) for name, each in loop.assets.items()})
