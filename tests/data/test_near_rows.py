"""Groups on both sides of a split, against data sets that have none."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.datasets

from sweep.data._near_rows import SUSPICIOUS, nearness
from sweep.data._synthetic import draw_mnist1d


def measured(x: np.ndarray, y: np.ndarray | None = None, seed: int = 0) -> float:
    """``nearness`` of a random fifth of the rows."""
    labels = np.zeros(len(x)) if y is None else y
    order = np.random.default_rng(seed).permutation(len(x))
    validation, train = order[: len(x) // 5], order[len(x) // 5 :]
    rows = x.reshape(len(x), -1).astype(float)
    return nearness(
        rows[train], labels[train], rows[validation], labels[validation], by_class=y is not None
    )


def grouped(n_groups: int, size: int, n_features: int, noise: float) -> np.ndarray:
    rng = np.random.default_rng(1)
    groups = rng.normal(size=(n_groups, n_features))[np.repeat(np.arange(n_groups), size)]
    return np.asarray(groups + noise * rng.normal(size=groups.shape))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_features", [1, 2, 6, 64])
@pytest.mark.parametrize("n", [150, 1500])
def test_independent_rows_are_as_far_as_expected(n: int, n_features: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(n, n_features))
    assert SUSPICIOUS < measured(rows, seed=seed) < 2


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "iris", "wine"])
def test_real_data_without_groups_are_not_suspected(name: str) -> None:
    data = getattr(sklearn.datasets, f"load_{name}")()
    assert measured(data.data, data.target) > SUSPICIOUS


def test_diabetes_and_mnist1d_are_not_suspected() -> None:
    assert measured(sklearn.datasets.load_diabetes().data) > SUSPICIOUS
    assert measured(*draw_mnist1d({"num_samples": 2000}, 0)) > SUSPICIOUS


@pytest.mark.parametrize("kind", ["counts", "signs", "heavy tails", "rolled", "clusters"])
def test_odd_but_independent_rows_are_not_suspected(kind: str) -> None:
    rng = np.random.default_rng(2)
    clusters, labels = sklearn.datasets.make_blobs(1000, 10, centers=20, random_state=0)
    rows = {
        "counts": rng.poisson(3, size=(2000, 6)),
        "signs": rng.integers(0, 2, size=(2000, 12)),
        "heavy tails": rng.standard_t(2, size=(2000, 5)),
        "rolled": sklearn.datasets.make_swiss_roll(2000, random_state=0)[0],
        "clusters": clusters,
    }
    assert measured(rows[kind], labels if kind == "clusters" else None) > SUSPICIOUS


@pytest.mark.parametrize(
    ("n_groups", "size", "n_features"), [(60, 10, 6), (30, 20, 30), (200, 3, 10), (1000, 5, 40)]
)
@pytest.mark.parametrize("noise", [0.01, 0.1])
def test_groups_on_both_sides_are_found(
    n_groups: int, size: int, n_features: int, noise: float
) -> None:
    assert measured(grouped(n_groups, size, n_features, noise)) < SUSPICIOUS


def test_too_few_rows_and_constant_rows_say_nothing() -> None:
    assert np.isnan(measured(np.random.default_rng(0).normal(size=(20, 2))))
    assert np.isnan(measured(np.ones((100, 3))))
