"""Rows decoded once into files, which are mapped into memory and read again by the next launch.

An entry is a folder with one file for every input and one for what a row has one value of, and
``entry.json``, which says what they hold and their hashes. It is written under another name and
renamed at its end, so that it is whole or not there; a launch that needs what another one writes
waits for it. One that is damaged, or of another version, is written anew.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sweep.data._cache_entry import EntryWriter, read_entry
from sweep.data._decoding import DecodingLog
from sweep.data._partial_entries import partial_entry, remove_leftovers, wait_for
from sweep.errors import DataError
from sweep.study.data_settings import DataSettings

CACHE = ".regsweep-cache"
"""The folder beside the study file where nothing else is said."""
LARGE = 2**28
"""Rows of so many bytes (a quarter of a gibibyte) are not held in memory."""
TRIES = 3
"""How often a damaged entry is moved away, should others do so at the same time."""

Block = Mapping[str, np.ndarray]
"""Some rows: every array (n, ...) by its name."""
Entry = tuple[dict[str, Any], dict[str, Any]]
"""Arrays by name, and what is known of them."""


class _Source:
    """Blocks, and the error that ended them: a file that is missing there is none of the cache."""

    def __init__(self, blocks: Iterable[Block]):
        self.blocks = blocks
        self.error: OSError | None = None

    def __iter__(self) -> Iterator[Block]:
        try:
            yield from self.blocks
        except OSError as error:
            self.error = error
            raise


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

    def found(self, key: str) -> Entry | None:
        """The entry of this key; None where it is not there, or damaged."""
        return read_entry(self.folder / key)

    def kept(
        self,
        key: str,
        blocks: Callable[[], Iterable[Block]],
        facts: Mapping[str, Any],
        n_rows: int | None = None,
    ) -> Entry:
        """The entry of this key, written where it is not there; ``n_rows``, if it is known, is for
        the progress.
        """
        found = self.found(key)
        if found is None:
            wait_for(self.folder, key)
            found = self.found(key)  # another launch may have ended it just now
        return found or self.written(blocks(), facts, key, n_rows)

    def written(
        self,
        blocks: Iterable[Block],
        facts: Mapping[str, Any],
        key: str | None = None,
        n_rows: int | None = None,
    ) -> Entry:
        """The entry of all these blocks; without a key their content is the key."""
        log, source = DecodingLog(self.folder, n_rows), _Source(blocks)
        with self._writing(key or "content", source) as partial:
            with EntryWriter(partial) as writer:
                for block in source:
                    writer.add(block)
                    log.rows(writer.n_rows)
                digest = writer.close(facts)
                log.end(writer.n_rows)
            place = self.folder / (key or digest)
            _move(partial, place)
        found = read_entry(place)
        if found is None:
            raise DataError(f"data.cache: {place} cannot be read back; remove it and start again")
        return found

    @contextmanager
    def _writing(self, key: str, source: _Source) -> Iterator[Path]:
        """A new folder to write into, gone at the end; DataError where there is no room."""
        try:
            remove_leftovers(self.folder)
            with partial_entry(self.folder, key) as partial:
                yield partial
        except OSError as error:
            if error is source.error:
                raise
            raise DataError(
                f"data.cache: a folder that can be written must be there, found {self.folder} "
                f"({error.strerror or error}); name another"
            ) from error


def _move(partial: Path, place: Path) -> None:
    """Renames what was written, unless a whole entry is there already."""
    for _ in range(TRIES):
        try:
            partial.rename(place)
            return
        except OSError:  # something is there: of another launch, which was first, or damaged
            if read_entry(place) is not None:
                return
            aside = place.with_name(f".{secrets.token_hex(8)}.old")
            with suppress(FileNotFoundError):  # another launch has moved it
                place.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)
    partial.rename(place)


def key_of(*facts: object) -> str:
    """The key of an entry that follows from these facts."""
    return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()


def state_of(path: Path) -> tuple[int, int, int]:
    """What changes whenever a file does: its size, and when it and its name were last written.

    Unpacked or copied with its time kept, a file of equal size differs in the last alone.
    """
    state = path.stat()
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns
