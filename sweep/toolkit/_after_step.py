"""What comes after the optimizer's step, and what has to be known from before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from sweep.errors import StudyError
from sweep.toolkit._acting import Acting
from sweep.toolkit._groups import GroupDecay
from sweep.toolkit._layers import Site, local, number_like, rows_of
from sweep.toolkit._step_sizes import group_of, has_metric, step_size


class AfterStep:
    """Decay that the optimizer has not done, proximal steps in its metric, projections."""

    def __init__(self, acting: Acting, groups: GroupDecay):
        self.acting, self.groups = acting, groups
        self._before: dict[str, Tensor] = {}
        """By layer the weights (1, *shape) before the coming step, where that matters."""
        self._sides: dict[str, list[Tensor]] = {}
        """By layer what least subgradients returned, one for each proximal penalty."""

    @torch.no_grad()
    def note(self) -> None:
        """Notes the weights before the coming step where they have to be known after it."""
        for layer, site in self.acting.sites.items():
            if self.groups.needs_before(site):
                self._before[layer] = rows_of(local(site.parameter)).clone()

    @torch.no_grad()
    def add_subgradients(self, optimizer: Optimizer) -> None:
        """Makes gradients the least subgradients of loss and penalties, where they make zeros."""
        groups = group_of(optimizer)
        for layer, site in self.acting.sites.items():
            proximal, grad = self.acting.on("prox", site), site.parameter.grad
            if proximal and id(site.parameter) in groups and grad is not None:
                rows = rows_of(local(grad))
                self._sides[layer] = [
                    one.penalty.add_subgradient(one.layer(site), rows) for one in proximal
                ]

    @torch.no_grad()
    def act(self, optimizer: Optimizer, site: Site, group: Mapping[str, Any]) -> None:
        """All of it for one weight; ``group`` is the optimizer's of it."""
        self.groups.check(optimizer, group, site.layer)
        if self.groups.needs_before(site):
            self._follow(site, float(group["lr"]))
        if self.acting.on("prox", site):
            if has_metric(optimizer):
                self._step_proximal(optimizer, site, group)
            else:
                self._keep_sides(optimizer, site)
        for one in self.acting.on("project", site):
            one.penalty.project(one.layer(site))

    def _follow(self, site: Site, lr: float) -> None:
        """Decay beside the step, and what follows it, from the weights before it.

        Decay comes first and the update is added to what it leaves, so it can be done afterwards.
        """
        before = self._before.pop(site.layer, None)
        if before is None:
            raise StudyError(
                "Regularizer: step: loss() must be called in every step before the optimizer's, "
                "found no call since the last; add it to the loss, or call add_gradients()"
            )
        weight, kept = rows_of(local(site.parameter)), before.clone()
        rate = number_like(lr, weight)
        for one in self.acting.on("shrink", site):
            base = self.groups.base_lr(one, site.layer)
            one.penalty.shrink(one.layer(site, kept, base), rate)
        if site.layer not in self.groups.in_groups:
            weight.add_(kept - before)
        for one in self.acting.on("follow", site):
            one.penalty.follow(one.layer(site), kept, rate)

    def _step_proximal(self, optimizer: Optimizer, site: Site, group: Mapping[str, Any]) -> None:
        size = step_size(optimizer, group, site.parameter)
        if size is None:  # no gradient has reached the weight yet
            return
        for one in self.acting.on("prox", site):
            layer = one.layer(site)
            one.penalty.prox(layer, _spread(size, layer.weight))

    def _keep_sides(self, optimizer: Optimizer, site: Site) -> None:
        proximal, sides = self.acting.on("prox", site), self._sides.pop(site.layer, None)
        if sides is None:
            raise StudyError(
                f"Regularizer: step: {proximal[0].penalty.name} needs an optimizer with a step "
                f"size for every weight, found {type(optimizer).__name__}; call "
                "add_gradients(optimizer) between backward and its step in the place of loss(), "
                "or take SGD or AdamW"
            )
        for one, side in zip(proximal, sides, strict=True):
            one.penalty.keep_side(one.layer(site), side)


def _spread(size: float | Tensor, weight: Tensor) -> Tensor:
    """A step size that broadcasts over a weight (1, *shape), and may be overwritten."""
    if isinstance(size, Tensor):
        return local(size).to(weight).view(weight.shape).clone()
    return number_like(size, weight).view(1, *[1] * (weight.ndim - 1))
