"""Log records that say how far the decoding of rows is, one a second at most."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from sweep.records.decoding import Decoding

logger = logging.getLogger("sweep")

SECONDS = 1.0


class DecodingLog:
    """Says how many rows are decoded, where that takes longer than a second."""

    def __init__(self, folder: Path, of: int | None):
        self.folder, self.of = folder, of
        self._last, self._n_said = time.monotonic(), 0

    def rows(self, n: int) -> None:
        """So many rows are decoded now."""
        if time.monotonic() - self._last >= SECONDS:
            self._say(n)

    def end(self, n: int) -> None:
        """All rows are decoded."""
        if self._n_said:
            self._say(n, ended=True)

    def _say(self, n: int, ended: bool = False) -> None:
        self._last, self._n_said = time.monotonic(), n
        share = "" if self.of is None else f" of {self.of}"
        logger.info(
            "data: %d%s rows decoded into %s",
            n,
            share,
            self.folder,
            extra={"decoding": Decoding(n, self.of, ended)},
        )
