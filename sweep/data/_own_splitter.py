"""The splits of a scikit-learn splitter that was given from Python."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from sweep.data.resampling import RowNumbers
from sweep.data.rows import Rows
from sweep.errors import DataError
from sweep.runtime.user_code import guarded

Split = tuple[RowNumbers, RowNumbers]


def splits_of(splitter: Any, rows: Rows) -> tuple[Split, ...]:
    """Training and validation rows of every split, the same whenever they are asked for."""
    name = type(splitter).__name__
    first, again = (_asked(splitter, rows, name) for _ in range(2))
    if len(first) < 1:
        raise DataError(f"data.design: {name} must give splits, found none; check its settings")
    same = len(first) == len(again) and all(
        np.array_equal(a, b)
        for pair in zip(first, again, strict=True)
        for a, b in zip(*pair, strict=True)
    )
    if not same:
        raise DataError(
            f"data.design: {name} must give the same splits whenever it is asked, found others "
            "the second time; set its random_state"
        )
    for number, split in enumerate(first):
        _check(split, len(rows), f"data.design: split {number} of {name}")
    return tuple(first)


def _asked(splitter: Any, rows: Rows, name: str) -> list[Split]:
    y = rows.y if rows.y.ndim == 1 or rows.y.shape[1] > 1 else rows.y[:, 0]
    with guarded("data.design", name, DataError), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        made = list(splitter.split(np.zeros((len(rows), 1)), y, rows.groups))
        return [(np.sort(np.asarray(a)), np.sort(np.asarray(b))) for a, b in made]


def _check(split: Split, n_rows: int, where: str) -> None:
    train, validation = split
    for part in split:
        if part.ndim != 1 or part.dtype.kind not in "iu" or not len(part):
            raise DataError(
                f"{where}: row numbers for training and validation must be given, found "
                f"{part.dtype} of shape {part.shape}; leave no part empty"
            )
        if part[0] < 0 or part[-1] >= n_rows or (np.diff(part) == 0).any():
            raise DataError(
                f"{where}: each row number must be from 0 to {n_rows - 1} and given once, found "
                f"{part[0]} to {part[-1]}, {len(part) - len(np.unique(part))} of them twice; "
                "check the splitter"
            )
    if len(shared := np.intersect1d(train, validation)):
        raise DataError(
            f"{where}: training and validation must have no row in common, found {len(shared)}; "
            "check the splitter"
        )
