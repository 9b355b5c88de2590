"""Known truths come out of whole studies that train by SGD: boundaries, layers' optima, ranks.

Mean squared error + s |w|^2 is ridge regression's |y - Xw|^2 + a |w|^2 at a = n s. The ``linear``
model has a bias, which is not penalized. Given the means of the n training rows, what it learns is
ridge on n - 1 rows without one, and on a new row both means err by as much as 1/n of a row would:

    risk(a) = (1 + 1/n) (noise + excess of n - 1 rows at a)

and the constant predictor's is (1 + 1/n) (noise + signal). So the boundaries of a study with n rows
are those of ``Problem(n - 1, p)``, exactly, a being the same.
"""

from __future__ import annotations

import math
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from torch import Tensor, nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase, Run
from sweep.training.jobs import Segment
from tests.calibration.layers import GP, measure
from tests.calibration.layers import study as branches
from tests.support.ridge_truth import Array, Problem, find_truth, fit

SGD: dict[str, Any] = {"optimizer": "sgd", "momentum": 0.9, "batch_size": 10_000}
"""Full batches: the minimum is where it stops."""

# ---- ridge ---------------------------------------------------------------------------------------

ROWS, INPUTS = 60, 40


def ridge_rows(seed: int) -> tuple[Array, Array]:
    """A fifth of the rows are to be trained on; the mean of the targets is far from zero."""
    x, y = Problem(ROWS, INPUTS).rows(5 * ROWS, np.random.default_rng(seed))
    return x, y + 3.0


@pytest.fixture(scope="module")
def ridge(tmp_path_factory: pytest.TempPathFactory) -> tuple[sweep.Study, sweep.Store]:
    study = sweep.Study(
        study={"name": "ridge", "seed": 1},
        data={
            "name": ridge_rows,
            "design": "fresh",
            "validation_fraction": 0.8,
            "standardize": False,
        },
        model={"name": "linear"},
        training={**SGD, "lr": 0.12, "epochs": 300},
        search={
            "penalties": ["l2"],
            "strength": {"low": 1e-2, "high": 10.0},
            "trials": 1,
            "pruner": "none",
        },
        path={"resamples": 8},
        hardware={"precision": "float64", "population": 128},
    )
    store = sweep.open_store(f"sqlite:///{tmp_path_factory.mktemp('ridge')}/sweep.db")
    sweep.run_study(study, store)
    return study, store


def test_every_run_of_a_path_ends_at_the_closed_form(
    ridge: tuple[sweep.Study, sweep.Store],
) -> None:
    study, store = ridge
    runs = path_runs(store, "ridge")
    context = TrainingContext(study)
    assert len(runs) >= 8 * 8
    for number, of_draw in runs.groupby("run"):
        split = context.splits.get(context.draws[Phase.PATH][int(number)])
        x, y, x_new, y_new = (
            part.numpy()
            for part in (split.x_train, split.y_train, split.x_validation, split.y_validation)
        )
        assert len(x) == ROWS
        strengths = of_draw.strength.to_numpy()
        weights = fit(x - x.mean(0), y[:, 0] - y.mean(), strengths)
        bias = y.mean() - x.mean(0) @ weights
        np.testing.assert_allclose(
            of_draw.val_loss, ((y_new - x_new @ weights - bias) ** 2).mean(0), rtol=1e-6
        )
        np.testing.assert_allclose(
            of_draw.train_loss, ((y - x @ weights - bias) ** 2).mean(0), rtol=1e-6, atol=1e-9
        )


def test_a_trained_study_finds_both_ridge_boundaries(
    ridge: tuple[sweep.Study, sweep.Store],
) -> None:
    truth = find_truth(Problem(ROWS - 1, INPUTS))
    row = sweep.boundaries_frame(ridge[1], "ridge").query("metric == 'val_loss'").iloc[0]
    for name, verdict, x in (
        ("overfitting_ends", row.overfitting_verdict, truth.left),
        ("underfitting_starts", row.underfitting_verdict, truth.right),
    ):
        exact = 10**x * (ROWS - 1) / ROWS
        assert verdict == "found"
        assert row[f"{name}_low"] < exact < row[f"{name}_high"] < 2.5 * row[f"{name}_low"]


def path_runs(store: sweep.Store, name: str) -> pd.DataFrame:
    """The runs of a study's path with the strengths of their trials, the anchor's too."""
    trials = sweep.trials_frame(store, name).query("phase == 'path'")
    runs = sweep.runs_frame(store, name).merge(trials[["trial", "strength", "path"]], on="trial")
    assert (runs.state == "complete").all()
    return runs


# ---- a strength for each layer -------------------------------------------------------------------


@pytest.mark.long
def test_forty_trials_find_both_layers_own_best_strengths(tmp_path: Path) -> None:
    """The excess risk of the best shared strength is 56 % above the optimum's."""
    found = measure(branches(0, **GP), tmp_path)
    assert (abs(found.miss) < 0.3).all(), found
    assert 1 <= found.ratio < 1.05


# ---- two linear layers ---------------------------------------------------------------------------

SPECTRUM = np.array([2.3, 1.15, 0.58])
"""Singular values of the least-squares map, and between them"""
THRESHOLDS = np.array([0.2, 0.4, 0.8, 1.6, 3.2])
N_INPUTS, N_HIDDEN, N_OUTPUTS = 6, 5, 3


class Product(nn.Module):
    """Two matrices, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(N_INPUTS, N_HIDDEN, bias=False)
        self.second = nn.Linear(N_HIDDEN, N_OUTPUTS, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        product: Tensor = self.second(self.first(x))
        return product


MOMENTUM = 0.8


def product_study(x: Array, y: Array, penalty: str, strengths: Array) -> sweep.Study:
    """A path over these strengths (evenly spaced logarithms), three initial weights at each."""
    return sweep.Study(
        study={"name": "product", "seed": 2},
        data={"x": x, "y": y, "design": "holdout", "standardize": False},
        model=Product,
        # decay multiplies weights by 1 - lr * strength, which must stay above -1
        training={
            **SGD,
            "momentum": MOMENTUM,
            "lr": 0.5 if penalty == "l2" else 0.16,
            "epochs": 170,
        },
        search={
            "penalties": [penalty],
            "strength": {"low": float(strengths[0]), "high": float(strengths[-1])},
            "trials": 1,
            "pruner": "none",
        },
        path={"points": len(strengths), "resamples": 3, "ladder": "even"},
        hardware={"precision": "float64", "population": 18},
    )


def training_rows(n: int) -> Array:
    """Which of ``n`` rows the study trains on: that follows from its seed and ``n`` alone."""
    numbers = np.arange(float(n))[:, None]
    draft = product_study(np.tile(numbers, N_INPUTS), np.tile(numbers, N_OUTPUTS), "l2", THRESHOLDS)
    return TrainingContext(draft).first_split.x_train[:, 0].numpy().astype(int)


def orthogonal_rows(n: int, train: Array) -> tuple[Array, Array, Array, float]:
    """x, y, the least-squares map (inputs, outputs) on ``train`` and what it leaves, |Y - XW|^2/n.

    On these rows X'X is their number times the identity.
    """
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((n, N_INPUTS)), rng.standard_normal((n, N_OUTPUTS))
    basis = np.linalg.qr(x[train])[0]
    u, v = (np.linalg.qr(rng.standard_normal((w, N_OUTPUTS)))[0] for w in (N_INPUTS, N_OUTPUTS))
    target = u * SPECTRUM @ v.T
    noise = y[train] - basis @ (basis.T @ y[train])
    x[train] = math.sqrt(len(train)) * basis
    y[train] = x[train] @ target + noise
    return x, y, target, float((noise**2).sum() / len(train))


def soft_thresholded(matrix: Array, threshold: float) -> Array:
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(u * np.maximum(s - threshold, 0) @ vt)


def products(study: sweep.Study, store: sweep.Store) -> dict[tuple[int, int], Array]:
    """W1'W2' (inputs, outputs) of the path's runs by trial and run, trained again to be kept."""
    context = TrainingContext(study)
    path = [s.trial for s in store.read_trials("product") if s.trial.phase is Phase.PATH]
    waiting = deque(
        Segment(Run(trial.number, i, draw), trial, context.plan.epochs, keep_weights=True)
        for trial in path
        for i, draw in enumerate(context.draws[Phase.PATH])
    )
    ended = [o for batch in context.population(18).train(waiting) for o in batch]
    weights = {(o.segment.run.trial, o.segment.run.number): o.weights for o in ended}
    return {
        key: (w["second.weight"] @ w["first.weight"]).T.numpy() for key, w in weights.items() if w
    }


@pytest.mark.long
@pytest.mark.parametrize("penalty", ["l2", "decay"])
def test_two_linear_layers_learn_the_soft_thresholded_singular_values(
    penalty: str, tmp_path: Path
) -> None:
    """W = U (S - t)+ V', where |Y - XW|^2 / 2n + t/2 (|W1|^2 + |W2|^2) is least and X'X = n I.

    The project's loss is 2/C of the first term, for C outputs. So ``l2`` of strength s, which adds
    s |W1|^2 + s |W2|^2, has t = C s. ``decay`` takes lr s w from a weight beside the step of SGD,
    which momentum m makes lr / (1 - m) times a constant gradient: t = C s (1 - m) / 2. The squared
    length of either layer is then the sum of (S - t)+.
    """
    per_strength = N_OUTPUTS * (1.0 if penalty == "l2" else (1 - MOMENTUM) / 2)
    x, y, target, left = orthogonal_rows(100, training_rows(100))
    study = product_study(x, y, penalty, THRESHOLDS / per_strength)
    store = sweep.open_store(f"sqlite:///{tmp_path}/sweep.db")
    sweep.run_study(study, store)
    runs = path_runs(store, "product")
    norms = sweep.layers_frame(store, "product").set_index(["trial", "run"]).norm
    learned = products(study, store)
    ranks: dict[float, set[int]] = {}
    assert len(runs) == len(learned) == 3 * (1 + len(THRESHOLDS))
    for run in runs.itertuples():
        threshold, key = run.strength * per_strength, (run.trial, run.run)
        truth = soft_thresholded(target, threshold)
        np.testing.assert_allclose(learned[key], truth, atol=1e-5)
        loss = (left + ((target - truth) ** 2).sum()) / N_OUTPUTS
        assert run.train_loss == pytest.approx(loss, rel=1e-7)
        if threshold:
            kept = np.maximum(SPECTRUM - threshold, 0).sum()
            np.testing.assert_allclose(norms[key] ** 2, kept, atol=1e-5)
        rank = int((np.linalg.svd(learned[key], compute_uv=False) > 1e-6).sum())
        ranks.setdefault(round(threshold, 6), set()).add(rank)
    assert ranks == {0.0: {3}, 0.2: {3}, 0.4: {3}, 0.8: {2}, 1.6: {1}, 3.2: {0}}
