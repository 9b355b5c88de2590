"""Errors of a database as one line of ours, without what is secret in its URL."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sweep.errors import StoreError
from sweep.store._url import Address


@contextmanager
def reporting_errors(address: Address) -> Iterator[None]:
    """A context in which errors of the database become a StoreError of one line."""
    try:
        yield
    except DBAPIError as error:
        advice = "check that it is reachable, writable and a regsweep database"
        if is_of_the_disk(error):
            advice = "look whether its disk is full or faulty"
        refusal = StoreError(
            f"{address.masked_url}: the database refused: {reason_of(address, error)}; {advice}"
        )
        words = str(error.orig)  # which a traceback would show as they are
        raise refusal from (error if _without_secrets(address, words) == words else None)
    except SQLAlchemyError as error:
        raise StoreError(f"{address.masked_url}: {str(error).splitlines()[0]}") from error
    except UnicodeDecodeError as error:  # in the driver, on its way to us
        raise _unreadable(address, error) from error


@contextmanager
def reporting_read_errors(address: Address) -> Iterator[None]:
    """The same for reading, and for values of other types, which SQLite keeps in any column."""
    with reporting_errors(address):
        try:
            yield
        except (ValueError, TypeError, RecursionError) as error:  # the last of JSON of many levels
            raise _unreadable(address, error) from error


def _unreadable(address: Address, error: Exception) -> StoreError:
    return StoreError(
        f"{address.masked_url}: values of their columns' types must be found, got others "
        f"({' '.join(str(error).split())[:200]}); use a copy of the database from before"
    )


def reason_of(address: Address, error: DBAPIError) -> str:
    """What the database said, in its first line, without the values of the URL's options."""
    lines = str(error.orig).strip().splitlines() if error.orig else []
    return _without_secrets(address, lines[0] if lines else "no reason given")


def _without_secrets(address: Address, said: str) -> str:
    options = {key: value for key, value in address.url.query.items() if key != "host"}
    values = [(v,) if isinstance(v, str) else v for v in options.values()]
    for secret in (*itertools.chain(*values), str(address.url.password or "")):
        if len(secret) > 3:
            said = said.replace(secret, "***")
    return said


def is_of_the_disk(error: BaseException | None) -> bool:
    """Whether a database has no room left, or could not read or write its files as such."""
    said = getattr(error, "orig", None)
    code = (getattr(said, "sqlite_errorcode", 0) or 0) & 0xFF
    disk_full = getattr(said, "sqlstate", None) == "53100"
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or disk_full


def is_of_a_missing_table(error: DBAPIError) -> bool:
    """Whether a statement named a table that is not there."""
    said = str(error.orig)
    return getattr(error.orig, "sqlstate", None) == "42P01" or said.startswith("no such table")
