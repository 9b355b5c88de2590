"""A user-defined metric: found by its name, called on one run's outputs, tried beforehand.

The function is called as ``metric(output, target)`` with the outputs (N, C) and targets (N, ...) of
one part of one run's split, as tensors on the CPU, and returns one number. One that has a parameter
``weight`` gets the weights of the rows (N,) too, which are 1 where the study has none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sweep.errors import StudyError, SweepError
from sweep.metrics.judging import Judged, StackedRows
from sweep.metrics.metric import Metric
from sweep.runtime.user_code import asks_for, guarded, name_of, resolve_function

WHERE = "study.objective"
"""The key that names a metric where it is the only one."""


@dataclass(frozen=True)
class OwnMetric:
    """The user's function; a StudyError of one line where it fails or returns no number."""

    name: str
    function: Callable[..., Any]
    called: str
    """How the study names it."""
    dtype: torch.dtype
    """Of all outputs that it gets, and of the targets of a regression."""
    where: str = WHERE
    """The key that names it."""

    @property
    def names(self) -> Sequence[str]:
        return [self.name]

    @property
    def takes_weight(self) -> bool:
        """Whether it gets the weights of rows."""
        return asks_for(self.function, "weight")

    def judge(self, rows: StackedRows, judged: np.ndarray) -> Iterable[Judged]:
        """Its values, run by run; what is wrong in one run is a fault of that run alone."""
        values, faults = np.full(len(judged), math.nan), dict[int, str]()
        for run in np.flatnonzero(judged).tolist():
            try:
                values[run] = self(*rows.of_run(run))
            except SweepError as error:
                faults[run] = str(error)
        yield Judged(self.name, values, faults)

    def __call__(self, output: Tensor, target: Tensor, weight: Tensor | None = None) -> float:
        extra = {}
        if self.takes_weight:
            own = torch.ones(len(output)) if weight is None else weight
            extra["weight"] = self._plain(own)
        with guarded(self.where, self.called, StudyError):
            value = self.function(self._plain(output), self._plain(target), **extra)
        number = _number(value)
        if number is None or not math.isfinite(number):
            found = _described(value) if number is None else f"{number}"
            raise StudyError(
                f"{self.where}: {self.called} must return one finite number, found {found}; "
                "average over rows, and say what it is where it is not defined"
            )
        return number

    def _plain(self, tensor: Tensor) -> Tensor:
        """A copy of its own, so that nothing the function does is seen elsewhere."""
        plain = tensor.detach().to("cpu", copy=True)
        return plain.to(self.dtype) if plain.is_floating_point() else plain


def own_metric(
    source: str | Callable[..., Any], metric: Metric, folder: Path, dtype: torch.dtype, where: str
) -> OwnMetric:
    """The metric that a study brings along; ``where`` is the key that names it."""
    function = resolve_function(source, folder, where, StudyError)
    return OwnMetric(metric.name, function, name_of(source), dtype, where)


def try_metric(own: OwnMetric, output: Tensor, target: Tensor) -> None:
    """Calls the metric on real rows, twice: the same rows must give the same number."""
    first, second = own(output, target), own(output, target)
    if first != second:
        raise StudyError(
            f"{own.where}: {own.called} must return the same number for the same rows, found "
            f"{first:g} and {second:g}; draw no random numbers in it"
        )


def _number(value: object) -> float | None:
    """A number, or an array or tensor of one; None for anything else."""
    if isinstance(value, Tensor | np.ndarray) and math.prod(value.shape) == 1:
        value = value.item()
    if isinstance(value, np.generic):
        value = value.item()
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain else None  # type: ignore[arg-type]


def _described(value: object) -> str:
    shape = getattr(value, "shape", None)
    kind = type(value).__name__
    return kind if shape is None else f"{kind} of shape {tuple(shape)}"
