"""Networks that are almost known: what the library in C has not is left to torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from sweep.networks.cnn import FusedCNN
from sweep.networks.image_layers import image_layers_of
from tests.networks.test_cnn import CPU, head


def conv(**settings: object) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(2, 4, 3, **settings), nn.Flatten(), nn.LazyLinear(3))


def with_norm(norm: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(2, 4, 3), norm, nn.AdaptiveAvgPool2d(1), *head(4))


def with_pool(pool: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(2, 4, 3), pool, nn.Flatten(), nn.LazyLinear(3))


def hooked() -> nn.Sequential:
    model = with_norm(nn.BatchNorm2d(4))
    model[1].register_forward_hook(lambda module, args, output: output * 2)
    return model


def frozen() -> nn.Sequential:
    model = with_norm(nn.BatchNorm2d(4))
    model[1].weight.requires_grad_(False)
    return model


def shared() -> nn.Sequential:
    norm = nn.BatchNorm2d(2, affine=False)
    return nn.Sequential(norm, nn.Conv2d(2, 2, 1), norm, nn.AdaptiveAvgPool2d(1), *head(2))


def of_shared_statistics() -> nn.Sequential:
    model = nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), *head(98))
    model[2].running_mean = model[0].running_mean
    return model


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


ALMOST: Mapping[str, Callable[[], nn.Sequential]] = {
    "groups": lambda: conv(groups=2),
    "dilation": lambda: conv(dilation=2),
    "reflection": lambda: conv(padding=1, padding_mode="reflect"),
    "same": lambda: conv(padding="same"),
    "parametrized": lambda: nn.Sequential(
        parametrizations.weight_norm(nn.Conv2d(2, 4, 3)), nn.AdaptiveAvgPool2d(1), *head(4)
    ),
    "no statistics": lambda: with_norm(nn.BatchNorm2d(4, track_running_stats=False)),
    "instance norm": lambda: with_norm(nn.InstanceNorm2d(4)),
    "layer norm of images": lambda: with_norm(nn.LayerNorm((4, 5, 5))),
    "layer norm along the width": lambda: with_norm(nn.LayerNorm(5)),
    "group norm": lambda: with_norm(nn.GroupNorm(2, 4)),
    "dropout of channels": lambda: with_norm(nn.Dropout2d(0.1)),
    "gelu": lambda: with_norm(nn.GELU()),
    "pool with padding": lambda: with_pool(nn.MaxPool2d(2, padding=1)),
    "pool with dilation": lambda: with_pool(nn.MaxPool2d(2, dilation=2)),
    "pool up to the edge": lambda: with_pool(nn.MaxPool2d(2, ceil_mode=True)),
    "mean by another number": lambda: with_pool(nn.AvgPool2d(2, divisor_override=3)),
    "pool to a size": lambda: with_pool(nn.AdaptiveAvgPool2d(2)),
    "no head": lambda: nn.Sequential(nn.Conv2d(2, 4, 3)),
    "linear along the width": lambda: nn.Sequential(nn.Conv2d(2, 4, 3), nn.Linear(5, 3)),
    "flattened halfway": lambda: nn.Sequential(
        nn.Conv2d(2, 3, 7), nn.Flatten(2), nn.Flatten(), nn.Linear(3, 3)
    ),
    "relu first": lambda: nn.Sequential(nn.ReLU(), nn.Conv2d(2, 3, 7), nn.Flatten()),
    "dropout first": lambda: nn.Sequential(nn.Dropout(0.1), nn.Conv2d(2, 3, 7), nn.Flatten()),
    "relu after dropout": lambda: with_norm(nn.Sequential(nn.Dropout(0.1), nn.ReLU())),
    "residual": lambda: nn.Sequential(Residual(), nn.AdaptiveAvgPool2d(1), *head(2)),
    "hook": hooked,
    "frozen": frozen,
    "shared": shared,
    "shared statistics": of_shared_statistics,
}


@pytest.mark.parametrize("name", ALMOST)
def test_whatever_the_library_has_not_is_left_to_torch(name: str) -> None:
    model, x = ALMOST[name](), torch.randn(4, 2, 7, 7)
    model(x)  # makes what is lazy
    assert image_layers_of(model, (2, 7, 7)) == ()
    with pytest.raises(ValueError, match="layers that the library in C has"):
        FusedCNN(model, CPU, row=(2, 7, 7))


def test_rows_of_other_shapes_are_no_images() -> None:
    model = with_norm(nn.BatchNorm2d(4))
    assert image_layers_of(model, (2, 7, 7))
    for row in ((), (98,), (3, 7, 7), (2, 7), (2, 2, 2), (2, 7, 7, 1)):
        assert image_layers_of(model, row) == ()
