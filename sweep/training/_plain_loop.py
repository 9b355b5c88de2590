"""One network trained by the loop that everybody writes: the module, torch's optimizer, the loss.

What trains the runs of a study is compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from sweep.training.jobs import TrainingPlan


class PlainLoop:
    """A module, its optimizer, and a step of both."""

    def __init__(self, model: nn.Module, plan: TrainingPlan):
        self.model, self.plan = model.to(plan.device), plan
        self.optimizer = _TorchOptimizer([p for p in model.parameters() if p.requires_grad], plan)

    def step(
        self,
        x: Tensor,
        y: Tensor,
        noise: AbstractContextManager[object],
        weight: Tensor | None = None,
    ) -> Tensor:
        """The loss of a batch; the forward draws its random numbers within ``noise``."""
        self.model.train()
        self.model.zero_grad()
        with noise:
            output = self.model(x.clone())
        output = output.to(self.plan.dtype).unsqueeze(0)
        weights = None if weight is None else weight.unsqueeze(0)
        loss = self.plan.loss.mean(output, y.unsqueeze(0), weights).squeeze(0)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach()

    def output(self, x: Tensor, noise: AbstractContextManager[object]) -> Tensor:
        """The outputs of rows in evaluation."""
        self.model.eval()
        with noise, torch.no_grad():
            output: Tensor = self.model(x.clone())
        return output.to(self.plan.dtype)

    def gradients(self) -> Mapping[str, Tensor | None]:
        """Those of the last step."""
        return {name: parameter.grad for name, parameter in self.model.named_parameters()}

    def weights(self) -> Mapping[str, Tensor]:
        """The parameters as they are."""
        return {name: parameter.detach() for name, parameter in self.model.named_parameters()}


class _TorchOptimizer:
    """``torch.optim``'s SGD and Adam by their functions: its classes import torch's compiler."""

    def __init__(self, parameters: list[nn.Parameter], plan: TrainingPlan):
        self.parameters, self.plan = parameters, plan.optimizer.usual
        self._first: list[Tensor | None] = [None] * len(parameters)
        self._moments = [[torch.zeros_like(p) for p in parameters] for _ in range(2)]
        self._steps = [torch.zeros(()) for _ in parameters]

    @torch.no_grad()
    def step(self) -> None:
        """One update of the parameters by their gradients."""
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in self.parameters]
        weights: list[Tensor] = list(self.parameters)
        numbers = self.plan.numbers
        if self.plan.name == "sgd":
            sgd(
                weights,
                grads,
                self._first,
                foreach=False,
                weight_decay=0.0,
                momentum=numbers["momentum"],
                lr=numbers["lr"],
                dampening=0.0,
                nesterov=False,
                maximize=False,
            )
            return
        adam(
            weights,
            grads,
            self._moments[0],
            self._moments[1],
            [],
            self._steps,
            foreach=False,
            amsgrad=False,
            beta1=numbers["beta1"],
            beta2=numbers["beta2"],
            lr=numbers["lr"],
            weight_decay=0.0,
            eps=numbers["eps"],
            maximize=False,
        )
