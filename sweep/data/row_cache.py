"""Rows decoded once into files, which are mapped into memory and read again by the next launch.

An entry is a folder with one file for every input and one for what a row has one value of, and
``entry.json``, which says what they hold and their hashes. It is written under another name and
renamed at its end, so that it is whole or not there; of two launches that write it at once, the
second takes the first one's. One that is damaged, or of another version, is written anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sweep.data._cache_entry import EntryWriter, read_entry
from sweep.errors import DataError
from sweep.study.settings import DataSettings

logger = logging.getLogger("sweep")

CACHE = ".regsweep-cache"
"""The folder beside the study file where nothing else is said."""
LARGE = 2**28
"""Rows of so many bytes (a quarter of a gibibyte) are not held in memory."""

Block = Mapping[str, np.ndarray]
"""Some rows: every array (n, ...) by its name."""


@dataclass(frozen=True)
class RowCache:
    """The folder of entries."""

    folder: Path
    always: bool
    """Whether rows of any size go into it: where the study names the folder."""

    @classmethod
    def of(cls, settings: DataSettings, folder: Path) -> RowCache:
        return cls(folder / (settings.cache or CACHE), settings.cache is not None)

    def takes(self, n_bytes: int) -> bool:
        """Whether rows of so many bytes are read from files."""
        return self.always or n_bytes >= LARGE

    def kept(
        self, key: str, blocks: Callable[[], Iterable[Block]], facts: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arrays of the entry of this key and its facts, written where it is not there."""
        return read_entry(self.folder / key) or self.written(blocks(), facts, key)

    def written(
        self, blocks: Iterable[Block], facts: Mapping[str, Any], key: str | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arrays that these blocks hold together, and the facts; without a key their content is
        the key.
        """
        with self._writing() as partial:
            with EntryWriter(partial) as writer:
                n_reported = 0
                for block in blocks:
                    writer.add(block)
                    if writer.n_bytes >= n_reported + LARGE:
                        n_reported = writer.n_bytes
                        logger.info("data: %d rows decoded into %s", writer.n_rows, self.folder)
                digest = writer.close(facts)
            place = self.folder / (key or digest)
            _move(partial, place)
        found = read_entry(place)
        if found is None:
            raise DataError(f"data.cache: {place} cannot be read back; remove it and start again")
        return found

    @contextmanager
    def _writing(self) -> Iterator[Path]:
        """A new folder to write into, gone at the end; DataError where there is no room."""
        partial = self.folder / f".{secrets.token_hex(8)}.part"
        try:
            partial.mkdir(parents=True)
            yield partial
        except OSError as error:
            raise DataError(
                f"data.cache: a folder that can be written must be there, found {self.folder} "
                f"({error.strerror or error}); name another"
            ) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _move(partial: Path, place: Path) -> None:
    """Renames what was written, unless a whole entry is there already."""
    try:
        partial.rename(place)
    except OSError:  # something is there: of another launch, which was first, or damaged
        if read_entry(place) is not None:
            return
        aside = partial.with_suffix(".old.part")
        place.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
        partial.rename(place)


def key_of(*facts: object) -> str:
    """The key of an entry that follows from these facts."""
    return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()
