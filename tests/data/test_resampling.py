"""Draws, folds and reserved rows, by what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from sweep.data.resampling import plan_draws, reserve_test, split_rows
from sweep.errors import DataError
from sweep.records.trial import Phase

DESIGNS = ("fresh", "resample", "kfold", "holdout")


@given(
    st.sampled_from(DESIGNS), st.sampled_from(list(Phase)), st.integers(1, 12), st.integers(0, 99)
)
def test_more_draws_never_change_the_first_ones(
    design: str, phase: Phase, n: int, seed: int
) -> None:
    few = plan_draws(design, phase, n, study_seed=seed, n_folds=4)
    many = plan_draws(design, phase, n + 5, study_seed=seed, n_folds=4)
    assert many[:n] == few
    assert len({draw.seed for draw in many}) == n + 5


@pytest.mark.parametrize("design", DESIGNS)
def test_phases_share_no_seed_and_only_holdout_shares_its_split(design: str) -> None:
    draws = {p: plan_draws(design, p, 8, study_seed=0, n_folds=4) for p in Phase}
    assert draws.pop(Phase.CONTROL) == draws[Phase.EXPLORE], "the control repeats the search"
    for paired in (Phase.ABLATION, Phase.BASELINE):
        assert draws.pop(paired) == draws[Phase.CONFIRM], "differences are paired"
    seeds = [draw.seed for phase in draws.values() for draw in phase]
    assert len(set(seeds)) == len(seeds)
    splits = {draw.split_seed for phase in draws.values() for draw in phase}
    assert len(splits) == {"fresh": 32, "resample": 32, "kfold": 8, "holdout": 1}[design]


@given(st.integers(10, 60), st.integers(2, 5), st.integers(0, 99))
def test_folds_cover_the_rows_once_and_keep_every_classs_share(
    n: int, n_folds: int, seed: int
) -> None:
    labels = np.random.default_rng(seed).integers(0, 3, n)
    draws = plan_draws("kfold", Phase.PATH, n_folds, study_seed=seed, n_folds=n_folds)
    parts = [split_rows(draw, "kfold", labels, n, 0.2, n_folds) for draw in draws]
    everything = np.concatenate([validation for _, validation in parts])
    assert sorted(everything) == list(range(n))
    for train, validation in parts:
        assert not set(train) & set(validation)
        assert len(train) + len(validation) == n
        for label in np.unique(labels):
            share = (labels == label).sum() / n_folds
            assert abs((labels[validation] == label).sum() - share) < 1 + 1e-9


@given(st.integers(20, 80), st.floats(0.1, 0.6), st.integers(0, 99))
def test_a_resample_takes_the_asked_share_within_each_class(
    n: int, fraction: float, seed: int
) -> None:
    labels = np.arange(n) % 3
    (draw,) = plan_draws("resample", Phase.PATH, 1, study_seed=seed, n_folds=5)
    train, validation = split_rows(draw, "resample", labels, n, fraction, 5)
    assert len(validation) == round(n * fraction)
    assert sorted([*train, *validation]) == list(range(n))
    for label in range(3):
        expected = (labels == label).sum() * fraction
        assert abs((labels[validation] == label).sum() - expected) < 1 + 1e-9


def test_folds_hold_as_many_rows_of_each_class_as_scikit_learns() -> None:
    labels = np.concatenate([np.arange(3), np.random.default_rng(0).integers(0, 3, 50)])
    draws = plan_draws("kfold", Phase.PATH, 10, study_seed=0, n_folds=5)
    parts = [split_rows(draw, "kfold", labels, 53, 0.2, 5)[1] for draw in draws]
    theirs = StratifiedKFold(5).split(np.zeros(53), labels)
    expected = [np.bincount(labels[rows], minlength=3).tolist() for _, rows in theirs]
    for repetition in (parts[:5], parts[5:]):
        found = [np.bincount(labels[rows], minlength=3).tolist() for rows in repetition]
        assert found == expected
    assert not np.array_equal(parts[0], parts[5])


def test_folds_of_a_repetition_share_a_shuffle_and_holdout_replicates_a_split() -> None:
    kfold = plan_draws("kfold", Phase.PATH, 6, study_seed=0, n_folds=3)
    assert [(d.resample, d.fold) for d in kfold] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert len({d.split_seed for d in kfold[:3]}) == 1
    holdout = plan_draws("holdout", Phase.CONFIRM, 3, study_seed=0, n_folds=3)
    assert [d.replicate for d in holdout] == [0, 1, 2]
    for design in DESIGNS:
        other = plan_draws(design, Phase.PATH, 6, study_seed=1, n_folds=3)
        same = plan_draws(design, Phase.PATH, 6, study_seed=0, n_folds=3)
        assert not {d.split_seed for d in same} & {d.split_seed for d in other}


def test_reserved_rows_keep_every_classs_share() -> None:
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    rest, test = reserve_test(100, labels, 0.2, 3)
    np.testing.assert_array_equal(np.bincount(labels[test]), [12, 6, 2])
    np.testing.assert_array_equal(np.sort([*rest, *test]), np.arange(100))


def test_reserved_rows_depend_on_the_seed_alone() -> None:
    rest, test = reserve_test(100, None, 0.2, 3)
    assert (len(rest), len(test)) == (80, 20)
    np.testing.assert_array_equal(test, reserve_test(100, None, 0.2, 3)[1])
    assert not np.array_equal(test, reserve_test(100, None, 0.2, 4)[1])


def test_too_few_rows_get_one_line() -> None:
    (draw,) = plan_draws("kfold", Phase.PATH, 1, study_seed=0, n_folds=5)
    with pytest.raises(DataError, match="found 3 rows for 5 folds"):
        split_rows(draw, "kfold", None, 3, 0.2, 5)
    with pytest.raises(DataError, match=r"data\.test_fraction"):
        reserve_test(2, None, 0.1, 0)
    with pytest.raises(DataError, match="found 2 rows in all"):
        split_rows(draw, "resample", None, 2, 0.1, 5)
