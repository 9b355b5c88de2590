"""Tables that are larger than memory should hold: numbers, read some rows at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sweep.data._table_files import read_csv, read_table, rows_of_frame, unreadable
from sweep.data.row_cache import RowCache, key_of
from sweep.data.rows import RawRows
from sweep.errors import DataError

BATCH_ROWS = 2**16
"""Rows that are read at once."""


def read_any_table(path: Path, target: str, named: Mapping[str, str], cache: RowCache) -> RawRows:
    """The rows of a file; those of a large one of numbers are read some at a time, into the cache.

    Raises DataError where it is unreadable, or a column is of several types.
    """
    if path.is_file() and cache.takes(_decoded_bytes(path)):
        try:
            large = LargeTable(path, target, named)
            if large.numeric:
                return large.rows(cache)
        except (ValueError, OSError) as error:
            raise unreadable(path, error) from error
    return read_table(path, target, named)


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


class LargeTable:
    """A file of numbers that is read some rows at a time."""

    def __init__(self, path: Path, target: str, named: Mapping[str, str]):
        self.path, self.target, self.named = path, target, named
        self.columns = self._first().drop(columns=[target, *named.values()], errors="ignore")

    @property
    def numeric(self) -> bool:
        """Whether every feature is a number: categories take all rows to be known."""
        kinds = [np.dtype(kind).kind if isinstance(kind, np.dtype) else "" for kind in self._kinds]
        return bool(kinds) and all(kind in tuple("iuf") for kind in kinds)

    @property
    def _kinds(self) -> list[object]:
        return list(self.columns.dtypes)

    def rows(self, cache: RowCache) -> RawRows:
        """All rows, from the cache."""
        state = self.path.stat()
        read = (self.target, dict(self.named))
        key = key_of(
            "table",
            str(self.path.resolve()),
            state.st_size,
            state.st_mtime_ns,
            read,
            str(self._kinds),
        )
        features = [str(column) for column in self.columns.columns]
        arrays, facts = cache.kept(key, self._blocks, {"features": features})
        x, y = arrays.pop("x"), arrays.pop("y")
        wide = x.typed(np.dtype(np.float64))
        return RawRows(wide, y, arrays, features=tuple(facts["features"]), table=True)

    def _blocks(self) -> Iterator[dict[str, np.ndarray]]:
        """Features in float32 where all are, of float64 otherwise, as they are read back."""
        exact = all(kind in (np.dtype(np.float32), np.dtype(np.float16)) for kind in self._kinds)
        start = 0
        for frame in self._frames():
            self._check_kinds(frame, start)
            raw = rows_of_frame(frame, self.target, self.named, self.path.name)
            x = raw.x.astype(np.float32) if exact else raw.x
            yield {"x": x, "y": _plain(raw.y), **{k: _plain(v) for k, v in raw.beside.items()}}
            start += len(frame)

    def _check_kinds(self, frame: pd.DataFrame, start: int) -> None:
        """DataError where a column that was numbers is something else; ``start`` is a row."""
        for column, first in self.columns.dtypes.items():
            kind = frame[column].dtype
            if not isinstance(kind, np.dtype) or kind.kind not in "iuf":
                raise DataError(
                    f"{self.path.name}: a column must be of one type, found {kind} in {column!r} "
                    f"from row {start} on, after {first}; make all of it numbers"
                )

    def _first(self) -> pd.DataFrame:
        return next(iter(self._frames()), pd.DataFrame())

    def _frames(self) -> Iterator[pd.DataFrame]:
        if self.path.suffix == ".parquet":
            import pyarrow.parquet

            with pyarrow.parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(BATCH_ROWS):
                    yield batch.to_pandas()
            return
        names = read_csv(self.path, nrows=1).columns
        reader = pd.read_csv(
            self.path, index_col=False, iterator=True, low_memory=False, on_bad_lines="error"
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


def _plain(array: np.ndarray) -> np.ndarray:
    """Words as such, and no objects."""
    words = array.dtype.kind == "O" and all(isinstance(value, str) for value in array)
    return array.astype(str) if words else array
