"""Who may work on which project: leases with a fence, taken in one statement, so that nobody waits for anybody.

Statements are made once, because making one takes longer than running it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from mlops.backends.store.schema import turn
from mlops.domain.claim import LEASE, LONGEST_WAIT, Claim
from mlops.ports import GoneError, LostError

Moment = float | None
"""The time that leases are told by, in seconds since 1970; None: the server's own."""

_LEASE, _LONGEST = LEASE.total_seconds(), LONGEST_WAIT.total_seconds()
_HELD = sa.and_(
    turn.c.project == sa.bindparam("its_project"),
    turn.c.owner == sa.bindparam("its_owner"),
    turn.c.fence == sa.bindparam("its_fence"),
)
_CHECK = sa.select(turn.c.fence).where(_HELD).with_for_update()
_GIVE_BACK = (  # a nudge that came since wins
    sa.update(turn)
    .where(_HELD)
    .values(
        owner=None, until=None, due=sa.case((turn.c.nudges == sa.bindparam("nudged"), sa.bindparam("next")), else_=0.0)
    )
)
_NUDGE = sa.update(turn).where(turn.c.project == sa.bindparam("its_project")).values(due=0.0, nudges=turn.c.nudges + 1)


def take(
    connection: sa.Connection, owner: str, now: datetime, moment: Moment, *, most: int, project: str
) -> tuple[Claim, ...]:
    """Claim what is due and free, or one by name."""
    values: dict[str, Any] = {"by": owner, "at": now.timestamp(), "most": most, **_told(moment)}
    if project:
        values["named"] = project
    taken = connection.execute(_take(named=bool(project), own_time=moment is None), values).all()
    return tuple(Claim(project=row.project, owner=owner, fence=row.fence, nudges=row.nudges) for row in taken)


@cache
def _take(*, named: bool, own_time: bool) -> sa.Executable:
    moment, at = _time(own_time=own_time), sa.bindparam("at", type_=sa.Float)
    due = sa.or_(turn.c.due <= at, turn.c.due > at + _LONGEST)  # no wait is that long: a clock was set back
    free = sa.or_(turn.c.owner.is_(None), turn.c.until <= moment, turn.c.until > moment + _LEASE)  # nor a lease
    found = (
        sa.select(turn.c.project)
        .where(turn.c.project == sa.bindparam("named") if named else due, free)
        .order_by(turn.c.due, turn.c.fence)
        .limit(sa.bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("found")
    )
    still_due = sa.case((turn.c.due <= at, turn.c.due), else_=0.0)  # whoever dies in the middle leaves it due
    return (
        sa.update(turn)
        .where(turn.c.project.in_(sa.select(found.c.project)))
        .values(owner=sa.bindparam("by"), until=moment + _LEASE, fence=turn.c.fence + 1, due=still_due)
        .returning(turn.c.project, turn.c.fence, turn.c.nudges)
    )


def _time(*, own_time: bool) -> sa.ColumnElement[float]:
    if own_time:
        return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)
    return sa.bindparam("moment", type_=sa.Float)


def _told(moment: Moment) -> dict[str, Any]:
    return {} if moment is None else {"moment": moment}


def extend(connection: sa.Connection, claims: Sequence[Claim], moment: Moment) -> tuple[Claim, ...]:
    """Renew leases that nobody else took since."""
    statement = _extend(own_time=moment is None)
    return tuple(
        claim for claim in claims if connection.execute(statement, {**_mine(claim), **_told(moment)}).rowcount == 1
    )


@cache
def _extend(*, own_time: bool) -> sa.Update:
    return sa.update(turn).where(_HELD).values(until=_time(own_time=own_time) + _LEASE)


def give_back(connection: sa.Connection, claim: Claim, due: datetime) -> None:
    """Free it."""
    connection.execute(_GIVE_BACK, {**_mine(claim), "nudged": claim.nudges, "next": due.timestamp()})


def free(connection: sa.Connection) -> None:
    """Free all."""
    connection.execute(sa.update(turn).where(turn.c.owner.is_not(None)).values(owner=None, until=None))


def check(connection: sa.Connection, claim: Claim) -> None:
    """Hold the row until the transaction ends.  Raises LostError, GoneError."""
    if connection.execute(_CHECK, _mine(claim)).first() is None:
        if connection.execute(sa.select(turn.c.fence).where(turn.c.project == claim.project)).first() is None:
            raise GoneError(f"{claim.project} was removed meanwhile")
        raise LostError(f"{claim.project} is in other hands: the lease ended before the work did")


def nudge(connection: sa.Connection, project: str) -> bool:
    """Have it looked at at once, whoever works on it now; says whether anybody looks at it at all."""
    return connection.execute(_NUDGE, {"its_project": project}).rowcount == 1


def begin(connection: sa.Connection, project: str) -> None:
    """A new project is due at once."""
    connection.execute(sa.insert(turn).values(project=project, due=0.0, fence=0, nudges=0))


def end(connection: sa.Connection, project: str) -> None:
    """Nobody looks at it any more, and whoever does right now saves nothing."""
    connection.execute(sa.delete(turn).where(turn.c.project == project))


def _mine(claim: Claim) -> dict[str, Any]:
    return {"its_project": claim.project, "its_owner": claim.owner, "its_fence": claim.fence}
