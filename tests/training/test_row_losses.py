"""What each validation row loses at the end of a run, against plain PyTorch."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from sweep.data.splits import Split
from sweep.metrics.class_losses import CrossEntropy
from sweep.networks.alone import SeparateModules
from sweep.networks.stacked import StackedModule
from sweep.records.row_losses import unpack_losses
from sweep.records.trial import Run
from sweep.training import _evaluation
from sweep.training.jobs import Segment, SegmentResult
from sweep.training.population import Population
from tests.support.training import mlp, plan, segment, split

LONG, SHORT = split(), replace(split(1), x_validation=split(1).x_validation[:21])
SHORT = replace(SHORT, y_validation=SHORT.y_validation[:21])


def split_of(run: Run, _: bool) -> tuple[object, Split]:
    return (run.trial % 2, (LONG, SHORT)[run.trial % 2])


def runs() -> list[Segment]:
    """On splits of 30 and 21 validation rows, two of them with patience; the last keeps none."""
    made = [
        segment(i, "l2", 1e-3, layers=("0", "2"), stop=8, seed=i, patience=patience)
        for i, patience in enumerate((0, 0, 1, 1, 0))
    ]
    return [replace(one, keep_rows=one.run.trial < 4) for one in made]


def trained(stack: type[StackedModule], **changes: object) -> dict[int, SegmentResult]:
    settings = plan(epochs=8, lr=0.05, swept=frozenset({"patience"}), **changes)
    population = Population(settings, 5, mlp, split_of, stack)
    outcomes = [o for batch in population.train(deque(runs())) for o in batch]
    return {outcome.segment.trial.number: outcome for outcome in outcomes}


@pytest.mark.parametrize("stack", [StackedModule, SeparateModules])
def test_the_losses_of_rows_are_those_of_the_weights_that_a_run_ends_with(
    stack: type[StackedModule], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_evaluation, "EVALUATION_ROWS", 8)
    found = trained(stack)
    assert found[2].result.metrics["best_epoch"] < found[2].result.epochs, "weights are restored"
    for number in range(4):
        outcome, rows = found[number], (LONG, SHORT)[number % 2]
        module = mlp(0)
        assert outcome.weights is not None
        module.load_state_dict(dict(outcome.weights))
        with torch.no_grad():
            output: Tensor = module(rows.x_validation)
            losses = F.cross_entropy(output, rows.y_validation, reduction="none")
            wrong = output.argmax(1) != rows.y_validation
        packed = outcome.result.row_losses
        assert set(packed) == {"val_loss", "val_accuracy"}
        np.testing.assert_array_equal(unpack_losses(packed["val_accuracy"]), wrong.numpy())
        kept = unpack_losses(packed["val_loss"])
        np.testing.assert_allclose(kept, losses.numpy(), rtol=1e-6)
        assert kept.mean() == pytest.approx(outcome.result.metrics["val_loss"], rel=1e-6)
    assert not found[4].result.row_losses


def test_losses_whose_rows_count_by_something_else_are_not_kept() -> None:
    found = trained(StackedModule, loss=CrossEntropy(class_weight=[1.0, 2.0, 5.0]))
    kept = [set(found[number].result.row_losses) for number in range(4)]
    assert kept == [{"val_accuracy"}] * 4
