"""Ways around what a forward's code may do: none of these networks counts as a chain of layers."""

from __future__ import annotations

import builtins
import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.networks.chain import chain_of
from sweep.networks.image_layers import image_layers_of
from sweep.networks.linear_blocks import linear_blocks_of


class Base(nn.Module):
    """A chain of two layers; its classes have other forwards."""

    fc: nn.Module

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.out = nn.Linear(6, 6), nn.Linear(6, 3)
        self.layers = nn.ModuleList([nn.ReLU()])

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.relu(self.fc(x)))


class Normed(Base):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(6)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.relu(self.norm(self.fc(x))))


def with_forward(forward: Callable[..., object], **others: object) -> Base:
    """A network of a class with this forward."""
    return type("Net", (Base,), {"forward": forward, **others})()


@pytest.mark.parametrize("kind", [Base, Normed])
def test_without_such_a_way_they_are_chains(kind: type[nn.Module]) -> None:
    model = kind()
    assert chain_of(model) is not None
    assert image_layers_of(model, (6,))


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
    model = Normed()
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
    return self.fc if random.random() < 0.5 else self.layers[0]


def by_place(self: Base, x: Tensor) -> Tensor:
    return self.out(F.relu(self[0](x)))  # type: ignore[index]


def looked_up() -> nn.Module:
    return with_forward(by_place, __getitem__=own_item)


def by_a_table(self: Base, x: Tensor) -> Tensor:
    if x.size(0) in self.layers.table:  # type: ignore[operator]
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


def table_in_a_list() -> nn.Module:
    model = with_forward(by_a_table, table=0)
    model.layers.table = {20: 1}  # type: ignore[assignment]
    return model


def by_a_part(self: Base, x: Tensor) -> Tensor:
    if x.size(0) in self.part.start:  # type: ignore[operator,union-attr]
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


def table_in_a_slice() -> nn.Module:
    return with_forward(by_a_part, start=0, part=slice({20: 1}, None))


def by_its_text(self: Base, x: Tensor) -> Tensor:
    "%s"
    if "%s" % x.size(0) == "20":  # noqa: UP031
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


def formatted_by_its_docstring() -> nn.Module:
    return with_forward(by_its_text)


def by_kind(self: Base, x: Tensor) -> Tensor:
    if isinstance(x, Tensor) and len(x) == 20:
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


KNOWN = {20: True}
"""A table that a forward may not see."""


def by_globals(self: Base, x: Tensor) -> Tensor:
    if x.size(0) in self.forward.__globals__["KNOWN"]:
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


def globals_by_an_attribute() -> nn.Module:
    model = with_forward(by_globals)
    model.__globals__ = 0  # type: ignore[assignment]
    return model


def by_bytes(self: Base, x: Tensor) -> Tensor:
    if ((37).to_bytes(1, "big").decode() + "s") % x.size(0) == "20":
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


def methods_of_constants() -> nn.Module:
    return with_forward(by_bytes, to_bytes=0, decode=0)


class Key(str):
    def __eq__(self, other: object) -> bool:
        return other == 20

    def __hash__(self) -> int:
        return 20


def by_a_key(self: Base, x: Tensor) -> Tensor:
    if x.size(0) in self.table:
        x = F.relu(x)
    return self.out(F.relu(self.fc(x)))


def key_of_its_own() -> nn.Module:
    model = with_forward(by_a_key)
    model.table = nn.ModuleDict()
    model.table._modules[Key("a")] = nn.ReLU()
    return model


def hidden_from_lists() -> nn.Module:
    def named_modules(self: Base, *given: object, **options: object) -> object:
        found = nn.Module.named_modules(self, *given, **options)  # type: ignore[arg-type]
        return (pair for pair in found if pair[1] is not self)

    return with_forward(by_kind, named_modules=named_modules)


def hidden_in_a_sequence() -> nn.Module:
    return nn.Sequential(hidden_from_lists(), nn.ReLU(), nn.Linear(3, 3))


def with_another_builtin() -> nn.Module:
    calls = itertools.count()
    own = {**vars(builtins), "len": lambda _: next(calls)}
    source = (
        "def forward(self, x):\n"
        "    x = F.relu(x) if len((6, 3)) == 20 else x\n"
        "    return self.out(F.relu(self.fc(x)))\n"
    )
    within: dict[str, object] = {"F": F, "__builtins__": own}
    exec(source, within)
    return with_forward(within["forward"])  # type: ignore[arg-type]


def gamma_in_a_buffer() -> nn.Module:
    model = Normed()
    del model.norm.weight
    model.norm.register_buffer("weight", torch.ones(6))
    return model


def weight_as_a_plain_tensor() -> nn.Module:
    layer = nn.Linear(6, 6)
    weight = layer.weight.detach()
    del layer.weight
    layer.weight = weight
    return nn.Sequential(layer, nn.ReLU(), nn.Linear(6, 3))


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
        table_in_a_list,
        table_in_a_slice,
        globals_by_an_attribute,
        methods_of_constants,
        key_of_its_own,
        formatted_by_its_docstring,
        hidden_from_lists,
        hidden_in_a_sequence,
        with_another_builtin,
        gamma_in_a_buffer,
        weight_as_a_plain_tensor,
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


@pytest.mark.parametrize(
    "layers",
    [
        [nn.MaxPool2d(np.int64(2)), nn.Flatten()],  # type: ignore[arg-type]
        [nn.AdaptiveAvgPool2d(np.int64(1)), nn.Flatten()],  # type: ignore[arg-type]
    ],
)
def test_sizes_of_other_kinds_are_left_to_torch(layers: list[nn.Module]) -> None:
    assert not image_layers_of(nn.Sequential(*layers, nn.Linear(6, 3)), (6, 2, 2))


def test_a_size_in_a_tuple_of_one_is_that_of_both_dimensions() -> None:
    found = [
        image_layers_of(
            nn.Sequential(nn.Conv2d(1, 2, 3, padding=padding), nn.Flatten(), nn.Linear(32, 3)),  # type: ignore[arg-type]
            (1, 4, 4),
        )
        for padding in (1, (1,))
    ]
    assert found[0]
    assert found[0] == found[1]


@pytest.mark.parametrize("forward", [max_pooled, mean_pooled])
def test_sizes_that_torch_spreads_over_dimensions_are_left_to_it(
    forward: Callable[[Base, Tensor], Tensor],
) -> None:
    assert not image_layers_of(with_forward(forward), (6, 2, 2))
