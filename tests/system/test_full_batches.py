"""A batch of all rows is that of the run's own rows, though folds differ by one."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.launchers.sizing import PoolMaker
from sweep.records.execution import ExecutionPlan
from sweep.records.trial import Draw, Phase, Run, Trial
from sweep.training.jobs import Segment, SegmentResult
from tests.support.training import plain_loop

EPOCHS = 3


def bend(n_inputs: int, n_outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(n_inputs, 5), nn.Tanh(), nn.Linear(5, n_outputs))


def normed(n_inputs: int, n_outputs: int) -> nn.Module:
    """A row too many would change the mean and the variance of every batch."""
    first = nn.Linear(n_inputs, 5, bias=False)  # whose gradient would be 0 but for rounding
    return nn.Sequential(first, nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, n_outputs))


def context(model: object, n_rows: int = 38, batch: int = 1000, **data: object) -> TrainingContext:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((n_rows, 4))
    table = {"x": x, "y": x[:, 0] + rng.standard_normal(n_rows), "test_fraction": 0.1}
    return TrainingContext(
        sweep.Study(
            study={"name": "whole"},
            data={**table, "design": "kfold", "n_folds": 5, "task": "regression", **data},
            model=model,
            training={"epochs": EPOCHS, "batch_size": batch, "loss": "mse"},
            path={"resamples": 5},
            hardware={"precision": "float64", "population": 4},
        )
    )


def segments(whole: TrainingContext) -> list[Segment]:
    """Every fold twice."""
    trial = Trial(0, Phase.PATH, 0, "none", 0.0, {}, {"lr": 0.05})
    draws = [*whole.draws[Phase.PATH]] * 2
    return [
        Segment(Run(0, i, draw), trial, EPOCHS, keep_weights=True) for i, draw in enumerate(draws)
    ]


def adam(matrices: list[Tensor], others: list[Tensor]) -> torch.optim.Optimizer:
    return torch.optim.AdamW([*matrices, *others], lr=0.05, weight_decay=0)


def check(whole: TrainingContext, found: Iterator[list[SegmentResult]], batch: int = 1000) -> None:
    """Every run has the weights of a plain loop over its own rows."""
    ended = [outcome for outcomes in found for outcome in outcomes]
    assert len(ended) == 10
    for outcome in ended:
        segment = outcome.segment
        own = whole.splits.get(segment.run.draw)
        plan = replace(whole.plan, batch_size=min(batch, len(own.y_train)))
        expected = plain_loop(segment, plan, adam, build=whole.build, data=own)
        assert outcome.weights is not None
        for key, tensor in expected.items():
            torch.testing.assert_close(outcome.weights[key], tensor, atol=1e-9, rtol=0)


def rows_of(whole: TrainingContext, draw: Draw) -> int:
    return len(whole.splits.get(draw).y_train)


@pytest.mark.parametrize("model", [bend, normed])
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_full_batch_has_exactly_the_rows_of_its_fold(model: object, lanes: int) -> None:
    whole = context(model)
    assert {rows_of(whole, draw) for draw in whole.draws[Phase.PATH]} == {27, 28}
    waiting = deque(segments(whole))
    check(whole, PoolMaker(whole).pool(ExecutionPlan(4, lanes, True)).train(waiting))
    check(whole, whole.population(3).train(deque(segments(whole))))


def test_a_batch_size_between_two_folds_is_the_larger_ones_and_all_of_the_smaller() -> None:
    whole = context(bend, batch=27)
    check(whole, whole.population(4).train(deque(segments(whole))), batch=27)


def test_full_batches_leave_no_row_out_and_say_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="sweep")
    groups = {"groups": np.repeat([0, 1, 2, 3, 4, 5], [4, 4, 5, 5, 10, 10])}
    whole = context(bend, **groups)
    assert len({rows_of(whole, draw) for draw in whole.draws[Phase.PATH]}) > 2
    assert "left out" not in caplog.text
    assert "leaves rows out" not in caplog.text
    check(whole, whole.population(4).train(deque(segments(whole))))
