"""The table of losses along a ladder of strengths, checked. Legend: K strengths, R resamples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from sweep.errors import DataError
from sweep.statistics._interpolation import Array
from sweep.statistics._row_losses import NO_ROWS, GivenRows, RowLosses, read_rows
from sweep.statistics.double_sampling import complete


@dataclass(frozen=True)
class StrengthPath:
    """A checked table: ``strengths`` (K,) above 0, losses (K, R), ``null`` (R,).

    ``anchor`` (2, R): validation and training loss at strength 0; where it has fewer resamples than
    others, the validation has the variance of its mean.
    """

    strengths: Array
    validation: Array
    training: Array
    null: Array
    anchor: Array | None
    dropped: tuple[float, ...]
    rows: RowLosses | None = None
    uneven: Array | None = None
    """What is to be added to ``validation`` where strengths have fewer resamples than others, for
    columns with the variance of the means (``double_sampling``)."""

    @property
    def x(self) -> Array:
        return np.asarray(np.log10(self.strengths))

    @property
    def n_resamples(self) -> int:
        return len(self.null)


def read_path(
    strengths: ArrayLike,
    validation: ArrayLike,
    training: ArrayLike,
    null_loss: ArrayLike,
    given: GivenRows = NO_ROWS,
    counts: ArrayLike | None = None,
) -> StrengthPath:
    """The table, checked, without its anchor and without strengths that did not finish; ``counts``
    as ``estimate_boundary`` has them.
    """
    strength = _numbers("strengths", strengths, 1)
    val = _numbers("validation", validation, 2)
    train = _numbers("training", training, 2)
    _check_table(strength, val, train)
    more = None
    if counts is not None:
        own = _read_counts(counts, val)
        train, _ = complete(train, own, strength.tolist())
        val, more = complete(val, own, strength.tolist())
    finite = np.isfinite(val).all(1) & np.isfinite(train).all(1)
    is_anchor = strength == 0
    kept = finite & ~is_anchor
    rows = read_rows(given, val, np.asarray(finite))
    at_zero = np.stack([val[0] if more is None else val[0] + more[0], train[0]])
    return StrengthPath(
        strengths=strength[kept],
        validation=val[kept],
        training=train[kept],
        null=_read_null(null_loss, val),
        anchor=at_zero if (is_anchor & finite).any() else None,
        dropped=tuple(strength[~finite].tolist()),
        rows=None if rows is None else rows.at(kept, bool((is_anchor & finite).any())),
        uneven=None if more is None else more[kept],
    )


def _check_table(strength: Array, val: Array, train: Array) -> None:
    """Raises DataError for tables that cannot be meant."""
    where = "estimate_boundary:"
    if val.shape != train.shape or len(val) != len(strength):
        raise DataError(
            f"{where} validation and training must both have shape (strengths, resamples), got "
            f"{len(strength)} strengths, validation {val.shape}, training {train.shape}"
        )
    if not np.isfinite(strength).all() or (strength < 0).any():
        raise DataError(f"{where} strengths must be finite and >= 0, got {strength.tolist()}")
    for before, after in pairwise(strength):
        if after <= before:
            raise DataError(
                f"{where} strengths must ascend without repeats, got {after:g} after {before:g}; "
                "sort the rows by strength and average repeats as resamples"
            )
    if (n_positive := int((strength > 0).sum())) < 4:
        raise DataError(f"{where} at least 4 strengths above 0 are needed, got {n_positive}")
    if val.shape[1] < 2:
        raise DataError(
            f"{where} at least 2 resamples are needed, got {val.shape[1]}; 5 are the floor, 10 good"
        )


def _read_counts(counts: ArrayLike, validation: Array) -> list[int]:
    """How many resamples each strength has; at least 2, and one strength has all."""
    n_strengths, n_resamples = validation.shape
    found = np.asarray(counts)
    if found.shape != (n_strengths,) or found.dtype.kind not in "iu":
        raise DataError(
            f"estimate_boundary: counts must be a whole number for each of {n_strengths} "
            f"strengths, got {np.array2string(found, threshold=4)}"
        )
    if found.min() < 2 or found.max() != n_resamples:
        raise DataError(
            f"estimate_boundary: counts must be from 2 to {n_resamples}, which one strength must "
            f"have, got {found.min()} to {found.max()}; leave out columns that none has"
        )
    return [int(n) for n in found]


def _numbers(name: str, values: ArrayLike, n_axes: int) -> Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"estimate_boundary: {name} must be numbers, {error}") from error
    if array.ndim != n_axes:
        raise DataError(
            f"estimate_boundary: {name} must have {n_axes} axes, got shape {array.shape}"
        )
    return array


def _read_null(null_loss: ArrayLike, validation: Array) -> Array:
    """One null loss per resample; finite wherever anything finished in that resample."""
    n_resamples = validation.shape[1]
    null = np.asarray(null_loss, dtype=np.float64)
    if null.shape not in ((), (n_resamples,)):
        raise DataError(
            f"estimate_boundary: null_loss must be one number or one per resample "
            f"({n_resamples}), got shape {null.shape}"
        )
    null = np.broadcast_to(null, n_resamples)
    used = np.isfinite(validation).any(0)
    if not np.isfinite(null[used]).all():
        raise DataError(
            "estimate_boundary: null_loss must be finite, got "
            f"{null[used][~np.isfinite(null[used])][0]}; give the constant predictor's loss"
        )
    return null
