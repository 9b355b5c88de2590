"""Reads a CSV or Parquet file: numeric columns as they are, categorical ones one-hot."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from sweep.errors import DataError


def read_table(path: Path, target: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Features (N, D) float32, the target column (N,) as it is, and the features' names.

    A column of words, categories or truth values becomes one column per value. Raises DataError for
    an unreadable file, an unknown target, missing values, or a table without features or rows.
    """
    frame = _read(path)
    if target not in frame.columns:
        near = get_close_matches(target, map(str, frame.columns), 1)
        hint = f"did you mean {near[0]}?" if near else f"columns: {', '.join(_first(frame))}"
        raise DataError(
            f"data.target: a column of {path.name} must be named, found {target!r}; {hint}"
        )
    if len(frame) == 0:
        raise DataError(f"{path.name}: rows must be there, found none")
    _refuse_missing(frame, path)
    y = frame.pop(target)
    if frame.shape[1] == 0:
        raise DataError(f"{path.name}: a column besides the target must be there, found none")
    parts = [_encode(frame[column]) for column in frame.columns]
    table = pd.concat(parts, axis=1)
    x = table.to_numpy(dtype=np.float64)
    if not np.isfinite(x).all():
        bad = table.columns[~np.isfinite(x).all(axis=0)][0]
        raise DataError(
            f"{path.name}: finite numbers must be given, found inf in {bad!r}; drop them"
        )
    return x.astype(np.float32), y.to_numpy(), tuple(map(str, table.columns))


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"data.path: the file must exist, found no {path}; check the path")
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:  # pandas' and pyarrow's parser errors are ValueErrors
        reason = str(error).strip().splitlines()[0]
        raise DataError(
            f"{path.name}: a table must be readable, found: {reason}; check the file's format"
        ) from error


def _first(frame: pd.DataFrame) -> list[str]:
    return [str(column) for column in frame.columns[:8]] + ["..."] * (frame.shape[1] > 8)


def _refuse_missing(frame: pd.DataFrame, path: Path) -> None:
    missing = frame.isna().sum()
    missing = missing[missing > 0]
    if len(missing):
        told = ", ".join(f"{n} in {column!r}" for column, n in missing.head(5).items())
        raise DataError(
            f"{path.name}: no value may be missing, found {told} missing; fill or drop them"
        )


def _encode(column: pd.Series) -> pd.DataFrame:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.astype(np.float64).to_frame()
    if column.nunique() > 1000:
        raise DataError(
            f"column {column.name!r}: at most 1000 categories can be told apart, found "
            f"{column.nunique()}; drop it or encode it as numbers"
        )
    return pd.get_dummies(column.astype(str), prefix=str(column.name), dtype=np.float64)
