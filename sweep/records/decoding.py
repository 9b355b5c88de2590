"""How far the decoding of rows into files is: what a log record of it carries."""

from __future__ import annotations

import logging
from dataclasses import dataclass


@dataclass(frozen=True)
class Decoding:
    """Rows that are in files, of how many, and whether these are all."""

    n_rows: int
    of: int | None
    """All rows; None where their number is not known before they are read."""
    ended: bool = False


def decoding_of(record: logging.LogRecord) -> Decoding | None:
    """What the record says of decoding; None for one of something else."""
    found = getattr(record, "decoding", None)
    return found if isinstance(found, Decoding) else None
