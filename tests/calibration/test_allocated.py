"""The third table of the calibration: its studies, its problems against known solutions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sweep.statistics.allocation import START
from tests.calibration import allocated
from tests.calibration.flat_problems import scattered, stopped
from tests.calibration.unseen_problems import ridge
from tests.support.ridge_truth import Truth


def rows(n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, p)), rng.standard_normal(n)


def test_stopped_training_is_gradient_descent_and_ridge_after_a_long_time() -> None:
    x, y = rows(30, 4)
    new, strengths = np.eye(4), np.array([0.0, 0.1, 3.0])
    found = stopped(2.0, x, y, strengths)(new)
    weights, step = np.zeros((4, 3)), 1e-4
    for _ in range(20_000):
        weights -= step * (x.T @ (x @ weights - y[:, None]) / 30 + strengths * weights)
    np.testing.assert_allclose(found, weights, atol=1e-4)
    np.testing.assert_allclose(stopped(1e6, x, y, strengths)(new), ridge(x, y, strengths)(new))


def test_what_a_run_ends_with_is_its_own_and_the_same_each_time() -> None:
    x, y = rows(30, 4)
    new, strengths = rows(2000, 4)[0], np.array([0.1, 1.0])
    plain = ridge(x, y, strengths)(new)
    found = scattered(ridge, 0.1, x, y, strengths)(new) - plain
    again = scattered(ridge, 0.1, x, y, strengths[1:])(new) - plain[:, 1:]
    np.testing.assert_allclose(found[:, 1:], again, atol=1e-12)
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.99
    assert 0.03 < found.std() < 0.3


def test_designs_see_the_same_resamples_and_spend_no_more_than_their_runs() -> None:
    study = allocated.Study(allocated.problems()[0], seed=0)
    even, _ = allocated.even(study)
    few, ended = allocated.allocated(54, study)
    assert set(even.values()) == {allocated.RESAMPLES}
    assert min(few.values()) == START
    assert sum(few.values()) <= 54
    assert ended
    other = allocated.Study(study.problem, seed=0)
    other.estimate(few)
    assert other.losses == {key: pytest.approx(study.losses[key]) for key in other.losses}


def test_what_is_said_is_held_against_the_truth() -> None:
    problem = allocated.problems()[0]
    study = allocated.Study(problem, seed=1)
    counts, ended = allocated.even(study)
    right = allocated.outcome(study, counts, ended, Truth(0.0, -0.29, 0.13, 1.4))
    wrong = allocated.outcome(study, counts, ended, Truth(0.0, -3.0, 2.0, 1.4))
    assert right.holds == (True, True)
    assert wrong.holds == (False, False)
    assert right.widths == wrong.widths
    assert not right.untrue
    assert right.n_runs == sum(counts.values())


def test_a_few_studies_become_two_tables() -> None:
    problem = replace(allocated.problems()[0], n_truth=20)
    found = allocated.outcomes(problem, 0, problem.truth(), list(allocated.DESIGNS)[:2])
    results = [[[*found, *found]]]
    text = allocated.full_table([problem.name], results, 60.0)
    assert "1 studies a row, 1 minutes" in text
    for design in allocated.DESIGNS:
        assert f"| {problem.name} | {design} |" in text
    short = allocated.short_table([problem.name], results).splitlines()
    assert len(short) == 3
    assert short[2].count("%, ") == len(allocated.DESIGNS)
    early = [[[replace(outcome, narrow=True) for outcome in results[0][0]]]]
    shares = allocated.short_table([problem.name], early).splitlines()[2]
    assert f"| 100 %, {found[-1].n_runs} runs, " in shares
    assert not np.isfinite(allocated.mean_width([replace(found[0], widths=(np.inf, np.nan))])).any()
    assert allocated.true_share([replace(found[0], holds=(True, None))])[0] == pytest.approx(100)
