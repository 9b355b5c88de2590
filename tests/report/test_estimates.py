"""Means, their intervals and paired differences, against scipy and the papers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sweep.checks.estimates import estimate_mean, variance_factor
from tests.support.facts import make_facts


def test_on_fresh_data_the_interval_is_students() -> None:
    values = np.random.default_rng(0).normal(1.0, 0.2, 9)
    ours = estimate_mean(values, make_facts(design="fresh"))
    low, high = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert (ours.mean, ours.low, ours.high) == pytest.approx((values.mean(), low, high))


def test_overlapping_training_sets_widen_the_interval() -> None:
    resample = make_facts(design="resample", n_train=800, n_validation=200)
    assert variance_factor(resample, 10) == pytest.approx(0.1 + 0.25)
    folds = make_facts(design="kfold", n_folds=5)
    assert variance_factor(folds, 10) == pytest.approx(0.1 + 0.25)
    for independent in (make_facts(design="holdout"), None):
        assert variance_factor(independent, 10) == pytest.approx(0.1)


@pytest.mark.parametrize("design", ["resample", "kfold"])
def test_an_overlap_that_was_measured_goes_before_that_of_the_design(design: str) -> None:
    facts = make_facts(design=design, n_folds=5, overlap=0.07)
    assert variance_factor(facts, 10) == pytest.approx(0.1 + 0.07)
