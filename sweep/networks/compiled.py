"""The step of any stackable network compiled: traced once, then one fused kernel after another.

``torch.compile`` gets the step as one flat graph of tensor operations, forward and backward, of a
population whose width stays as it is; so nothing of the user's Python is left to be compiled, and
it happens once in a study. It needs a C++ compiler and the better part of a minute, which long
studies win back. A module whose forward does something else at each call is not compiled faithfully
by any tracer; two traces that differ are refused. Legend: R runs, B rows of a batch, P parameters
of one run.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx

from sweep.errors import HardwareError, ModelError
from sweep.metrics.loss import Loss
from sweep.networks.counter_rng import Keys, Noise, forget_positions
from sweep.networks.stacked import StackedModule, Step
from sweep.runtime.trees import Tree, named_leaves
from sweep.runtime.user_code import last_line

logger = logging.getLogger("sweep")

Kernel = Callable[..., tuple[Tensor, ...]]


@dataclass
class Kernels:
    """The compiled steps of one study by the shapes they take; lanes share them."""

    by_shape: dict[tuple[object, ...], Kernel] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Compiled(StackedModule):
    """A stack whose step is compiled; always for as many runs as the population is wide."""

    fixed_width = True

    def __init__(
        self,
        model: nn.Module,
        device: torch.device,
        low: torch.dtype | None = None,
        noise: Noise = Noise.NONE,
        traced: bool = False,
        kernels: Kernels | None = None,
    ):
        super().__init__(model, device, low=low, noise=noise, traced=traced)
        self.kernels = kernels or Kernels()

    def step(
        self, theta: Tensor, grad: Tensor, constants: Mapping[str, Tensor], loss: Loss
    ) -> Step:
        parameters = dict(zip(self.slices, self.slots(theta), strict=True))
        slots, own = self.slots(grad), dict(constants)

        def run(
            x: Tree[Tensor], y: Tensor, keys: Keys | None = None, weight: Tensor | None = None
        ) -> Tensor:
            arguments = (parameters, own, x, y, keys, weight)
            kernel = self._kernel(loss, (_form(x), _form(y)), arguments)
            with torch.no_grad():
                losses, *pieces = kernel(*arguments)
            for slot, piece in zip(slots, pieces, strict=True):
                slot.copy_(piece)
            return losses

        return run

    def _kernel(
        self, loss: Loss, shapes: tuple[object, ...], arguments: tuple[object, ...]
    ) -> Kernel:
        shape = (loss, *shapes)
        if shape not in self.kernels.by_shape:
            with self.kernels.lock:
                if shape not in self.kernels.by_shape:
                    logger.info("compiling the step: a minute, or many for recurrent layers")
                    self.kernels.by_shape[shape] = self._compile(loss, arguments)
        return self.kernels.by_shape[shape]

    def _compile(self, loss: Loss, arguments: tuple[object, ...]) -> Kernel:
        """The compiled step, tried on copies, so that no buffer has moved when it is used."""

        def step(
            parameters: dict[str, Tensor],
            constants: dict[str, Tensor],
            x: Tree[Tensor],
            y: Tensor,
            keys: Keys | None,
            weight: Tensor | None,
        ) -> tuple[Tensor, ...]:
            leaves = {name: p.detach().requires_grad_() for name, p in parameters.items()}
            output = self.forward(leaves, constants, x, keys)
            losses, slope = loss.loss_and_gradient(output.detach(), y, weight)
            pieces = torch.autograd.grad(
                output, list(leaves.values()), slope, allow_unused=True, materialize_grads=True
            )
            return (losses, *pieces)

        def copied() -> tuple[object, ...]:
            parameters, constants, *rest = arguments
            assert isinstance(constants, dict)
            return parameters, {name: t.clone() for name, t in constants.items()}, *rest

        def traced() -> GraphModule:
            forget_positions()  # or the graph would hold them where an earlier call has made them
            graph: GraphModule = make_fx(step)(*copied())
            return graph

        graphs = [traced() for _ in range(2)]
        if graphs[0].code != graphs[1].code:
            raise ModelError(
                "hardware.compile: the network must compute the same at every call to be "
                "compiled, found two calls that differ; set compile = false"
            )
        kernel: Kernel = torch.compile(graphs[0], fullgraph=True)
        try:
            with torch.no_grad():
                kernel(*copied())
        except Exception as error:
            reason = getattr(error, "inner_exception", error)
            raise HardwareError(
                "hardware.compile: torch.compile must succeed on this machine (it needs a C++ "
                f"compiler), found {type(reason).__name__}: {last_line(reason)}; set "
                "compile = false"
            ) from error
        return kernel


def _form(tree: Tree[Tensor]) -> tuple[object, ...]:
    """What a kernel is compiled for: the name, shape and type of every leaf."""
    return tuple((name, tuple(t.shape), t.dtype) for name, t in named_leaves(tree).items())
