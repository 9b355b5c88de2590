"""The steps of an epoch on a GPU: recorded once as a CUDA graph, then replayed by one call.

A step of many small networks is some hundred short kernels, which Python starts more slowly than
the GPU ends them. A graph starts them all at once. It reads and writes the same memory each time:
weights, moments and strengths stay where they are when a slot is refilled, and what belongs to one
epoch (its batch order, the keys of its noise) is copied to a fixed place before the replay. The
first epoch of a kind is trained step by step, which makes everything that the recording needs; the
second one is recorded. Source: PyTorch's documentation, "CUDA Graphs".
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

logger = logging.getLogger("sweep")

WAITS = "called a synchronizing CUDA operation"
"""What torch warns of."""
MOST_STEPS = 64
"""Steps of one graph; longer epochs take several."""

Inputs = Mapping[str, Tensor]
"""What belongs to the steps of one epoch, by name: (K, ...), a row for each step."""
Steps = Callable[[Inputs], Tensor]
"""Trains the K steps of its inputs; returns the sum of their losses (R,)."""


@dataclass
class _Recorded:
    graph: torch.cuda.CUDAGraph
    inputs: Inputs
    total: Tensor

    def replay(self, inputs: Inputs) -> Tensor:
        for name, fixed in self.inputs.items():
            fixed.copy_(inputs[name], non_blocking=True)
        self.graph.replay()
        return self.total


class EpochGraphs:
    """The graphs of one population."""

    def __init__(self) -> None:
        self._recorded: dict[Hashable, _Recorded | None] = {}
        """By kind; None while only one epoch of the kind has been trained."""
        self._pool: Any = None
        self._refused: set[Hashable] = set()
        """Kinds in which a step waits for the device."""

    def train(self, kind: Hashable, steps: Steps, inputs: Inputs, together: int = 1) -> Tensor:
        """Trains the steps of an epoch.

        Args:
            kind: what the kernels and the memory that they use depend on.
            steps: trains step by step.
            inputs: what belongs to this epoch, (K, ...) each.
            together: how many of them belong in one graph, one after the other.

        Returns:
            The sum of the losses of all steps (R,).
        """
        n_steps = len(next(iter(inputs.values())))
        most = max(MOST_STEPS // together, 1) * together
        parts = [
            self._train((kind, min(most, n_steps - start)), steps, _part(inputs, start, most))
            for start in range(0, n_steps, most)
        ]
        return torch.stack(parts).sum(0)

    def forget(self) -> None:
        """Drops all graphs: memory that they read has moved."""
        self._recorded.clear()

    def _train(self, kind: Hashable, steps: Steps, inputs: Inputs) -> Tensor:
        if kind not in self._recorded:
            self._recorded[kind] = None
            return self._watched(kind, steps, inputs)
        recorded = self._recorded[kind]
        if recorded is None and kind not in self._refused:
            recorded = self._record(kind, steps, inputs)
        return steps(inputs) if recorded is None else recorded.replay(inputs).clone()

    def _watched(self, kind: Hashable, steps: Steps, inputs: Inputs) -> Tensor:
        """Trains step by step, and sees whether one of the steps waits for the device: an attempt
        to record it would fail, and leave torch's generator of the device in disorder.
        """
        before = torch.cuda.get_sync_debug_mode()
        torch.cuda.set_sync_debug_mode("warn")
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.filterwarnings("always", message=WAITS)
                total = steps(inputs)
        finally:
            torch.cuda.set_sync_debug_mode(before)
        waits = [warning for warning in caught if WAITS in str(warning.message)]
        if waits:
            self._refused.add(kind)
            where = f"{Path(waits[0].filename).name}, line {waits[0].lineno}"
            logger.info(
                "training step by step, not as a graph: a step waits for the GPU (%s)", where
            )
        return total

    def _record(self, kind: Hashable, steps: Steps, inputs: Inputs) -> _Recorded | None:
        """A graph of these steps, which have not been trained by it; None where one of them waits
        for the device, which a graph cannot do.
        """
        fixed = {name: tensor.clone() for name, tensor in inputs.items()}
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        try:
            # other threads may use the device meanwhile: each lane records for itself
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                total = steps(fixed)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            self._refused.add(kind)
            cause = error.__context__ or error  # the recording's own end only says that it failed
            reason = str(cause).strip().splitlines()[0]
            logger.warning("training step by step, not as a graph: %s", reason)
            torch.cuda.synchronize()
            return None
        self._pool = self._pool or graph.pool()
        found = self._recorded[kind] = _Recorded(graph, fixed, total)
        return found


def _part(inputs: Inputs, start: int, n: int) -> Inputs:
    return {name: tensor[start : start + n] for name, tensor in inputs.items()}
