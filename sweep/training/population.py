"""Trains many runs at once: a population of slots, each refilled in place as its run ends.

One tick is one epoch for every occupied slot: a batched forward and backward, the penalties, one
stacked optimizer. A run's numbers depend on the study and its own parameters and seed alone: its
initial weights, batch order and noise come from its seed, and the slices of a batched operation do
not touch each other. So runs may come and go, and a run may stop at a rung and go on later.
The occupied slots are always the leading ones; when nobody waits, the population just gets
narrower.

Legend: R occupied slots, B rows of a batch, P parameters of a run, N rows of a split.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from sweep.data.splits import Split
from sweep.errors import ModelError
from sweep.metrics.losses import Scores
from sweep.networks.counter_rng import EVALUATION, Keys, Noise, step_keys
from sweep.networks.forward import check_default_type
from sweep.networks.layers import heads_of, layer_name, penalized_parameters
from sweep.networks.stacked import StackedModule
from sweep.records.parameters import Shape
from sweep.records.trial import Curve, LayerReading, Run, RunResult, State
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import Penalty
from sweep.runtime.device import flushed_to_zero, is_out_of_memory, plain_attention, to_device
from sweep.runtime.random_state import isolated, seed_globals
from sweep.runtime.user_code import guarded
from sweep.training._batches import BatchSource
from sweep.training._early_stopping import EarlyStopping
from sweep.training._graphs import EpochGraphs, Inputs
from sweep.training._optim import OPTIMIZERS, all_finite
from sweep.training._penalty_state import StackedPenalties, update
from sweep.training._slots import Slot
from sweep.training.augmentation import BatchAugmentation
from sweep.training.jobs import Checkpoint, Segment, SegmentResult, TrainingPlan

if TYPE_CHECKING:
    from sweep.training._fused import FusedUpdate  # needs Triton, which few machines have

logger = logging.getLogger("sweep")

CURVE_READINGS = 5
"""How often in a run the training split is scored in eval mode (the validation split: always)."""
NOT_FINITE = "the loss, a weight or a moment is not finite after epoch"
EVALUATION_ROWS, WRITTEN_OUT_ROWS = 128, 1024
"""Rows of every run in one evaluation batch: few enough to stay in a processor's cache, and to be
counted in 32 bits by the kernels of a GPU, which takes more of networks that are written out."""


def _users_model() -> guarded:
    """What the person's module does wrong while it trains is one line, and never an exit code."""
    return guarded("model.name", "the network, in training,", ModelError)


class Population:
    """Slots that train segments; ``train`` yields each as it ends and takes more in between."""

    def __init__(
        self,
        plan: TrainingPlan,
        width: int,
        build: Callable[[int], nn.Module],
        split_of: Callable[[Run, bool], tuple[object, Split]],
        stack: Callable[[nn.Module, torch.device], StackedModule] = StackedModule,
        penalties: Mapping[str, Penalty] = PENALTIES,
    ):
        """``build`` makes the model of a seed; ``split_of`` the split of a run and its key;
        ``stack`` what computes many of them at once; ``penalties`` are those that trials name.
        """
        self.plan, self.width = plan, width
        self.split_of = split_of
        self._build = build
        template = build(0)
        self.stack = stack(template, plan.device)
        names = penalized_parameters(template, plan.scope)
        self.layers = {layer_name(name): name for name in names}
        self.theta = torch.zeros(width, self.stack.row_length).to(plan.device, plan.dtype)
        self.grad = torch.zeros_like(self.theta)
        self.constants = {
            name: tensor.to(plan.device).repeat(width, *[1] * tensor.ndim)
            for name, tensor in self.stack.constants_of(template).items()
        }
        optimizer = OPTIMIZERS[plan.optimizer]
        self.optimizer = optimizer(width, self.stack.row_length, plan.device, plan.dtype)
        self.stacked_penalties = StackedPenalties(
            penalties, self.stack, self.theta, self.layers, heads_of(template)
        )
        self.augmentation = BatchAugmentation(plan, width)
        self.fused = self._fused_update()
        self.graphs = EpochGraphs() if self._suits_graphs() else None
        self.early_stopping = EarlyStopping(plan, self.theta, self.constants)
        self.rates: Tensor | None = None
        """Rates (R, D) of the network's dropouts, where they are swept."""
        if plan.dropout is not None:
            self.rates = self.theta.new_zeros(width, len(plan.dropouts))
        self.slots: list[Slot] = []
        self.batch_source = BatchSource(plan.device)
        self.shape: Shape = ()
        """The shape of the runs that it can train."""
        self.trained_epochs = 0
        """Epochs trained so far, summed over runs."""

    def _fused_update(self) -> FusedUpdate | None:
        """The update as one kernel: on a GPU for which there is Triton to compile it."""
        if self.plan.device.type != "cuda":
            return None
        try:
            from sweep.training._fused import FusedUpdate
        except ModuleNotFoundError as error:
            logger.warning("updating weights by one operation after the other: %s", error)
            return None
        return FusedUpdate(self.optimizer, self.stacked_penalties)

    def _suits_graphs(self) -> bool:
        """Whether an epoch is recorded: on a GPU, where all runs go through one step together."""
        batched = self.stack.batched and not self.stack.fixed_width
        return self.plan.device.type == "cuda" and batched and self.stack.noise is not Noise.OWN

    # ---- the loop ------------------------------------------------------------------------------

    def train(self, waiting: deque[Segment]) -> Iterator[list[SegmentResult]]:
        """Trains until nobody waits; yields after every epoch what ended in it (often nothing).

        The caller may append to ``waiting`` between two yields.
        """
        while waiting or self.slots:
            while waiting and self.n_free:
                self.admit(waiting.popleft())
            yield self.train_epoch()

    @property
    def n_free(self) -> int:
        return self.width - len(self.slots)

    def train_epoch(self) -> list[SegmentResult]:
        """One epoch of every occupied slot, in whatever thread it is called; what ended in it."""
        with self._settings():
            return self._epoch()

    def release(self, n: int) -> list[Segment]:
        """Takes ``n`` runs out, as checkpoints, for another population to go on with."""
        given = []
        for _ in range(n):
            last = len(self.slots) - 1
            given.append(replace(self.slots[last].segment, checkpoint=self._park(last)))
            self._free(last)
        return given

    def give_up(self) -> list[Segment]:
        """Takes all runs out, as they were when they were admitted."""
        given = [slot.segment for slot in self.slots]
        self.slots.clear()
        return given

    def seconds_per_epoch(self, segments: Sequence[Segment]) -> float:
        """The quicker of two epochs of these runs after one to warm up; the runs are given up.

        Infinite where they do not fit into the memory.
        """
        for segment in segments[: self.width]:
            self.admit(segment)
        seconds = []
        try:
            with self._settings():
                for _ in range(3):
                    start = time.perf_counter()
                    self._train_epoch(len(self.slots)).cpu()
                    seconds.append(time.perf_counter() - start)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            logger.warning("out of memory with %d runs together: not timed", len(self.slots))
            return math.inf
        finally:
            self.slots.clear()
        return min(seconds[1:])

    @contextmanager
    def _settings(self) -> Iterator[None]:
        """What holds while runs are trained. Torch's generator is one for all threads, so it is
        touched for models that draw from it only, and those train in one thread."""
        with contextlib.ExitStack() as held:
            if self.stack.noise is Noise.OWN:
                held.enter_context(torch.random.fork_rng(devices=[]))
                held.enter_context(isolated(0))
            held.enter_context(flushed_to_zero())
            held.enter_context(plain_attention())
            yield
            check_default_type("training, by the network, a metric or a penalty")

    def _epoch(self) -> list[SegmentResult]:
        start = time.perf_counter()
        n = len(self.slots)
        losses = self._train_epoch(n)
        penalties = self.stacked_penalties.values(n)
        whole = all_finite(self.theta[:n]) & self.optimizer.all_finite(n)
        for slot in self.slots:
            slot.epoch += 1
        validation = self._scored(list(range(n)), "validation")
        means = validation.means()
        # the one time in an epoch that the device is waited for
        read = torch.cat([torch.stack([losses, penalties, whole]).to(means), means]).cpu().numpy()
        validation.close(read[3:])
        seconds = (time.perf_counter() - start) / n
        finite = np.isfinite(read[0]) & np.isfinite(validation.loss) & (read[2] > 0)
        batch_losses, penalty_losses = read[:2].tolist()
        for i, slot in enumerate(self.slots):
            slot.seconds += seconds
            slot.note("batch_loss", batch_losses[i])
            slot.note("penalty_loss", penalty_losses[i])
        self._note("val", range(n), validation)
        self.trained_epochs += n
        self._score_training(self._due(finite))
        stopped = self.early_stopping.note([slot.epoch for slot in self.slots], validation.loss)
        over = [s.epoch >= s.segment.stop or bool(s.fault) for s in self.slots]
        ended = [i for i in range(n) if over[i] or i in stopped or not finite[i]]
        self._restore([i for i in ended if finite[i]], stopped)
        outcomes = self._outcomes(ended, finite, stopped)
        for i in reversed(ended):
            self._free(i)
        return outcomes

    def _train_epoch(self, n: int) -> Tensor:
        """One epoch of every occupied slot; mean loss of its batches (R,), without penalty."""
        plan, stack = self.plan, self.stack
        wide = self._wide(n)
        visits = [(slot.source, slot.segment.run.draw.seed, slot.epoch) for slot in self.slots]
        inputs = {
            "rows": self.batch_source.order(visits, wide, plan.steps_per_epoch, plan.batch_size)
        }
        inputs |= self._step_keys(wide)
        inputs |= self.augmentation.draws([visit[1:] for visit in visits], wide)
        stack.train(True)
        if stack.noise is Noise.OWN:
            torch.manual_seed(self._noise_seed())
            seed_globals(self._noise_seed())
        if self.graphs is None:
            total = self._steps(wide, n, inputs)
        else:
            kind = (wide, self.stacked_penalties.in_use(wide))
            total = self.graphs.train(kind, partial(self._steps, wide, wide), inputs)
        return total[:n] / plan.steps_per_epoch

    def _wide(self, n: int) -> int:
        """How many slots are computed for ``n`` occupied ones."""
        if self.stack.fixed_width:
            return self.width
        if self.graphs is None:
            return n
        return min(self.width, 1 << (n - 1).bit_length())  # few widths, so that graphs are few

    def _steps(self, wide: int, n: int, inputs: Inputs) -> Tensor:
        """Trains the first ``n`` of ``wide`` slots on one batch after the other; the sums of their
        losses (n,).
        """
        plan = self.plan
        x, y, _, _ = self.batch_source.parts["train"]
        theta, grad = self.theta[:n], self.grad[:n]
        total = torch.zeros(n, device=plan.device, dtype=plan.dtype)
        constants = {name: tensor[:wide] for name, tensor in self.constants.items()}
        acting = self.stacked_penalties.acting(n, self.grad)
        optimize: Callable[[Tensor, Tensor], None] = self.optimizer.update
        if self.fused is not None:
            optimize, acting = self.fused.prepare(acting)
        xb = x.new_empty(wide, plan.batch_size, *x.shape[1:])
        yb = y.new_empty(wide, plan.batch_size, *y.shape[1:])
        step = self.stack.step(self.theta[:wide], self.grad[:wide], constants, plan.task)
        rates = None if self.rates is None else self.rates[:wide]
        for k, rows in enumerate(inputs["rows"].unbind()):
            own = {name: tensor[k] for name, tensor in inputs.items()}
            torch.index_select(x, 0, rows, out=xb.view(-1, *x.shape[1:]))
            torch.index_select(y, 0, rows, out=yb.view(-1, *y.shape[1:]))
            shares, keys = own.get("shares"), own.get("keys")
            targets, more = self.augmentation.change(xb, yb, shares, own.get("input_keys"))
            with _users_model():
                losses = step(xb, targets, None if keys is None else Keys(keys, rates))
            total += losses[:n]
            if more is not None:
                total += more[:n]
            update(optimize, self.optimizer, theta, grad, acting)
        return total

    def _step_keys(self, wide: int) -> dict[str, Tensor]:
        """What the noise of every step (K, R) of the coming epoch is made from."""
        n_steps = self.plan.steps_per_epoch
        if self.stack.noise is not Noise.HASHED:
            return {}
        epochs = np.zeros(wide, dtype=np.int64)
        epochs[: len(self.slots)] = [slot.epoch for slot in self.slots]
        seeds = [slot.segment.run.draw.seed for slot in self.slots]
        seeds += [0] * (wide - len(seeds))
        counters = epochs * n_steps + np.arange(n_steps)[:, None]
        return {"keys": to_device(torch.from_numpy(step_keys(seeds, counters)), self.plan.device)}

    def _noise_seed(self) -> int:
        """Seed of what a module that trains alone draws by itself in the coming epoch."""
        slot = self.slots[0]
        entropy = [slot.segment.run.draw.seed, slot.epoch]
        return int(np.random.SeedSequence(entropy).generate_state(1)[0])

    # ---- slots ---------------------------------------------------------------------------------

    def admit(self, segment: Segment) -> None:
        """Puts a run into the next free slot: its weights, buffers, moments and numbers."""
        i, plan, trial = len(self.slots), self.plan, segment.trial
        key, split = self.split_of(segment.run, segment.with_test)
        if key not in self.batch_source.keys:
            moved = self.batch_source.add(key, split, (slot.source for slot in self.slots))
            for slot in self.slots:
                slot.source = moved[slot.source]
            if self.graphs is not None:
                self.graphs.forget()
        slot = Slot(segment, 0, self.batch_source.keys.index(key))
        self.slots.append(slot)
        checkpoint = segment.checkpoint
        if checkpoint is None:
            model = self._build(segment.run.draw.seed)
            self.theta[i] = self.stack.row_of(model).to(plan.device)
            self._write_constants(i, self.stack.constants_of(model))
            self.optimizer.reset(i)
        else:
            self.theta[i] = checkpoint.theta
            self._write_constants(i, checkpoint.constants)
            self.optimizer.write_state(i, checkpoint.optimizer)
            slot.epoch, slot.seconds = checkpoint.epoch, checkpoint.seconds
            slot.curves = {metric: list(points) for metric, points in checkpoint.curves.items()}
        for name in self.optimizer.hyperparameters():
            value = trial.params.get(name, getattr(plan, name))
            self.optimizer.set_number(name, i, float(value))
        self.stacked_penalties.admit(i, trial, checkpoint.memories if checkpoint else None)
        self.augmentation.admit(i, trial)
        self.early_stopping.admit(i, trial, checkpoint.best_checkpoint if checkpoint else None)
        if self.rates is not None:
            self.rates[i] = self.rates.new_tensor(plan.dropout_rates(trial))

    def _write_constants(self, i: int, values: Mapping[str, Tensor]) -> None:
        for name, tensor in self.constants.items():
            tensor[i] = values[name].to(tensor.device)

    def _free(self, i: int) -> None:
        """Gives slot ``i`` back; the last occupied slot moves into its place."""
        last = len(self.slots) - 1
        if i != last:
            self.theta[i] = self.theta[last]
            for tensor in self.constants.values():
                tensor[i] = tensor[last]
            for part in (self.stacked_penalties, self.augmentation, self.early_stopping):
                part.move(last, i)
            if self.rates is not None:
                self.rates[i] = self.rates[last]
            self.optimizer.move(last, i)
            self.slots[i] = self.slots[last]
        self.slots.pop()

    # ---- readings ------------------------------------------------------------------------------

    def _score(self, chosen: list[int], part: str) -> Scores:
        """Scores of the chosen slots on one part of their splits, in eval mode."""
        return self._scored(chosen, part).close()

    def _scored(self, chosen: list[int], part: str) -> Scores:
        """The same, not yet read from the device."""
        whole = chosen == list(range(len(chosen)))
        pick = slice(0, len(chosen)) if whole else to_device(torch.tensor(chosen), self.plan.device)
        constants = {name: tensor[pick] for name, tensor in self.constants.items()}
        scores = Scores(self.plan.task, len(chosen), self.plan.device, self.plan.own)
        sources = [self.slots[i].source for i in chosen]
        on_gpu = self.plan.device.type == "cuda" and self.stack.written_out
        n_rows = WRITTEN_OUT_ROWS if on_gpu else EVALUATION_ROWS
        self.stack.train(False)
        with torch.no_grad():
            theta = self.theta[pick]
            for a, x, y, there in self.batch_source.batches(part, sources, n_rows):
                keys = self._evaluation_keys(chosen, a)
                with _users_model():
                    output = self.stack.outputs(theta, constants, x, keys)
                scores.add(output, y, there)
        return scores

    def _evaluation_keys(self, chosen: list[int], row: int) -> Keys | None:
        """For networks that draw random numbers even when they are only evaluated."""
        if self.stack.noise is not Noise.HASHED:
            return None
        slots = [self.slots[i] for i in chosen]
        seeds = [slot.segment.run.draw.seed for slot in slots]
        counters = EVALUATION + np.array([(slot.epoch << 16) + row for slot in slots])
        return Keys(to_device(torch.from_numpy(step_keys(seeds, counters)), self.plan.device))

    def _due(self, finite: np.ndarray) -> list[int]:
        """The slots whose training split is to be scored after this epoch."""
        every = max(1, math.ceil(self.plan.epochs / CURVE_READINGS))
        return [
            i
            for i, slot in enumerate(self.slots)
            if finite[i] and (slot.epoch % every == 0 or slot.epoch >= slot.segment.stop)
        ]

    def _score_training(self, due: list[int]) -> None:
        """Scores the training split of these slots."""
        if not due:
            return
        self._note("train", due, self._score(due, "train"))

    def _note(self, part: str, chosen: Sequence[int], scores: Scores) -> None:
        """Notes every metric of the chosen slots on one part of their splits."""
        for name, values in scores.values.items():
            metric = f"{part}_{name}"
            for i, value in zip(chosen, values.tolist(), strict=True):
                self.slots[i].note(metric, value)
        for place, fault in scores.faults.items():
            slot = self.slots[chosen[place]]
            slot.fault = slot.fault or fault

    def _restore(self, ended: list[int], stopped: frozenset[int]) -> None:
        """Gives runs with patience that are at their end their best epoch back."""
        for i in ended:
            slot = self.slots[i]
            if i in stopped or slot.epoch >= self.plan.epochs:
                slot.restored = self.early_stopping.restore(i)
        unread = [
            i
            for i in ended
            if (shown := self.slots[i].restored)
            and all(epoch != shown for epoch, _ in self.slots[i].curves.get("train_loss", ()))
        ]
        self._score_training(unread)

    def _outcomes(
        self, ended: list[int], finite: np.ndarray, stopped: frozenset[int]
    ) -> list[SegmentResult]:
        testing = [i for i in ended if finite[i] and self.slots[i].segment.with_test]
        if testing:
            self._note("test", testing, self._score(testing, "test"))
        return [self._outcome(i, bool(finite[i]), i in stopped) for i in ended]

    def _outcome(self, i: int, finite: bool, stopped: bool) -> SegmentResult:
        slot = self.slots[i]
        split = self.batch_source.splits[slot.source]
        state = State.RUNNING
        if slot.fault:
            state = State.FAILED
        elif not finite:
            state = State.DIVERGED
        elif slot.epoch >= self.plan.epochs or stopped:
            state = State.COMPLETE
        readings = self._read_layers(i)
        curves_at = {metric: dict(points) for metric, points in slot.curves.items()}
        metrics = {m: points[slot.shown] for m, points in curves_at.items() if slot.shown in points}
        metrics |= {f"null_{name}": value for name, value in split.null.items()}
        best_epoch, best = min(slot.curves["val_loss"], key=lambda point: (point[1], point[0]))
        metrics |= {"best_val_loss": best, "best_epoch": best_epoch}
        metrics["weight_norm"] = math.sqrt(sum(reading.norm**2 for reading in readings))
        metrics["zeros"] = sum(reading.zeros for reading in readings)
        metrics["n_weights"] = sum(reading.weights for reading in readings)
        curves = tuple(
            Curve(metric, tuple(e for e, _ in points), tuple(v for _, v in points))
            for metric, points in slot.curves.items()
        )
        if self.plan.own is not None:  # its place tells which epoch the run ended with
            name = self.plan.own.name
            value = split.null.get(name, math.nan)
            curves += (Curve(f"null_{name}", (slot.shown,), (value,)),)
        note = slot.fault or ("" if finite else f"{NOT_FINITE} {slot.epoch}")
        run = slot.segment.run
        result = RunResult(run, state, slot.epoch, metrics, curves, readings, slot.seconds, note)
        checkpoint = self._park(i) if state is State.RUNNING else None
        weights = self.state_dict(i) if slot.segment.keep_weights else None
        return SegmentResult(slot.segment, result, checkpoint, weights)

    def _park(self, i: int) -> Checkpoint:
        slot = self.slots[i]
        return Checkpoint(
            slot.epoch,
            self.theta[i].clone(),
            {name: tensor[i].clone() for name, tensor in self.constants.items()},
            self.optimizer.read_state(i),
            {metric: tuple(points) for metric, points in slot.curves.items()},
            slot.seconds,
            self.stacked_penalties.memories(i),
            self.early_stopping.best_checkpoint(i),
        )

    def _read_layers(self, i: int) -> tuple[LayerReading, ...]:
        strengths = self.slots[i].segment.trial.strengths
        readings = []
        for layer, name in self.layers.items():
            weight = self.theta[i, self.stack.slices[name]]
            norm, zeros = float(weight.norm()), int((weight == 0).sum())
            strength = float(strengths.get(layer, 0.0))
            readings.append(LayerReading(layer, strength, norm, zeros, weight.numel()))
        return tuple(readings)

    def state_dict(self, i: int) -> dict[str, Tensor]:
        """Slot ``i`` as a state_dict of the user's own module."""
        found = {
            name: self.theta[i, where].view(self.stack.shapes[name]).clone().cpu()
            for name, where in self.stack.slices.items()
        }
        found |= {name: tensor[i].clone().cpu() for name, tensor in self.constants.items()}
        return {key: found[own] for key, own in self.stack.keys.items()}
