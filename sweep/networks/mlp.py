"""MLPs (linear layers and activations in a row): forward and backward of many runs written out.

A multilayer perceptron is the network that sweeps train most, and small ones spend more time in
``vmap``, autograd and fresh memory than in matrix products. Here each layer is one ``bmm`` over all
runs, into memory that is kept, and the gradient of each weight is written straight to its place in
the flat rows. Any ``nn.Sequential`` of the layers below counts, nested or not; everything else
takes the way of ``stacked``. Legend: R runs, B rows of a batch, P parameters of one run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from sweep.metrics.loss import Loss
from sweep.networks.activations import WRITTEN_OUT, InPlaceActivation
from sweep.networks.backward import backward_hook
from sweep.networks.counter_rng import CounterRNG, Keys, Noise
from sweep.networks.stacked import StackedModule, Step


@dataclass(frozen=True)
class LinearBlock:
    """One linear layer: the names of its parameters, and what follows it."""

    weight: str
    bias: str | None
    n_inputs: int
    n_outputs: int
    activations: tuple[InPlaceActivation, ...] = ()
    dropout: float = 0.0
    """Rate of the dropout that comes after the activations."""


def linear_blocks_of(model: nn.Module) -> tuple[LinearBlock, ...]:
    """The blocks of an MLP, from the input on; () for any other network.

    An MLP is made of exactly these types, all of whose parameters are trained and used once, with
    no hook on any of them: then writing the network out computes what calling it would.
    """
    blocks: list[LinearBlock] = []
    if type(model) is not nn.Sequential:
        return ()
    modules = list(_leaves(model, ""))
    for place, (name, module) in enumerate(modules):
        if type(module) is nn.Linear:
            bias = f"{name}.bias" if module.bias is not None else None
            wide = (module.in_features, module.out_features)
            blocks.append(LinearBlock(f"{name}.weight", bias, *wide))
        elif type(module) in WRITTEN_OUT and blocks and not blocks[-1].dropout:
            last = blocks.pop()
            following = (*last.activations, WRITTEN_OUT[type(module)])
            blocks.append(replace(last, activations=following))
        elif type(module) is nn.Dropout and blocks and _may_drop(blocks[-1], module.p):
            blocks.append(replace(blocks.pop(), dropout=module.p))
        elif not _flattens_rows(module, place):
            return ()
    parameters = [p for _, m in modules for p in m.parameters()]
    usual = all(p.requires_grad for p in parameters)
    once = len({id(p) for p in parameters}) == len(parameters)
    return tuple(blocks) if blocks and usual and once and not _hooked(model) else ()


def _leaves(model: nn.Sequential, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    for name, module in model.named_children():
        if type(module) is nn.Sequential:
            yield from _leaves(module, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", module


def _may_drop(block: LinearBlock, rate: float) -> bool:
    """Whether gradients can be had from the outputs after the dropout: none was dropped before,
    and every activation's derivative follows from whether its output is 0."""
    return rate < 1 and not block.dropout and set(block.activations) <= {WRITTEN_OUT[nn.ReLU]}


def _flattens_rows(module: nn.Module, place: int) -> bool:
    flat = type(module) is nn.Flatten and (module.start_dim, module.end_dim) == (1, -1)
    return (flat and place == 0) or type(module) is nn.Identity


def _hooked(model: nn.Module) -> bool:
    kinds = ("_forward_hooks", "_forward_pre_hooks")
    forward = any(getattr(module, kind) for module in model.modules() for kind in kinds)
    return forward or bool(backward_hook(model))


class FusedMLP(StackedModule):
    """A stacked module that is an MLP."""

    written_out = True

    def __init__(self, model: nn.Module, device: torch.device, low: torch.dtype | None = None):
        self.blocks = linear_blocks_of(model)
        drops = any(block.dropout for block in self.blocks)
        super().__init__(model, device, low=low, noise=Noise.HASHED if drops else Noise.NONE)
        if not self.blocks:
            raise ValueError("an MLP of linear layers and activations must be given")
        self._memory: dict[tuple[int, int], tuple[list[Tensor], list[Tensor]]] = {}

    def outputs(
        self,
        theta: Tensor,
        constants: Mapping[str, Tensor],
        x: Tensor,
        keys: Keys | None = None,
    ) -> Tensor:
        parameters = dict(zip(self.slices, self.slots(self._lower(theta)), strict=True))
        hidden = self._lower(x).flatten(2)
        for block in self.blocks:
            hidden = torch.bmm(hidden, parameters[block.weight].transpose(1, 2))
            _finish(block, hidden, parameters)
        return hidden.to(theta.dtype)

    def _lower(self, tensor: Tensor) -> Tensor:
        return tensor if self.low is None else tensor.to(self.low)

    def step(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], loss: Loss
    ) -> Step:
        if self.low is None:
            return self._written_out(theta, grad, loss)
        low, low_grad = theta.to(self.low), torch.zeros_like(grad, dtype=self.low)
        inner = self._written_out(low, low_grad, loss)

        def run(
            x: Tensor, y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            low.copy_(theta)
            losses = inner(self._lower(x), y, keys, weight)
            grad.copy_(low_grad)
            return losses

        return run

    def _written_out(self, theta: Tensor, grad: Tensor, loss: Loss) -> Step:
        weights = dict(zip(self.slices, self.slots(theta), strict=True))
        slopes = dict(zip(self.slices, self.slots(grad), strict=True))
        blocks, wide = self.blocks, torch.promote_types(theta.dtype, torch.float32)

        def run(
            x: Tensor, y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            noise, masks = CounterRNG(keys) if keys else None, dict[int, Tensor]()
            hidden, back = self._buffers(x, theta)
            below = [x.flatten(2), *hidden]
            for i, (block, h, out) in enumerate(zip(blocks, below, hidden, strict=False)):
                torch.bmm(h, weights[block.weight].transpose(1, 2), out=out)
                _finish(block, out, weights)
                if block.dropout and noise:
                    kept = 1 - block.dropout
                    masks[i] = noise.keep(out.shape, out.dtype, kept).div_(kept)
                    out.mul_(masks[i])
            losses, slope = loss.loss_and_gradient(hidden[-1].to(wide), y, weight)
            slope = slope.to(theta.dtype)
            for i in range(len(blocks) - 1, -1, -1):
                block = blocks[i]
                if i in masks:
                    slope.mul_(masks[i])
                for activation in reversed(block.activations):
                    activation.back(slope, hidden[i])
                torch.bmm(slope.transpose(1, 2), below[i], out=slopes[block.weight])
                if block.bias is not None:
                    torch.sum(slope, 1, out=slopes[block.bias])
                if i:
                    slope = torch.bmm(slope, weights[block.weight], out=back[i - 1])
            return losses

        return run

    def _buffers(self, x: Tensor, theta: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Memory for the outputs of all blocks and for the gradients by all but the last."""
        key = (x.shape[0], x.shape[1])
        if key not in self._memory:
            shapes = [(*key, block.n_outputs) for block in self.blocks]
            hidden = [torch.empty(shape, device=x.device, dtype=theta.dtype) for shape in shapes]
            if x.device.type == "cpu":  # elsewhere a graph may still use what it was recorded with
                self._memory.clear()
            self._memory[key] = hidden, [torch.empty_like(h) for h in hidden[:-1]]
        return self._memory[key]


def _finish(block: LinearBlock, hidden: Tensor, parameters: Mapping[str, Tensor]) -> None:
    if block.bias is not None:
        hidden.add_(parameters[block.bias].unsqueeze(1))
    for activation in block.activations:
        activation.apply(hidden)
