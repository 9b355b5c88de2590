"""Networks that look like chains of layers, or of which a trace does not show all, are none."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from sweep.networks.chain import chain_of
from sweep.networks.image_layers import image_layers_of
from sweep.networks.linear_blocks import linear_blocks_of
from tests.networks.other_forwards import COUNTED, FORWARDS, Base, Forward, with_forward
from tests.networks.written_classes import MLP, Block


def freezing(self: Base, mode: bool = True) -> Base:
    nn.Module.train(self, mode)
    self.norm.eval()
    return self


def wrapped(self: Base, x: Tensor) -> Tensor:
    return 2 * Base.forward(self, x)


class Linear(nn.Linear):
    """A known layer's name."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


class Leaky(nn.ReLU):
    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x)


class Called(Base):
    def __call__(self, *args: Any) -> Any:
        return 2 * super().__call__(*args)


class Looked(Base):
    def __getattr__(self, name: str) -> Any:
        return super().__getattr__("hidden" if name == "fc" else name)


class OfItself(Base):
    @property
    def first(self) -> nn.Module:
        self.count += 1
        return self.fc

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.dropout(self.norm(self.hidden(self.first(x)))))


class WithBuffer(Base):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(6))


class WithParameter(Base):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(6))


def with_layer(name: str, layer: nn.Module) -> Base:
    model = Base()
    setattr(model, name, layer)
    return model


def hooked() -> Base:
    model = Base()
    model.fc.register_forward_hook(lambda module, args, output: 2 * output)
    return model


def hooked_inside() -> nn.Module:
    block = Block(1, 1, False)
    block.register_forward_pre_hook(lambda module, args: None)
    return nn.Sequential(block, nn.Flatten(), nn.Linear(36, 3))


def with_its_own_forward() -> Base:
    model = Base()
    model.forward = lambda x: model.out(x)  # type: ignore[method-assign]
    return model


def with_a_function() -> Base:
    model = with_forward(lambda self, x: self.all_of(self.change(x)))
    model.change = lambda x: 2 * x  # type: ignore[assignment]
    return model


def of_shared_weights() -> Base:
    model = Base()
    model.hidden.weight = model.fc.weight
    return model


def called_twice(self: Base, x: Tensor) -> Tensor:
    return self.out(self.dropout(self.norm(self.hidden(self.fc(self.fc(x))))))


def frozen() -> Base:
    model = Base()
    model.fc.requires_grad_(False)
    return model


OTHERS: Mapping[str, Callable[[], nn.Module]] = {
    "train of its own": lambda: type("Net", (Base,), {"train": freezing})(),
    "wrapped": lambda: with_forward(functools.wraps(Base.forward)(wrapped)),
    "partial": lambda: with_forward(functools.partialmethod(wrapped)),  # type: ignore[arg-type]
    "no_grad": lambda: with_forward(torch.no_grad()(Base.forward)),
    "call of its own": Called,
    "attributes of its own": Looked,
    "property": OfItself,
    "buffer": WithBuffer,
    "parameter": WithParameter,
    "subclass of linear": lambda: with_layer("fc", Linear(6, 6)),
    "subclass of relu": lambda: nn.Sequential(nn.Linear(6, 6), Leaky(), nn.Linear(6, 3)),
    "weight norm": lambda: with_layer("fc", parametrizations.weight_norm(nn.Linear(6, 6))),
    "another layer": lambda: with_layer("norm", nn.GroupNorm(2, 6)),
    "hook": hooked,
    "hook on a block": hooked_inside,
    "forward on the instance": with_its_own_forward,
    "function on the instance": with_a_function,
    "shared weights": of_shared_weights,
    "layer called twice": lambda: with_forward(called_twice),
    "frozen": frozen,
    "subclass of a sequence": lambda: type("Net", (nn.Sequential,), {})(nn.Linear(6, 3)),
}


def is_known(model: nn.Module) -> bool:
    rows = ((6,), (1, 6, 6))
    return bool(linear_blocks_of(model) or any(image_layers_of(model, row) for row in rows))


def test_the_base_of_all_is_known() -> None:
    assert is_known(Base())
    assert is_known(with_forward(lambda self, x: self.all_of(x)))


@pytest.mark.parametrize("forward", FORWARDS, ids=lambda forward: forward.__name__)
def test_forwards_that_do_more_than_call_layers_are_their_own(forward: Forward) -> None:
    model = with_forward(forward)
    before = (model.count, len(model.seen), len(model.layers), COUNTED[0], random.getstate())
    assert not is_known(model)
    after = (model.count, len(model.seen), len(model.layers), COUNTED[0], random.getstate())
    assert before == after


@pytest.mark.parametrize("name", OTHERS)
def test_classes_that_are_not_what_they_look_like_are_their_own(name: str) -> None:
    assert not is_known(OTHERS[name]())


def test_hooks_on_all_modules_are_called() -> None:
    assert is_known(MLP())
    hook = nn.modules.module.register_module_forward_hook(lambda *_: None)
    try:
        assert not is_known(MLP())
    finally:
        hook.remove()
    assert is_known(MLP())


@pytest.mark.parametrize("sizes", [(-1, 3), (3, -1), (-1,), (-1, -1), (2, 3), (-1, 2, 2)])
def test_views_that_mix_rows_are_no_flatten(sizes: tuple[int, ...]) -> None:
    model = with_forward(lambda self, x: self.fc(x.view(self.sizes)))
    model.sizes = sizes  # type: ignore[assignment]
    model.hidden = model.out = model.norm = nn.Identity()
    assert not is_known(model)
    model.sizes = (-1, 6)  # type: ignore[assignment]
    assert is_known(model)


def test_nothing_is_left_of_a_trace() -> None:
    model = Base().eval()
    state = {name: dict(vars(module)) for name, module in model.named_modules()}
    call = nn.Module.__call__
    assert chain_of(model) is not None
    assert {name: dict(vars(module)) for name, module in model.named_modules()} == state
    assert nn.Module.__call__ is call
