"""Seals in the store, and where the logs end."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import sqlalchemy as sa

from mlops.backends.store.schema import decision, metadata
from mlops.domain.records.seal import End, Signed, read_text, text_of
from mlops.ports import StateError

Transaction = Callable[[], AbstractContextManager[sa.Connection]]

seal = sa.Table(
    "seal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.Text, nullable=False),  # exactly what was signed
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.CheckConstraint("number > 0", name="from_one"),
)


class StoredSeals:
    """Keeps the promises of `witness.Seals`."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    def ends(self) -> Mapping[str, End]:
        """Where every project's log ends now."""
        last = sa.select(decision.c.project, sa.func.max(decision.c.sequence).label("sequence"))
        newest = last.group_by(decision.c.project).subquery()
        same = sa.and_(decision.c.project == newest.c.project, decision.c.sequence == newest.c.sequence)
        query = sa.select(decision.c.project, decision.c.sequence, decision.c.hash).join(newest, same)
        with self._reading() as connection:
            return {row.project: End(sequence=row.sequence, hash=row.hash) for row in connection.execute(query)}

    def newest(self) -> Signed | None:
        """The last one."""
        query = sa.select(seal).order_by(seal.c.number.desc()).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            return _signed(row) if row is not None else None

    def all(self) -> tuple[Signed, ...]:
        """All, oldest first."""
        with self._reading() as connection:
            return tuple(map(_signed, connection.execute(sa.select(seal).order_by(seal.c.number))))

    def put(self, signed: Signed) -> bool:
        """Store it, unless another was quicker."""
        row = {
            "number": signed.seal.number,
            "content": text_of(signed.seal),
            "key": signed.key,
            "signature": signed.signature,
        }
        try:
            with self._transaction() as connection:
                try:
                    connection.execute(sa.insert(seal), row)
                except sa.exc.IntegrityError:
                    raise _TakenError from None
        except _TakenError:
            return False
        return True


class _TakenError(Exception):
    """The number is taken; raised through the transaction, so that it is rolled back."""


def _signed(row: "sa.Row[tuple[int, str, str, str]]") -> Signed:
    try:
        return Signed(seal=read_text(row.content), key=row.key, signature=row.signature)
    except ValueError as error:
        raise StateError(f"seal {row.number} cannot be read, so somebody changed it: {error}") from error
