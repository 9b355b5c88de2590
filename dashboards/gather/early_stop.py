"""What stopping the unregularized network early gets: the honest baseline of every page.

Read off the learning curves of the zero-strength anchor of a path: one epoch for all runs, that
with the best mean on the validation rows. It is chosen on the rows that it is judged on, so it
flatters a little; that is said beside the number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dashboards.gather.frames import Frames
from dashboards.gather.tables import path_trials
from sweep.metrics.metric import LOSS, Metric

LEAST_CURVE = 3
"""Epochs of a curve from which on there is something to stop at."""


@dataclass(frozen=True)
class EarlyStop:
    """The unregularized network at its best epoch and at its end, and the best strength."""

    penalty: str
    metric: Metric
    epoch: int
    last_epoch: int
    value: float
    """In validation, at that epoch."""
    final: float
    """At the end of training."""
    regularized: float
    """In validation, at the best strength of the path."""

    @property
    def gain(self) -> float:
        """What it saves, with more being better."""
        return self.metric.sign * (self.final - self.value)

    @property
    def share(self) -> float:
        """Of the gain that the best strength brings; nan where that brings none."""
        whole = self.metric.sign * (self.final - self.regularized)
        return self.gain / whole if whole > 0 else math.nan

    @property
    def beats_strength(self) -> bool:
        return self.metric.sign * (self.value - self.regularized) < 0


def stop_early(frames: Frames, penalty: str) -> EarlyStop | None:
    """The best epoch of a path's unregularized runs; None without their curves."""
    table = frames.paths.get(penalty)
    if table is None:
        return None
    path = path_trials(frames.trials, penalty)
    anchors = path.loc[path["strength"] == 0, "trial"]
    mine = frames.curves[frames.curves["trial"].isin(anchors)]
    known = set(mine["metric"])
    metric = frames.objective if frames.objective.validation in known else LOSS
    if metric.validation not in known or metric.validation not in table:
        return None
    curves = mine[mine["metric"] == metric.validation]
    curve = curves.pivot_table("value", "epoch", "run", "mean").mean(axis=1, skipna=False).dropna()
    curve = curve[np.isfinite(curve)]
    if len(curve) < LEAST_CURVE:
        return None
    epoch = int((metric.sign * curve).idxmin())
    best = table.loc[table["strength"] == frames.best(penalty), metric.validation]
    return EarlyStop(
        penalty,
        metric,
        epoch,
        int(curve.index[-1]),
        float(curve[epoch]),
        float(curve.iloc[-1]),
        float(best.iloc[0]) if len(best) else math.nan,
    )
