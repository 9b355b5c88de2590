"""Ways around what a forward's code may do: none of these networks counts as a chain of layers."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.networks.chain import chain_of
from sweep.networks.image_layers import image_layers_of
from sweep.networks.linear_blocks import linear_blocks_of
from tests.networks.other_forwards import Base, with_forward


class Sometimes(nn.Module):
    """An activation that draws."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x) if random.random() < 0.95 else x


def through_activation(self: Base, x: Tensor) -> Tensor:
    return self.out(self.act(self.fc(x)))  # type: ignore[operator]


def unregistered() -> nn.Module:
    return with_forward(through_activation, act=Sometimes())


def put_in_by_the_back_door() -> nn.Module:
    model = with_forward(through_activation)
    object.__setattr__(model, "act", Sometimes())
    return model


def layer_of_the_class() -> nn.Module:
    return with_forward(through_activation, act=nn.Linear(6, 6))


def seeding(self: Base, x: Tensor) -> Tensor:
    torch.manual_seed(self.manual_seed)  # type: ignore[arg-type]
    return self.out(F.relu(self.fc(x)))


def named_as_a_function() -> nn.Module:
    return with_forward(seeding, manual_seed=3)


def by_gradients(self: Base, x: Tensor) -> Tensor:
    if torch.is_grad_enabled():
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


def named_as_a_question() -> nn.Module:
    return with_forward(by_gradients, is_grad_enabled=True)


def by_history(self: Base, x: Tensor) -> Tensor:
    hidden = self.fc(x)
    if hidden.grad_fn is None:
        hidden = F.relu(hidden)
    return self.out(hidden)


def named_as_a_tensors() -> nn.Module:
    return with_forward(by_history, grad_fn=1)


def frozen_norm() -> nn.Module:
    model = Base()
    model.norm.eval()
    model.norm.train = lambda mode=True: model.norm  # type: ignore[method-assign]
    return model


def frozen_norm_of_a_sequence() -> nn.Module:
    norm = nn.BatchNorm1d(6)
    norm.train = lambda mode=True: norm  # type: ignore[method-assign]
    return nn.Sequential(nn.Linear(6, 6), norm, nn.ReLU(), nn.Linear(6, 3))


def by_a_list(self: Base, x: Tensor) -> Tensor:
    return self.out(self.layers.relu(self.fc(x)))  # type: ignore[union-attr,operator]


def function_in_a_list() -> nn.Module:
    model = with_forward(by_a_list)
    model.layers.relu = F.leaky_relu  # type: ignore[assignment]
    return model


def own_item(self: Base, place: int) -> nn.Module:
    return self.fc if random.random() < 0.5 else self.hidden


def by_place(self: Base, x: Tensor) -> Tensor:
    return self.out(F.relu(self[0](x)))  # type: ignore[index]


def looked_up() -> nn.Module:
    return with_forward(by_place, __getitem__=own_item)


def unbound(self: Base, x: Tensor) -> Tensor:
    if self.training:
        hidden = self.fc(x)
    return self.out(F.relu(hidden))


def bound_in_one_mode() -> nn.Module:
    return with_forward(unbound)


@pytest.mark.parametrize(
    "make",
    [
        unregistered,
        put_in_by_the_back_door,
        layer_of_the_class,
        named_as_a_function,
        named_as_a_question,
        named_as_a_tensors,
        frozen_norm,
        frozen_norm_of_a_sequence,
        function_in_a_list,
        looked_up,
        bound_in_one_mode,
    ],
)
def test_it_is_no_chain_and_nothing_is_drawn(make: Callable[[], nn.Module]) -> None:
    model = make()
    before = random.getstate(), torch.random.get_rng_state()
    assert chain_of(model) is None
    assert not linear_blocks_of(model)
    assert not image_layers_of(model, (6,))
    assert random.getstate() == before[0]
    assert torch.equal(torch.random.get_rng_state(), before[1])


def max_pooled(self: Base, x: Tensor) -> Tensor:
    return self.out(F.max_pool2d(x, [2]).flatten(1))


def mean_pooled(self: Base, x: Tensor) -> Tensor:
    return self.out(F.avg_pool2d(x, (2,), (2,)).flatten(1))


@pytest.mark.parametrize("forward", [max_pooled, mean_pooled])
def test_sizes_that_torch_spreads_over_dimensions_are_left_to_it(
    forward: Callable[[Base, Tensor], Tensor],
) -> None:
    assert not image_layers_of(with_forward(forward), (6, 2, 2))
