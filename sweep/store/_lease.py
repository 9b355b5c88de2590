"""Who runs a study: a row that one launch holds at a time, and renews as long as it lives.

A second launch of the same study would train everything twice, so it is refused while the first is
heard of. Every write of a launch renews its lease in the same transaction, and fails if another has
taken the study over; a thread renews it in between. A lease ends with its launch. One that was left
behind is taken over at once where the process is known to be gone, which only the same machine can
know, and otherwise when the database's clock says that it has not been renewed for EXPIRY_SECONDS.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import weakref
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.engine import Connection

from sweep.errors import StoreError
from sweep.store._statements import insert_new
from sweep.store.database import Database
from sweep.store.schema import lease_table as table

logger = logging.getLogger("sweep")

# Why neither ``filelock`` nor PostgreSQL's advisory locks: a lock says that somebody holds it, not
# who and since when, so the row would stay. flock on a network file system may be unsupported, or
# known to one machine alone. An advisory lock belongs to a connection: tried on PostgreSQL 18,
# another launch gets it as soon as that connection is lost, while the first trains on and writes
# through a new one. Here every write proves in its own transaction that the study is still its own.

RENEWAL_SECONDS = 20.0
EXPIRY_SECONDS = 120.0

NOW: dict[str, Any] = {
    "sqlite": sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)"),
    "postgresql": sa.literal_column("extract(epoch from clock_timestamp())::float"),
}
"""Seconds since 1970 by the database's clock."""

_OWN: weakref.WeakValueDictionary[str, Lease] = weakref.WeakValueDictionary()
"""The leases that this process holds, by their tokens: others of its rows were left behind."""


class Lease:
    """The lease of one study, taken when it is made; StoreError while somebody else holds it."""

    def __init__(self, database: Database, study_id: int, study: str):
        self.database, self.study_id, self.study = database, study_id, study
        self.token = secrets.token_hex(16)
        _OWN[self.token] = self
        database.write(self._take)
        self._done = threading.Event()
        arguments = (weakref.ref(self), self._done)
        self._thread = threading.Thread(target=_keep, args=arguments, name="lease", daemon=True)
        self._thread.start()

    def _take(self, connection: Connection, _repeated: bool) -> None:
        now = NOW[connection.dialect.name]
        mine = {
            "token": self.token,
            "host": machine(),
            "process": os.getpid(),
            "started": started(os.getpid()),
            "renewed_at": now,
        }
        query = _query(connection, self.study_id)
        row = None
        while row is None:  # whoever held it may give it back between the two statements
            insert_new(connection, table, {"study_id": self.study_id, **mine})
            row = connection.execute(query.with_for_update()).one_or_none()
        if row.token == self.token:
            return
        if not _is_stale(row):
            raise _refusal(self.database, self.study, row)
        logger.info("taking over from process %d, which is gone", row.process)
        own = table.c.study_id == self.study_id
        connection.execute(sa.update(table).where(own).values(**mine))

    def renew(self, connection: Connection) -> None:
        """Renews it in the transaction of a write; StoreError if another launch has it."""
        own = (table.c.study_id == self.study_id, table.c.token == self.token)
        renewed = {"renewed_at": NOW[connection.dialect.name]}
        if connection.execute(sa.update(table).where(*own).values(**renewed)).rowcount == 0:
            raise StoreError(
                f"{self.database.masked_url}: a study must be run by one launch at a time, found "
                f"{self.study!r} taken over by another one, since this was not heard of for "
                f"{EXPIRY_SECONDS:g} seconds; leave it to that one"
            )

    def release(self) -> None:
        """Gives it back; what cannot be reached any more expires by itself."""
        self._done.set()
        self._thread.join()
        own = (table.c.study_id == self.study_id, table.c.token == self.token)
        try:
            self.database.write_once(
                lambda connection: connection.execute(sa.delete(table).where(*own))
            )
        except StoreError as error:
            logger.warning("the lease could not be given back, and will expire: %s", error)
        finally:
            _OWN.pop(self.token, None)


def holder_of(connection: Connection, study_id: int) -> str:
    """Who runs a study, ``process 7 on name``; "" for nobody who is still heard of."""
    row = _held(connection, study_id)
    return "" if row is None else _holder(row)


def check_free(database: Database, connection: Connection, study_id: int, study: str) -> None:
    """StoreError while somebody runs a study: its lease would be refused."""
    row = _held(connection, study_id)
    if row is not None:
        raise _refusal(database, study, row)


def _held(connection: Connection, study_id: int) -> Any:
    """The row of a lease that somebody holds; None otherwise."""
    row = connection.execute(_query(connection, study_id)).one_or_none()
    return None if row is None or _is_stale(row) else row


def _query(connection: Connection, study_id: int) -> sa.Select[Any]:
    """The lease of a study with its ``age``: seconds since it was renewed."""
    age = (NOW[connection.dialect.name] - table.c.renewed_at).label("age")
    return select(table, age).where(table.c.study_id == study_id)


def _refusal(database: Database, study: str, row: Any) -> StoreError:
    return StoreError(
        f"{database.masked_url}: a study must be run by one launch at a time, found {study!r} "
        f"under way in {_holder(row)}, heard of {max(0, round(row.age))} seconds ago; wait for "
        "it, or stop it"
    )


def _holder(row: Any) -> str:
    return f"process {row.process} on {row.host.partition(' ')[0]}"


def _keep(lease: weakref.ref[Lease], done: threading.Event) -> None:
    """Renews a lease now and then, as long as somebody has it."""
    while not done.wait(RENEWAL_SECONDS):
        held = lease()
        if held is None:
            return
        try:
            held.database.write_once(held.renew)
        except StoreError as error:
            logger.warning("the lease could not be renewed: %s", error)
        del held


def machine() -> str:
    """The host, container and start, where known, that tie process numbers to one machine.

    Machines that share a name, as cloned ones do, differ by when they were started.
    """
    namespace, boot = Path("/proc/self/ns/pid"), Path("/proc/sys/kernel/random/boot_id")
    inside = os.readlink(namespace) if namespace.is_symlink() else ""
    start = boot.read_text(encoding="ascii").strip() if boot.is_file() else ""
    return " ".join((socket.gethostname(), inside, start)).strip()[:200]


def started(process: int) -> str:
    """When a process was started, in ticks since the machine was; "" where that is not known.

    It distinguishes a process from a later one of the same number.
    """
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _is_stale(row: Any) -> bool:
    """Whether nobody holds it any more.

    One from the future, as after a clock was set back, is as old as one from the past, unless its
    process is seen to live: that will renew it. Where a process may be a later one of the same
    number, its lease expires too.
    """
    expired = bool(abs(row.age) > EXPIRY_SECONDS)
    if row.host != machine():
        return expired
    try:
        os.kill(row.process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it lives, and is somebody else's
    seen = started(row.process)  # that of another user may be hidden
    if not (row.started and seen):
        return expired
    left_behind = row.process == os.getpid() and row.token not in _OWN
    return bool(row.started != seen or left_behind or row.age > EXPIRY_SECONDS)
