"""What is read of a population's runs: after every epoch, and at the end of a segment.

Legend: R occupied slots.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from sweep.metrics.columns import Part, column_of
from sweep.metrics.metric import Metric
from sweep.metrics.scores import Scores
from sweep.records.row_losses import pack_losses
from sweep.records.trial import Curve, LayerReading, RunResult, State
from sweep.training._batches import BatchSource
from sweep.training._evaluation import Evaluation
from sweep.training._optimizer import all_finite
from sweep.training._parts import PopulationParts
from sweep.training._slots import Slot
from sweep.training.jobs import TrainingPlan

CURVE_READINGS = 5
"""How often in a run the training split is scored in eval mode (the validation split: always)."""
SAME_LOSS = 1e-4
"""How far, as a share of a run's loss, the mean of its rows' losses may be from it."""
NOT_FINITE = "the loss, a weight or a moment is not finite after epoch"


class Readings:
    """Notes losses and metrics on the slots, and makes their results."""

    def __init__(
        self,
        plan: TrainingPlan,
        parts: PopulationParts,
        batch_source: BatchSource,
        evaluation: Evaluation,
        slots: list[Slot],
    ):
        """``slots`` is the population's own list of occupied slots."""
        self.plan, self.parts, self.slots = plan, parts, slots
        self.batch_source, self.evaluation = batch_source, evaluation

    # ---- after an epoch ------------------------------------------------------------------------

    def read_epoch(self, losses: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Whether each run is finite (R,), and its validation loss (R,), after an epoch.

        ``losses`` (R,) are those of the epoch's batches.
        """
        n, parts = len(self.slots), self.parts
        penalties = parts.penalties.values(n)
        whole = all_finite(parts.weights.theta[:n]) & parts.optimizer.all_finite(n)
        validation = self.evaluation.scores(self.slots, range(n), "validation")
        means = validation.means()
        # the one time in an epoch that the device is waited for
        read = torch.cat([torch.stack([losses, penalties, whole]).to(means), means]).cpu().numpy()
        validation.close(read[3:])
        batch_losses, penalty_losses = read[:2].tolist()
        for i, slot in enumerate(self.slots):
            slot.note("batch_loss", batch_losses[i])
            slot.note("penalty_loss", penalty_losses[i])
        self.note("val", range(n), validation)
        finite = np.isfinite(read[0]) & np.isfinite(validation.loss) & (read[2] > 0)
        return finite, validation.loss

    def due(self, finite: np.ndarray) -> list[int]:
        """The slots whose training split is to be scored after this epoch."""
        return [i for i, slot in enumerate(self.slots) if finite[i] and self._is_due(slot)]

    def _is_due(self, slot: Slot) -> bool:
        every = math.ceil(self.plan.epochs_of(slot.segment.trial) / CURVE_READINGS)
        return slot.epoch % every == 0 or slot.epoch >= slot.segment.stop

    def score(self, chosen: Sequence[int], part: str) -> None:
        """Scores one part of the chosen slots' splits, and notes it."""
        if chosen:
            self.note(part, chosen, self.evaluation.scores(self.slots, chosen, part).close())

    def note(self, part: str, chosen: Sequence[int], scores: Scores) -> None:
        """Notes every metric of the chosen slots on one part of their splits."""
        for name, values in scores.values.items():
            metric = f"{part}_{name}"
            for i, value in zip(chosen, values.tolist(), strict=True):
                self.slots[i].note(metric, value)
        for place, fault in scores.faults.items():
            slot = self.slots[chosen[place]]
            slot.fault = slot.fault or fault

    # ---- at the end of a segment ---------------------------------------------------------------

    def keep_rows(self, chosen: Sequence[int]) -> None:
        """Keeps on the chosen slots what each of their validation rows loses.

        It is not kept where its mean is not that of the run: of networks that draw random numbers
        when they are evaluated.
        """
        if not chosen:
            return
        for i, kept in zip(chosen, self.evaluation.row_losses(self.slots, chosen), strict=True):
            slot = self.slots[i]
            if all(_has_the_mean(slot, metric, losses) for metric, losses in kept.items()):
                slot.row_losses = {m.validation: pack_losses(own) for m, own in kept.items()}

    def result(self, i: int, finite: bool, stopped: bool, cause: str) -> RunResult:
        """The record of slot ``i`` whose segment has ended; ``stopped`` early or not, and why it
        diverged, where that is known.
        """
        slot = self.slots[i]
        null = self.batch_source.splits[slot.source].null
        layers = self._read_layers(i)
        metrics = _metrics(slot, null, layers)
        diverged = f"{NOT_FINITE} {slot.epoch}{f': {cause}' if cause else ''}"
        note = slot.fault or ("" if finite else diverged)
        return RunResult(
            slot.segment.run,
            self._state(slot, finite, stopped),
            slot.epoch,
            metrics,
            self._curves(slot, null),
            layers,
            slot.seconds,
            note,
            self._named(metrics),
            slot.row_losses,
        )

    def _named(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """Those of a run's metrics that are of the metrics that the study names."""
        columns = [c for name in self._names for c in Metric(name).columns]
        return {name: metrics[name] for name in columns if name in metrics}

    @property
    def _names(self) -> list[str]:
        return [name for judge in self.plan.judges for name in judge.names]

    def _state(self, slot: Slot, finite: bool, stopped: bool) -> State:
        if slot.fault:
            return State.FAILED
        if not finite:
            return State.DIVERGED
        if slot.epoch >= self.plan.epochs_of(slot.segment.trial) or stopped:
            return State.COMPLETE
        return State.RUNNING

    def _curves(self, slot: Slot, null: Mapping[str, float]) -> tuple[Curve, ...]:
        curves = tuple(
            Curve(metric, tuple(e for e, _ in points), tuple(v for _, v in points))
            for metric, points in slot.curves.items()
        )
        for name in self._names:  # a point at the epoch whose weights the run has
            value = null.get(name, math.nan)
            curves += (Curve(column_of(Part.NULL, name), (slot.shown,), (value,)),)
        return curves

    def _read_layers(self, i: int) -> tuple[LayerReading, ...]:
        strengths = self.slots[i].segment.trial.strengths
        weights = self.parts.weights
        readings = []
        for layer, name in self.parts.layers.items():
            weight = weights.shown[i, weights.stack.slices[name]]
            norm, zeros = float(weight.norm()), int((weight == 0).sum())
            strength = float(strengths.get(layer, 0.0))
            readings.append(LayerReading(layer, strength, norm, zeros, weight.numel()))
        return tuple(readings)


def _has_the_mean(slot: Slot, metric: Metric, losses: np.ndarray) -> bool:
    """Whether the mean of the rows' losses is what the run was read to lose by the metric."""
    value = dict(slot.curves[metric.validation])[slot.shown]
    mean = float(metric.as_loss(losses.mean(dtype=np.float64)))
    return math.isclose(mean, value, rel_tol=SAME_LOSS)


def _metrics(
    slot: Slot, null: Mapping[str, float], layers: Sequence[LayerReading]
) -> dict[str, float]:
    """The metrics of the epoch whose weights the slot has, and what sums up the run."""
    curves_at = {metric: dict(points) for metric, points in slot.curves.items()}
    metrics = {m: points[slot.shown] for m, points in curves_at.items() if slot.shown in points}
    metrics |= {column_of(Part.NULL, name): value for name, value in null.items()}
    best_epoch, best = min(slot.curves["val_loss"], key=lambda point: (point[1], point[0]))
    metrics |= {"best_val_loss": best, "best_epoch": best_epoch}
    metrics["weight_norm"] = math.hypot(*(reading.norm for reading in layers))
    metrics["zeros"] = sum(reading.zeros for reading in layers)
    metrics["n_weights"] = sum(reading.weights for reading in layers)
    return metrics
