"""An optimizer of the user's own: one object of theirs for every run, on views of the run's row.

Forward and backward go through the population's step all the same; only the updates are made one
run after the other. Legend: R slots, P parameters of a run.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sweep.errors import StudyError
from sweep.networks.stacked import StackedModule
from sweep.runtime.user_code import guarded
from sweep.training._optimizer import StackedOptimizer
from sweep.training.jobs import Segment, TrainingPlan

WHERE = "training.optimizer"


@dataclass
class _Own:
    """The optimizer of one run, and the parameters that it was made with."""

    optimizer: torch.optim.Optimizer
    parameters: list[nn.Parameter]
    base_lrs: list[float]
    """Of its groups."""


class OwnOptimizers(StackedOptimizer):
    """The user's optimizers of a population's runs."""

    has_metric = False

    def __init__(
        self, plan: TrainingPlan, stack: StackedModule, theta: Tensor, penalized: Sequence[str]
    ):
        """``theta`` (R, P) has the weights; ``penalized`` names those that penalties act on."""
        n_slots, n_parameters = theta.shape
        super().__init__(plan.optimizer, n_slots, n_parameters, plan.device, plan.dtype)
        self._stack, self._theta, self._penalized = stack, theta, frozenset(penalized)
        self._runs: list[_Own | None] = [None] * n_slots

    def admit(self, i: int, segment: Segment, state: Mapping[str, Any] | None) -> None:
        super().admit(i, segment, None)
        parameters = [nn.Parameter(weight) for weight in self._views(self._theta, i)]
        own = self._runs[i] = _Own(self._made(i, parameters), parameters, [])
        own.base_lrs = [float(group["lr"]) for group in own.optimizer.param_groups]
        if state is not None:
            own.optimizer.load_state_dict(state["state"])

    def _made(self, i: int, parameters: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        assert self.plan.make is not None
        lr = self._values[i]["lr"]
        factors = None if self.factors is None else self.factors[i]
        groups = parameter_groups(self._stack, parameters, self._penalized, lr, factors)
        with guarded(WHERE, self.plan.name, StudyError):
            made = self.plan.make(groups, lr)
        assert isinstance(made, torch.optim.Optimizer)
        return made

    def _views(self, rows: Tensor, i: int) -> list[Tensor]:
        """The parameters of row ``i`` of (R, P), each in its shape."""
        shapes = self._stack.shapes
        return [rows[i, where].view(shapes[name]) for name, where in self._stack.slices.items()]

    def checkpoint(self, i: int) -> Mapping[str, Any]:
        """A copy of the state of a row's optimizer."""
        return {"state": copy.deepcopy(self._run(i).optimizer.state_dict())}

    def move(self, source: int, target: int) -> None:
        super().move(source, target)
        self._runs[target], self._runs[source] = self._run(source), None

    def _run(self, i: int) -> _Own:
        own = self._runs[i]
        assert own is not None
        return own

    def all_finite(self, n_rows: int) -> Tensor:
        """Whether the numbers in the states of the optimizers are finite (n_rows,)."""
        return torch.tensor(
            [all(map(_is_finite, self._run(i).optimizer.state.values())) for i in range(n_rows)],
            device=self.device,
        )

    def update(self, theta: Tensor, grad: Tensor) -> None:
        self.clipped(grad, 0, len(theta))
        for i in range(len(theta)):
            own = self._run(i)
            for parameter, weight, slope in zip(
                own.parameters, self._views(theta, i), self._views(grad, i), strict=True
            ):
                parameter.data, parameter.grad = weight, slope
            if self.scheduled:
                factor = float(self.rates[self._step, i]) / self._values[i]["lr"]
                for group, lr in zip(own.optimizer.param_groups, own.base_lrs, strict=True):
                    group["lr"] = lr * factor
            with guarded(WHERE, self.plan.name, StudyError), torch.enable_grad():
                own.optimizer.step()


def parameter_groups(
    stack: StackedModule,
    parameters: Sequence[nn.Parameter],
    penalized: frozenset[str],
    lr: float,
    factors: Tensor | None,
) -> list[dict[str, Any]]:
    """The groups that the user's function gets: by learning rate, and by whether penalties act.

    Args:
        stack: The layout of the parameters.
        parameters: In its order.
        penalized: The names of those that penalties act on.
        lr: The run's learning rate.
        factors: What it is multiplied by (P,); None for 1.

    Returns:
        Dicts with ``params``, ``lr`` and ``penalized``.
    """
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for (name, where), parameter in zip(stack.slices.items(), parameters, strict=True):
        factor = 1.0 if factors is None else float(factors[where.start])
        groups.setdefault((lr * factor, name in penalized), []).append(parameter)
    return [
        {"params": params, "lr": rate, "penalized": held} for (rate, held), params in groups.items()
    ]


def _is_finite(state: Any) -> bool:
    values = state.values() if isinstance(state, Mapping) else ()
    tensors = [value for value in values if isinstance(value, Tensor)]
    return all(bool(t.isfinite().all()) for t in tensors if t.is_floating_point())
