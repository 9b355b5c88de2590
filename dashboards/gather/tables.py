"""Frames to the small tables that figures draw: one row per strength, with spread and intervals.

A *unit* is what is averaged over: a resample, a fold, or (on one fixed split) a seed; several seeds
on one split are averaged first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboards.gather.columns import End, end_of, ends_of
from dashboards.gather.metric_format import judged
from sweep.checks.tables import units_of
from sweep.checks.uneven import candidates, levelled
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.records.facts import StudyFacts
from sweep.regularizers.catalogue import shows_strength

LOW_SHARE, HIGH_SHARE = 0.1, 0.9
"""The band of a figure holds the runs between these quantiles."""


def path_trials(trials: pd.DataFrame, penalty: str, layer: str = "all") -> pd.DataFrame:
    """The trials of a penalty's path, from the zero-strength anchor upwards; or of one layer's."""
    mine = (trials["phase"] == "path") & (trials["path"] == layer) & (trials["penalty"] == penalty)
    path: pd.DataFrame = trials[mine].sort_values("strength")
    return path


def shown_strengths(trials: pd.DataFrame) -> pd.Series:
    """The strengths of trials; nan where no one number says how strongly they are regularized."""
    return trials["strength"].where(trials["penalty"].map(shows_strength).astype(bool))


def path_table(
    trials: pd.DataFrame, runs: pd.DataFrame, penalty: str, facts: StudyFacts, layer: str = "all"
) -> pd.DataFrame:
    """``spread_table`` of a penalty's path, or of one layer's."""
    path = path_trials(trials, penalty, layer)
    return spread_table(path, units_of(path, runs, facts.design), runs, facts)


def spread_table(
    path: pd.DataFrame, units: pd.DataFrame, runs: pd.DataFrame, facts: StudyFacts
) -> pd.DataFrame:
    """One row per strength of a path: mean, and 10 % and 90 % quantiles over units, of each metric.

    Columns ``strength``, ``units``, ``diverged`` (runs that did), the metrics with ``_low`` and
    ``_high``, ``weight_norm``, ``zeros_share``. Metrics that the study lacks are left out. Where
    strengths have unequally many units all but the last two are levelled (``sweep.checks.uneven``).
    """
    units = units.assign(zeros_share=units["zeros"] / units["n_weights"])
    metrics = [m for m in judged(facts) if m.validation in units]
    spread = [column for m in metrics for column in (m.validation, m.training)]
    nulls = [m.null for m in metrics if m != ACCURACY]
    rest = ["weight_norm", "zeros_share", *nulls]
    grouped = levelled(units, path, [*spread, *nulls]).groupby("trial")
    means = grouped[[*spread, *rest]].mean()
    low = grouped[spread].quantile(LOW_SHARE).rename(columns=lambda name: end_of(name, End.LOW))
    high = grouped[spread].quantile(HIGH_SHARE).rename(columns=lambda name: end_of(name, End.HIGH))
    lost = runs.loc[runs["state"].isin(["diverged", "failed"]), "trial"].value_counts()
    table = path.set_index("trial")[["strength"]].join(grouped.size().rename("units"))
    table = table.join(lost.rename("diverged")).fillna({"units": 0, "diverged": 0})
    table = table.astype({"units": int, "diverged": int}).join([means, low, high])
    spread = [name for column in spread for name in (column, *ends_of(column))]
    table = table[["strength", "units", "diverged", *spread, *rest]]
    return table.dropna(axis="columns", how="all").reset_index(drop=True)


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


def best_point(table: pd.DataFrame, path: pd.DataFrame, objective: Metric) -> float:
    """The strength of a path, by its ``path_table`` and its trials, with the best mean objective,
    the anchor aside; nan without one.
    """
    chosen = table["strength"].isin(candidates(path)["strength"])
    ladder = table[chosen & (table["strength"] > 0) & table["val_loss"].notna()]
    if ladder.empty:
        return math.nan
    metric = objective if objective.validation in ladder else LOSS
    costs = metric.sign * ladder[metric.validation]
    return float(ladder.loc[costs.sort_values(kind="stable").index[0], "strength"])
