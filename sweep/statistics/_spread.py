"""What draws add to the mean losses of a ladder: sums of terms, each with a random weight.

The terms are what resamples are away from their mean, or those that have the covariance of the
mean as its rows give it. Legend: K strengths, R resamples, B draws, Q terms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sweep.statistics._interpolation import Array
from sweep.statistics._row_losses import RowLosses
from sweep.statistics.paired_tests import rounding_error


@dataclass(frozen=True)
class Losses:
    """Losses of R resamples at K strengths: ``validation`` (K, R); ``null`` (R,) are the constant
    predictor's, ``anchor`` (R,) those at strength 0, ``rows`` those of each row; ``uneven`` (K, R)
    is what draws see beside ``validation`` of strengths that have fewer resamples.
    """

    validation: Array
    null: Array
    anchor: Array | None
    rows: RowLosses | None = None
    uneven: Array | None = None


@dataclass(frozen=True)
class Spread:
    """Terms (K, Q) of the strengths, (Q,) of null and anchor, and their ``weights`` (B, Q).

    ``unseen`` (B, 1 + K) is the noise of losses in steps, at strength 0 and at each strength;
    ``covariance`` (K, K) that of the means, from the losses alone.
    """

    strengths: Array
    null: Array
    anchor: Array | None
    weights: Array
    covariance: Array
    unseen: Array | None = None

    def of_null(self) -> Array:
        """What is added to the mean loss of the constant predictor, in every draw (B,)."""
        return np.asarray(self.weights @ self.null)

    def of_anchor(self) -> Array | None:
        """What is added to the mean loss at strength 0, in every draw (B,)."""
        if self.anchor is None:
            return None
        added = self.weights @ self.anchor
        return np.asarray(added if self.unseen is None else added + self.unseen[:, 0])

    def of_curve(self, evaluation: Array) -> Array:
        """What is added to a curve (G,) that is linear in the means, in every draw (B, G)."""
        added = self.weights @ (evaluation @ self.strengths).T
        if self.unseen is not None:
            added += self.unseen[:, 1:] @ evaluation.T
        return np.asarray(added)


def draw_spread(
    losses: Losses, overlap: float, resolution: float, draws: int, rng: np.random.Generator
) -> Spread:
    """What draws add to the means: by the rows where they are known, else by the resamples."""
    n_strengths, n_resamples = losses.validation.shape
    correction = 1 / n_resamples + overlap
    found = (_by_resamples if losses.rows is None else _by_rows)(losses, correction, draws, rng)
    step = rounding_error(resolution, correction)
    if not step:
        return found
    unseen = step * rng.standard_normal((draws, n_strengths + 1))
    covariance = found.covariance + step**2 * np.eye(n_strengths)
    return replace(found, unseen=unseen, covariance=covariance)


def _by_resamples(
    losses: Losses, correction: float, draws: int, rng: np.random.Generator
) -> Spread:
    n = len(losses.null)
    away = losses.validation - losses.validation.mean(1)[:, None]
    kappa = np.sqrt((n - 1) / rng.chisquare(n - 1, draws))
    spread = np.sqrt(correction / (n - 1)) * kappa
    return Spread(
        away if losses.uneven is None else away + losses.uneven,
        losses.null - losses.null.mean(),
        None if losses.anchor is None else losses.anchor - losses.anchor.mean(),
        rng.standard_normal((draws, n)) * spread[:, None],
        away @ away.T / (n * (n - 1)),
    )


def _by_rows(losses: Losses, _: float, draws: int, rng: np.random.Generator) -> Spread:
    """Draws of the mean of the rows, each row's weight exponential (Rubin 1981), and what resamples
    are away from their mean by more than their rows.

    Losses of rows are skewed: a few rows lose very much. A mean that has few of them is too low and
    its variance too, so an interval must reach further up than down (Johnson 1978). Exponential
    weights give the draws the skewness of Johnson's interval, normal ones none.
    """
    rows = losses.rows
    assert rows is not None
    stacked = rows.stacked()
    covariance = rows.covariance(stacked)
    parts = rows.parts(stacked)
    freedom = rows.n_groups - 1
    kappa = np.sqrt(freedom / rng.chisquare(freedom, draws))
    spread = np.sqrt(rows.factor) * kappa
    weights = rng.standard_exponential((draws, parts.shape[1])) - 1
    drawn = (weights @ parts.T) * spread[:, None]
    best = int(losses.validation.mean(1).argmin())
    drawn += rows.factor * _asymmetry(parts - parts[2 + best])
    of_each = np.eye(len(parts))
    found = Spread(
        of_each[2:],
        of_each[0],
        None if rows.anchor is None else of_each[1],
        drawn,
        covariance[2:, 2:],
    )
    columns, own = losses.validation, rows.of_strengths
    share = rows.share_of_runs(columns - columns[best], own - own[best])
    if share == 0:
        return found
    runs = _by_resamples(losses, share / len(losses.null), draws, rng)
    return _together(found, replace(runs, covariance=share * runs.covariance))


def _asymmetry(parts: Array) -> Array:
    """By how much the middle of an interval lies above a mean, being skewed (M,): half of the third
    moment over the second (Johnson 1978).
    """
    second = (parts**2).sum(1)
    third = (parts**3).sum(1)
    return np.asarray(np.divide(third, 2 * second, out=np.zeros(len(parts)), where=second > 0))


def _together(first: Spread, second: Spread) -> Spread:
    """The sum of two spreads that know nothing of each other."""
    anchors = [spread.anchor for spread in (first, second) if spread.anchor is not None]
    return Spread(
        np.hstack([first.strengths, second.strengths]),
        np.concatenate([first.null, second.null]),
        np.concatenate(anchors) if len(anchors) == 2 else None,
        np.hstack([first.weights, second.weights]),
        first.covariance + second.covariance,
    )
