"""Boundaries of a study under way, from the ladders that are complete so far.

The engine estimates when all paths have ended. Until then these stand in for its rows: the same
estimate of the same losses, by the objective alone, marked as provisional wherever they are shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboards.gather.facts import objective_of
from dashboards.gather.tables import path_trials, penalties_with_path
from sweep.errors import DataError
from sweep.metrics.metric import Metric
from sweep.records.facts import StoredStudy
from sweep.records.parameters import ALL_LAYERS
from sweep.statistics.boundary import estimate_boundary
from sweep.statistics.wording import describe_boundary

FEWEST = 4
"""Strengths above 0 of a ladder that is worth an estimate."""
WAITING = ("waiting", "running")


def provisional_boundaries(
    study: StoredStudy, trials: pd.DataFrame, runs: pd.DataFrame, columns: list[str]
) -> pd.DataFrame:
    """Rows of ``boundaries_frame`` for the paths of which no strength is waiting."""
    metric = objective_of(study)
    rows = []
    for penalty in penalties_with_path(trials, study):
        path = path_trials(trials, penalty)
        if path["state"].isin(WAITING).any() or (path["strength"] > 0).sum() < FEWEST:
            continue
        row = _row(study, penalty, path, runs, metric)
        rows += [row] if row else []
    return pd.DataFrame(rows, columns=columns)


def _row(
    study: StoredStudy, penalty: str, path: pd.DataFrame, runs: pd.DataFrame, metric: Metric
) -> dict[str, Any]:
    """The row of one path; empty where its losses allow no estimate."""
    mine = runs[runs["trial"].isin(path["trial"]) & (runs["state"] == "complete")]
    known = {metric.validation, metric.training, metric.null} <= set(mine.columns)
    if mine.empty or not known or not mine[metric.null].notna().any():
        return {}
    null = metric.as_loss(mine.groupby("run")[metric.null].first().to_numpy(float))
    try:
        boundary = estimate_boundary(
            path["strength"].to_numpy(float),
            metric.as_loss(_table(path, mine, metric.validation)),
            metric.as_loss(_table(path, mine, metric.training)),
            null,
            seed=study.seed,
            resolution=metric.resolution(study.n_validation) if study.n_validation else 0.0,
            **_overlap(study),
        )
    except (ValueError, DataError):  # too few of its runs completed
        return {}
    values = {name: getattr(boundary, name) for name in boundary.__dataclass_fields__}
    sentence = describe_boundary(boundary, penalty, metric.validation)
    own = {"study": study.name, "penalty": penalty, "layer": ALL_LAYERS, "design": study.design}
    return {**values, **own, "metric": metric.validation, "sentence": sentence}


def _table(path: pd.DataFrame, runs: pd.DataFrame, column: str) -> np.ndarray:
    """A metric as (strengths, resamples); nan where a run did not complete."""
    wide = runs.pivot(index="trial", columns="run", values=column)
    return wide.reindex(index=path["trial"]).to_numpy(float)


def _overlap(study: StoredStudy) -> dict[str, Any]:
    """What says how much the training rows of two runs have in common."""
    if study.overlap is not None:
        return {"design": "resample", "validation_ratio": study.overlap}
    if study.design == "kfold":
        return {"design": study.design, "n_folds": study.n_folds}
    if study.design == "resample" and study.n_train and study.n_validation:
        return {"design": study.design, "validation_ratio": study.n_validation / study.n_train}
    return {"design": study.design}
