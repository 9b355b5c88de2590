"""What computes many copies of a network: written out, by vmap, or one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from sweep.networks.alone import SeparateModules
from sweep.networks.cnn import FusedCNN, suits_library
from sweep.networks.compiled import Compiled, Kernels
from sweep.networks.mlp import FusedMLP
from sweep.networks.probe import NetworkProbe
from sweep.networks.stacked import StackedModule, StackedModuleMaker
from sweep.runtime.trees import Tree

STACKED, ALONE = "stacked", "alone"
"""How runs may train."""


@dataclass(frozen=True)
class Stacks:
    """The ways to compute a network's copies on a device."""

    probe: NetworkProbe
    row: Tree[Tensor]
    """An input."""
    device: torch.device
    dtype: torch.dtype
    low: torch.dtype | None
    """The type to compute in, where that is not the type of the weights."""
    threads: int
    """Of a lane."""

    @property
    def written_out(self) -> StackedModuleMaker | None:
        """Without vmap and autograd: of an MLP anywhere, of a convolutional network where the
        library in C has its layers. None for others.
        """
        probe, low = self.probe, self.low
        if probe.why_alone or probe.backward.idle:
            return None
        if probe.is_mlp:
            return partial(FusedMLP, low=low)
        if not suits_library(probe.image_layers, self.device, low or self.dtype, self.threads):
            return None
        assert isinstance(self.row, Tensor), "several are no image"
        return partial(FusedCNN, low=low, row=self.row.shape)

    @property
    def by_vmap(self) -> StackedModuleMaker:
        """By ``torch.func``, all at once."""
        probe = self.probe
        idle = probe.backward.idle
        return partial(
            StackedModule, low=self.low, noise=probe.noise, traced=probe.traced, idle=idle
        )

    @property
    def alone(self) -> StackedModuleMaker:
        """One after the other."""
        probe = self.probe
        return partial(SeparateModules, low=self.low, noise=probe.noise, idle=probe.backward.idle)

    def maker(self, batched: bool) -> StackedModuleMaker:
        """The best way; ``batched`` says whether vmap is used where no other is better."""
        if self.written_out is not None:
            return self.written_out
        return self.alone if not batched or self.probe.why_alone else self.by_vmap

    def compiled(self, kernels: Kernels) -> StackedModuleMaker:
        """By vmap, and compiled."""
        probe = self.probe

        def make(model: torch.nn.Module, device: torch.device) -> StackedModule:
            return Compiled(model, device, self.low, probe.noise, probe.traced, kernels)

        return make

    def compared(self, compiles: bool) -> dict[str, StackedModuleMaker]:
        """What is compared with plain PyTorch, in the type of the weights.

        Args:
            compiles: Whether the study asks for compiled networks.
        """
        probe, ways = self.probe, dict[str, StackedModuleMaker]()
        own = replace(self, low=None)
        written_out = None if compiles or self.written_out is None else own.written_out
        if not probe.why_alone:
            ways[STACKED] = written_out or own.by_vmap
        if probe.why_alone or written_out is None:
            ways[ALONE] = own.alone
        return ways
