"""Validation losses over training, smoothed, and what their last part says.

Legend: E epochs, N curves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.checks.tables import StudyTables, once
from sweep.records.trial import State

Array = NDArray[np.float64]
LATE_SHARE = 0.02
"""A change of loss over the last tenth of training that counts, as a share of the skill."""
FEWEST_EPOCHS = 4


@dataclass(frozen=True)
class Smoothed:
    """Curves (E, N), each a moving average over a tenth of its epochs."""

    values: Array
    epochs: NDArray[np.int64]
    """The last epoch of every average."""
    window: int

    @classmethod
    def of(cls, values: Array, epochs: NDArray[np.int64]) -> Smoothed | None:
        """Those of raw curves; None for so few epochs that there is no last tenth."""
        window = max(1, len(values) // 10)
        sums = np.cumsum(np.vstack([np.zeros((1, values.shape[1])), values]), axis=0)
        means = (sums[window:] - sums[:-window]) / window
        if len(means) <= max(window, FEWEST_EPOCHS - 1):
            return None
        return cls(means, epochs[window - 1 :], window)

    @property
    def final(self) -> Array:
        last: Array = self.values[-1]
        return last

    @property
    def before(self) -> Array:
        """Before the last tenth."""
        found: Array = self.values[-1 - self.window]
        return found

    @property
    def lowest(self) -> Array:
        found: Array = self.values.min(axis=0)
        return found

    @property
    def lowest_epoch(self) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self.epochs[self.values.argmin(axis=0)]
        return found

    def settled(self, tolerance: float) -> Array:
        """The share of training after which each curve stays this close to its last value."""
        far = np.abs(self.values - self.final) > tolerance
        last_far = np.where(far.any(axis=0), len(far) - 1 - far[::-1].argmax(axis=0), -1)
        place = np.minimum(last_far + 1, len(far) - 1)
        share: Array = self.epochs[place] / max(1, int(self.epochs[-1]))
        return share


@dataclass(frozen=True)
class BestCurve:
    """The validation loss over training of the best setting of a path, a mean over its runs."""

    penalty: str
    smooth: Smoothed
    skill: float
    """What the path's best loss saves of the constant predictor's."""
    at_best: bool
    """Whether every run ended with its best epoch, as early stopping gives it back."""

    @property
    def least(self) -> float:
        """A change that counts."""
        return LATE_SHARE * self.skill

    def share(self, change: Array) -> float:
        """A change of the one curve as a share of the skill."""
        return float(change[0]) / self.skill


def blocks_of(tables: StudyTables, trials: Iterable[int]) -> Iterator[pd.DataFrame]:
    """Validation losses (E, N) by epoch of these trials, in one table for every length of runs."""
    table = tables.mean_curves
    table = table[[trial for trial in trials if trial in table.columns]]
    lengths = table.notna().sum()
    for length in sorted(set(lengths)):
        yield table.loc[:, lengths == length].dropna()


@once
def best_curves(tables: StudyTables) -> list[BestCurve]:
    """Those of the paths whose runs have one length and a known constant predictor."""
    found = []
    for penalty, ladder in tables.ladders.items():
        if not {"null_loss", "val_loss"} <= set(ladder):
            continue
        trial = tables.best_point(penalty)["trial"]
        runs = tables.runs[
            (tables.runs["trial"] == trial) & (tables.runs["state"] == str(State.COMPLETE))
        ]
        skill = float(ladder["null_loss"].mean() - ladder["val_loss"].min())
        blocks = list(blocks_of(tables, [trial]))
        if runs["epochs"].nunique() > 1 or len(blocks) != 1 or not skill > 0:
            continue
        smooth = Smoothed.of(blocks[0].to_numpy(float), blocks[0].index.to_numpy(int))
        if smooth is not None:
            at_best = bool((runs["val_loss"] == runs["best_val_loss"]).all())
            found.append(BestCurve(penalty, smooth, skill, at_best))
    return found
