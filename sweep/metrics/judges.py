"""The judges of a study: the metrics that it names, and the functions of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sweep.errors import StudyError
from sweep.metrics.catalogue import METRICS, NamedMetric
from sweep.metrics.class_metrics import CLASS_METRICS, ClassRows
from sweep.metrics.custom import OwnMetric, own_metric
from sweep.metrics.judging import Judge, Judged, StackedRows
from sweep.metrics.loss import Loss
from sweep.metrics.number_metrics import NUMBER_METRICS, NumberRows
from sweep.metrics.tasks import CLASSIFICATION

MOST_NUMBERS = 2**22
"""Outputs that are looked at at once, which bounds the memory."""


@dataclass(frozen=True)
class KnownMetrics:
    """The metrics of a study that are known by name, which share what they need of the rows."""

    named: tuple[NamedMetric, ...]
    loss: Loss
    """What the networks are trained on, which says what their outputs predict."""

    @property
    def names(self) -> Sequence[str]:
        return [named.metric.name for named in self.named]

    def judge(self, rows: StackedRows, judged: np.ndarray) -> Iterable[Judged]:
        """Every metric; one that is not defined is a fault of its run."""
        rows = self._predicted(rows)
        n_runs, row_size = rows.output.shape[0], rows.output[0].numel()
        step = max(1, MOST_NUMBERS // max(1, row_size))
        parts = [
            self._values(rows.chunk(slice(start, start + step))) for start in range(0, n_runs, step)
        ]
        table = torch.cat(parts, 1).cpu().numpy()  # the one time that a device is waited for
        for named, values in zip(self.named, table, strict=True):
            values[~judged] = np.nan
            undefined = np.flatnonzero(judged & ~np.isfinite(values)).tolist()
            fault = f"{named.where}: {_needs(named)}"
            yield Judged(named.metric.name, values, dict.fromkeys(undefined, fault))

    def _values(self, rows: StackedRows) -> Tensor:
        """(metrics, R), of rows that fit into the memory."""
        if self._of_classes:
            classes = ClassRows(rows)
            return torch.stack([CLASS_METRICS[name](classes) for name in self._formulas])
        numbers = NumberRows(rows)
        return torch.stack([NUMBER_METRICS[name](numbers) for name in self._formulas])

    @property
    def _of_classes(self) -> bool:
        return METRICS[self._formulas[0]].task == CLASSIFICATION

    @property
    def _formulas(self) -> list[str]:
        return [str(named.source) for named in self.named]

    def _predicted(self, rows: StackedRows) -> StackedRows:
        """The rows with what is predicted of them for outputs.

        Raises StudyError for outputs that these metrics cannot judge.
        """
        first = self.named[0]
        output = self.loss.predictions(rows.output)
        if output is None:
            raise StudyError(
                f"{first.where}: {first.metric.name} needs one prediction for each target, found "
                f"outputs of {self.loss.name} without the median; add the quantile 0.5"
            )
        predicted = replace(rows, output=output)
        self._check(predicted)
        return predicted

    def _check(self, rows: StackedRows) -> None:
        """Raises StudyError for predictions and targets that do not belong together."""
        first, output, target = self.named[0], rows.output, rows.target
        where = f"{first.where}: {first.metric.name}"
        fits = output.ndim == 3 and (self._of_classes or output[0].numel() == target[0].numel())
        if not fits:
            raise StudyError(
                f"{where} needs one output for each target of a row, found outputs "
                f"{tuple(output.shape[1:])} and targets {tuple(target.shape[1:])}; write it as a "
                "function of your own"
            )
        labels = self._of_classes and target.ndim == output.ndim
        if labels and not ((target == 0) | (target == 1)).all():
            raise StudyError(
                f"{where} needs labels of 0 or 1, found others between; write it as a function of "
                "your own"
            )
        for named in self.named:
            if rows.weight is not None and not METRICS[str(named.source)].takes_weights:
                raise StudyError(
                    f"{named.where}: {named.metric.name} takes no weights of rows, found some; "
                    "leave it out, or data.weight"
                )


def _needs(named: NamedMetric) -> str:
    """What a metric is not defined without."""
    name, kind = named.metric.name, METRICS[str(named.source)]
    if kind.task == CLASSIFICATION and kind.of_varied_targets:
        return (
            f"{name} needs rows of every class in every part, found none of one; give more rows "
            "of it, or leave the metric out"
        )
    return (
        f"{name} needs finite outputs and targets that differ, found others in one part; give "
        "more rows, or leave the metric out"
    )


def make_judges(
    named: Iterable[NamedMetric], folder: Path, dtype: torch.dtype, loss: Loss
) -> tuple[Judge, ...]:
    """The judges of these metrics; a StudyError of one line for a function that is not there."""
    known, own = [], list[OwnMetric]()
    for one in named:
        if one.metric.built_in:  # which every run is judged by anyway
            continue
        if one.kind is not None:
            known.append(one)
        else:
            own.append(own_metric(one.source, one.metric, folder, dtype, one.where))
    return (*([KnownMetrics(tuple(known), loss)] if known else []), *own)
