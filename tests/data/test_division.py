"""Splits by groups, time, parts and splitters, against scikit-learn and by 1,000 random tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    RepeatedKFold,
    ShuffleSplit,
    TimeSeriesSplit,
)
from sklearn.neighbors import KNeighborsClassifier

from sweep.data.division import Division, divide_pool
from sweep.data.resampling import plan_draws, reserve_test, split_rows
from sweep.data.rows import Rows
from sweep.errors import DataError
from sweep.records.division import PARTS, DividedBy
from sweep.records.trial import Draw, Phase
from sweep.study.data_settings import DataSettings
from tests.support.long_cases import long

TABLES = [range(200), long(range(200, 1000))]
"""The seeds of random tables."""


def settings(**keys: Any) -> DataSettings:
    return DataSettings.model_validate({"name": "arrays", **keys})


def divide(rows: Rows, seed: int = 0, **keys: Any) -> tuple[Division, Rows, Rows]:
    """How rows are divided, those to draw from, and the test rows."""
    task = "classification" if rows.y.dtype.kind == "i" else "regression"
    division, rest, test = divide_pool(rows, settings(**keys), task, seed)
    return division, rows.take(rest), rows.take(test)


def draws_of(division: Division, n: int, seed: int = 0) -> tuple[Draw, ...]:
    own = division.settings
    return plan_draws(own.design, Phase.PATH, n, study_seed=seed, n_folds=own.n_folds)


def numbered(y: np.ndarray, **beside: np.ndarray) -> Rows:
    """Rows whose one feature is their number."""
    return Rows(np.arange(len(y))[:, None], y, **beside)


@pytest.mark.parametrize("seeds", TABLES)
def test_no_group_is_in_two_parts_of_random_tables(seeds: range) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        groups = rng.integers(0, rng.integers(6, 20), rng.integers(40, 90))
        y = rng.integers(0, 3, len(groups)) if seed % 2 else rng.normal(size=(len(groups), 1))
        keys = {
            "design": ("resample", "kfold", "holdout")[seed % 3],
            "n_folds": int(rng.integers(2, 4)),
            "test_fraction": rng.uniform(0.05, 0.4),
            "validation_fraction": rng.uniform(0.05, 0.4),
        }
        division, rest, test = divide(numbered(y, groups=groups), seed, **keys)
        for draw in draws_of(division, 1, seed):
            train, validation = map(rest.take, division.split(draw, rest))
            parts = [set(part.groups.tolist()) for part in (train, validation, test)]
            assert all(parts), "no part is empty"
            assert sum(map(len, parts)) == len(np.unique(groups)), "none is in two, none is lost"
            assert len(train) + len(validation) + len(test) == len(groups)


@pytest.mark.parametrize("seeds", TABLES)
def test_nothing_is_validated_on_what_came_before_in_random_tables(seeds: range) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        time = rng.permutation(np.r_[np.arange(40), rng.integers(0, 40, rng.integers(0, 60))])
        gap = int(rng.integers(0, 4))
        keys: dict[str, Any] = {"design": ("kfold", "holdout")[seed % 2], "gap": gap}
        if keys["design"] == "kfold":
            keys |= {"window": ("expanding", "rolling")[seed // 2 % 2], "n_folds": 3}
        keys |= {"test_fraction": rng.uniform(0.05, 0.3)}
        division, rest, test = divide(numbered(rng.normal(size=(len(time), 1)), time=time), **keys)
        seen: list[int] = []
        for draw in draws_of(division, 3):
            train, validation = map(rest.take, division.split(draw, rest))
            assert train.time.max() + gap < validation.time.min(), "and the gap lies between"
            assert validation.time.max() + gap < test.time.min()
            seen += np.unique(validation.time).tolist()
        n_windows = 3 if keys["design"] == "kfold" else 1
        assert len(set(seen)) * (3 // n_windows) == len(seen), "each time is in one window"
        assert test.time.max() == 39, "the latest"


@pytest.mark.parametrize("window", ["expanding", "rolling"])
@pytest.mark.parametrize("gap", [0, 5])
def test_windows_are_those_of_scikit_learn(window: str, gap: int) -> None:
    order = np.random.default_rng(0).permutation(200)
    rows = numbered(np.zeros((200, 1)), time=order)
    keys = {"design": "kfold", "n_folds": 4, "gap": gap, "window": window}
    division, rest, test = divide(rows, **keys)
    assert sorted(test.time) == list(range(160, 200))
    n = 160 - gap
    size = int(n * 0.25 / 4)
    longest = n - 4 * size - gap if window == "rolling" else None
    theirs = TimeSeriesSplit(4, test_size=size, gap=gap, max_train_size=longest)
    for draw, (train, validation) in zip(
        draws_of(division, 4), reversed(list(theirs.split(np.arange(n)))), strict=True
    ):
        ours = [np.sort(rest.take(part).time) for part in division.split(draw, rest)]
        np.testing.assert_array_equal(ours[0], train)
        np.testing.assert_array_equal(ours[1], validation)
    ratios = [len(validation) / len(train) for train, validation in theirs.split(np.arange(n))]
    assert division.overlap(rest, draws_of(division, 4)) == pytest.approx(np.mean(ratios))
    with pytest.raises(DataError, match=r"as there are windows .* found 5 for 4"):
        division.check_draws(draws_of(division, 5))


def patients(n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, classes and groups: five near rows of each, and nothing to learn of a new one."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(n), 5)
    centres, classes = rng.normal(size=(n, 8)), rng.permutation(n) % 2
    return centres[groups] + 0.01 * rng.normal(size=(5 * n, 8)), classes[groups], groups


@pytest.mark.parametrize("design", ["resample", "kfold", "holdout"])
def test_what_patients_on_both_sides_seem_to_teach_is_gone_by_group(design: str) -> None:
    x, y, groups = patients()
    found = {}
    for name, beside in (("rows", {}), ("groups", {"groups": groups})):
        division, rest, _ = divide(Rows(x, y, **beside), design=design)
        scores = []
        for draw in draws_of(division, 5):
            train, validation = map(rest.take, division.split(draw, rest))
            nearest = KNeighborsClassifier(1).fit(train.x, train.y)
            scores.append(nearest.score(validation.x, validation.y))
        found[name] = np.mean(scores)
    assert found["rows"] > 0.95
    assert found["groups"] < 0.75


def test_folds_of_groups_keep_classes_and_differ_every_time() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(40), rng.integers(2, 12, 40))
    y = (rng.random(len(groups)) < rng.random(40)[groups]).astype(int)
    rows = numbered(y, groups=groups)
    division, rest, _ = divide(rows, design="kfold")
    draws = draws_of(division, 50)
    folds = [division.split(draw, rest)[1] for draw in draws]

    def unlike(parts: list[np.ndarray]) -> float:
        shares = [rest.y[part].mean() - rest.y.mean() for part in parts]
        return float(np.square(shares).mean())

    ours = np.mean([unlike(folds[5 * r : 5 * r + 5]) for r in range(10)])
    blind = []
    for seed in range(10):
        theirs = GroupKFold(5, shuffle=True, random_state=seed).split(rest.y, None, rest.groups)
        blind.append(unlike([validation for _, validation in theirs]))
    assert ours < np.mean(blind) / 2
    together = np.zeros((40, 40))
    for fold in folds:
        own = np.unique(rest.groups[fold])
        together[np.ix_(own, own)] += 1
    pairs = together[~np.eye(40, dtype=bool)]
    assert pairs.max() < 10, "no two groups share a fold in every repetition"
    assert division.overlap(rest, draws) is None, "1 / (K - 1), as of rows"


def test_re_splits_of_groups_count_them_and_not_their_rows() -> None:
    groups = np.repeat(np.arange(30), np.arange(1, 31))
    division, rest, test = divide(numbered(np.zeros((len(groups), 1)), groups=groups))
    draws = draws_of(division, 8)
    assert len(np.unique(test.groups)) == 6
    for draw in draws:
        train, validation = map(rest.take, division.split(draw, rest))
        assert (len(np.unique(train.groups)), len(np.unique(validation.groups))) == (18, 6)
    assert division.overlap(rest, draws) == pytest.approx(6 / 18)
    assert len({tuple(division.split(draw, rest)[1]) for draw in draws}) == 8


@pytest.mark.parametrize("design", ["resample", "kfold", "holdout"])
def test_rows_without_any_of_this_are_divided_as_before(design: str) -> None:
    y = np.arange(100) % 3
    division, rest, test = divide(numbered(y), 3, design=design)
    first, last = reserve_test(100, y, 0.2, 3)
    np.testing.assert_array_equal(rest.x[:, 0], first)
    np.testing.assert_array_equal(test.x[:, 0], last)
    for draw in draws_of(division, 5):
        expected = split_rows(draw, design, y[first], 80, 0.2 / (1 - 0.2), 5)
        for ours, theirs in zip(division.split(draw, rest), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert division.overlap(rest, draws_of(division, 5)) is None
    assert (division.by, division.most_draws) == (DividedBy.ROWS, None)


def part_of(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(PARTS)), sizes)


def test_parts_are_used_as_they_are_named() -> None:
    rows = numbered(np.zeros((60, 1)), part=part_of(30, 20, 10))
    division, rest, test = divide(rows, design="holdout")
    (train, validation), again = (division.split(d, rest) for d in draws_of(division, 2))
    np.testing.assert_array_equal(rest.x[train, 0], np.arange(30))
    np.testing.assert_array_equal(rest.x[validation, 0], np.arange(30, 50))
    np.testing.assert_array_equal(test.x[:, 0], np.arange(50, 60))
    np.testing.assert_array_equal(again[0], train)
    for design in ("resample", "kfold"):
        with pytest.raises(DataError, match="must be holdout where the data name validation rows"):
            divide(rows, design=design)


@pytest.mark.parametrize("design", ["resample", "kfold", "holdout"])
def test_named_test_rows_leave_the_rest_to_the_design(design: str) -> None:
    rows = numbered(np.zeros((60, 1)), part=part_of(40, 0, 20))
    division, rest, test = divide(rows, design=design)
    np.testing.assert_array_equal(test.x[:, 0], np.arange(40, 60))
    for draw in draws_of(division, 5):
        train, validation = division.split(draw, rest)
        assert len(validation) == (8 if design == "kfold" else 12), "a share of all 60 rows"
        np.testing.assert_array_equal(np.sort(np.r_[train, validation]), np.arange(40))


@pytest.mark.parametrize(
    ("part", "what"), [(part_of(30, 20, 10), "validation rows"), (part_of(50, 0, 10), "test rows")]
)
def test_a_group_or_a_later_row_across_named_parts_is_refused(part: np.ndarray, what: str) -> None:
    y, crossing = np.zeros((60, 1)), 29 if what == "validation rows" else 49
    groups, time = np.arange(60) // 10, np.arange(60)
    divide(numbered(y, part=part, groups=groups), design="holdout")
    divide(numbered(y, part=part, time=time), design="holdout")
    groups[crossing] = groups[crossing + 1]
    time[crossing] = time[crossing + 1]
    with pytest.raises(DataError, match=f"in two parts, found 1 groups with {what}"):
        divide(numbered(y, part=part, groups=groups), design="holdout")
    with pytest.raises(DataError, match=f"{what} must come later than all others, found 1 rows"):
        divide(numbered(y, part=part, time=time), design="holdout")


@pytest.mark.parametrize(
    "splitter",
    [
        KFold(4),
        RepeatedKFold(n_splits=4, n_repeats=2, random_state=0),
        ShuffleSplit(6, test_size=0.25, random_state=1),
        GroupKFold(4),
    ],
    ids=lambda splitter: type(splitter).__name__,
)
def test_splits_of_a_splitter_are_its_own(splitter: Any) -> None:
    groups = np.arange(100) // 5 if isinstance(splitter, GroupKFold) else None
    division, rest, _ = divide(numbered(np.zeros((100, 1)), groups=groups), splitter=splitter)
    theirs = list(splitter.split(np.zeros((80, 1)), None, rest.groups))
    draws = draws_of(division, len(theirs))
    for draw, expected in zip(draws, theirs, strict=True):
        for ours, own in zip(division.split(draw, rest), expected, strict=True):
            np.testing.assert_array_equal(ours, np.sort(own))
    assert division.overlap(rest, draws) == pytest.approx(1 / 3)
    assert division.most_draws == len(theirs)


class Given:
    """A splitter of these splits."""

    def __init__(self, *splits: Any) -> None:
        self.splits = splits

    def split(self, x: Any, y: Any = None, groups: Any = None) -> Any:
        return iter(self.splits)


@pytest.mark.parametrize(
    ("splitter", "words"),
    [
        (ShuffleSplit(3), "same splits whenever it is asked"),
        (Given(), "must give splits, found none"),
        (Given(([0, 1, 2], [2, 3])), "no row in common, found 1"),
        (Given(([0, 1], [80])), "from 0 to 79 and given once, found 80 to 80"),
        (Given(([0, 0], [3])), "1 of them twice"),
        (Given(([0, 1], [])), "found float64 of shape"),
        (KFold(500), "Cannot have number of splits"),
    ],
)
def test_a_splitter_that_is_none_is_refused(splitter: Any, words: str) -> None:
    with pytest.raises(DataError, match=words) as error:
        divide(numbered(np.zeros((100, 1))), splitter=splitter)
    assert "\n" not in str(error.value)


def test_a_splitter_that_parts_groups_or_looks_ahead_is_refused() -> None:
    y = np.zeros((100, 1))
    with pytest.raises(DataError, match="no group may be in two parts"):
        divide(numbered(y, groups=np.arange(100) % 20), splitter=KFold(4, shuffle=False))
    with pytest.raises(DataError, match="must come later than all others"):
        divide(numbered(y, time=np.arange(100)), splitter=KFold(4))
    divide(numbered(y, time=np.arange(100)), splitter=TimeSeriesSplit(4))


@pytest.mark.parametrize(
    ("beside", "keys", "words"),
    [
        ({"groups": np.arange(60) % 2}, {}, "each part of a split needs a group of its own"),
        ({"groups": np.arange(60) % 4}, {"design": "kfold"}, "found 3 groups for 5 folds"),
        ({"groups": np.arange(60)}, {"design": "fresh"}, "found groups beside them"),
        ({"time": np.arange(60)}, {}, "need windows, found 'resample'"),
        ({"time": np.arange(60) % 3}, {"design": "kfold"}, "a point in time must be left"),
        ({"time": np.arange(60)}, {"design": "holdout", "gap": 59}, "a gap of 59"),
        ({"time": np.arange(60)}, {"design": "holdout", "window": "rolling"}, "data.window"),
        ({"groups": np.arange(60)}, {"gap": 1}, "data.gap: it must be left out"),
        (
            {"time": np.arange(60), "groups": np.arange(60)},
            {"design": "kfold"},
            "divided by time or by groups, found both",
        ),
        (
            {"part": part_of(30, 20, 10)},
            {"design": "holdout", "validation_fraction": 0.1},
            "data.validation_fraction: it must be left out",
        ),
        ({"part": part_of(30, 0, 30)}, {"test_fraction": 0.1}, "data.test_fraction: it must"),
        ({"part": part_of(10, 0, 50)}, {}, "rows must be left to train on beside the test rows"),
    ],
)
def test_what_cannot_be_divided_so_gets_one_line(
    beside: dict[str, np.ndarray], keys: dict[str, Any], words: str
) -> None:
    def split_once() -> None:
        division, rest, _ = divide(numbered(np.zeros((60, 1)), **beside), **keys)
        division.split(draws_of(division, 1)[0], rest)

    with pytest.raises(DataError, match=words) as error:
        split_once()
    assert "\n" not in str(error.value)
