"""Which rows are trained on, validated on and tested on: at random, or as the data ask for.

Rows in groups stay together, rows in time stay in order, and parts that the data name are used as
they are. Without any of these the rows are divided as ``resampling`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.data._group_splits import folds_of_groups, share_of_groups
from sweep.data._own_splitter import splits_of
from sweep.data._time_windows import Windows, latest, window
from sweep.data.resampling import TEST_STREAM, RowNumbers, derive_seed, reserve_test, split_rows
from sweep.data.rows import Rows
from sweep.errors import DataError
from sweep.metrics.tasks import CLASSIFICATION
from sweep.records.division import PARTS, TEST, TRAINING, VALIDATION, DividedBy
from sweep.records.trial import Draw
from sweep.study.data_settings import DataSettings


@dataclass(frozen=True)
class Division:
    """How the rows of a pool, or of every fresh draw, are divided."""

    settings: DataSettings
    by: DividedBy
    stratified: bool
    """Whether classes keep their shares as far as possible."""
    validation_fraction: float
    """Of the rows that are not tested on."""
    own_splits: tuple[tuple[RowNumbers, RowNumbers], ...] = ()
    """Those of the user's splitter."""

    def split(self, draw: Draw, rows: Rows) -> tuple[RowNumbers, RowNumbers]:
        """Training and validation rows of a draw, among those that are not tested on."""
        settings, share = self.settings, self.validation_fraction
        labels = self.labels(rows)
        if self.by is DividedBy.SPLITTER:
            return self.own_splits[draw.resample]
        if self.by is DividedBy.PARTS:
            return _in_part(rows, TRAINING), _in_part(rows, VALIDATION)
        if self.by is DividedBy.TIME and rows.time is not None:
            return window(rows.time, share, self._windows(), draw.fold)
        if self.by is DividedBy.GROUPS and rows.groups is not None:
            if settings.design != "kfold":
                return share_of_groups(rows.groups, labels, share, draw.split_seed)[::-1]
            fold_of = folds_of_groups(rows.groups, labels, settings.n_folds, draw.split_seed)
            return np.flatnonzero(fold_of != draw.fold), np.flatnonzero(fold_of == draw.fold)
        return split_rows(draw, settings.design, labels, len(rows), share, settings.n_folds)

    def labels(self, rows: Rows) -> np.ndarray | None:
        """The classes by which rows are stratified; None for a regression."""
        return rows.y if self.stratified else None

    def _windows(self) -> Windows:
        settings = self.settings
        n_windows = settings.n_folds if settings.design == "kfold" else 1
        return Windows(n_windows, settings.window == "rolling", settings.gap)

    @property
    def most_draws(self) -> int | None:
        """How many draws have rows of their own; None for any number."""
        if self.by is DividedBy.SPLITTER:
            return len(self.own_splits)
        in_windows = self.by is DividedBy.TIME and self.settings.design == "kfold"
        return self.settings.n_folds if in_windows else None

    def check_draws(self, draws: Sequence[Draw]) -> None:
        """DataError where draws of one phase would have the rows of another once more."""
        most = self.most_draws
        if most is not None and len(draws) > most:
            in_time = self.by is DividedBy.TIME
            what = "windows in time (data.n_folds)" if in_time else "splits"
            advice = f"set both to {most} or fewer"
            advice += ", or raise data.n_folds" if in_time else ", or give more splits"
            raise DataError(
                f"path.resamples, search.resamples: at most as many as there are {what} must be "
                f"given, found {len(draws)} for {most}, and the same rows again would count for "
                f"others; {advice}"
            )

    def overlap(self, rows: Rows, draws: Iterable[Draw]) -> float | None:
        """n_validation / n_training, on average over these draws, in what is drawn independently.

        That is what the overlap of training rows adds to 1/R; None where ``design`` says it.
        """
        by_design = self.settings.design in ("fresh", "holdout")
        in_folds = self.by is DividedBy.GROUPS and self.settings.design == "kfold"
        if self.by in (DividedBy.ROWS, DividedBy.PARTS) or by_design or in_folds:
            return None
        ratios = []
        for draw in draws:
            train, validation = (_n_units(rows, part) for part in self.split(draw, rows))
            ratios.append(validation / train)
        return float(np.mean(ratios))


def divided(rows: Rows, settings: DataSettings) -> DividedBy:
    """What rows of this kind are divided by; DataError where the study says something else."""
    beside = {"split": rows.part, "groups": rows.groups, "time": rows.time}
    for name, array in beside.items():
        if array is not None and settings.design == "fresh":
            raise DataError(
                f"data.design: the rows of a fresh draw must be independent, found {name} beside "
                'them; leave it out, or set design = "resample", "kfold" or "holdout"'
            )
    by = _divided(rows, settings)
    ignored = {"validation_fraction"} if by in (DividedBy.PARTS, DividedBy.SPLITTER) else set()
    ignored |= {"test_fraction"} if rows.part is not None else set()
    windows = by is DividedBy.TIME and settings.design == "kfold"
    ignored |= set() if windows else {"window"}
    ignored |= set() if by is DividedBy.TIME else {"gap"}
    for key in sorted(ignored & settings.model_fields_set):
        raise DataError(
            f"data.{key}: it must be left out where it decides nothing, found it given with rows "
            f"that are divided by {by}; remove it"
        )
    return by


def _divided(rows: Rows, settings: DataSettings) -> DividedBy:
    if settings.splitter is not None:
        return DividedBy.SPLITTER
    if rows.part is not None and len(_in_part(rows, VALIDATION)):
        if settings.design != "holdout":
            raise DataError(
                "data.design: it must be holdout where the data name validation rows, found "
                f'{settings.design!r}; set design = "holdout" (seeds alone vary), or name '
                "training and test rows only"
            )
        return DividedBy.PARTS
    if rows.time is not None:
        if settings.design not in ("kfold", "holdout"):
            raise DataError(
                "data.design: rows in the order of time need windows, found "
                f'{settings.design!r}; set design = "kfold" for n_folds windows one after the '
                'other, or "holdout" for the latest alone'
            )
        if rows.groups is not None:
            raise DataError(
                "data.time: rows are divided by time or by groups, found both, and a group that "
                "lasts would be on both sides of a window; leave one out, or name the part of "
                "every row by data.split"
            )
        return DividedBy.TIME
    return DividedBy.ROWS if rows.groups is None else DividedBy.GROUPS


def divide_pool(
    pool: Rows, settings: DataSettings, task: str, study_seed: int
) -> tuple[Division, RowNumbers, RowNumbers]:
    """How a pool is divided, its rows to draw from, and those that only the last phase may touch.

    Raises DataError where the parts that the user gave share a group, or look ahead in time.
    """
    by, stratified = divided(pool, settings), task == CLASSIFICATION
    rest, test = _reserve(pool, settings, stratified, study_seed)
    share = settings.validation_fraction
    share /= (len(rest) / len(pool)) if pool.part is not None else 1 - settings.test_fraction
    own = splits_of(settings.splitter, pool.take(rest)) if by is DividedBy.SPLITTER else ()
    division = Division(settings, by, stratified, share, own)
    if share >= 1 and settings.design != "kfold" and by is not DividedBy.PARTS:
        raise DataError(
            f"data.validation_fraction: rows must be left to train on beside the test rows, found "
            f"{len(rest)} of {len(pool)} rows for it and training; lower validation_fraction"
        )
    _check_apart(pool, rest, test, "test rows")
    for train, validation in _given_splits(division, pool, rest):
        _check_apart(pool, train, validation, "validation rows")
    return division, rest, test


def _given_splits(
    division: Division, pool: Rows, rest: RowNumbers
) -> Iterable[tuple[RowNumbers, RowNumbers]]:
    """The splits that the user gave, as rows of the pool."""
    if division.by is DividedBy.PARTS:
        return [(_in_part(pool, TRAINING), _in_part(pool, VALIDATION))]
    return [(rest[train], rest[validation]) for train, validation in division.own_splits]


def _reserve(
    pool: Rows, settings: DataSettings, stratified: bool, study_seed: int
) -> tuple[RowNumbers, RowNumbers]:
    """The rows to draw from, and the test rows."""
    fraction = settings.test_fraction
    labels = pool.y if stratified else None
    if pool.part is not None:
        test = _in_part(pool, TEST)
        return np.flatnonzero(pool.part != PARTS.index(TEST)), test
    if pool.time is not None:
        return latest(pool.time, fraction, settings.gap)[::-1]
    if pool.groups is not None:
        seed = derive_seed(study_seed, TEST_STREAM)
        return share_of_groups(pool.groups, labels, fraction, seed)[::-1]
    return reserve_test(len(pool), labels, fraction, study_seed)


def _check_apart(rows: Rows, earlier: RowNumbers, later: RowNumbers, what: str) -> None:
    """DataError where two parts share a group, or the one that is judged on begins before."""
    if rows.groups is not None:
        shared = np.intersect1d(rows.groups[earlier], rows.groups[later])
        if len(shared):
            raise DataError(
                f"data.groups: no group may be in two parts, found {len(shared)} groups with "
                f"{what} and others; move each to one part"
            )
    if rows.time is not None:
        late = int((rows.time[earlier] >= rows.time[later].min()).sum())
        if late:
            raise DataError(
                f"data.time: {what} must come later than all others, found {late} rows of the same "
                "time or later to train on; move them, or leave data.time out"
            )


def _in_part(rows: Rows, part: str) -> RowNumbers:
    assert rows.part is not None
    return np.flatnonzero(rows.part == PARTS.index(part))


def _n_units(rows: Rows, numbers: RowNumbers) -> int:
    """Groups, where there are any, and rows elsewhere."""
    return len(numbers) if rows.groups is None else len(np.unique(rows.groups[numbers]))
