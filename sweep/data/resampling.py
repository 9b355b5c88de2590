"""Which rows a run trains on: draws of the data, folds, replicates, and the reserved test rows.

Every number is drawn from the study's seed and the place of the draw alone, in a stream of its own
for each phase; draw r is the same however many there are. Stratification keeps every class's share
in every part.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from sweep.errors import DataError
from sweep.records.trial import Draw, Phase

RowNumbers = np.ndarray
"""Sorted row numbers, int64."""

STREAMS = {
    Phase.EXPLORE: 1,
    Phase.SELECT: 4,
    Phase.PATH: 2,
    Phase.CONFIRM: 3,
    Phase.CONTROL: 1,
    Phase.ABLATION: 3,
    Phase.BASELINE: 3,
}
"""The control repeats what the explore phase did."""
TEST_STREAM = 9


def derive_seed(*entropy: int) -> int:
    """A seed of 62 bits from these numbers (``numpy.random.SeedSequence``)."""
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 2)


def plan_draws(
    design: str, phase: Phase, n: int, *, study_seed: int, n_folds: int
) -> tuple[Draw, ...]:
    """The first ``n`` draws of a phase.

    ``fresh`` and ``resample``: each has its own split (or data) and seed. ``kfold``: repetition ``r
    // n_folds``, fold ``r % n_folds``; the folds of a repetition share one shuffle. ``holdout``:
    the one split of the study, and replicate r's own seed.
    """
    stream = STREAMS[phase]
    draws = []
    for r in range(n):
        seed = derive_seed(study_seed, stream, r, 1)
        if design == "kfold":
            repetition, fold = divmod(r, n_folds)
            draws.append(
                Draw(repetition, fold, 0, derive_seed(study_seed, stream, repetition), seed)
            )
        elif design == "holdout":
            draws.append(Draw(0, 0, r, derive_seed(study_seed, 0), seed))
        else:
            draws.append(Draw(r, 0, 0, derive_seed(study_seed, stream, r), seed))
    return tuple(draws)


def reserve_test(
    n_rows: int, labels: Sequence[int] | np.ndarray | None, fraction: float, study_seed: int
) -> tuple[RowNumbers, RowNumbers]:
    """The rows that are left and the test rows, which only the confirm phase may touch."""
    rng = np.random.default_rng([study_seed, TEST_STREAM])
    test, rest = _divide(np.arange(n_rows), _array(labels), fraction, rng)
    if not len(test) or not len(rest):
        raise DataError(
            f"data.test_fraction: at least one test row and one other must result, found {n_rows} "
            f"rows at {fraction}; give more rows or another fraction"
        )
    return rest, test


def split_rows(
    draw: Draw,
    design: str,
    labels: Sequence[int] | np.ndarray | None,
    n_rows: int,
    validation_fraction: float,
    n_folds: int,
) -> tuple[RowNumbers, RowNumbers]:
    """Training and validation rows of a draw, stratified by ``labels`` where there are any."""
    rng = np.random.default_rng([draw.split_seed])
    rows, y = np.arange(n_rows), _array(labels)
    if design == "kfold":
        if n_rows < n_folds:
            raise DataError(
                f"data.n_folds: at least one row per fold must be there, found {n_rows} rows for "
                f"{n_folds} folds; lower n_folds"
            )
        fold_of = _folds(rows, y, n_folds, rng)
        train, validation = rows[fold_of != draw.fold], rows[fold_of == draw.fold]
    else:
        validation, train = _divide(rows, y, validation_fraction, rng)
    if not len(train) or not len(validation):
        raise DataError(
            f"data: training and validation rows must result, found {n_rows} rows in all; "
            "give more rows"
        )
    return train, validation


def _array(labels: Sequence[int] | np.ndarray | None) -> np.ndarray | None:
    return None if labels is None else np.asarray(labels)


# scikit-learn's StratifiedShuffleSplit refuses a class of one row, and it and StratifiedKFold would
# give every stored study other rows.


def _divide(
    rows: RowNumbers, labels: np.ndarray | None, fraction: float, rng: np.random.Generator
) -> tuple[RowNumbers, RowNumbers]:
    """A random share of the rows, and the others; by largest remainders within classes."""
    n_taken = round(len(rows) * fraction)
    shuffled = rng.permutation(rows)
    if labels is None:
        return np.sort(shuffled[:n_taken]), np.sort(shuffled[n_taken:])
    groups = [shuffled[labels[shuffled] == label] for label in np.unique(labels)]
    exact = np.array([len(group) * fraction for group in groups])
    counts = np.floor(exact).astype(int)
    missing = n_taken - counts.sum()
    for place in np.argsort(-(exact - counts), kind="stable")[: max(0, missing)]:
        counts[place] += 1
    taken = np.concatenate([g[:c] for g, c in zip(groups, counts, strict=True)])
    return np.sort(taken), np.setdiff1d(rows, taken)


def _folds(
    rows: RowNumbers, labels: np.ndarray | None, n_folds: int, rng: np.random.Generator
) -> np.ndarray:
    """The fold of every row: classes are dealt out one after the other, so shares are kept."""
    shuffled = rng.permutation(rows)
    if labels is not None:
        shuffled = shuffled[np.argsort(labels[shuffled], kind="stable")]
    fold_of = np.empty(len(rows), dtype=int)
    fold_of[shuffled] = np.arange(len(rows)) % n_folds
    return fold_of


MANY_ROWS = 200_000
"""Orders of more rows fill memory: few are kept."""


def permutation(seed: int, epoch: int, n_rows: int) -> np.ndarray:
    """The order of the training rows in one epoch of one seed."""
    return (_order if n_rows <= MANY_ROWS else _long_order)(seed, epoch, n_rows)


def _drawn(seed: int, epoch: int, n_rows: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(n_rows)


_order, _long_order = (functools.lru_cache(maxsize=most)(_drawn) for most in (512, 8))
