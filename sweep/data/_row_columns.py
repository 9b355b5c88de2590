"""What rows have beside x and y, checked: groups, points in time, parts and weights.

What is wrong with it is one DataError line that names the key of ``[data]``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from sweep.errors import DataError
from sweep.records.division import PART_WORDS, PARTS, TEST, TRAINING
from sweep.runtime.arrays import to_numpy
from sweep.runtime.user_code import last_line

MOST = 1e15
"""The largest weight, and one over the smallest: sums and products stay within float32."""


def read_columns(beside: Mapping[str, Any], n_rows: int) -> dict[str, np.ndarray]:
    """The arrays (N,) of ``Rows`` that are given, by their name there."""
    found: dict[str, np.ndarray] = {}
    if "groups" in beside:
        found["groups"] = _numbered(_column(beside["groups"], "groups", n_rows), "groups")
    if "time" in beside:
        found["time"] = _points(beside["time"], n_rows)
    if "split" in beside:
        found["part"] = _parts(beside["split"], n_rows)
    if "weight" in beside:
        found["weight"] = _weights(_column(beside["weight"], "weight", n_rows))
    return found


def check_weights(weight: np.ndarray | None, part: str) -> None:
    """DataError where no row of a part counts."""
    if weight is not None and not weight.any():
        raise DataError(
            f"data.weight: some row of every part must count, found weight 0 for all {len(weight)} "
            f"{part} rows of one split; give more rows a weight"
        )


def _column(values: Any, key: str, n_rows: int) -> np.ndarray:
    """One value for every row."""
    try:
        array = to_numpy(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            f"data.{key}: an array must be given, found {type(values).__name__}: "
            f"{last_line(error)}; give one value for each row"
        ) from error
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (n_rows,):
        raise DataError(
            f"data.{key}: one value for each of {n_rows} rows must be given, found shape "
            f"{array.shape}; align them"
        )
    if isinstance(values, np.ma.MaskedArray) and np.ma.getmaskarray(values).any():
        raise DataError(f"data.{key}: no value may be masked, found some that are; fill them in")
    return array


def _numbered(values: np.ndarray, key: str) -> np.ndarray:
    """The place of every value in the sorted ones, int64."""
    missing = values.dtype.kind == "f" and not np.isfinite(values).all()
    if missing or (values.dtype.kind in "mM" and np.isnat(values).any()):
        raise DataError(f"data.{key}: no value may be missing, found some that are; fill them in")
    if values.dtype.kind == "O" and any(_missing(v) for v in values):
        raise DataError(f"data.{key}: no value may be missing, found some that are; fill them in")
    try:
        places: np.ndarray = np.unique(values, return_inverse=True)[1]
    except TypeError as error:  # words and numbers have no order
        raise DataError(
            f"data.{key}: values of one type must be given, found several; make them all words or "
            "all numbers"
        ) from error
    return places.astype(np.int64)


def _missing(value: object) -> bool:
    """Whether it stands for no value: None, nan, NaT or pandas' NA, which has no truth value."""
    return value is None or type(value).__name__ == "NAType" or value != value


def _points(values: Any, n_rows: int) -> np.ndarray:
    """The number of every row's point in time; True stands for rows that are in order."""
    if values is True:
        return np.arange(n_rows)
    time = _column(values, "time", n_rows)
    if time.dtype.kind in "OU":  # dates of Python's own, or written as ISO 8601 has them
        with suppress(TypeError, ValueError, OverflowError), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # zones go: all become UTC
            time = time.astype("datetime64[us]")
    if time.dtype.kind not in "iufM":
        raise DataError(
            f"data.time: numbers or dates must be given, found {time.dtype} such as "
            f"{str(time[0])[:40]!r}; turn them into datetime64"
        )
    return _numbered(time, "time")


def _parts(values: Any, n_rows: int) -> np.ndarray:
    """The place in PARTS of every row; given as words, or as the row numbers of each part."""
    if isinstance(values, Mapping):
        part = _part_of_numbers(values, n_rows)
    else:
        words = _column(values, "split", n_rows).astype(str)
        for word in np.unique(words):
            _known(word)
        part = np.array([PARTS.index(PART_WORDS[word]) for word in words])
    for needed in (TRAINING, TEST):
        if not (part == PARTS.index(needed)).any():
            raise DataError(
                f"data.split: {needed} rows must be named, found none; name some (validation rows "
                "may be left out: then the design draws them from the training rows)"
            )
    return part


def _known(word: object) -> str:
    """The part that a word stands for."""
    if not isinstance(word, str) or word not in PART_WORDS:
        raise DataError(
            f"data.split: each row must be for {', '.join(PARTS)} (or train, val), found "
            f"{str(word)[:40]!r}; rename it"
        )
    return PART_WORDS[word]


def _part_of_numbers(values: Mapping[Any, Any], n_rows: int) -> np.ndarray:
    taken = np.zeros(n_rows, dtype=int)
    part = np.zeros(n_rows, dtype=int)
    for word, numbers in values.items():
        place, rows = PARTS.index(_known(word)), np.atleast_1d(to_numpy(numbers))
        if rows.dtype.kind == "b" and rows.shape == (n_rows,):
            rows = np.flatnonzero(rows)
        valid = rows.ndim == 1 and (rows.dtype.kind in "iu" or not len(rows))
        if not valid or (len(rows) and not (rows.min() >= 0 and rows.max() < n_rows)):
            raise DataError(
                f"data.split: row numbers from 0 to {n_rows - 1}, or a mask, must be given for "
                f"{word}, found {rows.dtype} of shape {rows.shape}; check them"
            )
        np.add.at(taken, rows.astype(int), 1)
        part[rows.astype(int)] = place
    if (taken != 1).any():
        raise DataError(
            f"data.split: every row must be in one part, found {int((taken == 0).sum())} rows in "
            f"none and {int((taken > 1).sum())} in several; name each once"
        )
    return part


def _weights(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "iufb":
        raise DataError(f"data.weight: numbers must be given, found {values.dtype}; convert them")
    weight = values.astype(np.float64)
    n_bad = int((~((weight >= 0) & (weight <= np.finfo(np.float32).max))).sum())
    if n_bad:
        raise DataError(
            f"data.weight: weights must be finite and 0 or more, found {n_bad} of {len(weight)} "
            "that are not; correct them"
        )
    counts = weight[weight > 0]
    if len(counts) and (counts.max() > MOST or counts.min() < 1 / MOST):
        strange = counts.max() if counts.max() > MOST else counts.min()
        raise DataError(
            f"data.weight: weights must be 0 or from {1 / MOST:g} to {MOST:g}, found {strange:g}; "
            "multiply all by one number, which changes nothing else"
        )
    return weight
