"""Means, their intervals and paired differences, against scipy and the papers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dashboards.gather.estimates import estimate_mean, variance_factor


def test_on_fresh_data_the_interval_is_students() -> None:
    values = np.random.default_rng(0).normal(1.0, 0.2, 9)
    ours = estimate_mean(values, {"design": "fresh"})
    low, high = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert (ours.mean, ours.low, ours.high) == pytest.approx((values.mean(), low, high))


def test_overlapping_training_sets_widen_the_interval() -> None:
    resample = {"design": "resample", "n_train": 800, "n_validation": 200}
    assert variance_factor(resample, 10) == pytest.approx(0.1 + 0.25)
    assert variance_factor({"design": "kfold", "n_folds": 5}, 10) == pytest.approx(0.1 + 0.25)
    assert variance_factor({"design": "holdout"}, 10) == pytest.approx(0.1)
