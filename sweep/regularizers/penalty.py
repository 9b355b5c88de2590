"""What a penalty is: hooks that act on one layer's weights in many runs at once.

A ``Layer`` holds the weights of one layer side by side for R runs, ``(R, *shape)``, and a strength
for each run ``(R,)``. A penalty acts at one or more of five places of a step: it adds its gradient
to the loss's (``add_gradient``), shrinks the weights beside the optimizer (``shrink``), or changes
them after the optimizer's update (``follow``, which knows the weights before it; ``prox``, a
proximal operator; ``project``, what has no use for the optimizer's step). It overrides those hooks
that it needs, and no others are called. A strength of 0 must leave a run's numbers untouched bit
for bit, which is why runs with different penalties can share one population.

Legend: R runs, U units (rows of a weight matrix, channels of a convolution, heads of an attention).
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.func import grad, vmap

from sweep.errors import StudyError

Memory = dict[str, Tensor]
"""What a penalty remembers of a layer, by name; stacked (R, ...) but for ``begin``."""


@dataclass(frozen=True)
class Layer:
    """One layer's weights in R runs, and what a penalty needs to act on them."""

    weight: Tensor
    """(R, *shape): change it in place."""
    strength: Tensor
    """(R,), at least 0, which leaves the run as it is."""
    memory: Memory = field(default_factory=dict)
    """What ``begin`` gave for each run, stacked (R, ...): change it in place."""
    numbers: Mapping[str, Tensor] = field(default_factory=dict)
    """The penalty's own ``numbers``, (R,) each."""
    n_heads: int = 0
    """Heads of an attention whose weight has the rows of queries, keys and values; 0 for others."""
    base_lr: Tensor | None = None
    """(R,), the learning rates that schedules multiply."""
    scale_invariant: bool = False
    """Whether the weight's size does not matter to the loss, as before a norm layer."""

    def per_run(self, value: Tensor) -> Tensor:
        """A number for each run, shaped so that it broadcasts over the weights.

        Args:
            value: (R,)

        Returns:
            ``value`` as a view ``(R, 1, ..., 1)``.
        """
        return per_run(value, self.weight)

    def units(self, tensor: Tensor) -> Tensor:
        """What is shaped like the weights, one unit after the other.

        Args:
            tensor: (R, *shape)

        Returns:
            A view ``(R, U, ...)``.
        """
        if not self.n_heads:
            return tensor
        runs, rows = tensor.shape[:2]
        apart = tensor.view(runs, 3, self.n_heads, rows // (3 * self.n_heads), *tensor.shape[2:])
        return apart.transpose(1, 2)

    def per_unit(self, value: Tensor) -> Tensor:
        """A number for each unit, shaped so that it broadcasts over ``units(weight)``.

        Args:
            value: (R, U)

        Returns:
            ``value`` as a view ``(R, U, 1, ..., 1)``.
        """
        return value.view(*value.shape, *[1] * (self.units(self.weight).ndim - 2))

    def unit_sums(self, tensor: Tensor) -> Tensor:
        """Sums over each unit.

        Args:
            tensor: Shaped like ``units(weight)``, (R, U, ...).

        Returns:
            The sums, (R, U).
        """
        dims = tuple(range(2, tensor.ndim))
        return tensor.sum(dims) if dims else tensor

    @property
    def unit_size(self) -> int:
        """How many weights a unit has."""
        return math.prod(self.units(self.weight).shape[2:])


class Penalty(ABC):
    """One way of holding weights back. Override the hooks that apply."""

    name: str
    """What the study calls it."""
    numbers: ClassVar[Mapping[str, float]] = MappingProxyType({})
    """Numbers beside the strength and their defaults; ``search.axes`` may sweep ``name.number``."""
    largest_numbers: ClassVar[Mapping[str, float]] = MappingProxyType({})
    """What those are at most that have a limit."""
    of_matrices: ClassVar[bool] = False
    """Whether it acts on weights of two dimensions or more alone, and on no vector."""
    by_weight: ClassVar[bool] = False
    """Whether it looks at each weight by itself, so that it can act on a part of a matrix."""

    def begin(self, weight: Tensor) -> Memory:
        """What is remembered of a layer of one run, from its initial weights.

        Args:
            weight: (*shape), the weights before the first step.

        Returns:
            Tensors by name, for one run; in ``layer.memory`` they are stacked (R, ...).
        """
        return {}

    def add_gradient(self, layer: Layer, grad: Tensor) -> None:
        """Adds the gradient of ``value`` by the weights to that of the loss, in place.

        Args:
            layer: The layer's weights and strengths.
            grad: (R, *shape), the loss's gradient; change it in place.
        """

    def shrink(self, layer: Layer, lr: Tensor) -> None:
        """Changes the weights in place beside the optimizer, before its update.

        Args:
            layer: The layer's weights and strengths.
            lr: (R,), the learning rates.
        """

    def weight_decay(self, strength: float, lr: float, scale_invariant: bool) -> float | None:
        """The ``weight_decay`` of torch's AdamW that does what ``shrink`` does.

        Args:
            strength: Of the layer.
            lr: The learning rate that schedules multiply.
            scale_invariant: As the layer's.

        Returns:
            The number; None where there is none.
        """
        return None

    def prox(self, layer: Layer, step: Tensor) -> None:
        """Changes the weights in place after the update, by a proximal operator.

        The step is ``lr / (1 - momentum)`` under SGD and ``lr / (sqrt(v_hat) + eps)``, one for each
        coordinate, under Adam: the optimizer's own metric (Yun, Lozano & Yang 2021, eq. 3).

        Args:
            layer: The layer's weights and strengths.
            step: Broadcasts over the weights; may be overwritten where it has a size for every
                coordinate.
        """

    def add_subgradient(self, layer: Layer, grad: Tensor) -> Tensor:
        """Makes the loss's gradient the least subgradient of loss and penalty, in place.

        It takes the place of ``prox`` under optimizers whose steps are in no proportion to the
        gradient (Andrew & Gao 2007, eq. 4).

        Args:
            layer: The layer's weights and strengths.
            grad: (R, *shape), the loss's gradient; change it in place.

        Returns:
            (R, *shape): the weights, or, where they are 0, where the subgradient would move them.

        Raises:
            StudyError: The penalty has none, and so needs an optimizer with a metric.
        """
        raise StudyError(
            f"search.penalties: {self.name} must have add_subgradient and keep_side under an "
            "optimizer whose steps are in no proportion to the gradient, found prox alone; write "
            "them, or take sgd or adamw"
        )

    def keep_side(self, layer: Layer, side: Tensor) -> None:
        """Makes weights zero that the optimizer has moved to another side, in place.

        Args:
            layer: The layer's weights and strengths.
            side: What ``add_subgradient`` returned in this step.
        """

    def follow(self, layer: Layer, before: Tensor, lr: Tensor) -> None:
        """Changes the weights in place after the optimizer's update, by what they were before it.

        Args:
            layer: The layer's weights and strengths.
            before: (R, *shape), the weights before the update.
            lr: (R,), the learning rates.
        """

    def project(self, layer: Layer) -> None:
        """Changes the weights in place after all else.

        Args:
            layer: The layer's weights and strengths.
        """

    def value(self, layer: Layer) -> Tensor:
        """The penalty's share of the objective; 0 for what is no function of the weights.

        Args:
            layer: The layer's weights and strengths.

        Returns:
            (R,), strength included, in the unit of the loss.
        """
        return torch.zeros_like(layer.strength)

    def strength_max(self, gradient: Tensor) -> float | None:
        """The smallest strength whose solution is zero.

        Args:
            gradient: (*shape), the loss's gradient at zero weights.

        Returns:
            The strength; None where no strength makes the weights exactly zero.
        """
        return None

    @final
    def acts_on(self, n_dimensions: int) -> bool:
        """Whether this penalty acts on weights of so many dimensions.

        Args:
            n_dimensions: Of one run's weights.

        Returns:
            False for a vector where the penalty is one of matrices.
        """
        return n_dimensions > 1 or not self.of_matrices

    @final
    def acts_in(self, hook: str) -> bool:
        """Whether this penalty overrides a hook.

        Args:
            hook: The hook's name.

        Returns:
            False for a hook that is ``Penalty``'s own, and so never called.
        """
        return getattr(type(self), hook) is not getattr(Penalty, hook)


class FunctionPenalty(Penalty):
    """A penalty from a function of one layer's weights (*shape) that gives one number.

    strength * function(weights) is added to the loss; its gradient is autograd's.
    """

    def __init__(self, name: str, function: Callable[[Tensor], Tensor]):
        self.name, self.function = name, function
        self._values, self._slopes = vmap(function), vmap(grad(function))

    def add_gradient(self, layer: Layer, grad: Tensor) -> None:
        slope = self._slopes(layer.weight)
        strength = layer.per_run(layer.strength)
        grad.add_(torch.where(strength > 0, slope * strength, 0))

    def value(self, layer: Layer) -> Tensor:
        values = self._values(layer.weight)
        if values.ndim != 1:
            raise ValueError(
                f"it must give one number for a layer, and gave a tensor of {values[0].numel()}"
            )
        return torch.where(layer.strength > 0, values * layer.strength, 0)


def per_run(value: Tensor, like: Tensor) -> Tensor:
    """``value`` (R,) shaped ``(R, 1, ..., 1)`` so that it broadcasts over ``like`` (R, ...)."""
    return value.view(-1, *[1] * (like.ndim - 1))


def soft_threshold(weight: Tensor, threshold: Tensor) -> Tensor:
    """sign(w) * max(|w| - t, 0): the proximal operator of t*|w| (Donoho & Johnstone 1994, eq. 5).

    Written as w - clamp(w, -t, t), which is exactly w where t = 0 and exactly 0 where |w| <= t.
    """
    return weight - torch.clamp(weight, -threshold, threshold)
