"""Losses by row: what each validation row lost at every strength while it was held out.

Folds and re-splits share rows, so R columns of a pooled design say little of how the mean loss
would move with other data; its n rows say more. The covariance of the mean is that of a weighted
mean of independent rows, the rows of a group being one (Huber 1967; Liang & Zeger 1986), times a
factor for what rows do as training rows.

That factor has no unbiased estimate (Bengio & Grandvalet 2004), but bounds. Rows that the fit
follows are not n but n (1 - h), h their mean leverage, and the same rows move the fits that others
are judged by. Each makes 1 / (1 - h), together V / T, validation over training loss, as generalized
cross-validation has it (Craven & Wahba 1979). At most, training sets move the loss as much as as
many validation rows would, which is what Nadeau & Bengio 2003 claim: 2 + n_validation / n_training.
At least it is LEAST. Where rows were held out unevenly often, validation's part grows with the
unevenness, and training's does not. In simulated studies sqrt(V / T) covers 89 to 95 % where rows
are about as many as parameters, V / T 93 to 98 %.

What runs add to their rows (a seed, a step too large) is common to the rows of a run, and rows
cannot show it. So resamples that differ by clearly more than their rows make them add the rest.

Legend: K strengths, R resamples, N rows, M losses of a row (K and those beside them).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sweep.errors import DataError
from sweep.statistics._interpolation import Array
from sweep.statistics._tails import heavy_tail

LEAST = 1.25
"""The least factor on the covariance of pooled rows: intervals are of crossings, which are no
linear functions of the losses, and that of 1 covers 91 to 92 %."""
CLEARLY = 0.1
"""Resamples differ by more than their rows make them where chance would do that so rarely."""
FEWEST = 20
"""Rows, or groups of them, that a covariance is taken from: with fewer, R columns say as much."""
MOST = 2000
"""Parts that rows are put together to for the draws; their skewness is then of no account."""
ASTRAY = 6.0
"""The mean of the rows may be this many standard errors away from the mean of the resamples."""
_WHERE = "estimate_boundary: validation_rows"


@dataclass(frozen=True)
class RowLosses:
    """Losses ``of_strengths`` (K, N) of the rows, and those beside them (N,), where they are known.

    ``shares`` (N,) is how much of the mean a row makes, ``group`` (N,) the place of its group.
    """

    of_strengths: Array
    anchor: Array | None
    null: Array | None
    shares: Array
    group: NDArray[np.intp]
    factor: float = LEAST
    """What the covariance is multiplied by."""
    overlap: float = 0.0
    """n_validation / n_training; 0 where all resamples have the same validation rows."""

    @property
    def n_groups(self) -> int:
        """How many independent parts the rows are."""
        return int(self.group.max()) + 1

    @property
    def evenness(self) -> float:
        """The variance of the mean of rows that count alike, as a share of that of these rows."""
        of_groups = np.bincount(self.group, self.shares)
        return float(1 / (self.n_groups * (of_groups**2).sum()))

    def covariance(self, losses: Array) -> Array:
        """The covariance (M, M) of the means of ``losses`` (M, N)."""
        away = self._away(losses, self.group, self.n_groups)
        return np.asarray(away @ away.T * (self.n_groups / (self.n_groups - 1)))

    def parts(self, losses: Array) -> Array:
        """What independent parts of the rows add to the means of ``losses`` (M, N): at most MOST,
        (M, MOST); the sum of their squares has the mean ``covariance``.
        """
        n_parts = min(self.n_groups, MOST)
        away = self._away(losses, self.group % n_parts, n_parts)
        return np.asarray(away * np.sqrt(n_parts / (n_parts - 1)))

    def _away(self, losses: Array, part: NDArray[np.intp], n_parts: int) -> Array:
        """What every part of the rows is away from the means of ``losses``, times its share."""
        away = (losses - (losses @ self.shares)[:, None]) * self.shares
        if n_parts < len(self.shares):
            away = np.stack([np.bincount(part, row, n_parts) for row in away])
        return np.asarray(away)

    def stacked(self) -> Array:
        """Losses (2 + K, N): of the constant predictor, at strength 0 (0 where they are unknown),
        and at every strength.
        """
        nothing = np.zeros(len(self.shares))
        null, anchor = (nothing if row is None else row for row in (self.null, self.anchor))
        return np.stack([null, anchor, *self.of_strengths])

    def share_of_runs(self, columns: Array, losses: Array) -> float:
        """The share of what resamples differ by that their rows do not account for.

        ``columns`` (M, R) are their losses, ``losses`` (M, N) those of the rows.
        """
        from scipy.special import chdtri

        if self.overlap == 0:
            return 1.0
        expected = np.diag(self.covariance(losses)) * (1 + self.overlap) / self.overlap
        differ = expected > 0
        if not differ.any():
            return 1.0
        ratio = float((columns.var(1, ddof=1)[differ] / expected[differ]).mean())
        freedom = columns.shape[1] - 1
        usual = float(chdtri(freedom, CLEARLY)) / freedom
        return max(0.0, 1 - usual / ratio) if ratio > 0 else 0.0

    def tail_index(self, validation: Array) -> float:
        """The index of the tail of the losses where ``validation`` (K, R) is lowest, if they
        clearly have no variance; else nan.
        """
        return heavy_tail(self.of_strengths[int(validation.mean(1).argmin())])

    def at(self, kept: NDArray[np.bool_], anchor: bool) -> RowLosses:
        """The rows at the strengths that are kept; the first is the anchor, if there is one."""
        return replace(
            self,
            of_strengths=self.of_strengths[kept],
            anchor=self.of_strengths[0] if anchor else None,
        )


@dataclass(frozen=True)
class GivenRows:
    """What is known by row as somebody gave it, unchecked."""

    losses: ArrayLike | None = None
    null: ArrayLike | None = None
    counts: ArrayLike | None = None
    groups: ArrayLike | None = None


NO_ROWS = GivenRows()


def read_rows(given: GivenRows, validation: Array, used: NDArray[np.bool_]) -> RowLosses | None:
    """The losses by row, checked against ``validation`` (K, R) at the strengths that are ``used``;
    None where none are given, or too few for a covariance.
    """
    if given.losses is None:
        if any(part is not None for part in (given.null, given.counts, given.groups)):
            raise DataError(
                f"{_WHERE} must come with null_rows, row_counts and row_groups, found none"
            )
        return None
    counts, groups, null = given.counts, given.groups, given.null
    table = _numbers("validation_rows", given.losses)
    if table.ndim != 2 or len(table) != len(validation):
        raise DataError(
            f"{_WHERE} must have shape ({len(validation)} strengths, rows), got {table.shape}"
        )
    held_out = np.isfinite(table[used]).any(0)
    if used.any() and not held_out.any():
        raise DataError(f"{_WHERE} must have rows that were held out, got nan alone; leave it out")
    if not np.isfinite(table[used][:, held_out]).all():
        place = int(np.flatnonzero(held_out & ~np.isfinite(table[used]).all(0))[0])
        raise DataError(
            f"{_WHERE} must be known at every strength or at none, got row {place} with nan at "
            "some; a row is held out at every strength or never"
        )
    n = table.shape[1]
    weight = np.ones(n) if counts is None else _vector("row_counts", counts, n)
    if (weight[held_out] <= 0).any():
        raise DataError("estimate_boundary: row_counts must be above 0 for rows with losses")
    own_null = None if null is None else _vector("null_rows", null, n)[held_out]
    if own_null is not None and not np.isfinite(own_null).all():
        raise DataError("estimate_boundary: null_rows must be finite where rows have losses")
    found = RowLosses(
        table[:, held_out],
        None,
        own_null,
        weight[held_out] / weight[held_out].sum(),
        _groups(groups, n)[held_out],
    )
    found = replace(found, group=np.unique(found.group, return_inverse=True)[1].ravel())
    if not used.any() or found.n_groups < FEWEST:
        return None
    _check_means(found.of_strengths[used], found, validation[used].mean(1))
    return found


def weigh(rows: RowLosses, design: str, overlap: float, ratio: float) -> RowLosses:
    """The rows with the factor for their design, 1 + (phi - 1) ``evenness`` with phi for rows that
    count alike; ``ratio`` is training over validation loss, where that is lowest.
    """
    if design == "holdout":
        return replace(rows, factor=1.0, overlap=0.0)
    moved = 1 / ratio if ratio > 0 else LEAST if np.isnan(ratio) else np.inf
    of_training = min(moved, 2 + overlap) - 1
    factor = max(LEAST, 1 + of_training * rows.evenness)
    return replace(rows, factor=float(factor), overlap=overlap)


def _check_means(losses: Array, rows: RowLosses, mean: Array) -> None:
    """Raises DataError where rows are not those of the table."""
    errors = np.sqrt(np.diag(rows.covariance(losses)))
    away = abs(losses @ rows.shares - mean)
    astray = np.flatnonzero(away > ASTRAY * errors + 1e-6 * abs(mean))
    if len(astray):
        k = int(astray[0])
        raise DataError(
            f"{_WHERE} must have the mean of validation at each strength, got "
            f"{float(losses[k] @ rows.shares):g} beside {mean[k]:g}; give the same losses, in the "
            "same order of strengths"
        )


def _groups(groups: ArrayLike | None, n: int) -> NDArray[np.intp]:
    """The place of every row's group (N,); each row is one where none are given."""
    if groups is None:
        return np.arange(n)
    names = np.asarray(groups)
    if names.shape != (n,):
        raise DataError(f"estimate_boundary: row_groups must have shape ({n},), got {names.shape}")
    return np.asarray(np.unique(names, return_inverse=True)[1].ravel())


def _vector(name: str, values: ArrayLike, n: int) -> Array:
    array = _numbers(name, values)
    if array.shape != (n,):
        raise DataError(f"estimate_boundary: {name} must have shape ({n},), got {array.shape}")
    return array


def _numbers(name: str, values: ArrayLike) -> Array:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"estimate_boundary: {name} must be numbers, {error}") from error
