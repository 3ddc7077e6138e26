"""Leases: who may pull a source now, until when, and a number that fences off whoever held it before."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.errors import LeaseError
from store.columns import EPOCH
from store.kept import Fence, StoredLease
from store.tables import lease


def take(connection: Connection, name: str, holder: str, now: datetime, seconds: float) -> Fence | None:
    """Take a lease until `now` + `seconds` unless somebody holds it; None when somebody does.

    The fence's number is one more than that of every holder before. A lease that reaches further than one taken now
    would was taken by a clock that ran ahead: it is cut, so that no clock blocks the others for long.
    """
    until = now + timedelta(seconds=seconds)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(lease).values(name=name, holder=holder, fence=1, expires_at=until)
    taken = first.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "fence": lease.c.fence + 1, "expires_at": until},
        where=lease.c.expires_at <= now,
    )
    number = connection.execute(taken.returning(lease.c.fence)).scalar_one_or_none()
    if number is None:
        too_far = update(lease).where(lease.c.name == name, lease.c.expires_at > until)
        connection.execute(too_far.values(expires_at=until))
        return None
    return Fence(name, number)


def renew(connection: Connection, fence: Fence, now: datetime, seconds: float) -> bool:
    """Hold a lease until `now` + `seconds`; False when it has gone to somebody else. One that ran out is revived."""
    mine = update(lease).where(lease.c.name == fence.name, lease.c.fence == fence.number)
    return bool(connection.execute(mine.values(expires_at=now + timedelta(seconds=seconds))).rowcount)


def release(connection: Connection, fence: Fence) -> None:
    """Give a lease back; one that has gone to somebody else is left alone."""
    mine = update(lease).where(lease.c.name == fence.name, lease.c.fence == fence.number)
    connection.execute(mine.values(expires_at=EPOCH))


def check(connection: Connection, fence: Fence) -> None:
    """Nothing while the lease is still the fence's; LeaseError when it has gone to somebody else.

    Whoever would take it has to wait until the transaction ends.
    """
    query = select(lease.c.fence).where(lease.c.name == fence.name).with_for_update()
    if connection.scalar(query) != fence.number:
        raise LeaseError("Another process has taken over; what this run has kept is whole.")


def stored(connection: Connection, name: str) -> StoredLease | None:
    """The lease of a name as it stands, also one that ran out or was given back; None when it was never taken."""
    query = select(lease.c.holder, lease.c.fence, lease.c.expires_at).where(lease.c.name == name)
    row = connection.execute(query).first()
    return None if row is None else StoredLease(row.holder, Fence(name, row.fence), row.expires_at)
