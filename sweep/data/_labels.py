"""Labels that are not what they seem: rows without one, and rows with several.

Torch's cross-entropy leaves out rows of label -100 (``ignore_index``), and many data sets write -1
for "no label"; taken as they stand, they would be one more class. A matrix of 0 and 1 holds several
labels a row, for which squared error is nobody's loss.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sweep.errors import DataError

NO_LABEL = (-1, -100)
"""What stands for "no label" by custom."""

IgnoreIndex = int | Literal["auto", "none"]
"""The label of rows to leave out; ``auto`` asks where a label could be one, ``none`` says none is.
"""


def labelled(y: np.ndarray, ignore_index: IgnoreIndex, name: str) -> np.ndarray | None:
    """Which rows (N,) have a label; None where all have one.

    Raises DataError where ``ignore_index`` is ``auto`` and a label may mean "no label", or where
    the label to leave out is in no row or in all of them, or classes are no numbers.
    """
    if ignore_index == "none":
        return None
    numbers = y.ndim == 1 and y.dtype.kind in "iuf"
    if ignore_index == "auto":
        if numbers:
            _ask(y, name)
        return None
    if not numbers:
        raise DataError(
            f"data.ignore_index: numbers must be given where a label is left out, found {y.dtype} "
            f"with shape {y.shape} in {name}; leave such rows out yourself, and the key"
        )
    there = np.asarray(y != ignore_index)
    if there.all() or not there.any():
        found = "no row" if there.all() else "all rows"
        raise DataError(
            f"data.ignore_index: some rows must have the label to leave out, found {ignore_index} "
            f"in {found} of {name}; check y, or leave the key out"
        )
    return there


def _ask(y: np.ndarray, name: str) -> None:
    """Refuses -1 or -100 as the only label below 0, unless -1 and 1 are the two classes."""
    below = np.unique(y[y < 0])
    if len(below) != 1 or below[0] not in NO_LABEL or set(np.unique(y)) == {-1, 1}:
        return
    label = int(below[0])
    raise DataError(
        f"data.ignore_index: it must be said what a label below 0 means, found {label} in "
        f"{int((y == label).sum())} of {len(y)} rows of {name}; set ignore_index = {label} to "
        'leave these rows out, or ignore_index = "none" if it is a class'
    )


def refuse_several_labels(y: np.ndarray, name: str) -> None:
    """DataError for a matrix (N, outputs) of 0 and 1, whose loss nobody has named."""
    if y.shape[1] > 1 and np.isin(y, (0, 1)).all():
        raise DataError(
            f"{name}: a loss must be named for rows with several labels, found a matrix of 0 and 1 "
            f'with {y.shape[1]} columns; set data.task = "multilabel" for binary cross-entropy of '
            'each, or "regression" for squared error'
        )
