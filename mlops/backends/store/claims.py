"""Who may work on which project: leases with a fence, taken in one statement, so that nobody waits for anybody."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from mlops.backends.store.schema import turn
from mlops.domain.claim import LEASE, LONGEST_WAIT, Claim
from mlops.ports import LostError

Moment = sa.ColumnElement[float]


def take(
    connection: sa.Connection, owner: str, now: datetime, moment: Moment, *, most: int, project: str
) -> tuple[Claim, ...]:
    """Claim what is due and free; `moment` is the time that leases are told by."""
    which = (turn.c.project == project) if project else _due(now)
    found = (
        sa.select(turn.c.project)
        .where(which, _free(moment))
        .order_by(turn.c.due, turn.c.fence)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("found")
    )
    taken = connection.execute(
        sa.update(turn)
        .where(turn.c.project.in_(sa.select(found.c.project)))
        .values(owner=owner, until=moment + LEASE.total_seconds(), fence=turn.c.fence + 1)
        .returning(turn.c.project, turn.c.fence, turn.c.nudges)
    ).all()
    return tuple(Claim(project=row.project, owner=owner, fence=row.fence, nudges=row.nudges) for row in taken)


def _due(now: datetime) -> sa.ColumnElement[bool]:
    at = now.timestamp()
    return sa.or_(turn.c.due <= at, turn.c.due > at + LONGEST_WAIT.total_seconds())


def _free(moment: Moment) -> sa.ColumnElement[bool]:
    ahead = turn.c.until > moment + LEASE.total_seconds()  # no lease is that long: a clock was set back
    return sa.or_(turn.c.owner.is_(None), turn.c.until <= moment, ahead)


def extend(connection: sa.Connection, claims: Sequence[Claim], moment: Moment) -> tuple[Claim, ...]:
    """Renew leases that nobody else took since."""
    until = moment + LEASE.total_seconds()
    return tuple(
        claim
        for claim in claims
        if connection.execute(sa.update(turn).where(_held(claim)).values(until=until)).rowcount == 1
    )


def give_back(connection: sa.Connection, claim: Claim, due: datetime) -> None:
    """Free it; a nudge that came since wins over `due`."""
    when = sa.case((turn.c.nudges == claim.nudges, due.timestamp()), else_=0.0)
    connection.execute(sa.update(turn).where(_held(claim)).values(owner=None, until=None, due=when))


def free(connection: sa.Connection) -> None:
    """Free all."""
    connection.execute(sa.update(turn).where(turn.c.owner.is_not(None)).values(owner=None, until=None))


def check(connection: sa.Connection, claim: Claim) -> None:
    """Hold the row until the transaction ends, more being due at once.  Raises LostError."""
    held = connection.execute(sa.update(turn).where(_held(claim)).values(due=0.0))
    if held.rowcount != 1:
        raise LostError(f"{claim.project} is in other hands: the lease ended before the work did")


def nudge(connection: sa.Connection, project: str) -> None:
    """Have it looked at at once, whoever works on it now."""
    connection.execute(sa.update(turn).where(turn.c.project == project).values(due=0.0, nudges=turn.c.nudges + 1))


def begin(connection: sa.Connection, project: str) -> None:
    """A new project is due at once."""
    connection.execute(sa.insert(turn).values(project=project, due=0.0, fence=0, nudges=0))


def _held(claim: Claim) -> sa.ColumnElement[bool]:
    return sa.and_(turn.c.project == claim.project, turn.c.owner == claim.owner, turn.c.fence == claim.fence)
