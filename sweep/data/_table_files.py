"""Reads a CSV or Parquet file or a DataFrame: numbers as they are, categories one-hot.

What cannot be a feature as it stands (dates, lists, names that hardly repeat, a saved index) is
refused by name: turned into columns by force it would only look like data.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from sweep.data.rows import RawRows
from sweep.errors import DataError
from sweep.study.validators import INPUT

MOST_CATEGORIES = 1000
FEW_CATEGORIES = 20
"""So many categories are always fine; beyond, each must have two rows on average."""
CATEGORIES = ("string", "categorical", "boolean")
"""Kinds of columns that become one column for each value."""


def rows_of_frame(
    frame: pd.DataFrame,
    target: str,
    named: Mapping[str, str],
    where: str,
    categories: Mapping[str, Sequence[str]] | None = None,
) -> RawRows:
    """Features (N, D) float64 with their names, the target column (N,) as it is, and the columns
    that are ``named`` for something else, by what they are: none of these is a feature.

    A column of words, categories or truth values becomes one column per value, in sorted order.
    Where the target is ``input``, and no column has that name, the features are the target.
    Of some rows of a larger table ``categories`` has the values of all rows by column.
    Raises DataError for an unknown column, missing or infinite values, a column that is neither
    numbers nor categories, or a table without features or rows.
    """
    frame = checked_columns(frame.copy(deep=False), target, named, where)
    reconstructs = gives_back(target, frame.columns)
    if len(frame) == 0:
        raise DataError(f"{where}: rows must be there, found none; check the table")
    _refuse_missing(frame, where)
    _refuse_nameless(frame, where)
    y = None if reconstructs else _target(frame.pop(target))
    beside = {key: _beside(frame.pop(column), key) for key, column in named.items()}
    if frame.shape[1] == 0:
        raise DataError(
            f"{where}: a column besides the target must be there, found none; add features"
        )
    parts = [_encode(frame[column], where, categories) for column in frame.columns]
    names = tuple(name for part in parts for name in part.columns)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(
            f"{where}: every feature must have its own name, found {twice!r} as a column and "
            "as a category of another; rename one"
        )
    x = np.hstack([part.to_numpy(np.float64) for part in parts])
    if y is None:
        return RawRows(x, x, beside, features=names, table=True, reconstructs=True)
    return RawRows(x, y, beside, features=names, table=True)


def checked_columns(
    frame: pd.DataFrame, target: str, named: Mapping[str, str], where: str
) -> pd.DataFrame:
    """The table under printable names, each there once, and among them all that the study names."""
    frame = _with_plain_names(frame, where)
    wanted = {} if gives_back(target, frame.columns) else {"target": target}
    for key, column in {**wanted, **named}.items():
        _refuse_unknown(frame, key, column, where)
    return frame


def gives_back(target: str, columns: Iterable[object]) -> bool:
    """Whether the features are the target; a column called like that is taken for the target."""
    return target == INPUT and all(str(column).strip().lower() != INPUT for column in columns)


def _refuse_unknown(frame: pd.DataFrame, key: str, column: str, where: str) -> None:
    if column not in frame.columns:
        near = get_close_matches(column, frame.columns, 1)
        hint = f"did you mean {near[0]}?" if near else f"columns: {', '.join(_first(frame))}"
        raise DataError(f"data.{key}: a column of {where} must be named, found {column!r}; {hint}")


def _beside(column: pd.Series, key: str) -> np.ndarray:
    """A column that is no feature, as it is; times that are written as ISO dates as such."""
    words = key == "time" and kind_of(column) in ("string", "categorical")
    if words:
        try:
            column = pd.to_datetime(column.astype(str), format="ISO8601", utc=True)
        except ValueError as error:
            raise DataError(
                f"data.time: numbers or dates as 2026-01-31 must be given, found "
                f"{str(column.iloc[0])[:40]!r} in {column.name!r}; write them so"
            ) from error
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    return _target(column)


def read_table(path: Path) -> pd.DataFrame:
    """The table in a file; DataError where it is unreadable."""
    if not path.is_file():
        raise DataError(f"data.path: the file must exist, found no {path}; check the path")
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
    except (ValueError, OSError) as error:  # pandas' and pyarrow's parser errors are ValueErrors
        raise unreadable(path, error) from error
    return frame


def unreadable(path: Path, error: Exception) -> DataError:
    reason = str(error).strip().splitlines()[0]
    return DataError(
        f"{path.name}: a table must be readable, found: {reason}; check the file's format"
    )


def _with_plain_names(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """The table under printable names, each there once."""
    frame.columns = pd.Index([str(column) for column in frame.columns])
    strange = [column for column in frame.columns if not column.isprintable()]
    if strange:
        raise DataError(
            f"{where}: the names of columns must be printable, found {strange[0][:60]!a}; "
            "rename it, or check the file's format"
        )
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError(
            f"{where}: every column must have its own name, found {twice[0]!r} twice; rename it"
        )
    return frame


def read_csv(path: Path, nrows: int | None = None) -> pd.DataFrame:
    """Under the names of the header as it stands; pandas renames what is there twice, and takes the
    first column for an index where rows are longer than the header.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, low_memory=False, index_col=False, nrows=nrows)
    except pd.errors.ParserWarning as longer:
        raise DataError(
            f"{path.name}: rows must be as long as the header, found more values than names; "
            "name every column"
        ) from longer
    header = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False)
    names = header.iloc[0].tolist()
    if len(names) == frame.shape[1]:
        frame.columns = pd.Index(
            [name or renamed for name, renamed in zip(names, frame.columns, strict=True)]
        )
    return frame


def _first(frame: pd.DataFrame) -> list[str]:
    return [str(column) for column in frame.columns[:8]] + ["..."] * (frame.shape[1] > 8)


def _refuse_missing(frame: pd.DataFrame, where: str) -> None:
    missing = frame.isna().sum()
    missing = missing[missing > 0]
    if len(missing):
        listed = ", ".join(f"{n} in {column!r}" for column, n in missing.head(5).items())
        listed += ", ..." if len(missing) > 5 else ""
        raise DataError(
            f"{where}: no value may be missing, found missing values: {listed}; "
            "fill them in, or drop their rows or columns"
        )


def _refuse_nameless(frame: pd.DataFrame, where: str) -> None:
    """pandas reads a saved index as the column ``Unnamed: 0``: row numbers, not a feature."""
    nameless = [column for column in frame.columns if column.startswith("Unnamed: ")]
    if nameless:
        place = frame.columns.to_list().index(nameless[0]) + 1
        raise DataError(
            f"{where}: every column must have a name, found none at column {place}; "
            "name it, or save the table without its index"
        )


def _target(column: pd.Series) -> np.ndarray:
    """The target as plain numbers, truth values or words."""
    if pd.api.types.is_bool_dtype(column):
        return column.to_numpy(bool)
    if pd.api.types.is_unsigned_integer_dtype(column):
        return column.to_numpy(np.uint64)  # a class of 2^64 - 1 would become -1
    if pd.api.types.is_integer_dtype(column):
        return column.to_numpy(np.int64)
    if pd.api.types.is_float_dtype(column) or kind_of(column) == "decimal":
        return column.to_numpy(np.float64)
    return column.to_numpy()


def kind_of(column: pd.Series) -> str:
    """What a column that is not numeric holds: ``string``, ``categorical``, ``date``, ..."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "categorical"
    return str(pd.api.types.infer_dtype(column))


def _encode(
    column: pd.Series, where: str, categories: Mapping[str, Sequence[str]] | None
) -> pd.DataFrame:
    kind = kind_of(column)
    if kind in ("integer", "floating", "decimal", "mixed-integer-float"):
        return _numbers(column.astype(np.float64), where)
    if kind not in CATEGORIES:
        raise DataError(
            f"{where}: a column must hold numbers, words or truth values, found {kind} in "
            f"{column.name!r}; turn it into numbers or drop it"
        )
    name, words = str(column.name), column.astype(str)
    if categories is None:
        check_categories(name, column.nunique(), len(column), where)
        return pd.get_dummies(words, prefix=name, dtype=np.float64)
    known = words.astype(pd.CategoricalDtype(list(categories[name])))
    return pd.get_dummies(known, prefix=name, dtype=np.float64)


def check_categories(column: str, n_categories: int, n_rows: int, where: str) -> None:
    """DataError where there are too many categories for so many rows."""
    if n_categories > min(MOST_CATEGORIES, max(FEW_CATEGORIES, n_rows / 2)):
        raise DataError(
            f"{where}: categories must repeat, found {n_categories} different values among "
            f"{n_rows} rows of {column!r}; drop the column or turn it into numbers"
        )


def _numbers(column: pd.Series, where: str) -> pd.DataFrame:
    n_infinite = int(np.isinf(column).sum())
    if n_infinite:
        raise DataError(
            f"{where}: numbers must be finite, found {n_infinite} infinite in "
            f"{column.name!r}; drop those rows"
        )
    return column.to_frame()
