"""Whether a network trains here as it would in plain PyTorch, tried before the first run.

A few steps and an evaluation are done on copies in float64: by the loop that everybody writes, and
by what trains the study's runs, several together. The last slot is compared, since neighbours must
not reach it: losses, gradients, weights, buffers, and outputs of a batch, of one that is padded,
and of one row.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from sweep.data.splits import Split
from sweep.networks.calling import check_shape
from sweep.networks.counter_rng import EVALUATION, CounterRNG, Noise
from sweep.networks.forward import copied
from sweep.networks.probe import is_large
from sweep.networks.stacked import StackedModule, StackedModuleMaker
from sweep.records.trial import Draw, Phase, Run, Trial
from sweep.runtime.random_state import isolated, seed_globals
from sweep.runtime.torch_state import plain_attention, seed_torch
from sweep.runtime.trees import Tree, mapped, taken
from sweep.training._evaluation import EVALUATION_ROWS
from sweep.training._few_runs import FewRuns
from sweep.training._plain_loop import PlainLoop
from sweep.training._weights import StackedWeights
from sweep.training.jobs import Segment, TrainingPlan

logger = logging.getLogger("sweep")

STEPS = 3
RUNS, FEW_RUNS = 3, 2
"""Runs that train together; the fewer ones of large networks."""
ROWS, MOST_ROWS = 8, 1024
"""Rows of a batch. With four, batch norm makes 1e-10 of rounding. A network that is written
out is tried on batches of the study's own size, of up to MOST_ROWS: its forward may ask for it."""
TOLERANCE = 1e-9
"""Of the largest number of its kind, in float64."""
WIDE_TOLERANCE = 1e-3
"""In float32, for networks that do not take float64."""
ROUNDED_STEP = 1e-6
"""Adam divides by |g| + 1e-8, so that a gradient which is 0 but for rounding (of a bias before
batch norm) moves its weight by this share of the learning rate, either way."""


@dataclass
class Parity:
    """How far training here is from plain PyTorch."""

    tolerance: float
    worst: float = 0.0
    """The largest difference, as a share of the largest number of its kind."""
    difference: str = ""
    """What differs first; "" where all agrees."""

    def note(
        self, what: str, found: Tensor, wanted: Tensor, scale: float = 0.0, slack: float = 0.0
    ) -> None:
        """Takes in a difference, as a share of ``scale`` or, without, of the largest number wanted;
        so much of it as ``slack`` is no difference.
        """
        if found.shape != wanted.shape:
            off = float("inf")
        elif not wanted.numel():
            return
        else:
            size = max(scale or _largest(wanted), torch.finfo(torch.float32).tiny)
            off = max(_largest(found.to(wanted) - wanted) - slack, 0.0) / size
            if not math.isfinite(off):  # it is asked for where plain PyTorch's own is finite
                off = float("inf") if (wanted.isfinite() & ~found.isfinite()).any() else 0.0
        self.worst = max(self.worst, off)
        if not self.difference and not off <= self.tolerance:
            self.difference = f"{what} differs from plain PyTorch's by {off:.1g}"


def _largest(tensor: Tensor) -> float:
    """The largest size of a number; nan where there is one."""
    return float(torch.linalg.vector_norm(tensor, torch.inf))


def _scales_of_modules(buffers: Mapping[str, Tensor]) -> dict[str, float]:
    """By module, the largest number among its buffers that are no counts: a norm layer's mean may
    be 0 but for rounding, its variance is not.
    """
    scales: dict[str, float] = {}
    for name, buffer in buffers.items():
        module = name.rpartition(".")[0]
        own = _largest(buffer) if buffer.is_floating_point() and buffer.numel() else 0.0
        scales[module] = max(scales.get(module, 0.0), own)
    return scales


class Batch(NamedTuple):
    """Some training rows: inputs (B, ...), targets (B, ...) and weights (B,), if they have any."""

    x: Tree[Tensor]
    y: Tensor
    weight: Tensor | None


def compare(
    plan: TrainingPlan,
    template: nn.Module,
    build: Callable[[int], nn.Module],
    split: Split,
    ways: Mapping[str, StackedModuleMaker],
    name: str,
    sizes: Collection[int],
) -> dict[str, Parity]:
    """Trains a few steps in plain PyTorch and in other ways.

    Args:
        plan: The study's; its optimizer, learning rate and device are used.
        template: The network of seed 0, of which copies are used.
        build: Makes the network of a seed.
        split: Its rows are copied.
        ways: What trains the runs of the study, by a word for how.
        name: How the network is called in messages.
        sizes: How many rows the study evaluates at once, before they are cut into batches.

    Returns:
        By way, the largest difference, and what differed first.

    Raises:
        ModelError: Where plain PyTorch cannot train the network.
    """
    one_row = any(n % EVALUATION_ROWS == 1 for n in sizes)
    wide = replace(plan, dtype=torch.float64)
    if plan.device.type != "mps":
        first = copied(template).double()
        trial = _Comparison(wide, first, lambda seed: build(seed).double(), split, one_row)
        if trial.runs_in_plain_pytorch():
            return trial.compared(ways, name)
    return _Comparison(plan, copied(template), build, split, one_row).compared(ways, name)


class _Way(FewRuns):
    """One of the ways in which a study's runs may be trained, with a few runs under way."""

    def __init__(
        self, plan: TrainingPlan, stack: StackedModule, weights: StackedWeights, seeds: list[int]
    ):
        """``weights`` has a slot for a run of each seed."""
        trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
        runs = [Run(0, i, Draw(0, 0, 0, 0, seed)) for i, seed in enumerate(seeds)]
        super().__init__(plan, stack, weights, [Segment(run, trial, 1) for run in runs])
        self.found = Parity(TOLERANCE if plan.dtype is torch.float64 else WIDE_TOLERANCE)

    def noise(self, counter: int) -> AbstractContextManager[object]:
        """In which plain PyTorch draws the numbers of the last run."""
        keys = self.keys(counter)
        last = len(self.seeds) - 1
        return nullcontext() if keys is None else CounterRNG(keys.of_run(last), False)

    def seed(self, counter: int) -> None:
        """Seeds all generators where the network draws from them."""
        if self.stack.noise is Noise.OWN:
            seed_torch(counter)
            seed_globals(counter)

    def step(self, batches: list[Batch], counter: int) -> Tensor:
        """The loss of the last run in a step of all."""
        x = mapped(_side_by_side, *(batch.x for batch in batches))
        y = _side_by_side(*(batch.y for batch in batches))
        weights = [batch.weight for batch in batches if batch.weight is not None]
        self.seed(counter)
        return self.losses(x, y, counter, torch.stack(weights) if weights else None)[-1]

    def compare_gradients(self, plain: PlainLoop, step: int) -> None:
        """Compares those of the last run."""
        wanted = plain.gradients()
        sizes = [_largest(g) for n, g in wanted.items() if n in self.stack.slices and g is not None]
        for name, slot in self.gradients().items():
            own = wanted[name]
            own = torch.zeros_like(slot[-1]) if own is None else own
            what = f"the gradient of `{name}` in step {step + 1}"
            self.found.note(what, slot[-1], own, max(sizes, default=0.0))

    def compare_state(self, plain: PlainLoop) -> None:
        """Compares weights, frozen ones and buffers of the last run, which then takes plain
        PyTorch's: what is compared afterwards has the same weights to the bit.
        """
        wanted = plain.weights()
        slack = 0.0 if self.plan.optimizer.name == "sgd" else ROUNDED_STEP * self.plan.lr
        slots = self.stack.slots(self.weights.theta)
        scale = max(map(_largest, wanted.values()), default=0.0)
        for name, slot in zip(self.stack.slices, slots, strict=True):
            self.found.note(f"weight `{name}`", slot[-1], wanted[name], scale, slack)
            slot[-1].copy_(wanted[name])
        buffers = self.stack.constants_of(plain.model)
        scales = _scales_of_modules(buffers)
        for name, buffer in buffers.items():
            kept = self.weights.constants[name][-1]
            scale = scales[name.rpartition(".")[0]]
            if not torch.equal(kept, buffer):
                self.found.note(f"buffer `{name}`", kept.double(), buffer.double(), scale, slack)
                kept.copy_(buffer)

    def output(self, batches: list[Tree[Tensor]], present: Tensor | None) -> Tensor:
        """What the last run gives in evaluation for the rows that are ``present``."""
        self.stack.train(False)
        weights, n = self.weights, len(self.seeds)
        outputs = self.stack.evaluator(range(n), weights.theta, weights.constants)
        self.seed(EVALUATION)
        with torch.no_grad():
            found = outputs(mapped(_side_by_side, *batches), self.keys(EVALUATION), present)[-1]
        return found if present is None else found[present[-1]]


class _Comparison:
    """Plain PyTorch beside other ways, in one type of numbers."""

    def __init__(
        self,
        plan: TrainingPlan,
        first: nn.Module,
        build: Callable[[int], nn.Module],
        split: Split,
        one_row: bool,
    ):
        """``first`` is the network of seed 0; ``one_row`` says whether an evaluation of the study
        ends with a batch of one row.
        """
        self.plan, self.build, self.split, self.one_row = plan, build, split, one_row
        self._first = first
        self.n_runs = RUNS
        self.n_rows = ROWS
        if is_large(self._first, taken(split.x_train, 0)):
            self.n_runs = FEW_RUNS
            logger.info("comparing %d steps of training with plain PyTorch's", STEPS)

    # ---- rows ----------------------------------------------------------------------------------

    def rows(self, step: int, run: int, n: int) -> Batch:
        """Copies of some training rows, others for each run and step."""
        places = (torch.arange(n) + (step * RUNS + run) * ROWS) % len(self.split.y_train)
        x, y, weight = taken(self.split.x_train, places), self.split.y_train[places], None
        if self.split.w_train is not None:
            weight = self._typed(self.split.w_train[places])
        return Batch(mapped(self._typed, x), self._typed(y), weight)

    def _typed(self, tensor: Tensor) -> Tensor:
        dtype = self.plan.dtype if tensor.is_floating_point() else tensor.dtype
        return tensor.to(self.plan.device, dtype)

    # ---- all ways ------------------------------------------------------------------------------

    def runs_in_plain_pytorch(self) -> bool:
        """Whether the network takes numbers of this type."""
        x = self.rows(0, 0, ROWS).x
        try:
            with torch.random.fork_rng(devices=[]), isolated(0), torch.no_grad():
                copied(self._first).to(self.plan.device).train()(x)
        except (RuntimeError, TypeError, ValueError, NotImplementedError):
            return False
        return True

    def compared(self, kinds: Mapping[str, StackedModuleMaker], name: str) -> dict[str, Parity]:
        """What each way found."""
        model = self.build(self.n_runs - 1)
        ways = {how: self._begun(kind, model) for how, kind in kinds.items()}
        if any(way.stack.written_out for way in ways.values()):
            n_rows = min(self.plan.batch_size, len(self.split.y_train), MOST_ROWS)
            self.n_rows = max(ROWS, n_rows)
        plain, each = PlainLoop(model, self.plan), list(ways.values())
        with torch.random.fork_rng(devices=[]), isolated(0), plain_attention():
            for step in range(STEPS):
                self._compare_step(plain, each, step)
            equal = [way for way in each if not way.found.difference]
            for way in equal:
                way.compare_state(plain)
            self._compare_evaluation(plain, equal, name)
        return {how: way.found for how, way in ways.items()}

    def _begun(self, kind: StackedModuleMaker, model: nn.Module) -> _Way:
        """A way with its runs admitted; ``model`` is the network of the last run."""
        stack = kind(self._first, self.plan.device)
        seeds = list(range(self.n_runs)) if stack.batched else [self.n_runs - 1]
        known = {0: self._first, self.n_runs - 1: model} if stack.batched else {}
        weights = StackedWeights(
            self.plan,
            len(seeds),
            stack,
            self._first,
            lambda seed: known[seed] if seed in known else self.build(seed),
        )
        return _Way(self.plan, stack, weights, seeds)

    def _batches(self, way: _Way, step: int, n: int) -> list[Batch]:
        return [self.rows(step, seed, n) for seed in way.seeds]

    def _compare_step(self, plain: PlainLoop, ways: list[_Way], step: int) -> None:
        batch = self.rows(step, self.n_runs - 1, self.n_rows)
        ways[0].seed(step)
        loss = plain.step(batch.x, batch.y, ways[0].noise(step), batch.weight)
        for way in ways:
            if not way.found.difference:
                found = way.step(self._batches(way, step, self.n_rows), step)
                way.found.note(f"the loss of step {step + 1}", found, loss)
                way.compare_gradients(plain, step)
                way.update()

    def _compare_evaluation(self, plain: PlainLoop, ways: list[_Way], name: str) -> None:
        """Outputs of a batch, of one of which the last row is padding, and of one row."""
        for what, n, padded in (
            ("a batch", ROWS, False),
            ("a padded batch", ROWS, True),
            ("one row", 1, False),
        ):
            wanted = self._wanted(plain, ways, n, n - padded, f"{what} of {n - padded}", name)
            for way in ways if wanted is not None else ():
                there = torch.ones(len(way.seeds), n, dtype=torch.bool, device=self.plan.device)
                there[-1, -1] = not padded
                batches = [batch.x for batch in self._batches(way, STEPS, n)]
                found = way.output(batches, there if padded else None)
                assert wanted is not None
                way.found.note(f"the output of {what} in evaluation", found, wanted)

    def _wanted(
        self, plain: PlainLoop, ways: list[_Way], n: int, kept: int, what: str, name: str
    ) -> Tensor | None:
        """What plain PyTorch gives for the first ``kept`` of ``n`` rows; None for a single row
        that it does not take and that the study never has, as of batch norm without statistics.
        """
        if not ways:
            return None
        own = taken(self.rows(STEPS, self.n_runs - 1, n).x, slice(kept))
        ways[0].seed(EVALUATION)
        try:
            wanted = plain.output(own, ways[0].noise(EVALUATION))
        except (RuntimeError, ValueError):
            if n > 1 or self.one_row:
                raise
            return None
        advice = "look for squeeze() and for sizes of batches in its forward"
        row = self.plan.output_row
        check_shape(wanted, kept, row, name, when="in evaluation", rows=what, advice=advice)
        return wanted


def _side_by_side(*tensors: Tensor) -> Tensor:
    """The batches of all runs (R, B, ...)."""
    return torch.stack(tensors)
