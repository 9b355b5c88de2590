"""Whether a network trains here as it would in plain PyTorch, tried before the first run.

A few steps and an evaluation are done on copies in float64: by a module, ``torch.optim`` and the
loop that everybody writes, and by what trains the study's runs, several together. The last slot is
compared, since neighbours must not reach it: losses, gradients, weights, buffers, and outputs of a
batch, of one that is padded, and of one row.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from sweep.data.splits import Split
from sweep.errors import ModelError
from sweep.networks.counter_rng import EVALUATION, CounterRNG, Keys, Noise, step_keys
from sweep.networks.stacked import StackedModuleMaker
from sweep.records.trial import Draw, Phase, Run, Trial
from sweep.runtime.random_state import isolated, seed_globals
from sweep.runtime.torch_state import plain_attention
from sweep.training._evaluation import EVALUATION_ROWS
from sweep.training._optim import StackedOptimizer, make_optimizer
from sweep.training._weights import StackedWeights
from sweep.training.jobs import Segment, TrainingPlan

STEPS, RUNS = 3, 3
ROWS = 8
"""Rows of a batch: enough for batch norm, few enough for large networks."""
TOLERANCE = 1e-9
"""Of the largest number of its kind, in float64."""
WIDE_TOLERANCE = 1e-3
"""In float32, for networks that do not take float64."""
ROUNDED_STEP = 1e-6
"""Adam divides by |g| + 1e-8, so that a gradient which is 0 but for rounding (of a bias before
batch norm) moves its weight by this share of the learning rate, either way."""


@dataclass(frozen=True)
class Parity:
    """How far training here is from plain PyTorch."""

    worst: float
    """The largest difference, as a share of the largest number of its kind."""
    difference: str
    """What differs first; "" where all agrees."""


def compare(
    plan: TrainingPlan,
    build: Callable[[int], nn.Module],
    split: Split,
    stack: StackedModuleMaker,
    name: str,
) -> Parity:
    """Trains a few steps both ways.

    Args:
        plan: The study's; its optimizer, learning rate and device are used.
        build: Makes the network of a seed.
        split: Its rows are copied.
        stack: What trains the runs of the study.
        name: How the network is called in messages.

    Returns:
        The largest difference, and what differed first.

    Raises:
        ModelError: Where plain PyTorch cannot train the network.
    """
    wide = replace(plan, dtype=torch.float64)
    has_float64 = plan.device.type != "mps"
    trial = _Trial(wide, lambda seed: build(seed).double(), split, stack) if has_float64 else None
    if trial is None or not trial.runs_in_plain_pytorch():
        trial = _Trial(plan, build, split, stack)
    return trial.compared(name)


class _Trial:
    """One comparison in one type of numbers."""

    def __init__(
        self,
        plan: TrainingPlan,
        build: Callable[[int], nn.Module],
        split: Split,
        stack: StackedModuleMaker,
    ):
        self.plan, self.build, self.split = plan, build, split
        self.stack = stack(build(0), plan.device)
        alone = self.stack.noise is Noise.OWN
        self.seeds = list(range(1 if alone else RUNS))
        self.tolerance = TOLERANCE if plan.dtype is torch.float64 else WIDE_TOLERANCE
        self.worst, self.difference = 0.0, ""

    # ---- rows and random numbers ---------------------------------------------------------------

    def rows(self, step: int, run: int, n: int = ROWS) -> tuple[Tensor, Tensor]:
        """Copies of some training rows, others for each run and step."""
        places = (torch.arange(n) + (step * RUNS + run) * ROWS) % len(self.split.x_train)
        x, y = self.split.x_train[places], self.split.y_train[places]
        return self._typed(x), self._typed(y)

    def _typed(self, tensor: Tensor) -> Tensor:
        dtype = self.plan.dtype if tensor.is_floating_point() else tensor.dtype
        return tensor.to(self.plan.device, dtype)

    def keys(self, counter: int) -> Keys | None:
        """What the hashed noise of all runs is made from."""
        if self.stack.noise is not Noise.HASHED:
            return None
        keys = step_keys(self.seeds, np.full(len(self.seeds), counter))
        return Keys(torch.from_numpy(keys).to(self.plan.device))

    def _noise(self, keys: Keys | None) -> AbstractContextManager[object]:
        return (
            nullcontext() if keys is None else CounterRNG(keys.of_run(len(self.seeds) - 1), False)
        )

    def _seed(self, counter: int) -> None:
        if self.stack.noise is Noise.OWN:
            torch.manual_seed(counter)
            seed_globals(counter)

    # ---- both ways -----------------------------------------------------------------------------

    def runs_in_plain_pytorch(self) -> bool:
        """Whether the network takes numbers of this type."""
        x, _ = self.rows(0, 0)
        try:
            with torch.random.fork_rng(devices=[]), isolated(0):
                self.build(0).to(self.plan.device).train()(x)
        except (RuntimeError, TypeError, ValueError, NotImplementedError):
            return False
        return True

    def compared(self, name: str) -> Parity:
        last = len(self.seeds) - 1
        model = self.build(self.seeds[last]).to(self.plan.device)
        weights, optimizer = self._stacked()
        trained = [p for p in model.parameters() if p.requires_grad]
        plain = _TorchOptimizer(trained, self.plan)
        with torch.random.fork_rng(devices=[]), isolated(0), plain_attention():
            for step in range(STEPS):
                batches = [self.rows(step, run) for run in range(len(self.seeds))]
                loss = self._plain_step(model, plain, *batches[last], step)
                self._stacked_step(weights, optimizer, batches, step, loss)
                self._compare_gradients(model, weights, step)
                self._compare_state(model, weights)
                if self.difference:
                    break
            else:
                self._compare_evaluation(model, weights, name)
        return Parity(self.worst, self.difference)

    def _stacked(self) -> tuple[StackedWeights, StackedOptimizer]:
        plan, n = self.plan, len(self.seeds)
        weights = StackedWeights(plan, n, self.stack, self.build(0), self.build)
        made = make_optimizer(plan, n, self.stack.row_length)
        trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
        for i, seed in enumerate(self.seeds):
            segment = Segment(Run(0, i, Draw(0, 0, 0, 0, seed)), trial, 1)
            weights.admit(i, segment, None)
            made.admit(i, segment, None)
        return weights, made

    def _plain_step(
        self,
        model: nn.Module,
        optimizer: _TorchOptimizer,
        x: Tensor,
        y: Tensor,
        step: int,
    ) -> Tensor:
        """The loss of the loop that everybody writes."""
        model.train()
        model.zero_grad()
        self._seed(step)
        with self._noise(self.keys(step)):
            output = model(x.clone())
        loss = _loss(self.plan.task, output.to(self.plan.dtype), y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return loss.detach()

    def _stacked_step(
        self,
        weights: StackedWeights,
        optimizer: StackedOptimizer,
        batches: list[tuple[Tensor, Tensor]],
        step: int,
        loss: Tensor,
    ) -> None:
        """The same step of all runs; compares the loss of the last."""
        x, y = (torch.stack(parts) for parts in zip(*batches, strict=True))
        self.stack.train(True)
        take = self.stack.step(weights.theta, weights.grad, weights.constants, self.plan.task)
        self._seed(step)
        losses = take(x, y, self.keys(step))
        optimizer.update(weights.theta, weights.grad)
        self._compare(f"the loss of step {step + 1}", losses[-1], loss)

    # ---- comparisons ---------------------------------------------------------------------------

    def _compare(
        self, what: str, found: Tensor, wanted: Tensor, scale: float = 0.0, slack: float = 0.0
    ) -> None:
        """Notes the difference, as a share of ``scale`` or of the largest number wanted; so much
        of it as ``slack`` is no difference.
        """
        if found.shape != wanted.shape:
            off = float("inf")
        elif not wanted.numel():
            return
        else:
            size = max(scale, float(wanted.abs().max()), torch.finfo(torch.float32).tiny)
            off = max(0.0, float((found.to(wanted) - wanted).abs().max()) - slack) / size
            off = off if bool(found.isfinite().all()) or not bool(wanted.isfinite().all()) else 1.0
        self.worst = max(self.worst, off)
        if not self.difference and not off <= self.tolerance:
            self.difference = f"{what} differs from plain PyTorch's by {off:.1g}"

    def _compare_gradients(self, model: nn.Module, weights: StackedWeights, step: int) -> None:
        plain = {n: p.grad for n, p in model.named_parameters() if n in self.stack.slices}
        scale = max((float(g.abs().max()) for g in plain.values() if g is not None), default=0.0)
        for name, slot in zip(self.stack.slices, self.stack.slots(weights.grad), strict=True):
            gradient = plain[name]
            wanted = torch.zeros_like(slot[-1]) if gradient is None else gradient
            self._compare(f"the gradient of `{name}` in step {step + 1}", slot[-1], wanted, scale)

    def _compare_state(self, model: nn.Module, weights: StackedWeights) -> None:
        parameters = dict(model.named_parameters())
        slack = 0.0 if self.plan.optimizer == "sgd" else ROUNDED_STEP * self.plan.lr
        for name, slot in zip(self.stack.slices, self.stack.slots(weights.theta), strict=True):
            self._compare(f"weight `{name}`", slot[-1], parameters[name].detach(), slack=slack)
        for name, buffer in self.stack.constants_of(model).items():
            kept = weights.constants[name][-1]
            if buffer.is_floating_point():
                self._compare(f"buffer `{name}`", kept, buffer)
            elif not torch.equal(kept, buffer):
                self._compare(f"buffer `{name}`", kept.double(), buffer.double())

    def _leaves_one_row(self) -> bool:
        """Whether an evaluation of the study ends with a batch of one row."""
        parts = (self.split.x_train, self.split.x_validation)
        return any(len(x) % EVALUATION_ROWS == 1 for x in parts)

    def _compare_evaluation(self, model: nn.Module, weights: StackedWeights, name: str) -> None:
        """Outputs of a batch, of one of which the last row is padding, and of one row."""
        n = len(self.seeds)
        model.eval()
        self.stack.train(False)
        outputs = self.stack.evaluator(range(n), weights.theta, weights.constants)
        there = torch.ones(n, ROWS, dtype=torch.bool, device=self.plan.device)
        there[-1, -1] = False
        keys = self.keys(EVALUATION)
        with torch.no_grad():
            for what, n_rows, present in (
                ("a batch", ROWS, None),
                ("a padded batch", ROWS, there),
                ("one row", 1, None),
            ):
                batches = [self.rows(STEPS, run, n_rows)[0] for run in range(n)]
                own = batches[-1] if present is None else batches[-1][present[-1]]
                self._seed(EVALUATION)
                try:
                    with self._noise(keys):
                        wanted = model(own.clone()).to(self.plan.dtype)
                except (RuntimeError, ValueError):
                    if n_rows > 1 or self._leaves_one_row():
                        raise
                    continue  # as batch norm without statistics, which never meets one row here
                if tuple(wanted.shape) != (len(own), self.plan.n_outputs):
                    raise ModelError(
                        f"model.name: {name} must give (rows, {self.plan.n_outputs}) in "
                        f"evaluation, found {tuple(wanted.shape)} for {what} of {len(own)}; look "
                        "for squeeze() and for sizes of batches in its forward"
                    )
                self._seed(EVALUATION)
                found = outputs(torch.stack(batches), keys, present)[-1]
                found = found if present is None else found[present[-1]]
                self._compare(f"the output of {what} in evaluation", found, wanted)


class _TorchOptimizer:
    """``torch.optim``'s SGD and Adam by their functions: its classes import torch's compiler."""

    def __init__(self, parameters: list[nn.Parameter], plan: TrainingPlan):
        self.parameters, self.plan = parameters, plan
        self._first: list[Tensor | None] = [None] * len(parameters)
        self._moments = [[torch.zeros_like(p) for p in parameters] for _ in range(2)]
        self._steps = [torch.zeros(()) for _ in parameters]

    @torch.no_grad()
    def step(self) -> None:
        """One update of the parameters by their gradients."""
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in self.parameters]
        weights: list[Tensor] = list(self.parameters)
        if self.plan.optimizer == "sgd":
            sgd(
                weights,
                grads,
                self._first,
                foreach=False,
                weight_decay=0.0,
                momentum=self.plan.momentum,
                lr=self.plan.lr,
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
            beta1=0.9,
            beta2=0.999,
            lr=self.plan.lr,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


def _loss(task: str, output: Tensor, target: Tensor) -> Tensor:
    if task == "classification":
        return F.cross_entropy(output, target)
    return F.mse_loss(output, target)
