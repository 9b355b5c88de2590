"""Stacked Adam, AMSGrad and NAdam; ``_optimizer`` has what stacked optimizers share."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sweep.training._momentum import average
from sweep.training._optimizer import StackedOptimizer, rows_by_value, square_root

FUSED_FROM = 1 << 10
"""Parameters of a run from which torch's fused kernel is quicker than plain operations."""
GRADIENT_ELEMENTS = 1 << 18
"""Elements of gradients that are clipped and then used: 1 MB, about half of a core's cache."""
MOMENTUM_CACHE = 0.96
"""Dozat 2016, as torch has it: the momentum is beta1 * (1 - 0.96^(t * momentum_decay) / 2)."""


_Equals = tuple[int, list[list[Tensor]]]
"""The first of some rows that have all their numbers in common, and they, as torch's fused kernel
takes them."""


class StackedAdam(StackedOptimizer):
    """Adam (Kingma & Ba 2015, algorithm 1); also the step of AdamW, and AMSGrad where asked for.

    What AdamW adds, decoupled decay, is the penalty ``decay``. On a CPU long rows go through
    torch's fused kernel, which reads and writes everything once: it takes a step count per tensor
    but one learning rate for all, so there is a call for every rate in use. Short rows, and other
    devices, take one plain operation after the other over the whole population.
    """

    def _allocate(self) -> None:
        self.mean, self.square = self._matrix(), self._matrix()
        self.largest = self._matrix() if self.plan.amsgrad else torch.empty(0)
        """The largest mean square so far, which AMSGrad divides by (Reddi et al. 2018)."""
        self.n_steps = torch.zeros((self.n_slots, 1), device=self.device, dtype=torch.float32)
        self.state_names = (
            "mean",
            "square",
            *(("largest",) if self.plan.amsgrad else ()),
            "n_steps",
        )
        self.fused = self.device.type == "cpu" and self.n_parameters >= FUSED_FROM
        rows = next((b - a for a, b in self.blocks(self.n_slots)), 1)
        shape = (0 if self.fused else rows, self.n_parameters)
        self._scale = torch.empty(shape, device=self.device, dtype=self.dtype)
        self._n_updated = self.n_slots
        self._corrected: tuple[Tensor, Tensor] | None = None
        self._prepared: tuple[int, ...] = ()
        self._groups: list[tuple[int, int, list[_Equals]]] = []

    @property
    def is_plain(self) -> bool:
        """Whether it is Adam without AMSGrad, and its numbers are the same in all runs."""
        return not (self.plan.amsgrad or self.plan.swept_numbers)

    def count_step(self, n: int) -> None:
        """The first ``n`` rows are about to be updated once more."""
        self._n_updated = n
        self.n_steps[:n] += 1
        self._corrected = None

    def update(self, theta: Tensor, grad: Tensor) -> None:
        n = len(theta)
        self.count_step(n)
        if self.fused and self.factors is None:
            self._fused_update(theta, grad)
            return
        first, second = self._corrections()
        for a, b in self.blocks(n):
            g = self.clipped(grad, a, b)
            self._update_means(g, a, b)
            self._move(theta[a:b], g, first[a:b], second[a:b], a)

    def _update_means(self, g: Tensor, a: int, b: int) -> None:
        self.mean[a:b].lerp_(g, 1 - self.number("beta1", a, b))
        beta2 = self.number("beta2", a, b)
        if isinstance(beta2, Tensor):
            average(self.square[a:b], g * g, beta2)
        else:
            self.square[a:b].mul_(beta2).addcmul_(g, g, value=1 - beta2)
        if self.plan.amsgrad:
            torch.maximum(self.largest[a:b], self.square[a:b], out=self.largest[a:b])

    def _move(self, theta: Tensor, g: Tensor, first: Tensor, second: Tensor, a: int) -> None:
        """Moves the rows of ``theta`` from row ``a`` on; their gradients are overwritten."""
        b = a + len(theta)
        mean, eps = self.mean[a:b], self.number("eps", a, b)
        rows = self._scale[: b - a] if len(self._scale) else torch.empty_like(g)
        scale = square_root(self._divisors[a:b], rows)
        if self.scheduled or self.factors is not None:  # rates may be 0, or one for each weight
            scale.mul_(first / second).add_(first * eps)
            theta.addcdiv_(torch.mul(mean, self.lr_of(a, b), out=g), scale, value=-1)
            return
        # scale = (sqrt(v_hat) + eps) * (1 - beta1^t) / lr, so that w <- w - m / scale
        lr = self.lr[a:b]
        scale.mul_(first / (second * lr)).add_(first * eps / lr)
        theta.addcdiv_(mean, scale, value=-1)

    @property
    def _divisors(self) -> Tensor:
        """The mean squares that gradients are divided by the roots of, (R, P)."""
        return self.largest if self.plan.amsgrad else self.square

    # ---- torch's fused kernel ------------------------------------------------------------------

    def _fused_update(self, theta: Tensor, grad: Tensor) -> None:
        prepared = (theta.data_ptr(), grad.data_ptr(), len(theta), self._changes)
        if prepared != self._prepared:
            self._groups = self._groups_of_equals(theta, grad)
            self._prepared = prepared
        rates = self.rates_of_step()
        for a, b, groups in self._groups:
            self.clipped(grad, a, b)
            for row, rows in groups:
                numbers = self._values[row]
                torch._fused_adam_(
                    *rows,
                    lr=float(rates[row]),
                    beta1=numbers["beta1"],
                    beta2=numbers["beta2"],
                    weight_decay=0.0,
                    eps=numbers["eps"],
                    amsgrad=self.plan.amsgrad,
                    maximize=False,
                )

    def _groups_of_equals(
        self, theta: Tensor, grad: Tensor
    ) -> list[tuple[int, int, list[_Equals]]]:
        """Groups in blocks of rows whose gradients stay in a cache between clipping and update;
        without any clipping all rows are one block.
        """
        n = len(theta)
        rows = n if self.clipping is None else max(1, GRADIENT_ELEMENTS // self.n_parameters)
        blocks = [(a, min(a + rows, n)) for a in range(0, n, rows)]
        return [(a, b, self._equals(theta, grad, a, b)) for a, b in blocks]

    def _equals(self, theta: Tensor, grad: Tensor, a: int, b: int) -> list[_Equals]:
        """The rows from ``a`` to ``b`` that have all their numbers and rates in common."""
        keys = [(*self._values[i].values(), self.rates[:, i].tobytes()) for i in range(a, b)]
        matrices = (theta, grad, self.mean, self.square)
        groups = []
        for found in rows_by_value(keys):
            places = [a + i for i in found]
            rows = [[matrix[i] for i in places] for matrix in matrices]
            largest = [self.largest[i] for i in places] if self.plan.amsgrad else []
            counts = [self.n_steps[i, 0] for i in places]
            groups.append((places[0], [*rows, largest, counts]))
        return groups

    # ---- step sizes ----------------------------------------------------------------------------

    def _corrections(self) -> tuple[Tensor, Tensor]:
        """1 - beta1^t and sqrt(1 - beta2^t) (n, 1) of the n slots of the last update."""
        if self._corrected is None:
            n = self._n_updated
            wide = torch.float32 if self.device.type == "mps" else torch.float64
            steps = self.n_steps[:n].to(wide)
            first = 1 - self.number("beta1", 0, n) ** steps
            second = (1 - self.number("beta2", 0, n) ** steps).sqrt_()
            self._corrected = first.to(self.dtype), second.to(self.dtype)
        return self._corrected

    def numbers_of(self, *names: str) -> np.ndarray:
        """These numbers of every row, (R, len(names))."""
        return np.array([[values[name] for name in names] for values in self._values])

    def rates_of_step(self) -> np.ndarray:
        """The learning rates (R,) of the coming step, as they are before they are rounded."""
        return np.ascontiguousarray(self.rates[self._step if self.scheduled else 0])

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """lr / (sqrt(v_hat) + eps), as the last update had it."""
        second = self._corrections()[1][start:stop]
        square = self._divisors[start:stop, columns]
        root = square_root(square, torch.empty_like(square))
        root.add_(self.number("eps", start, stop) * second)
        return torch.div(self.lr_of(start, stop, columns) * second, root, out=root)


class StackedNAdam(StackedAdam):
    """Adam with Nesterov's momentum (Dozat 2016), as ``torch.optim.NAdam``."""

    def _allocate(self) -> None:
        super()._allocate()
        self.fused = False
        self.product = torch.zeros((self.n_slots, 1), device=self.device, dtype=self._wide)
        """The product of the momentums so far."""
        self.state_names = (*self.state_names, "product")

    @property
    def is_plain(self) -> bool:
        """False: it is no plain Adam."""
        return False

    @property
    def _wide(self) -> torch.dtype:
        return torch.float32 if self.device.type == "mps" else torch.float64

    def reset(self, slot: int) -> None:
        super().reset(slot)
        self.product[slot] = 1

    def count_step(self, n: int) -> None:
        super().count_step(n)
        self.product[:n] *= self._momentum(n, 0)

    def _momentum(self, n: int, ahead: int) -> Tensor:
        """The momentum of the last step (n, 1), or of one that is so many ahead of it."""
        steps = self.n_steps[:n].to(self._wide) + ahead
        decay = MOMENTUM_CACHE ** (steps * self.number("momentum_decay", 0, n))
        return self.number("beta1", 0, n) * (1 - 0.5 * decay)

    def _shares(self) -> tuple[Tensor, Tensor]:
        """What of the gradient and of the mean goes into a step, (n, 1) each."""
        n = self._n_updated
        now, ahead, product = self._momentum(n, 0), self._momentum(n, 1), self.product[:n]
        of_gradient = (1 - now) / (1 - product)
        return of_gradient.to(self.dtype), (ahead / (1 - product * ahead)).to(self.dtype)

    def _move(self, theta: Tensor, g: Tensor, first: Tensor, second: Tensor, a: int) -> None:
        b = a + len(theta)
        of_gradient, of_mean = (share[a:b] for share in self._shares())
        scale = self._divisors[a:b].sqrt().div_(second).add_(self.number("eps", a, b))
        direction = g.mul_(of_gradient).addcmul_(self.mean[a:b], of_mean)
        theta.addcdiv_(direction.mul_(self.lr_of(a, b)), scale, value=-1)

    def step_sizes(self, start: int, stop: int, columns: slice) -> Tensor:
        """Adam's, by what of a constant gradient goes into a step."""
        of_gradient, of_mean = (share[start:stop] for share in self._shares())
        return super().step_sizes(start, stop, columns).mul_(of_gradient + of_mean)
