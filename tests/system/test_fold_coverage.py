"""Boundaries of ridge regression trained as runs of whole studies, against the exact truth.

A linear network under gradient descent with all rows in a batch comes to ridge regression with an
intercept, so the boundary that a study writes down can be held against the expected risk.
"""

from __future__ import annotations

import math
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sweep
from tests.calibration.truths import Array
from tests.calibration.unseen_problems import Predict, Unseen, linear, normal, squared_error
from tests.support.ridge_truth import Rows, Truth

N, P = 200, 60
"""Training rows of a fold, and inputs."""
DRAW = linear(np.ones(P), partial(normal, 1.0))


def centred_ridge(x: Array, y: Array, strengths: Array) -> Predict:
    """Ridge with an intercept that no penalty holds."""
    weights = Rows(x - x.mean(0), y - y.mean()).fit(strengths)
    return lambda new: (new - x.mean(0)) @ weights + y.mean()


@cache
def truth() -> Truth:
    return Unseen(
        "ridge", N, DRAW, centred_ridge, -3.5, 0.5, squared_error, np.mean, n_truth=600
    ).truth()


def study(seed: int, **path: object) -> sweep.Study:
    """Five folds of 251 rows, so that one has a training row less than the others."""
    x, y = DRAW(N * 5 // 4 + 1, np.random.default_rng([seed, 5]))
    extra = DRAW(10, np.random.default_rng([seed, 6]))
    return sweep.Study(
        study={"name": "folds", "seed": seed},
        data={
            "x": np.concatenate([x, extra[0]]),
            "y": np.concatenate([y, extra[1]]),
            "task": "regression",
            "design": "kfold",
            "n_folds": 5,
            "test_fraction": 10 / 261,
            "standardize": False,
        },
        model={"name": "linear"},
        training={
            "optimizer": "sgd",
            "lr": 0.1,
            "momentum": 0.9,
            "epochs": 250,
            "batch_size": 1000,
            "loss": "mse",
        },
        search={
            "penalties": ["l2"],
            "trials": 2,
            "round": 2,
            "pruner": "none",
            "strength": {"low": 10**-3.5, "high": 10**0.5},
        },
        path={"points": 13, "ladder": "even", "resamples": 5, **path},
        hardware={"precision": "float64", "population": 70},
    )


def boundary(seed: int, folder: Path, **path: object) -> pd.Series:
    store = sweep.open_store(f"sqlite:///{folder}/{seed}.db")
    sweep.run_study(study(seed, **path), store)
    frame = sweep.boundaries_frame(store, "folds")
    return frame[frame["metric"] == "val_loss"].iloc[0]


def holds(found: pd.Series) -> list[bool]:
    """Whether the intervals hold the truth, of sides that something is said of; an open end lies
    beyond the range.
    """
    sides = []
    for name, true in (("overfitting_ends", truth().left), ("underfitting_starts", truth().right)):
        low, high = found[f"{name}_low"], found[f"{name}_high"]
        lowest = math.log10(low) if math.isfinite(low) else -math.inf
        highest = math.log10(high) if math.isfinite(high) else math.inf
        if found[f"{name.split('_')[0]}_verdict"] != "undefined":
            sides.append(lowest <= true <= highest)
    return sides


@pytest.mark.long
def test_a_path_trained_by_descent_has_the_losses_of_ridge(tmp_path: Path) -> None:
    """The rows that the database keeps, too."""
    store = sweep.open_store(f"sqlite:///{tmp_path}/study.db")
    sweep.run_study(study(0, points=5), store)
    trials = sweep.trials_frame(store, "folds")
    path = trials[trials["phase"] == "path"].set_index("trial")["strength"]
    rows = sweep.row_losses_frame(store, "folds")
    assert rows.groupby("trial").size().eq(251).all()
    known = study(0).data
    x, y = np.asarray(known.x), np.asarray(known.y)
    by_row = rows.pivot(index="row", columns="trial", values="loss")
    held = rows.drop_duplicates(["row"]).set_index("row")["run"]
    for trial, strength in path.items():
        for fold in range(5):
            out = held.index[held == fold].to_numpy()
            train = held.index[held != fold].to_numpy()
            fitted = centred_ridge(x[train], y[train], np.array([strength]))
            expected = squared_error(fitted(x[out]), y[out])[:, 0]
            np.testing.assert_allclose(by_row.loc[out, trial], expected, rtol=2e-4, atol=1e-5)


@pytest.mark.long
def test_intervals_of_whole_studies_hold_the_truth_at_their_level(tmp_path: Path) -> None:
    found = [boundary(seed, tmp_path) for seed in range(24)]
    assert all(one["n_rows"] == 251 for one in found)
    said = [holding for one in found for holding in holds(one)]
    assert len(said) >= 40
    assert np.mean(said) >= 0.88
