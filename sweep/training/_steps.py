"""The steps of an epoch: for every occupied slot a batch, forward and backward, penalties, update.

What belongs to one epoch (its batch order, the keys of its noise) is drawn before its first step,
so that on a GPU all steps can be one graph.
Legend: R slots, B rows of a batch, P parameters of a run, K steps of an epoch.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from sweep.errors import ModelError
from sweep.networks.counter_rng import Keys, Noise, epoch_keys
from sweep.networks.stacked import StackedModule
from sweep.runtime.device import to_device
from sweep.runtime.random_state import seed_globals
from sweep.runtime.torch_state import seed_torch
from sweep.runtime.trees import Tree, leaves, mapped
from sweep.runtime.user_code import guarded
from sweep.training._batches import BatchSource
from sweep.training._epoch_kernel import KernelEpoch
from sweep.training._graphs import EpochGraphs, Inputs
from sweep.training._parts import PopulationParts
from sweep.training._penalty_state import Acting, Optimize, update
from sweep.training._slots import Slot
from sweep.training._step_numbers import ACTING, AVERAGING, LR
from sweep.training.jobs import TrainingPlan
from sweep.training.kernel_update import KernelUpdate, why_by_torch

if TYPE_CHECKING:
    from sweep.training._fused import FusedUpdate  # needs Triton, which few machines have

logger = logging.getLogger("sweep")


def users_model() -> guarded:
    """What the user's module does wrong while it trains is one line, and never an exit code."""
    return guarded("model.name", "the network, in training,", ModelError)


class TrainingSteps:
    """Trains the occupied slots of a population, an epoch at a time."""

    def __init__(
        self,
        plan: TrainingPlan,
        width: int,
        stack: StackedModule,
        parts: PopulationParts,
        batch_source: BatchSource,
    ):
        self.plan, self.width, self.stack = plan, width, stack
        self.parts, self.batch_source = parts, batch_source
        gathers = plan.accumulate > 1
        self._gathered = parts.weights.grad.clone() if gathers else parts.weights.grad[:0]
        """(R, P): the gradients of the batches of a step so far, where it has several."""
        self._fused = self._fused_update()
        self._graphs = EpochGraphs() if self._suits_graphs() else None
        self.took_whole = False
        """Whether the library in C took the last epoch whole, run after run."""
        self._epochs = KernelEpoch(stack, parts, plan) if stack.written_out else None

    def _fused_update(self) -> FusedUpdate | KernelUpdate | None:
        """The update as one kernel: on a GPU for which there is Triton to compile it, or on a
        processor for which it was compiled."""
        plan, parts = self.plan, self.parts
        if not why_by_torch(plan):
            return KernelUpdate(parts.optimizer, parts.penalties, parts.weights.grad)
        if plan.device.type != "cuda" or plan.has_window:
            return None
        try:
            from sweep.training._fused import FusedUpdate, suits
        except ModuleNotFoundError as error:
            logger.warning("updating weights by one operation after the other: %s", error)
            return None
        optimizer = self.parts.optimizer
        if not suits(optimizer):
            return None
        return FusedUpdate(optimizer, self.parts.penalties)

    def _suits_graphs(self) -> bool:
        """Whether an epoch is recorded: on a GPU, where all runs go through one step together."""
        batched = self.stack.batched and not self.stack.fixed_width and self.plan.loss.recordable
        return self.plan.device.type == "cuda" and batched and self.stack.noise is not Noise.OWN

    def forget_graphs(self) -> None:
        """Drops all graphs: rows that they read have moved."""
        if self._graphs is not None:
            self._graphs.forget()

    def batch_size(self, slots: Sequence[Slot]) -> int:
        """Rows of a batch of these slots, which all have as many: at most all rows of a run."""
        sizes = self.batch_source.parts["train"][3]
        return min(self.plan.batch_size, *(sizes[slot.source] for slot in slots))

    def train(self, slots: Sequence[Slot]) -> Tensor:
        """One epoch of these slots; mean loss of its batches (R,), without penalty."""
        plan, stack, n = self.plan, self.stack, len(slots)
        wide = self._wide(n)
        batch = self.batch_size(slots)
        inputs = self._inputs(slots, wide, batch)
        stack.train(True)
        if stack.noise is Noise.OWN:
            seed = _own_seed(slots[0])
            seed_torch(seed)
            seed_globals(seed)
        if self._graphs is None:
            total = self._steps(wide, n, batch, inputs)
        else:
            kind = (wide, batch, self.parts.penalties.in_use(wide))
            steps = partial(self._steps, wide, wide, batch)
            total = self._graphs.train(kind, steps, inputs, plan.accumulate)
        return total[:n] / plan.batches_per_epoch

    def _wide(self, n: int) -> int:
        """How many slots are computed for ``n`` occupied ones."""
        if self.stack.fixed_width:
            return self.width
        if self._graphs is None:
            return n
        return min(self.width, 1 << (n - 1).bit_length())  # few widths, so that graphs are few

    def _inputs(self, slots: Sequence[Slot], wide: int, batch: int) -> dict[str, Tensor]:
        """What belongs to the batches of the coming epoch, (K, ...) by name."""
        plan = self.plan
        visits = [(slot.source, slot.segment.run.draw.seed, slot.epoch) for slot in slots]
        own = [visit[1:] for visit in visits]
        rows = self.batch_source.order(visits, wide, plan.batches_per_epoch, batch)
        draws = self.parts.augmentation.draws(own, wide)
        return {"rows": rows} | self._step_keys(own, wide) | draws | self._step_numbers(own, wide)

    def _step_numbers(self, visits: Sequence[tuple[int, int]], wide: int) -> dict[str, Tensor]:
        """The numbers of every step, once for each of its batches; the optimizer gets its rates."""
        tables = self.parts.step_numbers.tables([epoch for _, epoch in visits], wide)
        if LR in tables:
            self.parts.optimizer.begin_epoch(tables[LR])
        plan = self.plan
        return {
            name: to_device(torch.from_numpy(table).to(plan.dtype), plan.device).repeat_interleave(
                plan.accumulate, dim=0
            )
            for name, table in tables.items()
        }

    def _step_keys(self, visits: Sequence[tuple[int, int]], wide: int) -> dict[str, Tensor]:
        """What the noise of every step (K, R) is made from, for runs given as (seed, epoch)."""
        if self.stack.noise is not Noise.HASHED:
            return {}
        visits = [*visits, *[(0, 0)] * (wide - len(visits))]
        return {"keys": epoch_keys(visits, self.plan.batches_per_epoch, 0, self.plan.device)}

    def _steps(self, wide: int, n: int, n_rows: int, inputs: Inputs) -> Tensor:
        """Trains the first ``n`` of ``wide`` slots on one batch after the other, of so many rows;
        the sums of their losses (n,).
        """
        plan, parts, weights = self.plan, self.parts, self.parts.weights
        x, y, _, _ = self.batch_source.parts["train"]
        grad = weights.grad[:n]
        total = torch.zeros(n, device=plan.device, dtype=plan.dtype)
        constants = {name: tensor[:wide] for name, tensor in weights.constants.items()}
        acting = parts.penalties.acting(n, weights.grad)
        optimize: Optimize = parts.optimizer.update
        if self._fused is not None:
            optimize, acting = self._fused.prepare(acting)
        whole = self._whole_epoch(n, inputs)
        self.took_whole = whole is not None
        if whole is not None:
            return whole
        shape = (wide, n_rows)
        xb, yb = mapped(partial(_room, shape=shape), x), _room(y, shape)
        row_weights = self.batch_source.weights.get("train")
        wb = None if row_weights is None else _room(row_weights, shape)
        gathers = _pairs(x, xb) + _pairs(y, yb)
        if row_weights is not None and wb is not None:
            gathers += _pairs(row_weights, wb)
        step = self.stack.step(weights.theta[:wide], weights.grad[:wide], constants, plan.loss)
        rates = None if parts.dropout is None else parts.dropout.rates[:wide]
        for k, rows in enumerate(inputs["rows"].unbind()):
            own = {name: tensor[k] for name, tensor in inputs.items()}
            for source, batch in gathers:
                torch.index_select(source, 0, rows, out=batch)
            parts.augmentation.transform(xb, own.get("transform_keys"))
            shares, keys = own.get("shares"), own.get("keys")
            targets, more = parts.augmentation.change(xb, yb, wb, shares, own.get("input_keys"))
            with users_model():
                losses = step(xb, targets, None if keys is None else Keys(keys, rates), wb)
            total += losses[:n]
            if more is not None:
                total += more[:n]
            if self._completes(k, grad):
                self._update(k, n, own, optimize, acting)
        return total

    def _whole_epoch(self, n: int, inputs: Inputs) -> Tensor | None:
        """The sums of the losses (n,) of all steps, where the library in C takes them: nothing
        happens in them but what it knows.
        """
        program = self._fused.program if isinstance(self._fused, KernelUpdate) else None
        x, y, _, _ = self.batch_source.parts["train"]
        in_memory = {type(x), type(y)} == {Tensor}  # and not in files, or several
        if program is None or self._epochs is None or not in_memory:
            return None
        assert isinstance(x, Tensor)
        weight = self.batch_source.weights.get("train")
        return self._epochs.train(program, n, x, y, weight, inputs)

    def _completes(self, k: int, grad: Tensor) -> bool:
        """Whether batch ``k`` is the last of a step, whose gradient is in ``grad`` then."""
        n_batches = self.plan.accumulate
        if n_batches == 1:
            return True
        gathered, place = self._gathered[: len(grad)], k % n_batches
        if place == 0:
            gathered.zero_()
        gathered.add_(grad, alpha=1 / n_batches)
        if place < n_batches - 1:
            return False
        grad.copy_(gathered)
        return True

    def _update(self, k: int, n: int, own: Inputs, optimize: Optimize, acting: Acting) -> None:
        """The step of the first ``n`` slots that batch ``k`` completes, by its ``own`` numbers."""
        parts, weights = self.parts, self.parts.weights
        theta, grad = weights.theta[:n], weights.grad[:n]
        if LR in own:
            parts.optimizer.begin_step(k // self.plan.accumulate, own[LR][:n])
        if ACTING in own:
            parts.penalties.let_act(own[ACTING][:n])
        update(optimize, parts.optimizer, theta, grad, acting)
        if AVERAGING in own:
            weights.take_average(own[AVERAGING][:n])


def _room(rows: Tensor, shape: tuple[int, int]) -> Tensor:
    """Memory for a batch of such rows for every slot (R, B, ...)."""
    return rows.new_empty(*shape, *rows.shape[1:])


def _pairs(rows: Tree[Tensor], room: Tree[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Every leaf of the rows, and the memory of its batch as rows (R * B, ...)."""
    both = zip(leaves(rows), leaves(room), strict=True)
    return [(leaf, batch.view(-1, *leaf.shape[1:])) for leaf, batch in both]


def _own_seed(slot: Slot) -> int:
    """Seed of what a module that trains alone draws by itself in the coming epoch."""
    entropy = [slot.segment.run.draw.seed, slot.epoch]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])
