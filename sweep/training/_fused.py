"""One kernel for what a step does to the weights on a GPU: penalties by weight, and the optimizer.

The weights, gradients and moments of a population of small networks are most of what a step reads
and writes, so each of them goes through the processor once: the gradients of l2, the shrinking of
decay, the step of SGD or Adam and the proximal step of l1 and elastic net, for every weight of
every run. It computes what ``optim`` and ``penalties`` compute one operation after the other.
Legend: R runs, P parameters of one run, L penalized layers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from sweep.regularizers.penalties import builtin_name
from sweep.training._adam import StackedAdam
from sweep.training._momentum import StackedSGD
from sweep.training._optimizer import StackedOptimizer
from sweep.training._penalty_state import Acting, StackedPenalties

FUSED = {"add_gradient": {"l2"}, "shrink": {"decay"}, "prox": {"l1", "elastic_net"}}
"""The penalties that the kernel knows, by the hook that they act in."""
BLOCK = 1024
"""Weights of one run that a program of the kernel updates."""


@triton.jit  # type: ignore[untyped-decorator]
def _step(  # type: ignore[no-untyped-def]
    theta,
    grad,
    first,
    second,
    lr,
    extra,
    layers,
    strengths,
    numbers,
    n_columns,
    n_layers,
    n_rows_of_strengths,
    ADAM: tl.constexpr,
    PENALIZED: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Rows of ``theta`` (R, P): ``first`` is the mean or the momentum buffer, ``second`` the mean
    square; ``extra`` (R,) the number of steps or the momentum; ``layers`` (P,) the layer of a
    column, or -1; ``strengths`` (4, R, L) of l2, decay, and of l1's and ridge's proximal step.
    """
    row = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = column < n_columns
    here = row * n_columns + column
    w = tl.load(theta + here, mask=inside)
    g = tl.load(grad + here, mask=inside)
    rate = tl.load(lr + row)
    if PENALIZED:
        layer = tl.load(layers + column, mask=inside, other=-1)
        held = inside & (layer >= 0)
        where = strengths + row * n_layers + layer
        each = n_rows_of_strengths * n_layers
        g += 2 * tl.load(where, mask=held, other=0.0) * w
        w *= 1 - rate * tl.load(where + each, mask=held, other=0.0)
    m = tl.load(first + here, mask=inside)
    if ADAM:
        beta1 = tl.load(numbers)
        beta2 = tl.load(numbers + 1)
        n_steps = tl.load(extra + row).to(tl.float64)
        correction1 = (1 - tl.exp(n_steps * tl.load(numbers + 3))).to(w.dtype)
        correction2 = tl.sqrt(1 - tl.exp(n_steps * tl.load(numbers + 4))).to(w.dtype)
        m += (g - m) * (1 - beta1).to(w.dtype)
        v = tl.load(second + here, mask=inside)
        v = v * beta2.to(w.dtype) + g * g * (1 - beta2).to(w.dtype)
        tl.store(second + here, v, mask=inside)
        step = rate / (tl.sqrt(v) / correction2 + tl.load(numbers + 2).to(w.dtype))
        w -= m * (step / correction1)
    else:
        momentum = tl.load(extra + row)
        m = m * momentum + g
        w -= m * rate
        step = rate / (1 - momentum)
    tl.store(first + here, m, mask=inside)
    if PENALIZED:
        bound = step * tl.load(where + 2 * each, mask=held, other=0.0)
        ridge = step * tl.load(where + 3 * each, mask=held, other=0.0)
        clamped = tl.minimum(tl.maximum(w, -bound), bound)
        w = (w - clamped) / (1 + ridge)
    tl.store(theta + here, w, mask=inside)


def suits(optimizer: StackedOptimizer) -> bool:
    """Whether the kernel knows this optimizer's step."""
    plain = isinstance(optimizer, StackedAdam | StackedSGD) and optimizer.is_plain
    return plain and optimizer.factors is None


class FusedUpdate:
    """The update of a population's weights by one kernel."""

    def __init__(self, optimizer: StackedOptimizer, stacked_penalties: StackedPenalties):
        self.optimizer, self.stacked_penalties = optimizer, stacked_penalties
        theta = stacked_penalties.theta
        n_layers = max(1, len(stacked_penalties.layers))
        self.strengths = theta.new_zeros((4, len(theta), n_layers))
        self.layers = torch.full((theta.shape[1],), -1, dtype=torch.int32, device=theta.device)
        for place, parameter in enumerate(stacked_penalties.layers.values()):
            self.layers[stacked_penalties.stack.slices[parameter]] = place
        self.numbers = torch.zeros(5, dtype=torch.float64, device=theta.device)
        if isinstance(optimizer, StackedAdam):
            numbers = optimizer.plan.numbers
            betas = torch.tensor([numbers["beta1"], numbers["beta2"]], dtype=torch.float64)
            known = [*betas.tolist(), numbers["eps"], *betas.log().tolist()]
            self.numbers.copy_(torch.tensor(known, dtype=torch.float64))

    def prepare(self, acting: Acting) -> tuple[Callable[[Tensor, Tensor], None], Acting]:
        """Once before the steps of an epoch: the update that does the work of those penalties that
        the kernel knows, with the strengths of now, and what is left to be done beside it.

        Where other penalties act in the same hook, all that act in it are left: they have an order.
        """
        known, left = set[str](), dict[str, list[Any]]()
        for hook, actions in acting.items():
            if _knows(hook, acting) and not self._between(hook, acting):
                known |= {on.penalty.name for on in actions}
                left[hook] = []
            else:
                left[hook] = actions
        self._gather(known)
        return partial(self._update, bool(known)), left

    def _between(self, hook: str, acting: Acting) -> bool:
        """Whether something that the kernel does not know acts between the hook and the step."""
        if hook == "add_gradient":  # whose gradients are those of weights that are not shrunk yet
            return self.optimizer.clipping is not None or not _knows("shrink", acting)
        return hook in ("shrink", "prox") and bool(acting["follow"])

    def _gather(self, known: set[str]) -> None:
        strengths, numbers = self.stacked_penalties.strengths, self.stacked_penalties.numbers
        self.strengths.zero_()
        for row, name in enumerate(("l2", "decay", "l1")):
            if name in known:
                self.strengths[row].copy_(strengths[name])
        if "elastic_net" in known:
            both, share = strengths["elastic_net"], numbers["elastic_net"]["l1_share"][:, None]
            self.strengths[2] += both * share
            self.strengths[3] += 2 * both * (1 - share)

    def _update(self, penalized: bool, theta: Tensor, grad: Tensor) -> None:
        """One step for the first ``len(theta)`` rows; ``grad`` (R, P) stays as it is."""
        optimizer, (n_rows, n_columns) = self.optimizer, theta.shape
        optimizer.clipped(grad, 0, n_rows)
        adam = isinstance(optimizer, StackedAdam)
        if isinstance(optimizer, StackedAdam):
            optimizer.count_step(n_rows)
            first, second, extra = optimizer.mean, optimizer.square, optimizer.n_steps
        else:
            assert isinstance(optimizer, StackedSGD)
            first = second = optimizer.momentum_buffer
            extra = optimizer.momentum
        _step[(n_rows, triton.cdiv(n_columns, BLOCK))](
            theta,
            grad,
            first,
            second,
            optimizer.lr,
            extra,
            self.layers,
            self.strengths,
            self.numbers,
            n_columns,
            self.strengths.shape[2],
            self.strengths.shape[1],
            ADAM=adam,
            PENALIZED=penalized,
            BLOCK=BLOCK,
        )


def _knows(hook: str, acting: Acting) -> bool:
    """Whether the kernel knows all that acts in a hook."""
    return all(builtin_name(on.penalty) in FUSED.get(hook, set()) for on in acting[hook])
