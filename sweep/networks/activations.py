"""The activations: the modules that settings name, and those whose formulas are written out.

What is written out works in place, for ``mlp``. A module that is not, as GELU, whose gradient takes
its input, is trained in another way; one that no setting names may stand in a user's network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

aten = torch.ops.aten

ACTIVATION_MODULES: Mapping[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
}
"""By the word of ``model.activation``."""


@dataclass(frozen=True)
class InPlaceActivation:
    """An activation in place, and the gradient by its input from its output, in place too."""

    apply: Callable[[Tensor], object]
    back: Callable[[Tensor, Tensor], object]
    """Takes the gradient by the output, to be changed, and the output."""


WRITTEN_OUT: Mapping[type[nn.Module], InPlaceActivation] = {
    nn.ReLU: InPlaceActivation(
        lambda h: h.clamp_min_(0),
        lambda g, h: aten.threshold_backward.grad_input(g, h, 0, grad_input=g),
    ),
    nn.Tanh: InPlaceActivation(
        lambda h: h.tanh_(), lambda g, h: aten.tanh_backward.grad_input(g, h, grad_input=g)
    ),
    nn.Sigmoid: InPlaceActivation(
        lambda h: h.sigmoid_(), lambda g, h: aten.sigmoid_backward.grad_input(g, h, grad_input=g)
    ),
}
"""By the type of the module."""
