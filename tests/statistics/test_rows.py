"""Losses by row: their covariance, what is drawn from it, and what cannot be meant."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import binom

from sweep.errors import DataError
from sweep.statistics._row_losses import LEAST, MOST, GivenRows, RowLosses, read_rows, weigh
from sweep.statistics._spread import Losses, draw_spread
from sweep.statistics.boundary import Boundary, Verdict, estimate_boundary
from sweep.statistics.wording import describe_boundary
from tests.support.ridge_truth import (
    Array,
    Problem,
    find_truth,
    fit,
    kfold_splits,
    random_splits,
)

PLENTY = Problem(200, 80)
LADDER = np.logspace(-3, 2, 9)


@dataclass(frozen=True)
class Study:
    """Losses by resample, and by row."""

    validation: Array
    training: Array
    null: Array
    rows: Array
    null_rows: Array
    counts: Array


def study(seed: int, n: int = 250, repetitions: int = 1, holdout: int = 0) -> Study:
    """Ridge on ``n`` rows, five-fold, or with one split for ``holdout`` runs."""
    rng = np.random.default_rng([seed, 4])
    x, y = PLENTY.rows(n, rng)
    splits = kfold_splits(n, 5, repetitions, rng)
    if holdout:
        splits = random_splits(n, n // 5, 1, rng) * holdout
    validation, training = np.zeros((2, len(LADDER), len(splits)))
    rows, counts, null = np.zeros((len(LADDER), n)), np.zeros(n), np.zeros(len(splits))
    for r, (train, held_out) in enumerate(splits):
        weights = fit(x[train], y[train], LADDER)
        losses = (y[held_out, None] - x[held_out] @ weights).T ** 2
        rows[:, held_out] += losses
        counts[held_out] += 1
        validation[:, r], null[r] = losses.mean(1), (y[held_out] ** 2).mean()
        training[:, r] = ((y[train, None] - x[train] @ weights) ** 2).mean(0)
    with np.errstate(invalid="ignore"):
        return Study(validation, training, null, rows / counts, y**2, np.maximum(counts, 1))


def estimate(s: Study, *, by_rows: bool = True, **options: object) -> Boundary:
    given: dict[str, object] = {"design": "kfold", "n_folds": 5, "draws": 400, **options}
    if by_rows:
        given = {
            "validation_rows": s.rows,
            "null_rows": s.null_rows,
            "row_counts": s.counts,
            **given,
        }
    return estimate_boundary(LADDER, s.validation, s.training, s.null, **given)  # type: ignore[arg-type]


# ---- the covariance ------------------------------------------------------------------------------


def test_the_covariance_is_that_of_a_weighted_mean_of_independent_rows_or_groups() -> None:
    rng = np.random.default_rng(1)
    losses = rng.exponential(size=(4, 60))
    table, used = losses.mean(1, keepdims=True).repeat(3, axis=1), np.ones(4, dtype=bool)
    plain = read_rows(GivenRows(losses), table, used)
    assert plain is not None
    assert plain.covariance(losses) == pytest.approx(np.cov(losses) / 60)
    counts, groups = rng.integers(1, 4, 60), rng.integers(0, 25, 60)
    weighted = read_rows(GivenRows(losses, counts=counts, groups=groups), table, used)
    assert weighted is not None
    away = losses - (losses @ counts / counts.sum())[:, None]
    sums = np.stack([(away * counts)[:, groups == g].sum(1) for g in np.unique(groups)], 1)
    n = sums.shape[1]
    expected = sums @ sums.T / counts.sum() ** 2 * n / (n - 1)
    assert weighted.covariance(losses) == pytest.approx(expected)


def test_copies_of_rows_in_one_group_count_as_one_and_rows_never_held_out_as_none() -> None:
    s = study(0)
    plain = estimate(s)
    assert plain.n_rows == 250
    twice = replace(
        s,
        rows=np.hstack([s.rows, s.rows, np.full((len(LADDER), 7), np.nan)]),
        null_rows=np.concatenate([s.null_rows, s.null_rows, np.full(7, np.nan)]),
        counts=np.concatenate([s.counts, s.counts, np.zeros(7)]),
    )
    groups = np.concatenate([np.arange(250), np.arange(250), np.arange(7)])
    grouped = estimate(twice, row_groups=groups)
    assert grouped.n_rows == 250
    for name in ("overfitting_ends_low", "underfitting_starts_high", "best_low"):
        assert getattr(grouped, name) == pytest.approx(getattr(plain, name), rel=1e-6)
    assert estimate(twice).n_rows == 500


def test_the_factor_is_validation_over_training_loss_between_its_bounds() -> None:
    s = study(0)
    rows = read_rows(GivenRows(s.rows), s.validation, np.ones(len(LADDER), dtype=bool))
    assert rows is not None
    leverage = 0.2  # generalized cross-validation: training loss is (1 - h)^2 of the validation's
    assert weigh(rows, "kfold", 0.25, (1 - leverage) ** 2).factor == pytest.approx(1 / 0.64)
    for ratio, factor in ((0.9, LEAST), (math.nan, LEAST), (0.01, 2.25), (0.0, 2.25), (-1.0, 2.25)):
        assert weigh(rows, "kfold", 0.25, ratio).factor == pytest.approx(factor)
    assert weigh(rows, "holdout", 0.0, 0.01).factor == 1


def test_rows_that_are_held_out_unevenly_make_only_their_own_part_larger() -> None:
    """Of a mean with weights w, validation rows make sum w^2, training rows 1 / n alike."""
    counts = np.array([1.0] * 40 + [3.0] * 20)
    losses = np.random.default_rng(2).exponential(size=(4, 60))
    table = (losses @ counts / counts.sum())[:, None].repeat(3, axis=1)
    rows = read_rows(GivenRows(losses, counts=counts), table, np.ones(4, dtype=bool))
    assert rows is not None
    squares = (counts**2).sum() / counts.sum() ** 2
    assert weigh(rows, "resample", 0.25, 0.0).factor * squares == pytest.approx(squares + 1.25 / 60)


def skewed(n: int, seed: int, factor: float = 1.0) -> Losses:
    """A loss that a few of ``n`` rows make, beside the best, that of all rows."""
    rng = np.random.default_rng(seed)
    rows = np.stack([np.zeros(n), rng.standard_exponential(n) ** 2])
    own = RowLosses(rows, None, None, np.full(n, 1 / n), np.arange(n), factor)
    return Losses(rows.mean(1, keepdims=True).repeat(2, axis=1), np.zeros(2), None, own)


def draw_mean(losses: Losses, draws: int, seed: int) -> Array:
    """Draws of the loss that is skewed."""
    added = draw_spread(losses, 0.0, 0.0, draws, np.random.default_rng(seed))
    return losses.validation[1, 0] + added.of_curve(np.eye(2))[:, 1]


@pytest.mark.parametrize("factor", [1.0, 2.25])
def test_draws_of_rows_have_the_moments_of_johnsons_interval(factor: float) -> None:
    losses = skewed(200, 3, factor)
    assert losses.rows is not None
    row = losses.rows.of_strengths[1]
    drawn = draw_mean(losses, 20_000, 5)
    error, skew = row.std() * math.sqrt(factor / 200), row_skew(row)
    shift = skew / (2 * math.sqrt(200)) * math.sqrt(factor)
    assert drawn.std() == pytest.approx(error, rel=0.03)
    assert (drawn.mean() - row.mean()) / error == pytest.approx(shift, abs=0.03)
    assert row_skew(drawn) == pytest.approx(2 * skew / math.sqrt(200), rel=0.2)


def test_many_rows_are_put_together_to_parts_of_the_same_covariance() -> None:
    own = skewed(3 * MOST, 4).rows
    assert own is not None
    parts = own.parts(own.of_strengths)
    assert parts.shape == (2, MOST)
    assert (parts**2).sum(1) == pytest.approx(np.diag(own.covariance(own.of_strengths)), rel=0.1)


def row_skew(values: Array) -> float:
    away = values - values.mean()
    return float((away**3).mean() / (away**2).mean() ** 1.5)


def test_intervals_of_skewed_rows_miss_as_often_above_as_below() -> None:
    """The mean of a squared exponential is 2; that of Student's interval lies above it in 12 %."""
    missed, plain, n = np.zeros(2), np.zeros(2), 300
    for seed in range(n):
        losses = skewed(60, seed)
        low, high = np.quantile(draw_mean(losses, 500, seed), [0.025, 0.975])
        missed += [low > 2, high < 2]
        assert losses.rows is not None
        row = losses.rows.of_strengths[1]
        half = 2.0 * row.std(ddof=1) / math.sqrt(60)
        plain += [row.mean() - half > 2, row.mean() + half < 2]
    assert plain[1] >= 0.09 * n
    assert missed[1] <= 0.8 * plain[1]
    assert missed[0] <= binom.ppf(0.999, n, 0.025)


# ---- what is drawn -------------------------------------------------------------------------------


def width(b: Boundary) -> float:
    return math.log10(b.underfitting_starts_high / b.underfitting_starts_low)


def test_rows_narrow_the_intervals_of_folds_and_keep_the_truth_in_them() -> None:
    truth, held, narrower = find_truth(PLENTY), [0, 0], []
    for seed in range(5):
        s = study(seed)
        b = estimate(s)
        assert b.verdict in (Verdict.FOUND, Verdict.INCONCLUSIVE)
        low = b.overfitting_ends_low if b.overfitting_ends_low > 0 else 0.0
        held[0] += low <= 10**truth.left <= b.overfitting_ends_high
        held[1] += b.underfitting_starts_low <= 10**truth.right <= b.underfitting_starts_high
        narrower.append(width(b) / width(estimate(s, by_rows=False)))
    assert np.nanmedian(narrower) < 0.8
    assert min(held) >= binom.ppf(0.001, 5, 0.92)


@pytest.mark.long
def test_the_intervals_of_rows_hold_the_truth_at_their_level() -> None:
    truth, held, n = find_truth(PLENTY), [0, 0], 60
    for seed in range(n):
        b = estimate(study(seed))
        low = b.overfitting_ends_low if b.overfitting_ends_low > 0 else 0.0
        held[0] += low <= 10**truth.left <= b.overfitting_ends_high
        held[1] += b.underfitting_starts_low <= 10**truth.right <= b.underfitting_starts_high
    assert min(held) >= binom.ppf(0.005, n, 0.93)


def with_noise_of_runs(s: Study, sd: float, seed: int) -> Study:
    """Every run's losses are all off by the same, as from its seed; rows follow their fold."""
    rng = np.random.default_rng(seed)
    noise = sd * rng.standard_normal(s.validation.shape)
    fold = kfold_of(s)
    return replace(s, validation=s.validation + noise, rows=s.rows + noise[:, fold])


def kfold_of(s: Study) -> np.ndarray:
    """The fold of each row, by the splits that the study drew."""
    rng = np.random.default_rng([0, 4])
    PLENTY.rows(250, rng)
    fold = np.zeros(250, dtype=int)
    for r, (_, held_out) in enumerate(kfold_splits(250, 5, 1, rng)):
        fold[held_out] = r
    assert np.mean(s.null_rows[fold == 2]) == pytest.approx(s.null[2])
    return fold


def test_what_runs_add_to_their_rows_comes_on_top() -> None:
    s = study(0)
    noisy = with_noise_of_runs(s, 0.5, 7)
    widths = [math.log10(b.best_high / b.best_low) for b in (estimate(s), estimate(noisy))]
    assert widths[1] > 1.5 * widths[0]


def test_rows_of_one_split_claim_new_rows_and_say_on_what_they_depend() -> None:
    s = study(3, holdout=4)
    b = estimate(s, design="holdout", n_folds=None)
    assert b.n_rows == 50
    assert "conditional on these training rows" in describe_boundary(b, "decay")
    alone = estimate(s, by_rows=False, design="holdout", n_folds=None)
    assert "conditional on this split" in describe_boundary(alone, "decay")
    assert width(alone) < 0.5 * width(b)  # four runs without noise know nothing of other rows


def test_rows_show_a_signal_that_five_folds_do_not() -> None:
    shown = {True: 0, False: 0}
    for seed in range(8):
        s = study(seed, n=120)
        for by_rows in shown:
            shown[by_rows] += estimate(s, by_rows=by_rows).verdict != Verdict.NO_SIGNAL
    assert shown[True] >= shown[False] + 3


def test_rows_leave_the_rest_of_what_is_said_as_it_is() -> None:
    s = study(1)
    b, columns = estimate(s), estimate(s, by_rows=False)
    for name in ("strength_min", "strength_1se", "null_loss"):
        assert getattr(b, name) == getattr(columns, name)
    assert columns.n_rows == 0
    few = replace(s, rows=s.rows[:, :12], null_rows=s.null_rows[:12], counts=s.counts[:12])
    assert estimate(few, seed=3).n_rows == 0


# ---- what cannot be meant ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"design": "fresh", "n_folds": None}, "design fresh; leave them out"),
        ({"validation_rows": np.ones((3, 250))}, r"must have shape \(9 strengths, rows\)"),
        ({"validation_rows": [["a"]]}, "validation_rows must be numbers"),
        ({"validation_rows": np.full((9, 250), 7.0)}, "must have the mean of validation"),
        ({"validation_rows": None}, "must come with null_rows"),
        ({"validation_rows": np.full((9, 250), np.nan)}, "must have rows that were held out"),
        ({"null_rows": np.full(250, np.nan)}, "null_rows must be finite"),
        ({"null_rows": np.ones(3)}, r"null_rows must have shape \(250,\)"),
        ({"row_counts": np.zeros(250)}, "row_counts must be above 0"),
        ({"row_groups": np.arange(3)}, r"row_groups must have shape \(250,\)"),
    ],
)
def test_rows_that_cannot_be_meant_get_one_clear_line(
    options: dict[str, object], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        estimate(study(0), **options)


def test_a_row_that_is_known_at_some_strengths_only_is_refused() -> None:
    s = study(0)
    s.rows[2, 11] = np.nan
    with pytest.raises(DataError, match="got row 11 with nan at some"):
        estimate(s)
