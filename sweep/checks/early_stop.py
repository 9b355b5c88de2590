"""What stopping the unregularized network early gets: the honest baseline of every study.

Read off the learning curves of the zero-strength anchor of a path: one epoch for all runs, that
with the best mean on the validation rows. It is chosen on the rows that it is judged on, so it
flatters a little; that is said beside the number. Where strengths have unequally many resamples,
all means are of the same ones (``sweep.checks.uneven``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweep.checks.best_trials import best_trials
from sweep.checks.estimates import Estimate
from sweep.checks.tables import StudyTables, once
from sweep.checks.uneven import difference_of, levelled
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
    change: Estimate
    """The best strength less the stopped network, paired."""

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
        """Whether it gets further than the best strength."""
        return self.metric.sign * (self.value - self.regularized) < 0


@once
def best_stop(tables: StudyTables) -> EarlyStop | None:
    """That of the path with the best mean; None without its curves."""
    best = next(iter(best_trials(tables)), None)
    return None if best is None else stop_early(tables, best)


def stop_early(tables: StudyTables, penalty: str) -> EarlyStop | None:
    """The best epoch of a path's unregularized runs; None without their curves."""
    ladder = tables.ladders.get(penalty)
    if ladder is None:
        return None
    anchors = ladder.loc[ladder["strength"] == 0, "trial"]
    mine = tables.curves[tables.curves["trial"].isin(anchors)]
    known = [m for m in (tables.objective, LOSS) if m.validation in set(mine["metric"])]
    known = [m for m in known if m.validation in ladder]
    if not known:
        return None
    metric, anchor = known[0], int(anchors.iloc[0])
    curves = mine[mine["metric"] == metric.validation].pivot_table("value", "epoch", "run")
    curves = curves.replace([np.inf, -np.inf], np.nan).dropna()
    if len(curves) < LEAST_CURVE:
        return None
    place = int((metric.sign * curves.mean(axis=1)).to_numpy().argmin())
    epochs, best = curves.index.tolist(), int(tables.best_point(penalty)["trial"])
    path, name = tables.path(penalty), metric.validation
    stopped, ended = (_at_epoch(tables, penalty, anchor, curves.iloc[i], name) for i in (place, -1))
    of_stopped, of_ended = (
        levelled(units, path, [name]).groupby("trial")[name].mean() for units in (stopped, ended)
    )
    return EarlyStop(
        penalty,
        metric,
        int(epochs[place]),
        int(epochs[-1]),
        value=float(of_stopped[anchor]),
        final=float(of_ended[anchor]),
        regularized=float(of_stopped[best]),
        change=difference_of(stopped, path, (best, anchor), name, tables.study),
    )


def _at_epoch(
    tables: StudyTables, penalty: str, anchor: int, values: pd.Series, name: str
) -> pd.DataFrame:
    """The units of a path with these values, by run, for those of its anchor."""
    runs = tables.runs[tables.runs["trial"] == anchor]
    runs = runs.assign(value=runs["run"].map(values)).dropna(subset="value")
    keys = ["resample", "fold", *(["replicate"] if tables.study.design == "holdout" else [])]
    own = runs[[*keys, "value"]].groupby(keys, as_index=False).mean()
    places = own[keys].to_numpy(int)
    stopped = pd.DataFrame(
        {"trial": anchor, "unit": ["/".join(map(str, key)) for key in places], name: own["value"]}
    )
    units = tables.units[penalty]
    return pd.concat(
        [units.loc[units["trial"] != anchor, ["trial", "unit", name]], stopped], ignore_index=True
    )
