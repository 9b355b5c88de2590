"""Boundaries of a study under way, from each path whose first ladder is complete.

The engine estimates when all paths have ended. Until then these stand in for its rows: the same
estimate of the same losses, by the objective alone, marked as provisional wherever they are shown.
Where losses are kept by row they rest on the rows too; what is not stored is left out, which is
what the constant predictor loses on each row, and rows in groups.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboards.gather.facts import objective_of
from dashboards.gather.tables import path_trials
from sweep.checks.tables import penalties_with_path
from sweep.errors import DataError
from sweep.metrics.metric import Metric
from sweep.phases.path_effect import judge_effect
from sweep.records.division import DividedBy
from sweep.records.facts import StoredStudy
from sweep.records.parameters import ALL_LAYERS
from sweep.records.row_losses import sum_by_row
from sweep.statistics.boundary import estimate_boundary
from sweep.statistics.double_sampling import complete
from sweep.statistics.endings import NEVER
from sweep.statistics.paired_tests import training_overlap
from sweep.statistics.wording import describe_boundary

FEWEST = 4
"""Strengths above 0 of a ladder that is worth an estimate."""
WAITING = ("waiting", "running")
NOT_ENDED = {"ending_kind": str(NEVER.kind), "ending": NEVER.reason}
"""Of a ladder that may still grow."""


def provisional_boundaries(
    study: StoredStudy,
    trials: pd.DataFrame,
    runs: pd.DataFrame,
    columns: list[str],
    row_losses: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rows of ``boundaries_frame`` for the paths whose first ladder is complete; ``row_losses`` as
    ``row_losses_by_run`` has them.
    """
    metric = objective_of(study)
    by_row = pd.DataFrame()
    if row_losses is not None and study.divided_by != DividedBy.GROUPS:  # rows are independent
        by_row = row_losses[row_losses["metric"] == metric.validation]
    rows = []
    for penalty in penalties_with_path(trials, study):
        path = ended_ladder(path_trials(trials, penalty))
        if (path["strength"] > 0).sum() < FEWEST:
            continue
        row = _row(study, penalty, path, runs, metric, by_row)
        rows += [row] if row else []
    return pd.DataFrame(rows, columns=columns)


def ended_ladder(path: pd.DataFrame) -> pd.DataFrame:
    """The trials of a path before the first that waits, in the order in which they were asked for;
    none while one of the first ladder waits, which runs from the weakest strength upwards.
    """
    asked = path.sort_values("trial")
    waits = asked["state"].isin(WAITING)
    later = (asked["strength"].diff() < 0).cumsum() > 0  # strengths that were added between
    kept = asked[~waits.cummax()]
    return kept.sort_values("strength") if not (waits & ~later).any() else kept.head(0)


def _row(
    study: StoredStudy,
    penalty: str,
    path: pd.DataFrame,
    runs: pd.DataFrame,
    metric: Metric,
    by_row: pd.DataFrame,
) -> dict[str, Any]:
    """The row of one path; empty where its losses allow no estimate."""
    counts = path["n_runs"].to_numpy(int)
    mine = runs[runs["trial"].isin(path["trial"]) & (runs["state"] == "complete")]
    mine = mine[mine["run"] < counts.max()]  # more may have been trained meanwhile
    known = {metric.validation, metric.training, metric.null} <= set(mine.columns)
    if mine.empty or not known or not mine[metric.null].notna().any():
        return {}
    null = metric.as_loss(mine.groupby("run")[metric.null].first().to_numpy(float))
    validation = metric.as_loss(_table(path, mine, metric.validation))
    resolution = metric.resolution(study.n_validation) if study.n_validation else 0.0
    shared = _overlap(study)
    try:
        boundary = estimate_boundary(
            path["strength"].to_numpy(float),
            validation,
            metric.as_loss(_table(path, mine, metric.training)),
            null,
            seed=study.seed,
            resolution=resolution,
            counts=counts if counts.min() < counts.max() else None,
            **shared,
            **_by_row(path, validation, by_row),
        )
    except (ValueError, DataError):  # too few of its runs completed
        return {}
    if counts.min() < counts.max():
        validation = np.add(*complete(validation, counts.tolist(), path["strength"].tolist()))
    correction = 1 / validation.shape[1] + training_overlap(**shared)
    boundary = judge_effect(boundary, validation, correction, resolution)
    values = {name: getattr(boundary, name) for name in boundary.__dataclass_fields__}
    sentence = describe_boundary(boundary, penalty, metric.validation)
    own = {"study": study.name, "penalty": penalty, "layer": ALL_LAYERS, "design": study.design}
    return {**values, **own, **NOT_ENDED, "metric": metric.validation, "sentence": sentence}


def _table(path: pd.DataFrame, runs: pd.DataFrame, column: str) -> np.ndarray:
    """A metric as (strengths, resamples); nan where a run did not complete, or was not wanted."""
    wide = runs.pivot(index="trial", columns="run", values=column)
    return wide.reindex(index=path["trial"]).to_numpy(float)


def _by_row(path: pd.DataFrame, validation: np.ndarray, by_row: pd.DataFrame) -> dict[str, Any]:
    """What ``estimate_boundary`` takes of single rows: the mean loss of each (K, N) over the runs
    that held it out, each run by its part of their mean; nothing where a run has kept none.
    """
    complete = path["trial"][np.isfinite(validation).all(1)]
    if by_row.empty or complete.empty:
        return {}
    kept = {number: own for number, own in by_row.groupby("trial") if number in set(complete)}
    if len(kept) < len(complete) or any(len(own) < validation.shape[1] for own in kept.values()):
        return {}
    known = np.unique(np.concatenate(list(next(iter(kept.values()))["validation_rows"])))
    table = np.full((len(path), len(known)), np.nan)
    weights = np.zeros(len(known))
    for place, number in enumerate(path["trial"]):
        if number not in kept:
            continue
        rows, losses = list(kept[number]["validation_rows"]), list(kept[number]["losses"])
        weights = sum_by_row(known, rows, [np.ones(len(own)) for own in rows])
        table[place] = sum_by_row(known, rows, losses) / weights
    return {"validation_rows": table, "row_counts": weights}


def _overlap(study: StoredStudy) -> dict[str, Any]:
    """What says how much the training rows of two runs have in common."""
    if study.overlap is not None:
        return {"design": "resample", "validation_ratio": study.overlap}
    if study.design == "kfold":
        return {"design": study.design, "n_folds": study.n_folds}
    if study.design == "resample" and study.n_train and study.n_validation:
        return {"design": study.design, "validation_ratio": study.n_validation / study.n_train}
    return {"design": study.design}
