"""Tables of which some strengths have the first resamples only, completed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sweep.errors import DataError
from sweep.statistics._strength_path import read_path
from sweep.statistics.boundary import draw_path, estimate_boundary
from sweep.statistics.double_sampling import complete
from sweep.statistics.verdicts import Verdict

STRENGTHS = [0.1, 1.0, 10.0, 100.0]


def table(n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Losses of four strengths: what resamples have in common, and a little of their own."""
    common = rng.standard_normal(n_resamples)
    return np.arange(4.0)[:, None] + common + 0.2 * rng.standard_normal((4, n_resamples))


def test_a_whole_table_and_one_with_nothing_to_lend_stay_as_they_are() -> None:
    losses = table(5, np.random.default_rng(0))
    np.testing.assert_array_equal(complete(losses, [5, 5, 5, 5], STRENGTHS)[0], losses)
    losses[:, 3:] = np.nan
    np.testing.assert_array_equal(complete(losses, [3, 3, 3, 3], STRENGTHS)[0], losses)


def test_the_mean_is_that_of_the_nearest_whole_strength_plus_the_mean_difference() -> None:
    losses = table(6, np.random.default_rng(1))
    losses[0, 3:] = np.nan
    found, _ = complete(losses, [3, 6, 6, 6], STRENGTHS)
    difference = (losses[0, :3] - losses[1, :3]).mean()
    assert found[0].mean() == pytest.approx(losses[1].mean() + difference, rel=1e-12)
    np.testing.assert_array_equal(found[1:], losses[1:])


def test_a_strength_with_a_run_that_did_not_complete_stays_and_lends_nothing() -> None:
    losses = table(6, np.random.default_rng(2))
    losses[1, 2] = np.nan
    losses[0, 3:] = np.nan
    found, _ = complete(losses, [3, 6, 6, 6], STRENGTHS)
    assert np.isnan(found[1]).tolist() == [False, False, True, False, False, False]
    difference = (losses[0, :3] - losses[2, :3]).mean()
    assert found[0].mean() == pytest.approx(losses[2].mean() + difference, rel=1e-12)


def test_the_anchor_lends_to_no_other() -> None:
    losses = table(6, np.random.default_rng(4))
    losses[1, 3:] = np.nan
    found, _ = complete(losses, [6, 3, 6, 6], [0.0, 1.0, 10.0, 100.0])
    difference = (losses[1, :3] - losses[2, :3]).mean()
    assert found[1].mean() == pytest.approx(losses[2].mean() + difference, rel=1e-12)


@pytest.mark.parametrize(("n", "n_resamples"), [(3, 5), (3, 10), (4, 8)])
def test_the_variance_that_the_table_shows_is_that_of_its_means(n: int, n_resamples: int) -> None:
    """Of the completed strength's mean, and of its difference from a whole one."""
    rng = np.random.default_rng(3)
    shown, means = [], []
    for _ in range(4000):
        found = np.add(*complete(table(n_resamples, rng), [n, *[n_resamples] * 3], STRENGTHS))
        both = np.stack([found[0], found[0] - found[1]])
        shown.append(both.var(1, ddof=1) / n_resamples)
        means.append(both.mean(1))
    truth = np.var(means, axis=0, ddof=1)
    np.testing.assert_allclose(np.mean(shown, axis=0), truth, rtol=0.08)


LADDER = np.logspace(-3, 2, 8)


def bowl_table(n_resamples: int) -> np.ndarray:
    """A bowl over LADDER with noise that is mostly common to the strengths."""
    rng = np.random.default_rng(5)
    x = np.log10(LADDER)[:, None]
    common, own = rng.standard_normal(n_resamples), rng.standard_normal((8, n_resamples))
    return 1 + 0.1 * (x + 0.5) ** 2 + 0.1 * common + 0.02 * own


COUNTS = [3, 3, 7, 7, 7, 7, 3, 3]


def test_what_a_strength_was_not_given_is_never_read() -> None:
    losses = bowl_table(7)
    lacking = losses.copy()
    for row, n in zip(lacking, COUNTS, strict=True):
        row[n:] = np.nan
    found = [
        estimate_boundary(LADDER, table, table, 3.0, counts=COUNTS) for table in (losses, lacking)
    ]
    assert found[0] == found[1]
    assert found[0].verdict is Verdict.FOUND
    assert found[0].dropped_strengths == ()
    assert found[0].n_resamples == 7


def test_counts_of_a_whole_table_change_nothing() -> None:
    losses = bowl_table(7)
    plain = estimate_boundary(LADDER, losses, losses, 3.0)
    assert estimate_boundary(LADDER, losses, losses, 3.0, counts=[7] * 8) == plain


def test_few_resamples_far_out_widen_the_draws_there_and_smooth_no_more() -> None:
    losses = bowl_table(7)
    whole, _ = complete(losses, COUNTS, LADDER.tolist())
    uneven = draw_path(read_path(LADDER, losses, losses, 3.0, counts=COUNTS), 0.0, seed=1)
    even = draw_path(read_path(LADDER, whole, whole, 3.0), 0.0, seed=1)
    np.testing.assert_array_equal(uneven.curve, even.curve)
    assert uneven.smoother.penalty == even.smoother.penalty
    wider = uneven.noise.std(0) / even.noise.std(0)
    assert wider[0] > 1.1
    assert wider[len(wider) // 2] == pytest.approx(1, abs=0.02)


def test_an_anchor_of_few_resamples_has_the_variance_of_its_own_mean() -> None:
    losses = np.concatenate([2 + bowl_table(7)[:1], bowl_table(7)])
    strengths, counts = [0.0, *LADDER], [3, *[7] * 8]
    path = read_path(strengths, losses, losses, 3.0, counts=counts)
    assert path.anchor is not None
    found, more = complete(losses, counts, strengths)
    np.testing.assert_array_equal(path.anchor[0], (found + more)[0])
    assert path.anchor[0].mean() == pytest.approx(found[0].mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("counts", "given", "words"),
    [
        ([7] * 7, {}, "counts must be a whole number for each of 8 strengths, got"),
        ([7.0] * 8, {}, "counts must be a whole number for each of 8 strengths, got"),
        ([1, *[7] * 7], {}, "counts must be from 2 to 7, which one strength must have, got 1 to 7"),
        ([6] * 8, {}, "counts must be from 2 to 7, which one strength must have, got 6 to 6"),
        (COUNTS, {"design": "kfold", "n_folds": 7}, "counts are of fresh draws, which are indep"),
    ],
)
def test_counts_that_cannot_be_meant_are_refused(
    counts: list[float], given: dict[str, Any], words: str
) -> None:
    losses = bowl_table(7)
    with pytest.raises(DataError, match=words):
        estimate_boundary(LADDER, losses, losses, 3.0, counts=counts, **given)
