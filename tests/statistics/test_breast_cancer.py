"""Real classes that a model separates: weak strengths cost every fold some times the best loss."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from sweep.statistics.boundary import Verdict, estimate_boundary
from tests.support.long_cases import long_but

STRENGTHS = np.logspace(-6, 1, 13)
N_FOLDS = 5


def cross_entropy(odds: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(np.logaddexp(0, odds) - y * odds)


def path(seed: int) -> tuple[np.ndarray, ...]:
    """Validation and training losses (strengths, folds), those of the constant model (folds,), and
    what rows lose: by the models (strengths, rows) and by the constant one (rows,).
    """
    x, y = load_breast_cancer(return_X_y=True)
    validation, training = np.zeros((2, len(STRENGTHS), N_FOLDS))
    nulls = np.zeros(N_FOLDS)
    rows, null = np.zeros((len(STRENGTHS), len(y))), np.zeros(len(y))
    folds = KFold(N_FOLDS, shuffle=True, random_state=seed)
    for fold, (train, held_out) in enumerate(folds.split(x)):
        scaled = (x - x[train].mean(0)) / x[train].std(0)
        share = y[train].mean()
        null[held_out] = cross_entropy(np.log(share / (1 - share)), y[held_out])
        nulls[fold] = null[held_out].mean()
        for k, strength in enumerate(STRENGTHS):
            model = LogisticRegression(
                C=1 / (len(train) * strength), solver="newton-cholesky", max_iter=1000
            ).fit(scaled[train], y[train])
            losses = cross_entropy(model.decision_function(scaled), y)
            rows[k, held_out] = losses[held_out]
            validation[k, fold], training[k, fold] = losses[held_out].mean(), losses[train].mean()
    return validation, training, nulls, rows, null


@pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning", "ignore:.*Newton solver.*")
@pytest.mark.parametrize("seed", long_but(range(20), [6, 10, 17]))
def test_no_study_of_separable_classes_asks_for_weaker_strengths(seed: int) -> None:
    """By folds alone and by their rows; the seeds that are always tried have one fold that costs
    little, and less than twice the best loss.
    """
    validation, training, nulls, rows, null = path(seed)
    assert validation[0].mean() > 4 * validation.mean(1).min()
    for by_row in ({}, {"validation_rows": rows, "null_rows": null}):
        found = estimate_boundary(
            STRENGTHS, validation, training, nulls, design="kfold", n_folds=N_FOLDS, **by_row
        )
        assert found.verdict in (Verdict.FOUND, Verdict.INCONCLUSIVE)
        assert found.n_rows == (len(null) if by_row else 0)
