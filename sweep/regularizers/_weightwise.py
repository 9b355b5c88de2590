"""Penalties that are defined weight by weight. Legend: R runs, t step, s strength."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import torch
from torch import Tensor

from sweep.regularizers.penalty import Layer, Memory, Penalty, soft_threshold


class L2(Penalty):
    """s * sum w^2 in the loss; SGD's and Adam's ``weight_decay = 2 * strength``."""

    name = "l2"
    by_weight = True

    def add_gradient(self, layer: Layer, grad: Tensor) -> None:
        grad.addcmul_(layer.weight, layer.per_run(layer.strength), value=2)

    def value(self, layer: Layer) -> Tensor:
        return layer.strength * layer.weight.flatten(1).square().sum(1)


class L1(Penalty):
    """s * sum |w|, by its proximal operator, so that weights become exactly zero."""

    name = "l1"
    by_weight = True

    def prox(self, layer: Layer, step: Tensor) -> None:
        threshold = step * layer.per_run(layer.strength)
        layer.weight.sub_(torch.clamp(layer.weight, -threshold, threshold))

    def add_subgradient(self, layer: Layer, grad: Tensor) -> Tensor:
        return add_signs(layer.weight, grad, layer.per_run(layer.strength))

    def keep_side(self, layer: Layer, side: Tensor) -> None:
        drop_crossed(layer, side)

    def value(self, layer: Layer) -> Tensor:
        return layer.strength * layer.weight.flatten(1).abs().sum(1)

    def strength_max(self, gradient: Tensor) -> float | None:
        return float(gradient.abs().max())


class ElasticNet(Penalty):
    """s * (q * sum |w| + (1 - q) * sum w^2) with q = ``l1_share`` (Zou & Hastie 2005, eq. 3).

    Its proximal operator is soft(w, t*s*q) / (1 + 2*t*s*(1 - q)).
    """

    name = "elastic_net"
    by_weight = True
    numbers: ClassVar[Mapping[str, float]] = MappingProxyType({"l1_share": 0.5})
    largest_numbers: ClassVar[Mapping[str, float]] = MappingProxyType({"l1_share": 1.0})

    def prox(self, layer: Layer, step: Tensor) -> None:
        share = layer.numbers["l1_share"]
        first = step * layer.per_run(layer.strength * share)
        second = step * layer.per_run(2 * layer.strength * (1 - share))
        clamped = torch.clamp(layer.weight, -first, first)
        layer.weight.sub_(clamped).div_(second.add_(1))

    def add_subgradient(self, layer: Layer, grad: Tensor) -> Tensor:
        share = layer.numbers["l1_share"]
        grad.addcmul_(layer.weight, layer.per_run(layer.strength * (1 - share)), value=2)
        return add_signs(layer.weight, grad, layer.per_run(layer.strength * share))

    def keep_side(self, layer: Layer, side: Tensor) -> None:
        drop_crossed(layer, side)

    def value(self, layer: Layer) -> Tensor:
        share, weight = layer.numbers["l1_share"], layer.weight.flatten(1)
        return layer.strength * (share * weight.abs().sum(1) + (1 - share) * weight.square().sum(1))

    def strength_max(self, gradient: Tensor) -> float | None:
        return float(gradient.abs().max()) / self.numbers["l1_share"]


class L2SP(Penalty):
    """s * sum (w - w0)^2, w0 the weights that a run begins with (Li, Grandvalet & Davoine 2018)."""

    name = "l2_sp"
    by_weight = True

    def begin(self, weight: Tensor) -> Memory:
        return {"start": weight.clone()}

    def add_gradient(self, layer: Layer, grad: Tensor) -> None:
        away = layer.weight - layer.memory["start"]
        grad.addcmul_(away, layer.per_run(layer.strength), value=2)

    def value(self, layer: Layer) -> Tensor:
        away = layer.weight - layer.memory["start"]
        return layer.strength * away.flatten(1).square().sum(1)


def add_signs(weight: Tensor, grad: Tensor, strength: Tensor) -> Tensor:
    """Adds the least subgradient of strength * |w| to a gradient, in place.

    Args:
        weight: (R, *shape)
        grad: (R, *shape), the gradient of all else.
        strength: (R, 1, ..., 1)

    Returns:
        The weights, or, where they are 0, minus the subgradient (Andrew & Gao 2007, eq. 5).
    """
    at_zero = soft_threshold(grad, strength)
    there = weight != 0
    grad.copy_(torch.where(there, grad + strength * weight.sign(), at_zero))
    return torch.where(there, weight, -grad)


def drop_crossed(layer: Layer, side: Tensor) -> None:
    """Makes the weights zero whose sign is not that of ``side`` (Andrew & Gao 2007, eq. 6)."""
    crossed = layer.weight * side.sign() <= 0
    layer.weight.masked_fill_(crossed & (layer.per_run(layer.strength) > 0), 0.0)
