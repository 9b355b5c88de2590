"""The validation rows of a path's runs, whose losses are kept one by one.

They are kept where runs share rows and rows are independent of each other, alone or in groups: not
of fresh draws, of windows in time, or of a splitter of the user's. Rows that count by a weight, and
metrics whose rows count by something else, go on with one number for each run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from sweep.data.criterion import metrics_by_row
from sweep.data.splits import null_losses
from sweep.launchers.context import TrainingContext
from sweep.launchers.loop_context import AnyContext
from sweep.metrics.metric import Metric
from sweep.phases.history import StudyHistory
from sweep.records.division import DividedBy
from sweep.records.row_losses import SplitRows, pack_rows, sum_by_row, unpack_losses
from sweep.records.trial import Draw, Phase, State, Trial

INDEPENDENT = (DividedBy.ROWS, DividedBy.GROUPS, DividedBy.PARTS)
"""What rows are divided by where they, or their groups, are independent."""


@dataclass(frozen=True)
class PathRows:
    """The validation rows of R runs that every strength of a path is repeated over.

    A row weighs as much as the runs that held it out say: each run by its part of their mean, so
    the weighted mean of the rows is the mean of the runs, also where their parts differ in size.
    """

    draws: tuple[Draw, ...]
    """Of the runs."""
    numbers: tuple[np.ndarray, ...]
    """The rows of each run by their numbers in the data."""
    groups: np.ndarray | None
    """The group of every row of the data; None where rows are independent."""
    null_losses: Callable[[Draw], Mapping[Metric, np.ndarray]]
    """What the constant predictor loses on each validation row of a draw."""
    metrics: tuple[Metric, ...]
    """By which rows have losses of their own."""

    @cached_property
    def known(self) -> np.ndarray:
        """The numbers of the rows (N,) that any run holds out."""
        return np.unique(np.concatenate(self.numbers))

    @cached_property
    def weights(self) -> np.ndarray:
        """How much each of them weighs (N,)."""
        return self._sums([np.ones(len(rows)) for rows in self.numbers])

    @cached_property
    def null(self) -> Mapping[Metric, np.ndarray]:
        """What each row loses under the constant predictor (N,)."""
        of_runs = [self.null_losses(draw) for draw in self.draws]
        return {metric: self._means([own[metric] for own in of_runs]) for metric in self.metrics}

    def splits(self) -> list[SplitRows]:
        """The rows of every split, once."""
        found = {
            (draw.split_seed, draw.fold): SplitRows(draw.split_seed, draw.fold, pack_rows(rows))
            for draw, rows in zip(self.draws, self.numbers, strict=True)
        }
        return list(found.values())

    def losses(
        self, history: StudyHistory, trials: Sequence[Trial], metric: Metric
    ) -> Mapping[str, Any]:
        """What ``estimate_boundary`` takes of the rows of these trials, by name; nothing of a
        metric that has none, or where a run that completed did not keep them, as of an earlier
        version.
        """
        if metric not in self.metrics:
            return {}
        column = metric.validation
        table = np.full((len(trials), len(self.known)), np.nan)
        for place, trial in enumerate(trials):
            keys = [(trial.number, i) for i in range(len(self.draws))]
            if any(key not in history.runs for key in keys):
                continue
            if any(history.runs[key].state is not State.COMPLETE for key in keys):
                continue
            kept = [history.row_losses.get(key, {}) for key in keys]
            if any(column not in own for own in kept):
                return {}
            table[place] = self._means([unpack_losses(own[column]) for own in kept])
        return {
            "validation_rows": table,
            "null_rows": self.null[metric],
            "row_counts": self.weights,
            "row_groups": None if self.groups is None else self.groups[self.known],
        }

    def _means(self, of_runs: Sequence[np.ndarray]) -> np.ndarray:
        """The mean of each row (N,) over the runs that held it out."""
        return np.asarray(self._sums(of_runs) / self.weights)

    def _sums(self, of_runs: Sequence[np.ndarray]) -> np.ndarray:
        return sum_by_row(self.known, self.numbers, of_runs)


def path_rows_of(context: AnyContext) -> PathRows | None:
    """The validation rows of the path's runs; None where their losses are not kept."""
    if not isinstance(context, TrainingContext):
        return None
    study, splits = context.study, context.splits
    pool, most = splits.pool, study.path.row_losses
    if pool is None or pool.weight is not None or splits.division.by not in INDEPENDENT:
        return None
    target = context.first_split.y_validation
    metrics = metrics_by_row(splits.criterion, target)
    if len(target) > most or not metrics:
        return None
    draws = context.draws[Phase.PATH]
    numbers = tuple(splits.pool_rows[splits.rows(draw)[1]] for draw in draws)
    groups = None
    if pool.groups is not None:
        groups = np.zeros(int(splits.pool_rows.max()) + 1, dtype=np.int64)
        groups[splits.pool_rows] = pool.groups
    return PathRows(draws, numbers, groups, partial(null_losses, splits), metrics)
