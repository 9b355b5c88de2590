"""Weights over one memory, which plain PyTorch changes at once."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sweep.networks.shared_memory import shares_memory


def holding(**parameters: Tensor) -> nn.Module:
    model = nn.Module()
    for name, tensor in parameters.items():
        model.register_parameter(name, nn.Parameter(tensor))
    return model


def test_parts_of_one_memory_that_do_not_meet_are_none() -> None:
    whole = torch.zeros(4, 6)
    assert shares_memory(holding(a=whole[:2], b=whole[2:])) is None
    assert shares_memory(holding(a=whole[:, :3], b=whole[:, 3:])) is None
    assert shares_memory(holding(a=whole[:, ::2], b=whole[:, 1::2])) is None


def test_parts_that_meet_are_named() -> None:
    whole = torch.zeros(4, 6)
    assert shares_memory(holding(a=whole[:3], b=whole[2:])) == ("a", "b")
    assert shares_memory(holding(a=whole[:, :3], b=whole[0])) == ("a", "b")
    assert shares_memory(holding(a=whole, b=whole.t())) == ("a", "b")


def test_one_parameter_under_two_names_is_one() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    assert shares_memory(model) is None


def test_a_buffer_over_a_weight_is_found_and_two_frozen_tensors_are_left() -> None:
    model = holding(a=torch.zeros(3))
    model.register_buffer("b", model.a.detach())
    assert shares_memory(model) == ("b", "a")
    model.requires_grad_(False)
    assert shares_memory(model) is None


def test_layers_of_lazy_meta_and_recurrent_kinds_share_nothing() -> None:
    with torch.device("meta"):
        meta = nn.Linear(3, 3)
    assert shares_memory(nn.Sequential(nn.LazyLinear(3), meta, nn.LSTM(3, 4, 2))) is None
