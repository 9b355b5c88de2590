"""Penalties of whole units and matrices. Legend: R runs, U units, t step, s strength."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sweep.regularizers.penalty import Layer, Memory, Penalty

FIRST_POWER_STEPS = 30
"""Power iterations on initial weights, before one for every step of training."""
MOST_ROOT_STEPS = 60
"""Newton steps for a unit's norm: two or so are needed, more where Adam's steps differ much."""


class GroupLasso(Penalty):
    """s * sum over units of sqrt(n) * |v|, v a unit's n weights (Yuan & Lin 2006, eq. 2.1).

    A unit is an output of a linear layer, a channel of a convolution, or a head of an attention;
    it is kept or removed as a whole.
    """

    name = "group_lasso"

    def begin(self, weight: Tensor) -> Memory:
        return {"norm": weight.norm().repeat(len(weight))}  # room for as many units as rows

    def prox(self, layer: Layer, step: Tensor) -> None:
        weight = layer.units(layer.weight)
        pull = step * layer.per_run(layer.strength * math.sqrt(layer.unit_size))
        if pull.shape[1:].numel() == 1:
            norm = layer.unit_sums(weight.square()).sqrt_()
            pull = pull.view(-1, 1)
            kept = torch.where(norm > pull, 1 - pull / norm, (pull <= 0).to(norm.dtype))
            weight.mul_(layer.per_unit(kept))
            return
        pull = layer.units(pull.clamp_min_(torch.finfo(pull.dtype).tiny))
        norm = layer.memory["norm"][:, : weight.shape[1]]
        norm.copy_(unit_norm_after_prox(layer, weight, pull, norm))
        norm = layer.per_unit(norm.masked_fill((layer.strength == 0)[:, None], 1.0))
        weight.mul_(pull.add_(norm).reciprocal_().mul_(norm))

    def add_subgradient(self, layer: Layer, grad: Tensor) -> Tensor:
        weight, slope = layer.units(layer.weight), layer.units(grad)
        pull = layer.strength[:, None] * math.sqrt(layer.unit_size)
        norm, steep = (layer.unit_sums(t.square()).sqrt_() for t in (weight, slope))
        left = torch.where(steep > pull, 1 - pull / steep, (pull <= 0).to(norm.dtype))
        there = norm > 0
        slope.mul_(layer.per_unit(torch.where(there, 1.0, left)))
        slope.addcmul_(weight, layer.per_unit(torch.where(there, pull / norm, 0.0)))
        return torch.where(layer.per_unit(there), weight, -slope)

    def keep_side(self, layer: Layer, side: Tensor) -> None:
        weight = layer.units(layer.weight)
        kept = (layer.unit_sums(weight * side) > 0) | (layer.strength == 0)[:, None]
        weight.masked_fill_(~layer.per_unit(kept), 0.0)

    def value(self, layer: Layer) -> Tensor:
        norms = layer.unit_sums(layer.units(layer.weight).square()).sqrt()
        return layer.strength * math.sqrt(layer.unit_size) * norms.sum(1)

    def strength_max(self, gradient: Tensor) -> float | None:
        rows = gradient.reshape(len(gradient), -1)
        return float(rows.norm(dim=1).max()) / math.sqrt(rows.shape[1])


def unit_norm_after_prox(layer: Layer, weight: Tensor, pull: Tensor, start: Tensor) -> Tensor:
    """|v| (R, U) of the v that minimizes sum (v_i - w_i)^2 / (2 p_i) + |v|, p > 0 the ``pull``.

    v_i = w_i |v| / (|v| + p_i), so the norm s solves h(s) = sum w_i^2 / (s + p_i)^2 = 1, and is 0
    where h(0) <= 1. Newton's method on 1/sqrt(h) - 1, which is concave and straight when all p_i
    are equal, begins at ``start`` (R, U), say at the norm after the step before; its first step
    ends below the root, and it climbs from there (Hebden 1973, for trust regions). A unit stays
    where it is as soon as its own step was too small to leave an error; the others do not matter.
    """
    near = 2 * math.sqrt(torch.finfo(weight.dtype).eps)
    found, moving = start, None
    for _ in range(MOST_ROOT_STEPS):
        inverse = (layer.per_unit(found) + pull).reciprocal_()
        square = (weight * inverse).square_()
        h, slope = layer.unit_sums(square), layer.unit_sums(square.mul_(inverse))
        ahead = h.sqrt().sub_(1).mul_(h).div_(slope).add_(found).nan_to_num_(0, 0, 0).clamp_min_(0)
        fell = (ahead == 0) & ((found > 0) | torch.isinf(h))
        if bool(fell.any()):
            ahead = torch.where(fell, _least_norm(layer, weight, pull), ahead)
        if moving is not None:
            ahead = torch.where(moving, ahead, found)
        moving = (ahead - found).abs_() > near * ahead
        found = ahead
        if not bool(moving.any()):
            break
    return found


def _least_norm(layer: Layer, weight: Tensor, pull: Tensor) -> Tensor:
    """What a unit's norm (R, U) is at least: that with the largest pull on all its weights."""
    most = pull.amax(tuple(range(2, pull.ndim))) if pull.ndim > 2 else pull
    return (layer.unit_sums(weight.square()).sqrt_() - most).clamp_min_(0)


class MaxNorm(Penalty):
    """Each unit's weights are projected to norm <= 1/s after a step (Srebro et al. 2005).

    The radius runs opposite to the strength, which is its inverse. The projection is Euclidean
    under Adam too: the bound is on the weights and not on a loss.
    """

    name = "max_norm"

    def project(self, layer: Layer) -> None:
        weight = layer.units(layer.weight)
        norm = layer.unit_sums(weight.square()).sqrt_()
        weight.mul_(layer.per_unit(1 / (norm * layer.strength[:, None]).clamp_min_(1)))


class Orthogonal(Penalty):
    """s * |W W' - I|^2, of whichever Gram matrix is smaller (Brock et al. 2017).

    W is a weight flattened to (out, -1); the other Gram matrix gives the same gradient, and a value
    that is larger by a constant.
    """

    name = "orthogonal"
    of_matrices = True

    def add_gradient(self, layer: Layer, grad: Tensor) -> None:
        w = layer.weight.flatten(2)
        excess = _gram_excess(w)
        slope = excess @ w if excess.shape[1] == w.shape[1] else w @ excess
        grad.addcmul_(slope.view_as(grad), layer.per_run(layer.strength), value=4)

    def value(self, layer: Layer) -> Tensor:
        return layer.strength * _gram_excess(layer.weight.flatten(2)).square().sum((1, 2))


def _gram_excess(w: Tensor) -> Tensor:
    """W W' - I or W' W - I (R, n, n), whichever is smaller."""
    gram = w @ w.mT if w.shape[1] <= w.shape[2] else w.mT @ w
    return gram - torch.eye(gram.shape[1], device=w.device, dtype=w.dtype)


class Spectral(Penalty):
    """s * sigma_max(W)^2 by one power iteration a step (Yoshida & Miyato 2017, algorithm 1)."""

    name = "spectral"
    of_matrices = True

    def begin(self, weight: Tensor) -> Memory:
        w = weight.flatten(1).unsqueeze(0)
        start = torch.randn(1, w.shape[1], generator=torch.Generator().manual_seed(0))
        left = start.to(w)
        for _ in range(FIRST_POWER_STEPS):
            left, _, _ = _power_step(w, left)
        return {"left": left[0]}

    def add_gradient(self, layer: Layer, grad: Tensor) -> None:
        left, right, sigma = _power_step(layer.weight.flatten(2), layer.memory["left"])
        layer.memory["left"].copy_(left)
        pull = left * (2 * sigma * layer.strength)[:, None]
        grad.flatten(2).baddbmm_(pull.unsqueeze(2), right.unsqueeze(1))

    def value(self, layer: Layer) -> Tensor:
        _, _, sigma = _power_step(layer.weight.flatten(2), layer.memory["left"])
        return layer.strength * sigma.square()


def _power_step(w: Tensor, left: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The next left (R, out) and right (R, in) singular vectors and the largest value (R,)."""
    tiny = torch.finfo(w.dtype).tiny
    right = (left.unsqueeze(1) @ w).squeeze(1)
    right = right / right.norm(dim=1, keepdim=True).clamp_min(tiny)
    left = (w @ right.unsqueeze(2)).squeeze(2)
    sigma = left.norm(dim=1)
    return left / sigma.clamp_min(tiny)[:, None], right, sigma
