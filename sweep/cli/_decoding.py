"""Records of decoded rows as a bar, or as a line now and then: filters of a log handler."""

from __future__ import annotations

import logging
from typing import Any

from sweep.records.decoding import decoding_of

PLAIN_SECONDS = 10
"""A line at most this often where output is not a terminal."""


class DecodingLines:
    """Passes one record of decoding now and then, the last one, and all others."""

    def __init__(self) -> None:
        self._last = -float(PLAIN_SECONDS)

    def __call__(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown."""
        decoding = decoding_of(record)
        if decoding is None or decoding.ended:
            return True
        if record.created - self._last < PLAIN_SECONDS:
            return False
        self._last = record.created
        return True


class DecodingBar:
    """Shows records of decoding as a bar of its own among ``bars``, and passes all others."""

    def __init__(self, bars: Any):
        self.bars, self.task = bars, None

    def __call__(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown as a line."""
        decoding = decoding_of(record)
        if decoding is None:
            return True
        if self.task is None:
            self.task = self.bars.add_task("decode", total=decoding.of, words="")
        words = f"{decoding.n_rows}{'' if decoding.of is None else f'/{decoding.of}'} rows"
        self.bars.update(self.task, completed=decoding.n_rows, words=words)
        if decoding.ended:
            self.bars.remove_task(self.task)
            self.task = None
        return False
