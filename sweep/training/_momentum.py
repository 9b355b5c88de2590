"""Stacked optimizers with a buffer or two: SGD, RMSprop and Lion.

Each is one run's update over all rows; ``_optimizer`` has what they share.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sweep.training._optimizer import StackedOptimizer


class StackedSGD(StackedOptimizer):
    """b <- momentum*b + (1 - dampening)*g; w <- w - lr*b, as ``torch.optim.SGD``.

    With Nesterov's momentum w <- w - lr*(g + momentum*b) (Sutskever et al. 2013).
    """

    def _allocate(self) -> None:
        self.momentum = self._column(self.plan.numbers["momentum"])
        """Always (R, 1), since kernels of a GPU read it so."""
        self.momentum_buffer = self._matrix()
        self.n_steps = torch.zeros((self.n_slots, 1), device=self.device, dtype=torch.float32)
        self.dampened = self.plan.uses("dampening")
        counts = ("n_steps",) if self.dampened else ()
        self.state_names = ("momentum_buffer", *counts)

    @property
    def is_plain(self) -> bool:
        """Whether neither Nesterov's momentum nor dampening is in use."""
        return not (self.plan.nesterov or self.dampened)

    def set_number(self, name: str, slot: int, value: float) -> None:
        super().set_number(name, slot, value)
        if name == "momentum":
            self.momentum[slot] = value

    def move(self, source: int, target: int) -> None:
        super().move(source, target)
        self.momentum[target] = self.momentum[source]

    def update(self, theta: Tensor, grad: Tensor) -> None:
        n = len(theta)
        for a, b in self.blocks(n):
            g = self.clipped(grad, a, b)
            buffer, momentum = self.momentum_buffer[a:b], self.momentum[a:b]
            if self.dampened:
                buffer.mul_(momentum).add_(g * self._share(a, b))
            else:
                torch.addcmul(g, buffer, momentum, out=buffer)
            direction = torch.addcmul(g, buffer, momentum) if self.plan.nesterov else buffer
            theta[a:b].addcmul_(direction, self.lr_of(a, b), value=-1)
        if self.dampened:
            self.n_steps[:n] += 1

    def _share(self, start: int, stop: int) -> Tensor:
        """What of a gradient goes into the buffer (rows, 1): as in torch the first one goes whole,
        and so do those of runs without momentum.
        """
        dampening = self.number("dampening", start, stop)
        whole = (self.n_steps[start:stop] == 0) | (self.momentum[start:stop] == 0)
        return torch.where(whole, self.momentum.new_ones(()), 1 - dampening).to(self.dtype)

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """lr * (1 - dampening) / (1 - momentum): steps of 1/(1 - momentum) gradients add up."""
        sizes = self.lr_of(start, stop, columns) / (1 - self.momentum[start:stop])
        if not self.dampened:
            return sizes
        dampening = self.number("dampening", start, stop)
        plain = self.momentum[start:stop] == 0
        return sizes * torch.where(plain, self.momentum.new_ones(()), 1 - dampening)


class StackedRMSprop(StackedOptimizer):
    """w <- w - lr*g/(sqrt(v) + eps), as ``torch.optim.RMSprop``; ``beta2`` is its alpha.

    With momentum the scaled gradients go through a buffer (Tieleman & Hinton 2012, lecture 6.5).
    """

    def _allocate(self) -> None:
        self.square = self._matrix()
        self._buffered = self.plan.uses("momentum")
        self.buffer = self._matrix() if self._buffered else torch.empty(0)
        self.state_names = ("square", "buffer") if self._buffered else ("square",)

    def update(self, theta: Tensor, grad: Tensor) -> None:
        for a, b in self.blocks(len(theta)):
            g, square = self.clipped(grad, a, b), self.square[a:b]
            average(square, g * g, self.number("beta2", a, b))
            scaled = g / square.sqrt().add_(self.number("eps", a, b))
            if self._buffered:
                scaled = self.buffer[a:b].mul_(self.number("momentum", a, b)).add_(scaled)
            theta[a:b].addcmul_(scaled, self.lr_of(a, b), value=-1)

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """lr / (sqrt(v) + eps) / (1 - momentum), as the last update had it."""
        root = self.square[start:stop, columns].sqrt().add_(self.number("eps", start, stop))
        momentum = self.number("momentum", start, stop) if self._buffered else 0.0
        return self.lr_of(start, stop, columns) / (1 - momentum) / root


class StackedLion(StackedOptimizer):
    """w <- w - lr*sign(beta1*m + (1 - beta1)*g); m <- beta2*m + (1 - beta2)*g.

    Chen et al. 2023, algorithm 2; its decay is the penalty ``decay``.
    """

    state_names = ("mean",)
    has_metric = False

    def _allocate(self) -> None:
        self.mean = self._matrix()

    def update(self, theta: Tensor, grad: Tensor) -> None:
        for a, b in self.blocks(len(theta)):
            g, mean = self.clipped(grad, a, b), self.mean[a:b]
            direction = torch.lerp(mean, g, 1 - self.number("beta1", a, b)).sign_()
            theta[a:b].addcmul_(direction, self.lr_of(a, b), value=-1)
            mean.lerp_(g, 1 - self.number("beta2", a, b))


def average(mean: Tensor, value: Tensor, beta: float | Tensor) -> Tensor:
    """mean <- beta*mean + (1 - beta)*value, in place; ``beta`` is a number or (rows, 1)."""
    return mean.mul_(beta).add_(value * (1 - beta))
