"""Frames to the small tables that figures draw: one row per strength, with spread and intervals.

A *unit* is what is averaged over: a resample, a fold, or (on one fixed split) a seed; several seeds
on one split are averaged first. The variance factor c of a mean over R units says what the units
are: 1/R for fresh data and for seeds on one split, 1/R + n_validation/n_training for overlapping
re-splits and 1/R + 1/(K-1) for K folds
(Nadeau & Bengio 2003, "Inference for the generalization error").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from dashboards.gather.metric_format import judged
from sweep.metrics.metric import ACCURACY, LOSS, Metric, objective_of

Study = Mapping[str, Any]

UNIT_WORDS = {"kfold": "folds", "holdout": "seeds"}
LOW_SHARE, HIGH_SHARE = 0.1, 0.9
"""The band of a figure holds the runs between these quantiles."""


def unit_word(study: Study) -> str:
    """What the repetitions of a setting are: resamples, folds or seeds."""
    return UNIT_WORDS.get(str(study.get("design")), "resamples")


def penalties_of(frame: pd.DataFrame, study: Study) -> list[str]:
    """The penalties that have a path, in the study's order."""
    present = set(frame.loc[frame["path"] == "all", "penalty"])
    ordered = [p for p in study.get("penalties", ()) if p in present]
    return ordered + sorted(present - set(ordered))


def path_trials(trials: pd.DataFrame, penalty: str, layer: str = "all") -> pd.DataFrame:
    """The trials of a penalty's path, from the zero-strength anchor upwards; or of one layer's."""
    mine = (trials["phase"] == "path") & (trials["path"] == layer) & (trials["penalty"] == penalty)
    path: pd.DataFrame = trials[mine].sort_values("strength")
    return path


def path_units(
    trials: pd.DataFrame, runs: pd.DataFrame, penalty: str, study: Study
) -> pd.DataFrame:
    """One row per strength and unit of a path: means over the seeds of the complete runs."""
    return units_of(path_trials(trials, penalty), runs, study)


def units_of(trials: pd.DataFrame, runs: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per trial and unit, columns of ``runs_frame`` beside ``strength`` and ``unit``."""
    mine = runs.merge(trials[["trial", "strength", "penalty"]], on="trial")
    mine = mine[(mine["state"] == "complete") & np.isfinite(mine["val_loss"])]
    keys = ["resample", "fold"]
    if study.get("design") == "holdout":
        keys.append("replicate")
    numbers = [c for c in mine.select_dtypes("number").columns if c not in ("run", "replicate")]
    grouped = mine[list(dict.fromkeys([*numbers, *keys]))].groupby(
        ["trial", "strength", *keys], as_index=False
    )
    units: pd.DataFrame = grouped.mean()
    places = units[keys].to_numpy(int)
    return units.assign(unit=["/".join(map(str, place)) for place in places])


def path_table(
    trials: pd.DataFrame, runs: pd.DataFrame, penalty: str, study: Study, layer: str = "all"
) -> pd.DataFrame:
    """One row per strength of a path: mean, and 10 % and 90 % quantiles over units, of each metric.

    Columns ``strength``, ``units``, ``diverged`` (runs that did), the metrics with ``_low`` and
    ``_high``, ``weight_norm``, ``zeros_share``. Metrics that the study lacks are left out.
    """
    mine = path_trials(trials, penalty, layer)
    units = units_of(mine, runs, study)
    units["zeros_share"] = units["zeros"] / units["n_weights"]
    grouped = units.groupby("trial")
    metrics = [m for m in judged(study) if m.validation in units]
    spread = [column for m in metrics for column in (m.validation, m.training)]
    rest = ["weight_norm", "zeros_share", *(m.null for m in metrics if m != ACCURACY)]
    means = grouped[[*spread, *rest]].mean()
    low = grouped[spread].quantile(LOW_SHARE).add_suffix("_low")
    high = grouped[spread].quantile(HIGH_SHARE).add_suffix("_high")
    lost = runs.loc[runs["state"].isin(["diverged", "failed"]), "trial"].value_counts()
    table = mine.set_index("trial")[["strength"]].join(grouped.size().rename("units"))
    table = table.join(lost.rename("diverged")).fillna({"units": 0, "diverged": 0})
    table = table.astype({"units": int, "diverged": int}).join([means, low, high])
    spread = [f"{column}{end}" for column in spread for end in ("", "_low", "_high")]
    table = table[["strength", "units", "diverged", *spread, *rest]]
    return table.dropna(axis="columns", how="all").reset_index(drop=True)


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % interval; nan bounds where there are too few units."""

    mean: float
    low: float
    high: float
    n: int


def estimate_mean(values: Sequence[float] | np.ndarray, study: Study) -> Estimate:
    """Mean over units (R,) with the design's 95 % interval (Student's t, R - 1 degrees)."""
    seen = np.asarray(values, float)
    seen = seen[np.isfinite(seen)]
    n = len(seen)
    if n < 2:
        return Estimate(float(seen.mean()) if n else math.nan, math.nan, math.nan, n)
    spread = math.sqrt(variance_factor(study, n)) * float(seen.std(ddof=1))
    half = float(stdtrit(n - 1, 0.975)) * spread
    mean = float(seen.mean())
    return Estimate(mean, mean - half, mean + half, n)


def variance_factor(study: Study, n: int) -> float:
    """c: the variance of a mean over n units, in units of one unit's variance.

    nan for folds when the study does not say how many.
    """
    design = study.get("design")
    if design == "resample" and study.get("n_train"):
        return 1 / n + float(study["n_validation"]) / float(study["n_train"])
    if design == "kfold":
        folds = study.get("n_folds")
        return 1 / n + 1 / (int(folds) - 1) if folds else math.nan
    return 1 / n


def paired_difference(
    first: pd.DataFrame, second: pd.DataFrame, metric: str, study: Study
) -> Estimate:
    """``first - second`` of a metric over the units they share, with its interval."""
    both = first.merge(second, on="unit", suffixes=("", "_other"))
    return estimate_mean((both[metric] - both[f"{metric}_other"]).to_numpy(), study)


def boundary_of(
    boundaries: pd.DataFrame, penalty: str, metric: str, layer: str = "all"
) -> Mapping[str, Any] | None:
    """The row of ``boundaries_frame`` of a path, or None."""
    mine = boundaries[
        (boundaries["penalty"] == penalty)
        & (boundaries["metric"] == metric)
        & (boundaries["layer"] == layer)
    ]
    return None if mine.empty else {str(k): v for k, v in mine.iloc[0].items()}


def best_point(table: pd.DataFrame, objective: Metric) -> float:
    """The strength of the path with the best mean objective, the anchor aside; nan without one."""
    ladder = table[(table["strength"] > 0) & table["val_loss"].notna()]
    if ladder.empty:
        return math.nan
    metric = objective if objective.validation in ladder else LOSS
    costs = metric.sign * ladder[metric.validation]
    return float(ladder.loc[costs.sort_values(kind="stable").index[0], "strength"])


def alike(study: Study) -> bool:
    """Whether all layers of a study had the same strength."""
    even = str(study.get("profile", "even")) == "even"
    return even and str(study.get("layers_mode", "shared")) == "shared"


@dataclass(frozen=True)
class Frames:
    """All that is known of one study: its facts and its frames."""

    study: Study
    trials: pd.DataFrame
    runs: pd.DataFrame
    curves: pd.DataFrame
    layers: pd.DataFrame
    boundaries: pd.DataFrame
    occupancy: pd.DataFrame = field(default_factory=pd.DataFrame)
    unpruned: Frames | None = None
    """The same study without pruning, where the database holds one that has finished."""

    @cached_property
    def paths(self) -> Mapping[str, pd.DataFrame]:
        """``path_table`` of every penalty whose path has results at two strengths or more."""
        tables = {
            penalty: path_table(self.trials, self.runs, penalty, self.study)
            for penalty in penalties_of(self.trials, self.study)
        }
        return {
            penalty: table
            for penalty, table in tables.items()
            if "val_loss" in table and (table.dropna(subset="val_loss")["strength"] > 0).sum() > 1
        }

    def boundary(self, penalty: str, metric: str = "") -> Mapping[str, Any] | None:
        """The boundaries of a penalty's path, for the study's objective unless another is named."""
        return boundary_of(self.boundaries, penalty, metric or str(self.study["objective"]))

    def best(self, penalty: str) -> float:
        """The strength of the path with the best mean."""
        return best_point(self.paths[penalty], objective_of(self.study))
