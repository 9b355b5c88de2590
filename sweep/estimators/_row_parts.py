"""The rows that an estimator is given, and how the study behind it divides them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

FEWEST_ROWS = 5
FEWEST_OF_CLASS = 3
"""Of so many rows of a class, some are left to train on wherever others are held out."""
HELD_OUT = 0.2
"""Share of rows that validate, and of rows that test."""


@dataclass(frozen=True)
class TrainingRows:
    """Rows x (N, D), targets y (N,), and where they are given weights and groups (N,)."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None = None
    groups: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> TrainingRows:
        """Some of the rows."""
        weight = None if self.weight is None else self.weight[rows]
        groups = None if self.groups is None else self.groups[rows]
        return TrainingRows(self.x[rows], self.y[rows], weight, groups)

    @property
    def table(self) -> dict[str, Any]:
        """The rows as a table of a study."""
        given = {"x": self.x, "y": self.y, "weight": self.weight}
        return {key: value for key, value in given.items() if value is not None}


def study_data(rows: TrainingRows, cv: Any, classes: bool, seed: int) -> dict[str, Any]:
    """The table ``data`` of the study: how its rows are divided into what."""
    table = {**rows.table, "standardize": True}
    table["task"] = "classification" if classes else "regression"
    if classes and rows.groups is None and np.bincount(rows.y).min() < FEWEST_OF_CLASS:
        return {**table, "split": _parts(rows.y, seed), "design": "holdout"}
    if rows.groups is not None:
        table["groups"] = rows.groups
    if isinstance(cv, int):
        return {**table, "design": "kfold", "n_folds": cv}
    return {**table, "design": cv}


def n_resamples(rows: TrainingRows, cv: Any) -> int:
    """How many splits there are."""
    return cv if isinstance(cv, int) else int(cv.get_n_splits(rows.x, rows.y, rows.groups))


def _parts(y: np.ndarray, seed: int) -> np.ndarray:
    """What each row is for; rows of rare classes all train.

    Raises ValueError where no class has enough rows.
    """
    counts = np.bincount(y)
    free = np.flatnonzero(counts[y] >= FEWEST_OF_CLASS)
    if not len(free):
        raise ValueError(
            f"fit: a class must have at least {FEWEST_OF_CLASS} rows, found at most "
            f"{counts.max()}; give more rows"
        )
    parts = np.full(len(y), "train", dtype=object)
    n = max(1, int(HELD_OUT * len(free)))
    held_out = np.random.default_rng(seed).permutation(free)
    left = counts.copy()
    taken: list[int] = []
    for row in held_out:
        if len(taken) < 2 * n and left[y[row]] > 1:
            left[y[row]] -= 1
            taken.append(int(row))
    parts[taken[::2]], parts[taken[1::2]] = "validation", "test"
    return parts
