"""Splits: scaled on training rows alone, with the constant predictor's loss beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from sweep.data.datasets import Data, load_data
from sweep.data.resampling import plan_draws
from sweep.data.splits import Splits
from sweep.errors import DataError
from sweep.launchers._loss import make_criterion
from sweep.records.trial import Phase
from sweep.study.study import Study


def splits(**data: object) -> tuple[Splits, Study]:
    study = Study(study={"name": "one"}, data=data)
    loaded = load_data(study.data, Path())
    return make_splits(loaded, study), study


def make_splits(data: Data, study: Study, seed: int = 0) -> Splits:
    return Splits(data, study.data, seed, torch.float64, make_criterion(study, data))


def draws(study: Study, phase: Phase = Phase.PATH, n: int = 5):  # type: ignore[no-untyped-def]
    return plan_draws(study.data.design, phase, n, study_seed=0, n_folds=study.data.n_folds)


def test_features_are_scaled_by_training_rows_alone() -> None:
    made, study = splits(name="breast_cancer")
    draw = draws(study)[0]
    split = made.get(draw, with_test=True)
    train, validation = made.rows(draw)
    assert made.pool is not None
    scaler = StandardScaler().fit(made.pool.x[train].astype(float))
    for found, rows in ((split.x_train, train), (split.x_validation, validation)):
        expected = scaler.transform(made.pool.x[rows].astype(float))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert split.x_test is not None
    assert made.data.pool is not None
    expected = scaler.transform(made.data.pool.x[made.test_rows].astype(float))
    np.testing.assert_allclose(split.x_test, expected, atol=1e-5)


def test_float64_studies_are_scaled_in_float64() -> None:
    made, study = splits(name="diabetes")
    draw = draws(study)[0]
    split, (train, validation) = made.get(draw), made.rows(draw)
    assert made.pool is not None
    for found, whole in ((split.x_validation, made.pool.x), (split.y_validation, made.pool.y)):
        expected = StandardScaler().fit(whole[train]).transform(whole[validation])
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("factor", [1e-20, 1.0, 1e20])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_a_columns_unit_and_origin_do_not_matter(factor: float, offset: float) -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    target = np.arange(40) % 2
    plain, study = splits(x=x, y=target, standardize=True)
    other, _ = splits(x=(x + offset) * factor, y=target, standardize=True)
    draw = draws(study)[0]
    np.testing.assert_allclose(other.get(draw).x_train, plain.get(draw).x_train, atol=1e-8)


def test_shares_are_of_all_rows() -> None:
    x, y = np.arange(100.0)[:, None], np.arange(100) % 2
    made, study = splits(x=x, y=y, test_fraction=0.2, validation_fraction=0.3)
    split = made.get(draws(study)[0], with_test=True)
    assert split.x_test is not None
    sizes = [len(part) for part in (split.x_train, split.x_validation, split.x_test)]
    assert sizes == [50, 30, 20]
    assert split.validation_ratio == pytest.approx(30 / 50)


def test_standardize_covers_both_sides_or_none() -> None:
    x, y = np.random.default_rng(0).normal(5, 3, (40, 2)), np.arange(40.0) * 1.5
    made, study = splits(x=x, y=y)
    split = made.get(draws(study)[0])
    assert split.x_train.mean() > 3
    assert split.y_train.max() > 50
    assert (split.y_train.shape, split.y_train.dtype) == ((24, 1), torch.float64)


def test_replicates_of_a_split_share_its_tensors_and_old_splits_are_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, study = splits(name="diabetes", design="holdout")
    first, second = draws(study, n=2)
    assert first.seed != second.seed
    assert made.get(first) is made.get(second)
    made, study = splits(name="diabetes")
    planned = draws(study, n=3)
    one = made.get(planned[0])
    monkeypatch.setattr("sweep.data.splits.BYTES_KEPT", 2 * one.n_bytes)
    for draw in planned:
        made.get(draw)
    assert made.get(planned[2]) is made.get(planned[2])
    again = made.get(planned[0])
    assert again is not one
    assert torch.equal(again.x_train, one.x_train)


def test_null_losses_are_those_of_the_constant_predictor() -> None:
    made, study = splits(name="digits")
    split = made.get(draws(study)[0])
    shares = np.bincount(split.y_train) / len(split.y_train)
    expected = log_loss(split.y_validation, np.tile(shares, (len(split.y_validation), 1)))
    assert split.null["loss"] == pytest.approx(expected)
    hits = (split.y_validation == shares.argmax()).double().mean().item()
    assert split.null["accuracy"] == pytest.approx(hits)
    made, study = splits(name="diabetes", design="kfold")
    split = made.get(draws(study)[0])
    assert split.y_train.mean().item() == pytest.approx(0, abs=1e-6)
    assert split.y_train.std(unbiased=False).item() == pytest.approx(1, abs=1e-6)
    assert split.null["loss"] == pytest.approx(split.y_validation.square().mean().item(), rel=1e-5)


@pytest.mark.parametrize("design", ["resample", "kfold", "holdout"])
def test_test_rows_are_in_no_split_of_any_phase(design: str) -> None:
    made, study = splits(name="diabetes", design=design)
    assert made.pool is not None
    assert made.data.pool is not None
    test = {tuple(row) for row in made.data.pool.x[made.test_rows]}
    for phase in Phase:
        for draw in draws(study, phase):
            used = made.pool.x[np.concatenate(made.rows(draw))]
            assert not test & {tuple(row) for row in used}
            assert made.get(draw).x_test is None


def test_fresh_draws_have_data_of_their_own_and_one_test_split() -> None:
    made, study = splits(name="mnist1d", design="fresh", args={"num_samples": 200})
    one, two = (made.get(draw) for draw in draws(study, n=2))
    assert not torch.equal(one.x_train, two.x_train)
    assert (len(one.x_train), len(one.x_validation)) == (160, 40)
    confirmed = [made.get(draw, with_test=True) for draw in draws(study, Phase.CONFIRM, 2)]
    assert confirmed[0].x_test is not None
    assert confirmed[1].x_test is not None
    assert torch.equal(confirmed[0].x_test, confirmed[1].x_test)
    other = make_splits(made.data, study, 1)
    assert not torch.equal(other.get(draws(study)[0], with_test=True).x_test, confirmed[0].x_test)
    assert not {tuple(r) for r in confirmed[0].x_test} & {tuple(r) for r in one.x_train}


def test_a_class_that_is_missing_from_the_training_rows_gets_one_line() -> None:
    y = np.array([0, 1] * 20 + [2])
    made, study = splits(x=np.arange(82.0).reshape(41, 2), y=y, design="kfold")
    with pytest.raises(DataError, match="found none of '2'"):
        [made.get(draw) for draw in draws(study)]


def test_a_constant_column_is_left_at_zero() -> None:
    x = np.column_stack([np.arange(20.0), np.full(20, 7.0)])
    made, study = splits(x=x, y=np.arange(20) % 2, standardize=True)
    assert (made.get(draws(study)[0]).x_train[:, 1] == 0).all()
