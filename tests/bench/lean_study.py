"""The same study with one run after the other by the lean loop: what a careful person would write.

Search, rounds, splits, database and boundaries are the engine's own, so that the training is all
that differs.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import Launcher
from sweep.records.trial import Curve, RunResult, State
from sweep.training.jobs import Segment, SegmentResult
from tests.bench.peers import batches, train_epochs


class LeanLoop(Launcher):
    """Trains a decay's runs in this process, one at a time."""

    def __init__(self, context: TrainingContext):
        self.context = context

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        self.trained_epochs = 0
        while waiting:
            self.occupancy = 1, 1
            segment = waiting.popleft()
            outcome = self._train(segment)
            self.trained_epochs += outcome.result.epochs
            yield [outcome]

    def _train(self, segment: Segment) -> SegmentResult:
        shop, run, epochs = self.context, segment.run, segment.stop
        _, split = shop.split_of(run, segment.with_test)
        rows = split.x_train, split.y_train, split.x_validation, split.y_validation
        model = shop.build(run.draw.seed)
        torch.manual_seed(run.draw.seed)
        lr = float(segment.trial.params.get("lr", shop.plan.lr))
        losses = list(
            train_epochs(
                rows, model, segment.trial.strength, lambda: batches(*rows[:2]), lr, epochs
            )
        )
        metrics = {f"null_{name}": value for name, value in split.null.items()}
        parts = {"val": rows[2:], "train": rows[:2]}
        if segment.with_test:
            assert split.x_test is not None
            assert split.y_test is not None
            parts["test"] = split.x_test, split.y_test
        for name, (x, y) in parts.items():
            metrics[f"{name}_loss"], metrics[f"{name}_accuracy"] = row_losses(model, x, y)
        state = State.COMPLETE if math.isfinite(metrics["val_loss"]) else State.DIVERGED
        curve = Curve("val_loss", tuple(range(1, epochs + 1)), tuple(losses))
        return SegmentResult(segment, RunResult(run, state, epochs, metrics, (curve,)))


def row_losses(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Mean cross-entropy and accuracy."""
    model.eval()
    with torch.no_grad():
        out = model(x)
        return float(F.cross_entropy(out, y)), float((out.argmax(1) == y).float().mean())
