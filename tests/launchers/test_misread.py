"""A network that was read wrongly is computed by its own forward, in other processes too."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from torch import nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.networks import linear_blocks
from sweep.networks.activations import WRITTEN_OUT
from sweep.networks.mlp import FusedMLP


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 6), nn.Sigmoid(), nn.Linear(6, 3))


def test_other_contexts_find_again_that_it_was_misread(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**WRITTEN_OUT, nn.Sigmoid: WRITTEN_OUT[nn.Tanh]}
    monkeypatch.setattr(linear_blocks, "WRITTEN_OUT", wrong)
    rng = np.random.default_rng(0)
    study = sweep.Study(
        study={"name": "misread"},
        data=(rng.standard_normal((60, 6)), rng.integers(0, 3, 60)),
        model=network,
        training={"epochs": 1, "batch_size": 16},
        search={"penalties": ["decay"], "trials": 2},
    )
    context = TrainingContext(study)
    parity = pickle.loads(pickle.dumps(dict(context.parity_for_others)))
    for known in (context, TrainingContext(study, parity=parity)):
        stack = known.population(2).stack
        assert not isinstance(stack, FusedMLP)
        assert not known.parity["stacked"].difference
