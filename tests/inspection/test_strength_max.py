"""The smallest strength that leaves nothing: what the trainer ends at on either side of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import nn

from sweep.cli.app import check
from sweep.inspection._strength_max import find_strength_max
from sweep.metrics.class_losses import CrossEntropy
from sweep.regularizers.penalties import PENALTIES
from tests.support.training import plan, segment, split, train

KINKED = ("l1", "elastic_net", "group_lasso")


def linear(seed: int, bias: bool = True) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Linear(6, 3, bias=bias).double()


def wrapped(seed: int, bias: bool = True) -> nn.Module:
    return nn.Sequential(nn.Flatten(), linear(seed, bias))


@pytest.mark.parametrize("bias", [True, False])
def test_all_weights_are_zero_from_there_on_and_not_before(bias: bool) -> None:
    data, epochs = split(), 160
    found = find_strength_max(
        wrapped(0, bias), data.x_train, data.y_train, CrossEntropy(), PENALTIES
    )
    assert set(found) == set(KINKED)
    runs = [
        segment(2 * i + above, name, found[name] * factor, layers=("1",), stop=epochs)
        for i, name in enumerate(KINKED)
        for above, factor in enumerate((0.98, 1.02))
    ]
    training = plan("sgd", epochs=epochs, batch=70, steps_per_epoch=1, lr=0.5)
    ended = train(runs, training, width=6, build=lambda seed: wrapped(seed, bias), data=data)
    for i, outcome in ended.items():
        assert outcome.weights is not None
        assert bool((outcome.weights["1.weight"] == 0).all()) == bool(i % 2)


def test_a_hidden_layer_leaves_it_unknown() -> None:
    data = split()
    deep = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    assert find_strength_max(deep, data.x_train, data.y_train, CrossEntropy(), PENALTIES) == {}


def test_check_tells_it_for_the_penalties_of_the_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "linear.toml"
    path.write_text(
        '[study]\nname = "linear"\n[data]\nname = "diabetes"\n[model]\nname = "linear"\n'
        '[search]\npenalties = ["l1", "decay"]\n'
    )
    check(path)
    said = capsys.readouterr().out
    line = next(text for text in said.splitlines() if text.startswith("all weights are zero"))
    assert re.fullmatch(r"all weights are zero from: l1 \d+(\.\d+)?", line)
