"""The forms in which rows may be given: all of one data set are the same rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import log_loss, mean_squared_error
from torch.utils.data import TensorDataset

import sweep
from sweep.data.datasets import Data, load_data
from sweep.data.splits import Splits
from sweep.errors import DataError, StudyError
from sweep.launchers._loss import make_criterion
from sweep.records.division import PARTS
from sweep.records.trial import Draw

N = 60
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(N, 3)).astype(np.float32), np.arange(N) % 2
GROUPS = np.array([f"p{i:02d}" for i in np.arange(N) // 3])
WEIGHT = RNG.uniform(0.5, 2, N)
DAYS = np.datetime64("2026-01-01") + np.arange(N)
FRAME = pd.DataFrame(X.astype(float), columns=["a", "b", "c"]).assign(
    y=Y, who=GROUPS, w=WEIGHT, day=DAYS.astype(str)
)
TABLE = {"target": "y", "groups": "who", "weight": "w"}


def study_of(data: Any) -> sweep.Study:
    return sweep.Study(study={"name": "forms"}, data=data)


def loaded(data: Any, folder: Path = Path()) -> Data:
    return load_data(study_of(data).data, folder)


def splits_of(study: sweep.Study) -> Splits:
    data = load_data(study.data, Path())
    return Splits(data, study.data, 0, torch.float64, make_criterion(study, data))


def dataset(first: int, last: int) -> TensorDataset:
    return TensorDataset(torch.from_numpy(X[first:last]), torch.from_numpy(Y[first:last]))


FORMS = {
    "pair": (X, Y),
    "dict": {"x": X, "y": Y},
    "dataset": dataset(0, N),
    "function of a pair": lambda: (X, Y),
    "function of a dict": lambda: {"x": X, "y": Y},
    "function of a Dataset": lambda: dataset(0, N),
    "rows": {"rows": dataset(0, N)},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(form: str) -> None:
    assert loaded(FORMS[form]).fingerprint == loaded((X, Y)).fingerprint


WITH_COLUMNS = {
    "arrays": {"x": X, "y": Y, "groups": GROUPS, "weight": WEIGHT},
    "beside a Dataset": {"rows": dataset(0, N), "groups": GROUPS, "weight": WEIGHT},
    "function": lambda: {"x": X, "y": Y, "groups": GROUPS, "weight": WEIGHT},
    "other keys": {
        "name": lambda: {"x": X, "y": Y, "who": GROUPS.tolist(), "w": torch.tensor(WEIGHT)},
        "groups": "who",
        "weight": "w",
    },
}


@pytest.mark.parametrize("form", WITH_COLUMNS)
def test_what_rows_have_beside_comes_along(form: str) -> None:
    pool = loaded(WITH_COLUMNS[form]).pool
    assert pool is not None
    np.testing.assert_array_equal(pool.groups, np.arange(N) // 3)
    np.testing.assert_array_equal(pool.weight, WEIGHT)
    few = pool.take(np.array([3, 59]))
    np.testing.assert_array_equal(few.groups, [1, 19])
    np.testing.assert_array_equal(few.weight, WEIGHT[[3, 59]])
    np.testing.assert_array_equal(few.x, X[[3, 59]])


@pytest.mark.parametrize("source", ["csv", "frame", "function"])
def test_a_table_is_read_alike_from_a_file_and_from_python(source: str, tmp_path: Path) -> None:
    frame = FRAME.drop(columns="day")
    frame.to_csv(tmp_path / "t.csv", index=False)
    data = loaded(
        {
            "csv": {"name": "csv", "path": str(tmp_path / "t.csv"), **TABLE},
            "frame": {"rows": frame, **TABLE},
            "function": {"name": lambda: frame, **TABLE},
        }[source]
    )
    assert data.feature_names == ("a", "b", "c"), "groups and weights are no features"
    assert (data.standardize, data.n_groups) == (True, 20)
    assert data.pool is not None
    np.testing.assert_allclose(data.pool.x, X, rtol=1e-6)
    np.testing.assert_array_equal(data.pool.groups, np.arange(N) // 3)
    np.testing.assert_allclose(data.pool.weight, WEIGHT, rtol=1e-12)


@pytest.mark.parametrize(
    "time",
    [
        np.arange(N) * 2.5,
        DAYS,
        [dt.datetime(2026, 1, 1) + dt.timedelta(hours=i) for i in range(N)],
        True,
        DAYS.astype(str),
        pd.date_range("2026-10-25", periods=N, freq="h", tz="Europe/Berlin"),
    ],
    ids=["numbers", "datetime64", "datetime", "order", "words", "zones"],
)
def test_times_of_any_type_are_points_in_order(time: Any) -> None:
    pool = loaded({"x": X, "y": Y, "time": time, "design": "kfold"}).pool
    assert pool is not None
    np.testing.assert_array_equal(pool.time, np.arange(N))


def test_dates_of_a_table_are_times_and_no_feature() -> None:
    frame = FRAME.drop(columns=["who", "w"]).iloc[::-1]
    data = loaded({"rows": frame, "target": "y", "time": "day", "design": "kfold"})
    assert data.pool is not None
    assert data.feature_names == ("a", "b", "c")
    np.testing.assert_array_equal(data.pool.time, np.arange(N)[::-1])


PARTED = {
    "datasets": {"train": dataset(0, 30), "validation": dataset(30, 45), "test": dataset(45, N)},
    "pairs": {"train": (X[:30], Y[:30]), "val": (X[30:45], Y[30:45]), "test": (X[45:], Y[45:])},
    "words": {"x": X, "y": Y, "split": np.repeat(["train", "val", "test"], [30, 15, 15])},
    "numbers": {
        "x": X,
        "y": Y,
        "split": {"train": range(30), "validation": np.arange(30, 45), "test": np.arange(N) >= 45},
    },
    "function": {
        "name": lambda: {
            "training": (X[:30], Y[:30]),
            "valid": dataset(30, 45),
            "test": dataset(45, N),
        }
    },
}


@pytest.mark.parametrize("form", PARTED)
def test_parts_in_any_form_are_the_same_parts(form: str) -> None:
    own = PARTED[form]
    data = loaded({**own, "design": "holdout"})
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool.x, X)
    np.testing.assert_array_equal(data.pool.y, Y)
    np.testing.assert_array_equal(data.pool.part, np.repeat(range(len(PARTS)), [30, 15, 15]))
    if form in ("datasets", "pairs"):
        assert study_of(own).data.design == "holdout", "what the parts ask for"


def test_parts_of_a_table_share_the_categories_of_all() -> None:
    frame = pd.DataFrame({"kind": ["a", "b", "a", "c", "b", "a"], "y": [0, 1, 0, 1, 0, 1]})
    parts = {"train": frame[:3], "validation": frame[3:4], "test": frame[4:]}
    data = loaded({**parts, "target": "y"})
    assert data.feature_names == ("kind_a", "kind_b", "kind_c")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            {"x": X, "y": Y, "groups": GROUPS[1:]},
            "for each of 60 rows .* shape \\(59,",
        ),
        ({"x": X, "y": Y, "groups": [None, *GROUPS[1:]]}, "data.groups: no value may be missing"),
        ({"x": X, "y": Y, "weight": -WEIGHT}, "finite and 0 or more, found 60 of 60"),
        ({"x": X, "y": Y, "weight": WEIGHT * np.nan}, "finite and 0 or more, found 60 of 60"),
        ({"x": X, "y": Y, "weight": WEIGHT * 1e30}, "0 or from 1e-15 to 1e\\+15, found"),
        ({"x": X, "y": Y, "weight": WEIGHT * 1e-40}, "0 or from 1e-15 to 1e\\+15, found"),
        (
            {"x": X, "y": Y, "groups": pd.array([None, *GROUPS[1:]], dtype="string")},
            "data.groups: no value may be missing",
        ),
        ({"x": X, "y": Y, "weight": GROUPS}, "data.weight: numbers must be given"),
        (
            {"x": X, "y": Y, "time": GROUPS, "design": "kfold"},
            "data.time: numbers or dates must be given, found <U3 such as 'p00'",
        ),
        ({"x": X, "y": Y, "split": GROUPS}, "each row must be for training, .* found 'p00'"),
        (
            {"x": X, "y": Y, "split": {"train": [0, 1], "test": [1]}},
            "58 rows in none and 1 in several",
        ),
        ({"x": X, "y": Y, "split": {"train": [0], "test": [99]}}, "row numbers from 0 to 59"),
        ({"x": X, "y": Y, "split": ["train"] * N}, "test rows must be named, found none"),
        ({"name": lambda: {"x": X, "y": Y, "ids": Y}}, "found the key 'ids'"),
        ({"name": lambda: {"x": X}}, "must give one target, .* found the keys x"),
        ({"name": lambda: (X, Y), "groups": "who"}, "must give a dict with the keys x, y and who"),
        ({"name": lambda: FRAME}, "data.target: the column to predict must be named"),
        ({"name": lambda: (X, Y), "target": "y"}, "only a table has columns to name"),
        ({"rows": FRAME, "target": "y", "groups": "whom"}, "data.groups: .* did you mean who"),
        ({"rows": FRAME, "target": "y", "time": "who", "design": "kfold"}, "or dates as 2026"),
        ({"train": (X, Y), "test": (X, Y), "weight": WEIGHT}, "no common order"),
        ({"rows": {"x": X, "y": Y, "time": Y}, "columns": {"time": Y}}, "found it twice"),
        ({"train": (X, Y), "test": {"x": X, "y": Y, "weight": WEIGHT}}, "the same keys"),
    ],
)
def test_what_cannot_be_read_gets_one_line(data: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words) as error:
        loaded(data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "digits", "groups": "who"}, "data.groups: digits has no column beside x and y"),
        (
            {"name": "csv", "path": __file__, "target": "y", "groups": "y"},
            "data.groups: a column of its own must be named, found 'y' for target too",
        ),
        ({"name": "digits", "time": True}, "data.design: rows in the order of time need windows"),
        ({"name": "digits", "time": 3}, "data.time: a column's name, or true"),
        ({"name": "csv", "groups": GROUPS}, "data.groups: an array goes with x and y, or rows"),
        ({"x": X, "y": Y, "columns": True}, "data.columns: a dict of arrays for groups, time"),
        ({"x": X, "y": Y, "columns": {"ids": Y}}, "must be given, found 'ids'"),
        ({"x": X, "y": Y, "splitter": 5}, "data.splitter: a scikit-learn splitter must be given"),
        ({"x": X, "y": Y, "rows": (X, Y)}, "data.rows: rows or x and y must be given"),
    ],
)
def test_keys_that_do_not_go_together_are_refused_before_rows_are_read(
    data: dict[str, Any], words: str
) -> None:
    with pytest.raises(StudyError, match=words):
        study_of(data)


def test_all_that_is_given_from_python_is_in_the_fingerprint() -> None:
    from sklearn.model_selection import KFold

    variants: list[Any] = [
        {"x": X, "y": Y},
        {"x": X, "y": Y, "groups": GROUPS},
        {"x": X, "y": Y, "groups": GROUPS[::-1]},
        {"x": X, "y": Y, "weight": WEIGHT},
        {"x": X, "y": Y, "design": KFold(3)},
        {"x": X, "y": Y, "design": KFold(4)},
        {"x": X, "y": Y, "split": {"train": range(30), "test": range(30, 60)}},
        {"x": X, "y": Y, "split": {"train": range(31), "test": range(31, 60)}},
        {"rows": FRAME, **TABLE},
        {"rows": FRAME.rename(columns={"a": "z"}), **TABLE},
        {"train": (X[:30], Y[:30]), "test": (X[30:], Y[30:])},
        {"train": (X[:31], Y[:31]), "test": (X[31:], Y[31:])},
    ]
    assert len({study_of(data).fingerprint for data in variants}) == len(variants)
    assert study_of((X, Y)).fingerprint == study_of(variants[0]).fingerprint
    assert "# columns.groups: <U3 (60,) from Python" in study_of(variants[1]).text


@pytest.mark.parametrize("regression", [True, False])
def test_weights_reach_every_part_and_the_constant_predictor(regression: bool) -> None:
    y = X[:, 0].astype(float) if regression else Y
    part = np.repeat(["train", "validation", "test"], [30, 15, 15])
    study = study_of({"x": X, "y": y, "weight": WEIGHT, "split": part, "design": "holdout"})
    splits = splits_of(study)
    split = splits.get(Draw(0, 0, 0, 1, 1), with_test=True)
    found = [split.w_train, split.w_validation, split.w_test]
    for tensor, rows in zip(found, (slice(0, 30), slice(30, 45), slice(45, N)), strict=True):
        assert tensor is not None
        np.testing.assert_array_equal(tensor.numpy(), WEIGHT[rows])
    train, held_out = WEIGHT[:30], WEIGHT[30:45]
    if regression:
        mean = np.average(y[:30], weights=train)
        expected = mean_squared_error(y[30:45], np.full(15, mean), sample_weight=held_out)
    else:
        share = np.average(Y[:30] == 1, weights=train)
        expected = log_loss(Y[30:45], np.full(15, share), sample_weight=held_out)
    assert split.null["loss"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("zeros", "words"),
    [
        (slice(30, 45), "found weight 0 for all 15 validation rows"),
        (slice(45, N), "found weight 0 for all 15 test rows"),
        (slice(0, 30, 2), "every class must be in the training rows, found none of '0'"),
    ],
)
def test_a_part_or_a_class_without_weight_is_refused(zeros: slice, words: str) -> None:
    weight = np.ones(N)
    weight[zeros] = 0
    part = np.repeat(["train", "validation", "test"], [30, 15, 15])
    study = study_of({"x": X, "y": Y, "weight": weight, "split": part, "design": "holdout"})
    splits = splits_of(study)
    with pytest.raises(DataError, match=words):
        splits.check_draws([[Draw(0, 0, 0, 1, 1)]])


def test_rows_without_weights_have_none() -> None:
    study = study_of((X, Y))
    splits = splits_of(study)
    split = splits.get(Draw(0, 0, 0, 1, 1), with_test=True)
    assert (split.w_train, split.w_validation, split.w_test) == (None, None, None)


def test_features_of_a_table_may_be_given_back(tmp_path: Path) -> None:
    frame = FRAME[["a", "b", "w"]]
    frame.to_csv(tmp_path / "t.csv", index=False)
    from_python = loaded({"rows": frame, "target": "input", "weight": "w"})
    from_file = loaded(
        {"name": "csv", "path": str(tmp_path / "t.csv"), "target": "input", "weight": "w"}, tmp_path
    )
    for data in (from_python, from_file):
        assert (data.reconstructs, data.feature_names) == (True, ("a", "b"))
        assert data.pool is not None
        np.testing.assert_array_equal(data.pool.y, FRAME[["a", "b"]])
    with pytest.raises(DataError, match=r"found 'input'; did you mean Input\?|columns: a, Input"):
        loaded({"rows": frame.rename(columns={"b": "Input"}), "target": "input"})


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ((FRAME[["a"]], FRAME["y"][::-1]), "y"),
        ({"x": FRAME[["a"]][::-1], "y": FRAME["y"]}, "y"),
        (lambda: (FRAME[["a"]], FRAME["y"].sample(frac=1, random_state=0)), "y"),
        ({"x": FRAME[["a"]], "y": FRAME["y"], "groups": FRAME["who"][::-1]}, "groups"),
        ({"rows": FRAME, "target": "y", "groups": FRAME["who"][::-1]}, "groups"),
    ],
)
def test_series_in_another_order_than_their_frame_are_refused(data: Any, key: str) -> None:
    """pandas aligns by label; read by place, targets would be those of other rows."""
    with pytest.raises(DataError, match=f"data.{key}: rows must be in the order of (x|rows), foun"):
        loaded(data)


def test_series_without_an_index_in_common_are_read_by_place() -> None:
    shuffled = FRAME.sample(frac=1, random_state=0)
    data = loaded((shuffled[["a"]], shuffled["y"].to_numpy()))
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool.y, shuffled["y"])
