"""Runs that train alone: each by a module of its own, called as in any loop of plain PyTorch.

The module's parameters and buffers lie in the run's row, so that optimizer, penalties and
checkpoints work on them as on those of stacked runs. All else is the module's own affair: hooks,
recomputation in the backward, ``.data =``, scripts, parametrizations and autocast do what they do
in a loop of ``model(x)``, ``loss.backward()``, ``optimizer.step()``.
Legend: R runs, B rows of a batch, P parameters of one run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from sweep.metrics.loss import Loss
from sweep.networks.counter_rng import Keys, Noise
from sweep.networks.stacked import Evaluate, StackedModule, Step, check_gradients
from sweep.runtime.trees import Tree, cloned, taken


class SeparateModules(StackedModule):
    """The layout of a stacked module, and a module for every run."""

    batched = False

    def __init__(
        self,
        model: nn.Module,
        device: torch.device,
        low: torch.dtype | None = None,
        noise: Noise = Noise.NONE,
        idle: Collection[str] = (),
    ):
        """``low`` is the type of autocast; see ``StackedModule`` for the others."""
        super().__init__(model, device, None, noise, idle=idle)
        self.autocast, self.device = low, device
        self._dtype = torch.float32
        """Of the weights."""
        self._modules: dict[int, nn.Module] = {}
        """By slot."""

    def hold(
        self, i: int, model: nn.Module, theta: Tensor, constants: Mapping[str, Tensor]
    ) -> None:
        """Slot ``i`` is trained by ``model``, whose tensors lie in row ``i`` from now on.

        Args:
            i: The slot.
            model: A module that no other slot has.
            theta: The weights (R, P); row ``i`` has the values.
            constants: Buffers and fixed parameters (R, ...) by name.
        """
        assert all(model is not other for other in self._modules.values())
        model = model.to(self.device)
        for name, parameter in model.named_parameters():
            if name in self.slices:
                parameter.data = theta[i, self.slices[name]].view(self.shapes[name])
            else:
                parameter.data = constants[name][i]
                parameter.requires_grad_(parameter.requires_grad or name in self.idle)
        for name, buffer in model.named_buffers():
            buffer.data = constants[name][i]
        self._modules[i], self._dtype = model, theta.dtype

    def moved(
        self, source: int, target: int, theta: Tensor, constants: Mapping[str, Tensor]
    ) -> None:
        """The run of one slot now sits in another, with its module."""
        self.hold(target, self._modules.pop(source), theta, constants)

    def step(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], loss: Loss
    ) -> Step:
        """Forward and backward of one run, then of the next, which suits the cache."""
        runs = range(len(theta))
        slots = [self.slots(grad[i : i + 1]) for i in runs]

        def run(
            x: Tree[Tensor], y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            losses = []
            for i in runs:
                model = self._modules[i]
                model.zero_grad()
                key = keys.of_run(i) if keys else None
                output = self._called(model, taken(x, i), key)
                own = None if weight is None else weight[i : i + 1]
                found, slope = loss.loss_and_gradient(output.detach()[None], y[i : i + 1], own)
                torch.autograd.backward(output, slope[0])
                self._read_gradients(model, slots[i])
                losses.append(found)
            return torch.cat(losses)

        return run

    def _read_gradients(self, model: nn.Module, slots: Sequence[Tensor]) -> None:
        """Copies the gradients of a module into its row."""
        parameters = dict(model.named_parameters())
        gradients = {name: parameters[name].grad for name in [*self.slices, *self.idle]}
        check_gradients(gradients, self.idle)
        for name, slot in zip(self.slices, slots, strict=True):
            slot[0].copy_(gradients[name])  # type: ignore[arg-type]

    def evaluator(
        self, chosen: Sequence[int], theta: Tensor, constants: Mapping[str, Tensor]
    ) -> Evaluate:
        """See ``StackedModule.evaluator``; modules see the rows that are there, and no padding."""
        models = [self._modules[i] for i in chosen]

        def outputs(x: Tree[Tensor], keys: Keys | None, there: Tensor | None) -> Tensor:
            found = []
            for i, model in enumerate(models):
                rows = taken(x, i)
                rows = cloned(rows) if there is None else taken(rows, there[i])
                key = keys.of_run(i) if keys else None
                output = self._called(model, rows, key)
                if there is not None:
                    padded = output.new_zeros(there.shape[1], *output.shape[1:])
                    padded[there[i]] = output
                    output = padded
                found.append(output)
            return torch.stack(found)

        return outputs

    def _called(self, model: nn.Module, x: Tree[Tensor], keys: Keys | None) -> Tensor:
        """The outputs (B, ...) in the type of the weights."""
        with self._noise(keys, stacked=False), self._autocast():
            output: Tensor = model(x)
        return output.to(self._dtype)

    def _autocast(self) -> AbstractContextManager[object]:
        if self.autocast is None:
            return nullcontext()
        return torch.autocast(self.device.type, self.autocast)

    def train(self, mode: bool) -> None:
        for model in self._modules.values():
            model.train(mode)
