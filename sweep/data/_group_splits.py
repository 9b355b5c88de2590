"""Splits in which no group is in two parts: scikit-learn's ShuffleSplit and KFold over the groups.

Of several random candidates the one is taken that keeps the shares of the classes, or of the rows,
best.
"""

# StratifiedGroupKFold was tried (scikit-learn 1.9): it sorts groups by the spread of their classes,
# so shuffling moves few of them. Of 30 groups of unequal size some shared a fold in each of 200
# shuffles. Repetitions of it would vary less than an interval over groups must count on, and it
# loops over rows in Python.

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sweep.data.resampling import RowNumbers
from sweep.errors import DataError

CANDIDATES = 32
"""Random divisions of the groups that are compared."""


def share_of_groups(
    groups: np.ndarray, labels: np.ndarray | None, fraction: float, seed: int
) -> tuple[RowNumbers, RowNumbers]:
    """The rows of a random share of the groups, and the other rows."""
    from sklearn.model_selection import ShuffleSplit

    own, counts = _counts(groups, labels)
    n_taken = round(len(counts) * fraction) or 1
    if n_taken >= len(counts):
        raise DataError(
            "data.groups: each part of a split needs a group of its own, found "
            f"{len(counts)} for a share of {fraction:.3g} and the rest; give more groups"
        )
    splitter = ShuffleSplit(CANDIDATES, test_size=n_taken, random_state=_state(seed))
    candidates = [[taken] for _, taken in splitter.split(counts)]
    taken = np.isin(own, _fairest(candidates, counts, n_taken / len(counts))[0])
    return np.flatnonzero(taken), np.flatnonzero(~taken)


def folds_of_groups(
    groups: np.ndarray, labels: np.ndarray | None, n_folds: int, seed: int
) -> np.ndarray:
    """The fold (N,) of every row."""
    from sklearn.model_selection import KFold

    own, counts = _counts(groups, labels)
    if len(counts) < n_folds:
        raise DataError(
            f"data.n_folds: at least one group per fold must be there, found {len(counts)} groups "
            f"for {n_folds} folds; lower n_folds"
        )
    candidates = [
        [fold for _, fold in KFold(n_folds, shuffle=True, random_state=state).split(counts)]
        for state in _states(seed)
    ]
    fold_of = np.empty(len(counts), dtype=int)
    for number, fold in enumerate(_fairest(candidates, counts, 1 / n_folds)):
        fold_of[fold] = number
    return np.asarray(fold_of[own])


def _counts(groups: np.ndarray, labels: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Each row's group from 0 on (N,), and how many rows of each class the groups have (G, C)."""
    _, own = np.unique(groups, return_inverse=True)
    classes = (
        np.zeros(len(own), int) if labels is None else np.unique(labels, return_inverse=True)[1]
    )
    counts = np.zeros((own.max() + 1, classes.max() + 1))
    np.add.at(counts, (own, classes), 1)
    return own, counts


def _fairest(
    candidates: list[list[np.ndarray]], counts: np.ndarray, share: float
) -> list[np.ndarray]:
    """The candidate whose parts have the nearest to this share of every class's rows."""
    wanted = share * counts.sum(0)

    def unfairness(parts: list[np.ndarray]) -> float:
        off = np.array([(counts[part].sum(0) - wanted) / counts.sum(0) for part in parts])
        return float(np.square(off).sum())

    return min(candidates, key=unfairness)


def _state(seed: int) -> int:
    """scikit-learn's seeds have 32 bits."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0])


def _states(seed: int) -> Iterator[int]:
    return map(int, np.random.SeedSequence(seed).generate_state(CANDIDATES))
