"""How a store stands, for those who watch it: a few counts, each by an index."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mlops.backends.store.post_schema import inbox, outbox
from mlops.backends.store.schema import decision, loop, turn
from mlops.post import Figures


def read_figures(connection: sa.Connection, now: datetime) -> Figures:
    """All projects together."""
    at = now.timestamp()
    waits = sa.and_(turn.c.due <= at, sa.or_(turn.c.owner.is_(None), turn.c.until <= at))
    # A project that was nudged is due since 0; for how long it waits, its oldest event tells.
    since = sa.func.min(turn.c.due).filter(turn.c.due > 0)
    due, first = connection.execute(sa.select(sa.func.count(), since).where(waits)).one()
    events, oldest_event = connection.execute(
        sa.select(sa.func.count(), sa.func.min(inbox.c.received)).where(inbox.c.outcome.is_(None))
    ).one()
    notices, oldest_notice = connection.execute(_notices()).one()
    given_up = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.given_up.is_not(None))
    return Figures(
        projects=connection.execute(sa.select(sa.func.count()).select_from(loop)).scalar_one(),
        due=due,
        lag=max(_age(at, first), _age(at, oldest_event)),
        events=events,
        notices=notices,
        oldest=_age(at, oldest_notice),
        given_up=connection.execute(given_up).scalar_one(),
    )


def _notices() -> sa.Select[int, Any]:
    same = sa.and_(decision.c.project == outbox.c.project, decision.c.sequence == outbox.c.sequence)
    return (
        sa.select(sa.func.count(), sa.func.min(decision.c.at))
        .select_from(outbox.join(decision, same))
        .where(outbox.c.sent.is_(None), outbox.c.given_up.is_(None))
    )


def _age(at: float, since: float | str | None) -> float:
    """Never negative: a clock may have been set back."""
    if since is None:
        return 0.0
    moment = datetime.fromisoformat(since).timestamp() if isinstance(since, str) else since
    return max(at - moment, 0.0)
