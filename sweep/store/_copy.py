"""A copy of a database's file, as it is made before a migration."""

from __future__ import annotations

from pathlib import Path

from sweep.errors import StoreError
from sweep.runtime.files import atomic_file
from sweep.store._checks import check_writable
from sweep.store.database import Database


def copy_file(database: Database, label: str) -> Path | None:
    """Copies a SQLite file to ``<its name>.<label>.bak``; None for a server."""
    path = database.sqlite_path
    if path is None:
        return None
    check_writable(database.address)
    copy = path.with_name(f"{path.name}.{label}.bak")
    try:
        copy.touch(exist_ok=False)  # it is ours from here on, whoever else migrates
    except FileExistsError:
        raise StoreError(
            f"{database.masked_url}: the copy made before a migration must be new, found {copy}; "
            "move it away"
        ) from None
    try:
        database.retry(lambda _: _copy_into(database, copy))
    except BaseException:
        copy.unlink()
        raise
    return copy


def _copy_into(database: Database, copy: Path) -> None:
    with atomic_file(copy) as partial, database.engines.read_only.connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(partial),))
