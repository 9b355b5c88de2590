"""What must hold between the metrics of a study and its rows before any run is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch

from sweep.data.criterion import Criterion
from sweep.data.datasets import Data
from sweep.data.rows import Rows
from sweep.data.splits import Split, Splits
from sweep.errors import StudyError
from sweep.metrics.catalogue import NamedMetric
from sweep.metrics.custom import OwnMetric
from sweep.metrics.judging import Judge
from sweep.metrics.loss import Loss
from sweep.metrics.metric import ACCURACY, Metric
from sweep.metrics.tasks import CLASSIFICATION, MULTILABEL, SEQUENCE
from sweep.records.trial import Draw, Phase


def check_metrics(data: Data, objective: Metric, named: Iterable[NamedMetric]) -> None:
    """Raises StudyError for a metric that does not fit the task."""
    has_accuracy = data.task in (CLASSIFICATION, SEQUENCE)
    if objective == ACCURACY and not has_accuracy:
        raise StudyError(
            f"study.objective: accuracy needs classes, found a {data.task}; use val_loss"
        )
    for one in named:
        kind = one.kind
        if kind is None or (one.metric == ACCURACY and has_accuracy):
            continue
        if kind.task != data.task and not (kind.of_labels and data.task == MULTILABEL):
            needs = "classes" if kind.task == CLASSIFICATION else "numbers to predict"
            raise StudyError(
                f"{one.where}: {kind.name} needs {needs}, found a {data.task}; leave it out"
            )


def check_outputs(data: Data, criterion: Criterion, named: Iterable[NamedMetric]) -> None:
    """Raises StudyError for a metric that does not fit the outputs, or the size of the targets."""
    row, n_classes = criterion.row, data.n_outputs
    for one in (one for one in named if one.kind is not None):
        assert one.kind is not None
        fits = row == (n_classes,) or (row == (1,) and n_classes == 2)
        if one.kind.task == CLASSIFICATION and one.metric != ACCURACY and not fits:
            raise StudyError(
                f"{one.where}: {one.metric.name} needs a logit for each of {n_classes} classes, "
                f"found outputs {row}; write it as a function of your own"
            )
        if not one.kind.of_plain_targets:
            continue
        if data.standardize and criterion.loss.scales_target:
            raise StudyError(
                f"{one.where}: {one.metric.name} needs targets as they are, found targets that are "
                "scaled to mean 0 and deviation 1; set data.standardize = false, or take mae or r2"
            )
        if data.pool is not None and (data.pool.y == 0).any():
            raise StudyError(
                f"{one.where}: {one.metric.name} divides by the targets, found some that are 0; "
                "take mae or r2"
            )


def check_weighted(split: Split, judges: Iterable[Judge]) -> None:
    """Raises StudyError where a function of the user's would count rows alike that have weights."""
    for judge in judges:
        if split.w_train is not None and isinstance(judge, OwnMetric) and not judge.takes_weight:
            raise StudyError(
                f"{judge.where}: {judge.called} must take the weights of rows where data.weight is "
                "set, found no parameter for them; add one named weight"
            )


def check_accuracy(
    data: Data, loss: Loss, row: tuple[int, ...], objective: Metric, named: Iterable[NamedMetric]
) -> None:
    """Raises StudyError for an accuracy that is asked for where the loss knows no right answer."""
    asking = ["study.objective"] if objective == ACCURACY else []
    asking += [one.where for one in named if one.metric == ACCURACY]
    if asking and data.task != MULTILABEL:
        shape = (1, 2, *row[:-1]) if data.task == SEQUENCE else (1, 2)
        known = loss.hits(torch.zeros((1, 2, *row)), torch.zeros(shape, dtype=torch.int64))
        if known is None:
            raise StudyError(
                f"{asking[0]}: accuracy needs a logit for each class of a row, found a {data.task} "
                f"with the loss {loss.name} and outputs {row}; take val_loss, or a metric of your "
                "own"
            )


def check_parts(
    splits: Splits, draws: Mapping[Phase, Sequence[Draw]], named: Iterable[NamedMetric]
) -> None:
    """Raises StudyError where a part of a split lacks what a metric is not defined without.

    Rows that are drawn anew for every split are not known yet: there it is a fault of the run.
    """
    needing = [one for one in named if one.kind is not None and one.kind.of_varied_targets]
    if splits.pool is None or splits.data.pool is None or not needing:
        return
    one, pool = needing[0], splits.pool
    parts = {"test": _targets(splits.data.pool, splits.test_rows)}
    for draw in {(d.split_seed, d.fold): d for own in draws.values() for d in own}.values():
        train, validation = splits.rows(draw)
        parts |= {"training": _targets(pool, train), "validation": _targets(pool, validation)}
        for part, targets in parts.items():
            if needs := _lacking(splits.data, targets):
                raise StudyError(
                    f"{one.where}: {one.metric.name} needs {needs} among the {part} rows of a "
                    "split; give more rows, or leave the metric out"
                )


def _targets(rows: Rows, numbers: np.ndarray) -> np.ndarray:
    """The targets of those of these rows that count."""
    targets: np.ndarray = rows.y[numbers]
    return targets if rows.weight is None else targets[rows.weight[numbers] > 0]


def _lacking(data: Data, targets: np.ndarray) -> str:
    """What the targets of a part lack, in words; "" for nothing."""
    if data.task == CLASSIFICATION:
        counts = np.bincount(targets.astype(int), minlength=data.n_outputs)
        missing = np.flatnonzero(counts == 0)
        found = "" if not len(missing) else repr(data.class_names[missing[0]])
        return f"rows of every class in every part, found none of {found}" if found else ""
    columns = targets.reshape(len(targets), -1)
    same = np.flatnonzero((columns == columns[:1]).all(0))
    words = "targets that differ in every part, found one value in column"
    return f"{words} {same[0] + 1}" if len(same) else ""
