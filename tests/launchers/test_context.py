"""The context of a study: its network is built and tried once."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from torch import nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import JobWorker, pickled
from sweep.phases.facts import collect_facts
from sweep.training.parity import Parity

CALLS: list[int] = []
TRIED = 2
"""One of another seed, to see whether networks share tensors or begin with the same weights; it is
also a run of the comparison with plain PyTorch, which needs one more."""


def counted(n_inputs: int, n_outputs: int) -> nn.Module:
    """Takes floats alone."""
    CALLS.append(n_inputs)
    return nn.Sequential(nn.Linear(n_inputs, 8), nn.Dropout(0.2), nn.Linear(8, n_outputs))


def own_penalty(weight: torch.Tensor) -> torch.Tensor:
    """Half the square norm of a layer's weights."""
    return 0.5 * weight.square().sum()


def study(rows: str) -> sweep.Study:
    """Every check that looks at the network is asked for."""
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 5)) if rows == "floats" else random.integers(0, 9, size=(60, 5))
    search = {"penalties": ["decay", own_penalty], "axes": {"dropout": {"low": 0.1, "high": 0.5}}}
    return sweep.Study(
        study={"name": "counted"},
        data=(x, random.integers(0, 2, 60)),
        model=counted,
        search=search,
    )


@pytest.mark.parametrize(
    ("rows", "needed"),
    [("floats", 1), ("whole", 2)],
    ids=["rows of floats", "whole numbers: once as such, which fails, and once as floats"],
)
def test_the_network_is_built_once_for_every_type_of_rows_tried(rows: str, needed: int) -> None:
    CALLS.clear()
    context = TrainingContext(study(rows))
    assert len(CALLS) == needed + TRIED
    collect_facts(context)
    assert len(CALLS) == needed + TRIED


def test_workers_and_other_shapes_of_one_network_are_not_compared_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = TrainingContext(study("floats"))
    compared: list[object] = []

    def compare(*arguments: object) -> dict[str, Parity]:
        compared.append(arguments)
        return context.parity

    monkeypatch.setattr("sweep.launchers.context.compare", compare)
    worker = JobWorker(pickled(context, pickle.dumps), "cpu")
    assert worker.context.parity == context.parity
    assert context.variant((("batch_size", 8),)).parity == context.parity
    assert not compared
    context.variant((("model.n_outputs", 2),))
    assert len(compared) == 1, "another argument makes another network"


def test_nothing_that_is_tried_changes_the_untrained_network() -> None:
    context = TrainingContext(
        sweep.Study(
            study={"name": "pristine"},
            data={"name": "digits"},
            model={"name": "cnn", "channels": [4], "batch_norm": True},
        )
    )
    collect_facts(context)
    before, after = context.build(0), context.probe.template
    for key, tensor in before.state_dict().items():
        assert torch.equal(tensor, after.state_dict()[key]), key
    assert context.probe.n_parameters == sum(p.numel() for p in before.parameters())


def test_sizes_of_parts_are_those_of_every_fold_and_of_the_test_rows() -> None:
    made = TrainingContext(
        sweep.Study(
            study={"name": "sizes"},
            data={"name": "diabetes", "design": "kfold", "n_folds": 4, "test_fraction": 0.2},
            model={"name": "linear"},
            path={"resamples": 4},
        )
    )
    n_test, n_rest = 88, 442 - 88
    assert len(made.splits.test_rows) == n_test
    folds = {n_rest // 4, n_rest // 4 + 1}
    assert made.study_data.part_sizes() == {n_test} | folds | {n_rest - fold for fold in folds}
    fresh = TrainingContext(
        sweep.Study(
            study={"name": "sizes"},
            data={"name": "mnist1d", "design": "fresh", "args": {"num_samples": 50}},
            model={"name": "linear"},
        )
    )
    assert fresh.study_data.part_sizes() == {40, 10, 50}
