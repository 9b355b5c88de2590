"""Tables that are larger than memory should hold, read some rows at a time."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sweep.data._table_files import (
    CATEGORIES,
    MOST_CATEGORIES,
    check_categories,
    checked_columns,
    gives_back,
    kind_of,
    read_csv,
    read_table,
    rows_of_frame,
    unreadable,
)
from sweep.data.row_cache import RowCache, key_of, state_of
from sweep.data.rows import RawRows
from sweep.errors import DataError

NUMBER = "number"
BATCH_ROWS = 2**16
"""Rows that are read at once."""
BLOCK_VALUES = 2**23
"""Numbers that are put into files at once: a column of words becomes many."""


def read_any_table(path: Path, target: str, named: Mapping[str, str], cache: RowCache) -> RawRows:
    """The rows of a file; those of a large one are read some at a time, into the cache.

    Raises DataError where it is unreadable, or a column is of several types.
    """
    if path.is_file() and cache.takes(_decoded_bytes(path)):
        if (rows := _large_rows(path, target, named, cache)) is not None:
            return rows
        return rows_of_frame(read_table(path), target, named, path.name)
    frame = read_table(path)
    if cache.takes(_encoded_bytes(frame, {target, *named.values()})):
        rows = _large_rows(path, target, named, cache)
        return rows or rows_of_frame(frame, target, named, path.name)
    return rows_of_frame(frame, target, named, path.name)


def _large_rows(
    path: Path, target: str, named: Mapping[str, str], cache: RowCache
) -> RawRows | None:
    """The rows from the cache; None for a table that is not read some rows at a time."""
    try:
        large = LargeTable(path, target, named)
        return large.rows(cache) if large.readable else None
    except (ValueError, OSError) as error:
        raise unreadable(path, error) from error


def _encoded_bytes(frame: pd.DataFrame, beside: set[str]) -> int:
    """About as many bytes as the features have where each of their words is a column."""
    kinds = [(column, _kind(column)) for name, column in frame.items() if name not in beside]
    width = sum(c.nunique() if kind in CATEGORIES else 1 for c, kind in kinds)
    return len(frame) * int(width) * np.dtype(np.float32).itemsize


def _decoded_bytes(path: Path) -> int:
    """About as many bytes as the table has in memory."""
    if path.suffix != ".parquet":
        return path.stat().st_size
    import pyarrow.parquet

    try:
        found = pyarrow.parquet.read_metadata(path)
    except (ValueError, OSError):  # said when it is read
        return 0
    return int(found.num_rows * found.num_columns * np.dtype(np.float32).itemsize)


def _n_rows(path: Path) -> int | None:
    """How many rows there are, where that is known before they are read."""
    if path.suffix != ".parquet":
        return None
    import pyarrow.parquet

    return int(pyarrow.parquet.read_metadata(path).num_rows)


class LargeTable:
    """A file of numbers and categories that is read some rows at a time."""

    def __init__(self, path: Path, target: str, named: Mapping[str, str]):
        self.path, self.target, self.named = path, target, named
        self._words: dict[str, type[str]] = {}
        first = self._first()
        if len(first.columns):  # an empty file is refused where it is read at once
            first = checked_columns(first, target, named, path.name)
        self._names = set(first.columns)
        self.columns = first.drop(columns=[target, *named.values()], errors="ignore")
        self._kinds = {str(name): _kind(self.columns[name]) for name in self.columns.columns}
        if path.suffix == ".csv":  # numbers among words stay as they are written
            kinds = {str(name): _kind(first[name]) for name in first.columns}
            self._words = {name: str for name, kind in kinds.items() if kind == "string"}

    @property
    def readable(self) -> bool:
        """Whether features are numbers or categories, and rows may stay in files."""
        known = bool(self._kinds) and all(k in (NUMBER, *CATEGORIES) for k in self._kinds.values())
        return known and not gives_back(self.target, self._names)

    def rows(self, cache: RowCache) -> RawRows:
        """All rows, from the cache."""
        read = (self.target, dict(self.named))
        key = key_of(
            "table",
            str(self.path.resolve()),
            state_of(self.path),
            read,
            str(list(self.columns.dtypes)),
        )
        facts: dict[str, Any] = {}  # filled while rows are read
        arrays, known = cache.kept(key, lambda: self._blocks(facts), facts, _n_rows(self.path))
        x, y = arrays.pop("x"), arrays.pop("y")
        wide = x.typed(np.dtype(np.float64))
        return RawRows(wide, y, arrays, features=tuple(known["features"]), table=True)

    def _blocks(self, facts: dict[str, Any]) -> Iterator[dict[str, np.ndarray]]:
        """Features in float32 where all are, of float64 otherwise, as they are read back."""
        numbers = [d for n, d in self.columns.dtypes.items() if self._kinds[str(n)] == NUMBER]
        exact = all(kind in (np.dtype(np.float32), np.dtype(np.float16)) for kind in numbers)
        state, categories = state_of(self.path), self._categories()
        start = 0
        for frame in self._frames():
            self._check_unchanged(state)
            self._check_kinds(frame, start)
            for part in self._portions(frame, categories):
                raw = rows_of_frame(part, self.target, self.named, self.path.name, categories)
                facts["features"] = list(raw.features)
                x = raw.x.astype(np.float32) if exact else raw.x
                yield {"x": x, "y": _plain(raw.y), **{k: _plain(v) for k, v in raw.beside.items()}}
            start += len(frame)
        self._check_unchanged(state)

    def _portions(
        self, frame: pd.DataFrame, categories: Mapping[str, Sequence[str]]
    ) -> Iterator[pd.DataFrame]:
        """The rows of a frame, so many at a time as fit into a block."""
        width = sum(len(categories[n]) if n in categories else 1 for n in self._kinds)
        n = max(1, BLOCK_VALUES // max(1, width))
        yield from (frame.iloc[start : start + n] for start in range(0, len(frame), n))

    def _categories(self) -> dict[str, list[str]]:
        """The values of every column of categories, in their order: a pass over all rows."""
        found: dict[str, set[str]] = {n: set() for n, k in self._kinds.items() if k in CATEGORIES}
        if not found:
            return {}
        n_rows = 0
        for frame in self._frames():
            n_rows += len(frame)
            for name, values in found.items():
                values |= set(frame[name].dropna().astype(str).unique())
                if len(values) > MOST_CATEGORIES:
                    check_categories(name, len(values), n_rows, self.path.name)
        for name, values in found.items():
            check_categories(name, len(values), n_rows, self.path.name)
        return {name: sorted(values) for name, values in found.items()}

    def _check_unchanged(self, state: tuple[int, int, int]) -> None:
        """DataError where the file was written since: its words may be others than those known."""
        if state_of(self.path) != state:
            raise DataError(
                f"{self.path.name}: a table must stay as it is while it is read, found it changed; "
                "start again when it is written"
            )

    def _check_kinds(self, frame: pd.DataFrame, start: int) -> None:
        """DataError where a column is something else than in the first rows; ``start`` is a row."""
        for name, first in self._kinds.items():
            kind = _kind(frame[name])
            if kind != first:
                raise DataError(
                    f"{self.path.name}: a column must be of one type, found {kind} in {name!r} "
                    f"from row {start} on, after {first}; make all of it one of them"
                )

    def _first(self) -> pd.DataFrame:
        return next(iter(self._frames()), pd.DataFrame())

    def _frames(self) -> Iterator[pd.DataFrame]:
        if self.path.suffix == ".parquet":
            import pyarrow.parquet

            # with buffers filled ahead all groups of rows would be held at once
            with pyarrow.parquet.ParquetFile(self.path, pre_buffer=False) as file:
                for batch in file.iter_batches(BATCH_ROWS):
                    yield batch.to_pandas()
            return
        names = read_csv(self.path, nrows=1).columns
        reader = pd.read_csv(
            self.path,
            index_col=False,
            iterator=True,
            low_memory=False,
            on_bad_lines="error",
            dtype=self._words,
        )
        with reader as rows:
            while (frame := self._next(rows)) is not None:
                frame.columns = names
                yield frame

    def _next(self, rows: Any) -> pd.DataFrame | None:
        """The next rows of a csv file; None at its end."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                frame: pd.DataFrame = rows.get_chunk(BATCH_ROWS)
                return frame
        except StopIteration:
            return None
        except pd.errors.ParserWarning as longer:
            raise DataError(
                f"{self.path.name}: rows must be as long as the header, found more values than "
                "names; name every column"
            ) from longer


def _kind(column: pd.Series) -> str:
    """``number``, or what ``kind_of`` says of a column."""
    number = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf"
    return NUMBER if number else kind_of(column)


def _plain(array: np.ndarray) -> np.ndarray:
    """Words and dates as such, and no objects."""
    if array.dtype.kind != "O":
        return array
    if all(isinstance(value, str) for value in array):
        return array.astype(str)
    dates = all(isinstance(value, datetime.date) for value in array)
    return array.astype("datetime64[us]") if dates else array
