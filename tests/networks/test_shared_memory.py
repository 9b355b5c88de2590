"""Weights over one memory, which plain PyTorch changes at once."""

from __future__ import annotations

import numpy as np
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
    assert set(shares_memory(model) or ()) == {"a", "b"}
    model.requires_grad_(False)
    assert shares_memory(model) is None


def test_a_plain_tensor_over_a_weight_is_found_but_not_what_a_hook_makes_anew() -> None:
    model = nn.Sequential(nn.Linear(3, 3))
    assert shares_memory(nn.utils.spectral_norm(nn.Linear(3, 3))) is None
    model[0].seen = model[0].weight.detach().t()
    assert set(shares_memory(model) or ()) == {"0.seen", "0.weight"}


def test_two_storages_over_one_memory_are_found() -> None:
    whole = np.zeros(12, np.float32)
    a, b = torch.from_numpy(whole[:8]), torch.from_numpy(whole[6:])
    assert shares_memory(holding(a=a, b=b)) == ("a", "b")
    assert shares_memory(holding(a=a[:6], b=b)) is None


def test_a_weight_that_has_a_number_twice_is_named_twice_unless_it_is_frozen() -> None:
    model = holding(a=torch.zeros(1, 3).expand(4, 3))
    assert shares_memory(model) == ("a", "a")
    model.requires_grad_(False)
    assert shares_memory(model) is None


def test_many_parts_of_one_vector_are_none() -> None:
    pieces = torch.zeros(2000).split(2)
    assert shares_memory(holding(**{f"p{i}": piece for i, piece in enumerate(pieces)})) is None


def test_layers_of_lazy_meta_and_recurrent_kinds_share_nothing() -> None:
    with torch.device("meta"):
        meta = nn.Linear(3, 3)
    assert shares_memory(nn.Sequential(nn.LazyLinear(3), meta, nn.LSTM(3, 4, 2))) is None
