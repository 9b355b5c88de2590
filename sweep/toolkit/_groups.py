"""Decay as the ``weight_decay`` of an optimizer's groups, where that does the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch.optim import Optimizer

from sweep.errors import StudyError
from sweep.regularizers.penalty import Penalty
from sweep.toolkit._acting import Acting, ActingPenalty
from sweep.toolkit._layers import Site, check_number
from sweep.toolkit._step_sizes import decays_beside


class GroupDecay:
    """Which layers decay through their group, and at which learning rates they began."""

    def __init__(self, acting: Acting):
        self.acting = acting
        self.in_groups: dict[str, float] = {}
        """The ``weight_decay`` of the layers whose group does their decay."""
        self.base_lrs: dict[str, float] = {}
        """By layer what schedules multiply, as ``parameter_groups`` was given it."""
        self._given = 0.0
        self._expressed: Penalty | None = None

    def begin(self, given: float | None) -> None:
        """New groups are made; ``given`` is a ``weight_decay`` of the user's for all of them."""
        shrinking = [one.penalty for one in self.acting.penalties if one.penalty.acts_in("shrink")]
        if given is not None:
            check_number(given, "weight_decay")
        if given and shrinking:
            raise StudyError(
                f"Regularizer: parameter_groups: weight_decay must be left out beside "
                f"{shrinking[0].name}, which is it, or be 0.0, so that step() does it, found "
                f"{given!r}; remove it"
            )
        self.in_groups.clear()
        self._given = float(given or 0.0)
        alone = given is None and len(shrinking) == 1
        self._expressed = shrinking[0] if alone else None

    def decay_of(self, layer: str | None, lr: float) -> float:
        """The ``weight_decay`` of a layer's group, whose learning rate is this; None for a
        parameter that is left alone.
        """
        if layer is None:
            return self._given
        self.base_lrs[layer] = lr
        for one in self.acting.penalties:
            if one.penalty is self._expressed and layer in one.strengths:
                invariant = self.acting.sites[layer].scale_invariant
                decay = one.penalty.weight_decay(one.strengths[layer], lr, invariant)
                if decay is not None:
                    self.in_groups[layer] = decay
                    return decay
        return self._given

    def needs_before(self, site: Site) -> bool:
        """Whether the weights before a step have to be known after it."""
        shrinks = bool(self.acting.on("shrink", site)) and site.layer not in self.in_groups
        return shrinks or bool(self.acting.on("follow", site))

    def base_lr(self, acting: ActingPenalty, layer: str) -> float | None:
        """The learning rate that schedules multiply, where it is known; it must be where the
        penalty asks for it.
        """
        if acting.needs_base_lr and layer not in self.base_lrs:
            raise StudyError(
                f"Regularizer: step: the learning rate that a schedule multiplies must be known "
                f"for {acting.penalty.name}, found none; make the optimizer with "
                "reg.parameter_groups(lr=...)"
            )
        return self.base_lrs.get(layer)

    def check(self, optimizer: Optimizer, group: Mapping[str, Any], layer: str) -> None:
        """Raises StudyError where the optimizer decays a layer in a way that is not meant."""
        found, kind = float(group.get("weight_decay", 0.0)), type(optimizer).__name__
        meant = self.in_groups.get(layer, self._given)
        if found != meant:
            raise StudyError(
                f"Regularizer: step: the weight_decay of {layer} must be {meant:g} in its group, "
                f"found {found:g}; make the optimizer with reg.parameter_groups(lr=...)"
            )
        if layer in self.in_groups and not decays_beside(optimizer, group):
            raise StudyError(
                f"Regularizer: step: an optimizer that decays beside the gradient must be given, "
                f"found {kind}, which is not known to; make its groups with "
                "reg.parameter_groups(lr=..., weight_decay=0.0), and step() does the decay"
            )
