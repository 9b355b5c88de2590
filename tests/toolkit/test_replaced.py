"""Layers that are replaced after a regularizer was made of them: it says so and does not go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from sweep.errors import ModelError
from sweep.toolkit.regularizer import Regularizer

LR = 0.1


class Adapted(nn.Module):
    """A frozen layer with a small one beside it, as LoRA puts in its place."""

    def __init__(self, base: nn.Linear):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = nn.Linear(base.in_features, 1, bias=False)
        self.up = nn.Linear(1, base.out_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.base(x) + self.up(self.down(x))
        return found


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


def new_head(model: nn.Sequential) -> None:
    model[2] = nn.Linear(4, 5)


def new_weight(model: nn.Sequential) -> None:
    model[2].weight = nn.Parameter(torch.zeros(2, 4))


def with_adapter(model: nn.Sequential) -> None:
    model[2] = Adapted(model[2])  # type: ignore[arg-type]


@pytest.mark.parametrize("penalty", ["l2", "decay"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (new_head, "found 2 replaced"),
        (new_weight, "found 2 replaced"),
        (with_adapter, "found 2 frozen inside of another"),
    ],
)
def test_what_is_replaced_is_said_in_one_line(
    change: Callable[[nn.Sequential], None], words: str, penalty: str
) -> None:
    model = network()
    reg = Regularizer(model, penalty, 0.5)
    reg.loss()
    change(model)
    for act in (reg.loss, reg.add_gradients):
        with pytest.raises(ModelError, match=words) as raised:
            act()
        assert "\n" not in str(raised.value)
    optimizer = torch.optim.AdamW(reg.parameter_groups(lr=LR))
    with pytest.raises(ModelError, match=words):
        reg.step(optimizer)


def with_norm(model: nn.Sequential) -> None:
    parametrizations.spectral_norm(model[2])


def inside_another(model: nn.Sequential) -> None:
    model[2] = nn.Sequential(model[2])


@pytest.mark.parametrize("change", [with_norm, inside_another])
def test_a_weight_that_is_moved_and_trains_is_regularized_all_the_same(
    change: Callable[[nn.Sequential], None],
) -> None:
    model = network()
    weight = model[2].weight
    reg = Regularizer(model, "l2", 0.5)
    change(model)
    reg.loss().backward()
    torch.testing.assert_close(weight.grad, weight.detach())
    reg.step(torch.optim.SGD(reg.parameter_groups(lr=LR)))
