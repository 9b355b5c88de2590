"""The penalties of a regularizer on the layers that they act on, and what they remember.

A weight is seen as that of a population of one run, so that the formulas of ``regularizers`` act on
it as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from sweep.errors import StudyError
from sweep.regularizers.catalogue import asks_invariance, follows_lr
from sweep.regularizers.penalty import Layer, Memory, Penalty
from sweep.toolkit._layers import Site, is_sharded, local, number_like, rows_of


class ActingPenalty:
    """A penalty, its strengths by layer, and what it remembers."""

    def __init__(
        self,
        penalty: Penalty,
        sites: Mapping[str, Site],
        strengths: Mapping[str, float],
        numbers: Mapping[str, float],
    ):
        """``sites`` are all regularized weights; ``strengths`` has a number for each of them."""
        self.penalty, self.numbers = penalty, numbers
        acts = {
            layer: site
            for layer, site in sites.items()
            if penalty.acts_on(site.parameter.ndim) and strengths[layer] > 0
        }
        self.strengths = {layer: strengths[layer] for layer in acts}
        for site in acts.values():
            if is_sharded(site.parameter) and not penalty.by_weight:
                raise StudyError(
                    f"Regularizer: {penalty.name}: whole weights must be there for it, found "
                    f"{site.layer} sharded; take a penalty that looks at each weight by itself, "
                    "or keep that layer out of fully_shard"
                )
        self.memory: dict[str, Memory] = {
            layer: {
                key: tensor.unsqueeze(0)
                for key, tensor in penalty.begin(rows_of(local(site.parameter))[0]).items()
            }
            for layer, site in acts.items()
        }

    @property
    def needs_base_lr(self) -> bool:
        """Whether what it does depends on the learning rate that a schedule multiplies."""
        return not follows_lr(self.penalty.name) or asks_invariance(self.penalty.name)

    def layer(
        self, site: Site, weight: Tensor | None = None, base_lr: float | None = None
    ) -> Layer:
        """A layer as the penalty sees it, with its own weights or others (1, *shape)."""
        rows = rows_of(local(site.parameter)) if weight is None else weight
        memory = self.memory[site.layer]
        for key, tensor in memory.items():  # the model may have been moved since
            memory[key] = tensor.to(rows)
        return Layer(
            rows,
            number_like(self.strengths[site.layer], rows),
            memory,
            {name: number_like(value, rows) for name, value in self.numbers.items()},
            site.n_heads,
            None if base_lr is None else number_like(base_lr, rows),
            site.scale_invariant,
        )


class Acting:
    """All penalties of a regularizer."""

    def __init__(self, penalties: Sequence[ActingPenalty], sites: Mapping[str, Site]):
        self.penalties, self.sites = penalties, sites

    def on(self, hook: str, site: Site) -> list[ActingPenalty]:
        """Those that do anything to a weight at this place of a step."""
        return [
            one
            for one in self.penalties
            if site.layer in one.strengths and one.penalty.acts_in(hook)
        ]

    def sloping(self) -> list[Site]:
        """The weights on which a penalty acts by its gradient."""
        return [site for site in self.sites.values() if self.on("add_gradient", site)]

    @torch.no_grad()
    def value(self) -> Tensor:
        """The penalties' share of the loss."""
        values = [
            one.penalty.value(one.layer(site))[0]
            for site in self.sloping()
            for one in self.on("add_gradient", site)
        ]
        return torch.stack([value.to(values[0]) for value in values]).sum()

    @torch.no_grad()
    def slope(self, site: Site) -> Tensor:
        """Its gradient by one weight, shaped like what this process has of it; what the penalties
        remember moves on.
        """
        weight = local(site.parameter)
        found = torch.zeros(weight.shape, dtype=weight.dtype, device=weight.device)
        for one in self.on("add_gradient", site):
            one.penalty.add_gradient(one.layer(site), rows_of(found))
        return found

    def memory(self) -> dict[str, dict[str, Memory]]:
        """A copy of what is remembered, by penalty and layer."""
        return {
            one.penalty.name: {layer: _copied(memory) for layer, memory in one.memory.items()}
            for one in self.penalties
        }

    def remember(self, memory: Mapping[str, Mapping[str, Memory]]) -> None:
        """Takes over what others of the same penalties and layers remember."""
        own = {one.penalty.name: set(one.memory) for one in self.penalties}
        given = {name: set(layers) for name, layers in memory.items()}
        if own != given:
            raise StudyError(
                f"Regularizer: load_state_dict: the state of {_in_words(own)} must be given, found "
                f"that of {_in_words(given)}; make the regularizer as it was"
            )
        for one in self.penalties:
            for layer, own_memory in memory[one.penalty.name].items():
                one.memory[layer] = _copied(own_memory)


def _copied(memory: Memory) -> Memory:
    return {key: tensor.clone() for key, tensor in memory.items()}


def _in_words(layers: Mapping[str, set[str]]) -> str:
    found = [f"{name} on {', '.join(sorted(own)) or 'nothing'}" for name, own in layers.items()]
    return "; ".join(found) or "no penalty"


class LossTerm(torch.autograd.Function):
    """The penalties' share of the loss, whose gradient is their own."""

    @staticmethod
    def forward(ctx: Any, acting: Acting, *weights: Tensor) -> Tensor:
        """The share."""
        ctx.acting = acting
        return acting.value()

    @staticmethod
    def backward(ctx: Any, scale: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients by the weights, in the order of ``sloping``."""
        return tuple(_gradients(ctx.acting, scale.detach()))


def _gradients(acting: Acting, scale: Tensor) -> Iterator[Tensor | None]:
    yield None
    for site in acting.sloping():
        slope = acting.slope(site)
        yield slope.mul_(scale.to(slope))
