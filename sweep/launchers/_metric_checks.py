"""What must hold between the metrics of a study and its rows before any run is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sweep.data.datasets import Data
from sweep.data.splits import Splits
from sweep.errors import StudyError
from sweep.metrics.catalogue import NamedMetric
from sweep.metrics.metric import ACCURACY, Metric
from sweep.metrics.tasks import CLASSIFICATION, MULTILABEL, SEQUENCE
from sweep.records.trial import Draw, Phase


def check_metrics(data: Data, objective: Metric, named: Iterable[NamedMetric]) -> None:
    """Raises StudyError for a metric that does not fit the task or the targets."""
    if objective == ACCURACY and data.task not in (CLASSIFICATION, SEQUENCE):
        raise StudyError(
            f"study.objective: accuracy needs classes, found a {data.task}; use val_loss"
        )
    for one in named:
        kind = one.kind
        tasks = (CLASSIFICATION, MULTILABEL) if data.task == MULTILABEL else (data.task,)
        if kind is not None and kind.task not in tasks:
            needs = "classes" if kind.task == CLASSIFICATION else "numbers to predict"
            raise StudyError(
                f"{one.where}: {kind.name} needs {needs}, found a {data.task}; leave it out"
            )
        if kind is not None and kind.of_plain_targets and data.standardize:
            raise StudyError(
                f"{one.where}: {kind.name} needs targets as they are, found targets that are "
                "scaled to mean 0 and deviation 1; set data.standardize = false, or take mae or r2"
            )


def check_parts(
    splits: Splits, draws: Mapping[Phase, Sequence[Draw]], named: Iterable[NamedMetric]
) -> None:
    """Raises StudyError where a part of a split lacks a class that a metric needs.

    Rows that are drawn anew for every split are not known yet; there it is a fault of the run.
    """
    needing = [one for one in named if one.kind is not None and one.kind.of_every_class]
    if splits.pool is None or splits.data.pool is None or not needing:
        return
    labels, n_classes = splits.pool.y.astype(int), splits.data.n_outputs
    parts = {"test": splits.data.pool.y.astype(int)[splits.test_rows]}
    for draw in {(d.split_seed, d.fold): d for own in draws.values() for d in own}.values():
        parts["validation"] = labels[splits.rows(draw)[1]]
        for part, own in parts.items():
            missing = np.flatnonzero(np.bincount(own, minlength=n_classes) == 0)
            if len(missing):
                raise StudyError(
                    f"{needing[0].where}: {needing[0].metric.name} needs rows of every class in "
                    f"every part, found none of {splits.data.class_names[missing[0]]!r} among the "
                    f"{part} rows of a split; give more rows of it, or leave the metric out"
                )
