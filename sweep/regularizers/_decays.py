"""Decay and its relatives: weights shrink beside the optimizer. Legend: R runs, s strength."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import torch
from torch import Tensor

from sweep.regularizers.penalty import Layer, Memory, Penalty


class Decay(Penalty):
    """w <- (1 - lr * s) w beside the optimizer, as torch's AdamW (Loshchilov & Hutter 2019)."""

    name = "decay"
    by_weight = True

    def shrink(self, layer: Layer, lr: Tensor) -> None:
        layer.weight.mul_(layer.per_run(1 - lr * layer.strength))

    def weight_decay(self, strength: float, lr: float, scale_invariant: bool) -> float | None:
        return strength


class DecayIndependent(Penalty):
    """w <- (1 - f * s) w, f the schedule's factor: the base learning rate has no part in it.

    Loshchilov & Hutter 2019, algorithm 2, where the schedule multiplies the decay and the rate does
    not; Wortsman et al. 2024 recommend it.
    """

    name = "decay_independent"
    by_weight = True

    def shrink(self, layer: Layer, lr: Tensor) -> None:
        layer.weight.mul_(layer.per_run(1 - lr / _base(layer) * layer.strength))

    def weight_decay(self, strength: float, lr: float, scale_invariant: bool) -> float | None:
        return strength / lr if lr > 0 else None


class DecayCorrected(Penalty):
    """w <- (1 - lr^2 / base * s) w where the loss does not depend on the weight's size.

    Other weights decay as under ``decay``. With it the ratio of gradient to weight stays where it
    is while a schedule lowers the learning rate (Defazio 2025, algorithm 1).
    """

    name = "decay_corrected"
    by_weight = True

    def shrink(self, layer: Layer, lr: Tensor) -> None:
        if layer.scale_invariant:
            lr = lr.square() / _base(layer)
        layer.weight.mul_(layer.per_run(1 - lr * layer.strength))

    def weight_decay(self, strength: float, lr: float, scale_invariant: bool) -> float | None:
        return None if scale_invariant else strength


class DecayCautious(Penalty):
    """w <- w - lr * (u + s * w where u and w have the same sign), u the optimizer's own step.

    Weights shrink where the step brings them closer to 0 too (Chen et al. 2025, "Cautious weight
    decay").
    """

    name = "decay_cautious"
    by_weight = True

    def follow(self, layer: Layer, before: Tensor, lr: Tensor) -> None:
        moved = layer.weight - before
        shrunk = before * layer.per_run(lr * layer.strength)
        layer.weight.sub_(torch.where(moved * before <= 0, shrunk, 0.0))


class FixedNorm(Penalty):
    """|W| held at its start for every matrix; s > 0 says that it is, and means nothing more."""

    name = "fixed_norm"
    of_matrices = True

    def begin(self, weight: Tensor) -> Memory:
        return {"norm": weight.norm()}

    def project(self, layer: Layer) -> None:
        norm = layer.weight.flatten(1).norm(dim=1)
        scale = layer.memory["norm"] / norm.clamp_min(torch.finfo(norm.dtype).tiny)
        layer.weight.mul_(layer.per_run(torch.where(layer.strength > 0, scale, 1.0)))


class CPR(Penalty):
    """|W|^2 <= |W0|^2 / s by a multiplier for each layer (Franke et al. 2024, algorithm 1).

    After every step l <- max(0, l + rate / n * (|W|^2 - bound)) and W <- (1 - 2 l) W, over the
    layer's n weights. The bound runs opposite to the strength: at 1 no layer may outgrow its
    initial norm.
    """

    name = "cpr"
    numbers: ClassVar[Mapping[str, float]] = MappingProxyType({"rate": 1.0})

    def begin(self, weight: Tensor) -> Memory:
        return {"start": weight.square().sum(), "multiplier": weight.new_zeros(())}

    def project(self, layer: Layer) -> None:
        square, multiplier = layer.weight.flatten(1).square().sum(1), layer.memory["multiplier"]
        beyond = (square - layer.memory["start"] / layer.strength) / layer.weight[0].numel()
        multiplier.add_(layer.numbers["rate"] * beyond).clamp_min_(0).nan_to_num_(0)
        layer.weight.mul_(layer.per_run((1 - 2 * multiplier).clamp_min(0)))


def _base(layer: Layer) -> Tensor:
    assert layer.base_lr is not None
    return layer.base_lr
