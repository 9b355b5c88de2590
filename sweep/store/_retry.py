"""A write that finds the database locked, or its server away, is tried again for a while."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
)

from sweep.store._url import Address
from sweep.store.database_errors import reason_of

logger = logging.getLogger("sweep")

T = TypeVar("T")

PATIENCE_SECONDS = 180.0
"""How long a write is tried again while the database is locked or its server is away."""
PAUSE_SECONDS = (0.1, 5.0)
"""The first pause between two attempts, doubled from one to the next, and the longest."""


def retry(address: Address, attempt: Callable[[bool], T], was_reached: bool) -> T:
    """What ``attempt`` returns at last; errors that waiting does not help are raised at once.

    It is called with True from the second time on. ``was_reached`` says whether the database has
    answered before: a server that was never there is a mistake, and not waited for.
    """
    end, pause, repeated = time.monotonic() + PATIENCE_SECONDS, PAUSE_SECONDS[0], False
    while True:
        try:
            found = attempt(repeated)
        except DBAPIError as error:
            if not _may_pass(address, error, was_reached) or time.monotonic() > end:
                raise
            if not repeated:
                logger.warning(
                    "%s: %s; trying again for %g seconds",
                    address.masked_url,
                    reason_of(address, error),
                    PATIENCE_SECONDS,
                )
            repeated = True
            time.sleep(pause)
            pause = min(2 * pause, PAUSE_SECONDS[1])
            continue
        if repeated:
            logger.warning("%s: going on", address.masked_url)
        return found


def _may_pass(address: Address, error: DBAPIError, was_reached: bool) -> bool:
    """Whether waiting may help: a locked file, or a server that has been there before."""
    if address.path is not None:
        code = getattr(error.orig, "sqlite_errorcode", 0) or 0
        return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    if isinstance(error, (IntegrityError, DataError, ProgrammingError)):
        return False
    return was_reached and (error.connection_invalidated or isinstance(error, OperationalError))
