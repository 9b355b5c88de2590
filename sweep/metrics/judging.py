"""What judges are given and give back: the rows of every run of a part, and values by run.

Legend: R runs, N rows of a part, B rows of a batch, C classes or outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class StackedRows:
    """The outputs of every run of a part, side by side; shorter parts are padded."""

    output: Tensor
    """(R, N, C), as the network gives them."""
    target: Tensor
    """(R, N) or (R, N, C)."""
    there: Tensor | None = None
    """(R, N): False where a row is padding; None where none is."""
    weight: Tensor | None = None
    """(R, N): how much a row counts; None where all count alike."""

    @property
    def weights(self) -> Tensor:
        """(R, N) in float64: padding has weight 0."""
        own = self.weight
        if own is None:
            own = torch.ones(self.output.shape[:2], device=self.output.device)
        own = own if own.device.type != "mps" else own.cpu()  # which knows no float64
        there = 1.0 if self.there is None else self.there.to(own.device)
        return own.double() * there

    def chunk(self, runs: slice) -> StackedRows:
        """The rows of some of the runs."""
        there = None if self.there is None else self.there[runs]
        weight = None if self.weight is None else self.weight[runs]
        return StackedRows(self.output[runs], self.target[runs], there, weight)

    def of_run(self, run: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """Outputs (n, C), targets (n, ...) and weights (n,) of one run, without padding."""
        parts = (
            self.output[run],
            self.target[run],
            None if self.weight is None else self.weight[run],
        )
        if self.there is None:
            return parts
        there = self.there[run]
        output, target, weight = parts
        return output[there], target[there], None if weight is None else weight[there]


@dataclass
class KeptRows:
    """Evaluation batches, kept until all rows of a part have been seen."""

    _batches: list[StackedRows] = field(default_factory=list)

    def add(
        self, output: Tensor, target: Tensor, there: Tensor | None, weight: Tensor | None = None
    ) -> None:
        """Keeps a batch (R, B, ...)."""
        self._batches.append(StackedRows(output, target, there, weight))

    def stacked(self) -> StackedRows:
        """All rows that were kept."""
        kept = self._batches
        if len(kept) > 1:
            output = torch.cat([batch.output for batch in kept], 1)
            target = torch.cat([batch.target for batch in kept], 1)
            there, weight = (_joined(kept, name) for name in ("there", "weight"))
            self._batches = [StackedRows(output, target, there, weight)]
        return self._batches[0]


def _joined(batches: Sequence[StackedRows], name: str) -> Tensor | None:
    """The masks or weights of all batches; where a batch has none, all of its rows count."""
    own = [getattr(batch, name) for batch in batches]
    like = next((tensor for tensor in own if tensor is not None), None)
    if like is None:
        return None
    filled = [
        torch.ones_like(batch.output[..., 0], dtype=like.dtype) if tensor is None else tensor
        for batch, tensor in zip(batches, own, strict=True)
    ]
    return torch.cat(filled, 1)


class Judged(NamedTuple):
    """What one metric has found."""

    name: str
    values: np.ndarray
    """(R,) float64; nan for a run that was not judged, or is at fault."""
    faults: Mapping[int, str]
    """What was wrong, by the place of the run."""


class Judge(Protocol):
    """Metrics that are no means over rows, of many runs."""

    @property
    def names(self) -> Sequence[str]:
        """Of its metrics."""

    def judge(self, rows: StackedRows, judged: np.ndarray) -> Iterable[Judged]:
        """Of those runs that are ``judged`` (R,), every metric."""
