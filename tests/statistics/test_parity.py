"""On linear models the ladder is scikit-learn's: the same folds give the same losses and choices.

Strengths are converted as their objectives demand. With n training rows and our mean loss:
``mean squared error + s |w|^2`` is Ridge's ``|y - Xw|^2 + a |w|^2`` at a = n s; ``mean squared
error + s |w|_1`` is Lasso's ``|y - Xw|^2 / 2n + a |w|_1`` at a = s / 2; ``mean cross-entropy +
s |W|^2`` is LogisticRegression's ``C sum + |W|^2 / 2`` at C = 1 / (2 n s).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LassoCV, LogisticRegressionCV, Ridge, RidgeCV
from sklearn.model_selection import cross_val_score

import sweep
from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase
from sweep.statistics._glmnet import glmnet_choices

N_FOLDS, POINTS = 5, 11
REGRESSION = {"lr": 0.2, "momentum": 0.5, "epochs": 90}
"""Steps of a least squares problem that is well conditioned: errors shrink by 0.7 in each."""


@dataclass(frozen=True)
class Measured:
    """A study's path, and the rows that it was measured on."""

    strengths: np.ndarray
    validation: np.ndarray
    """(K, folds)."""
    row: dict[str, Any]
    """Of ``boundaries_frame``."""
    x: np.ndarray
    y: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray]]

    @property
    def n(self) -> int:
        """Training rows of every fold."""
        (count,) = {len(train) for train, _ in self.folds}
        return count


def measure(
    folder: Path, x: np.ndarray, y: np.ndarray, penalty: str, low: float, high: float, **steps: Any
) -> Measured:
    """The path of a linear model, trained to convergence by full batches in float64."""
    study = sweep.Study(
        study={"name": "linear", "seed": 3},
        data={"x": x, "y": y, "design": "kfold", "n_folds": N_FOLDS},
        model={"name": "linear"},
        training={"optimizer": "sgd", "batch_size": 1000, **steps},
        search={
            "penalties": [penalty],
            "strength": {"low": low, "high": high},
            "trials": 1,
            "pruner": "none",
        },
        path={"points": POINTS, "resamples": N_FOLDS, "ladder": "even"},
        hardware={"precision": "float64"},
    )
    store = sweep.open_store(f"sqlite:///{folder}/sweep.db")
    sweep.run_study(study, store)
    trials = sweep.trials_frame(store, "linear").query("phase == 'path' and strength > 0")
    runs = sweep.runs_frame(store, "linear").merge(trials[["trial", "strength"]], on="trial")
    table = runs.pivot(index="strength", columns="run", values="val_loss")
    boundaries = sweep.boundaries_frame(store, "linear").query("metric == 'val_loss'")
    store.close()
    context = TrainingContext(study)
    assert context.splits.pool is not None
    pool_x, pool_y = context.splits.pool.x, context.splits.pool.y
    folds = [context.splits.rows(draw) for draw in context.draws[Phase.PATH]]
    return Measured(
        table.index.to_numpy(),
        table.to_numpy(),
        {str(k): v for k, v in boundaries.iloc[0].items()},
        pool_x,
        pool_y.ravel(),
        folds,
    )


def regression(n: int = 100, p: int = 20) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((n, p))
    weights = np.where(np.arange(p) < 5, 0.6, 0.0)
    return x, 1.5 + x @ weights + 1.5 * rng.standard_normal(n)


def one_se(strengths: np.ndarray, losses: np.ndarray) -> float:
    """The rule by its definition, from scikit-learn's losses (K, folds), strengths ascending."""
    mean, best = losses.mean(1), losses.mean(1).argmin()
    error = losses[best].std(ddof=1) / np.sqrt(losses.shape[1])
    return max(s for s, m in zip(strengths, mean, strict=True) if m <= mean[best] + error)


def test_the_l2_ladder_is_ridge_cv_on_the_same_folds(tmp_path: Path) -> None:
    ours = measure(tmp_path, *regression(), "l2", 1e-3, 3.0, **REGRESSION)
    alphas = ours.n * ours.strengths
    losses = -np.array(
        [
            cross_val_score(
                Ridge(alpha=alpha), ours.x, ours.y, cv=ours.folds, scoring="neg_mean_squared_error"
            )
            for alpha in alphas
        ]
    )
    np.testing.assert_allclose(ours.validation, losses, rtol=1e-6)
    theirs = RidgeCV(alphas, cv=ours.folds, scoring="neg_mean_squared_error").fit(ours.x, ours.y)
    assert ours.strengths[0] < ours.row["strength_min"] < ours.strengths[-1]
    assert ours.row["strength_min"] * ours.n == pytest.approx(theirs.alpha_)
    assert ours.row["strength_1se"] == one_se(ours.strengths, losses) > ours.row["strength_min"]


def test_the_l1_ladder_is_lasso_cv_on_the_same_folds(tmp_path: Path) -> None:
    ours = measure(tmp_path, *regression(), "l1", 1e-2, 1.5, **REGRESSION)
    theirs = LassoCV(alphas=ours.strengths / 2, cv=ours.folds, tol=1e-10, max_iter=100_000)
    theirs.fit(ours.x, ours.y)
    losses = theirs.mse_path_[::-1]
    np.testing.assert_allclose(ours.validation, losses, rtol=1e-6)
    assert ours.strengths[0] < ours.row["strength_min"] < ours.strengths[-1]
    assert ours.row["strength_min"] / 2 == pytest.approx(theirs.alpha_)
    assert ours.row["strength_1se"] == one_se(ours.strengths, losses) > ours.row["strength_min"]


@pytest.mark.long
def test_the_l2_ladder_of_a_classifier_is_logistic_regression_cv(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((150, 10))
    y = (x[:, :3] + 1.5 * rng.standard_normal((150, 3))).argmax(1)
    ours = measure(tmp_path, x, y, "l2", 1e-3, 1.0, lr=0.4, momentum=0.9, epochs=400)
    cs = 1 / (2 * ours.n * ours.strengths)
    theirs = LogisticRegressionCV(
        Cs=cs,
        cv=ours.folds,
        scoring="neg_log_loss",
        l1_ratios=(0,),
        tol=1e-9,
        max_iter=10_000,
        use_legacy_attributes=False,
    )
    theirs.fit(ours.x, ours.y)
    losses = -theirs.scores_.reshape(N_FOLDS, POINTS).T
    np.testing.assert_allclose(ours.validation, losses, rtol=1e-6)
    assert ours.strengths[0] < ours.row["strength_min"] < ours.strengths[-1]
    assert 1 / (2 * ours.n * ours.row["strength_min"]) == pytest.approx(theirs.C_)
    assert ours.row["strength_1se"] == one_se(ours.strengths, losses) > ours.row["strength_min"]


def test_of_equal_means_glmnet_takes_the_strongest() -> None:
    """``getOptcv.glmnet``: lambda.min = max(lambda[cvm <= min(cvm)]), as with equal accuracies."""
    losses = np.array([[5.0, 7.0], [3.0, 3.0], [4.0, 2.0], [9.0, 7.0]])
    assert glmnet_choices(np.array([1.0, 2.0, 3.0, 4.0]), losses) == (3.0, 3.0)
    losses[3] = 3.0, 5.0
    assert glmnet_choices(np.array([1.0, 2.0, 3.0, 4.0]), losses) == (3.0, 4.0)
