"""What changes what a step sees, not the weights: transforms of rows, then the regularizers input
noise, mixup and label smoothing.

They act on the rows of a batch before the step, so every way to compute one has them: the network
gets other inputs, and the loss other targets. Each run has its own numbers, and 0 leaves its rows
as they were to the last bit. What is random follows from the run's seed and the step alone.
Sources: Bishop (1995), noise on inputs; Zhang et al. (2018), mixup; Szegedy et al. (2016), section
7, label smoothing. Legend: R runs, B rows of a batch, C classes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sweep.metrics.loss import Mixing
from sweep.networks.counter_rng import (
    INPUTS,
    TRANSFORMS,
    epoch_keys,
    hashed_normal,
    step_shares,
)
from sweep.regularizers.penalty import per_run
from sweep.runtime.device import to_device
from sweep.runtime.trees import Tree, leaves
from sweep.training._row_transforms import RowTransforms
from sweep.training.jobs import Segment, TrainingPlan

AUGMENTATIONS = ("input_noise", "label_smoothing", "mixup")


@functools.lru_cache(maxsize=512)
def mixing_shares(seed: int, epoch: int, n_steps: int, concentration: float) -> np.ndarray:
    """The share (n_steps,) of a row itself in every step's mixture, from Beta(a, a); for 0 it is 1.

    By the inverse of the distribution, so that runs of one seed that differ in ``concentration``
    mix alike.
    """
    from scipy.special import betaincinv

    if concentration == 0:
        return np.ones(n_steps)
    counters = epoch * n_steps + np.arange(n_steps)[:, None]
    even = step_shares([seed], counters)[:, 0]
    return np.asarray(betaincinv(concentration, concentration, even))


class BatchAugmentation:
    """What the runs of a population do to their batches."""

    def __init__(self, plan: TrainingPlan, width: int):
        self.plan = plan
        self.numbers = {
            name: torch.zeros(width, device=plan.device, dtype=plan.dtype)
            for name in AUGMENTATIONS
            if plan.uses(name)
        }
        """(R,) by regularizer, of those that the study uses."""
        self._mixup = [0.0] * width
        """Mixup's once more, where Python can read them without waiting for a device."""
        self.transforms = RowTransforms(plan, width)

    # ---- slots ---------------------------------------------------------------------------------

    def admit(self, i: int, segment: Segment, state: None = None) -> None:
        trial = segment.trial
        for name, tensor in self.numbers.items():
            tensor[i] = self.plan.number(name, trial)
        if "mixup" in self.numbers:
            number = self.plan.number("mixup", trial)
            self._mixup[i] = torch.tensor(number, dtype=self.plan.dtype).item()
        self.transforms.admit(i, segment)

    def move(self, source: int, target: int) -> None:
        """The run of one slot now sits in another."""
        for tensor in self.numbers.values():
            tensor[target] = tensor[source]
        self._mixup[target] = self._mixup[source]
        self.transforms.move(source, target)

    def checkpoint(self, i: int) -> None:
        """Nothing: the trial says what the numbers are."""

    # ---- steps ---------------------------------------------------------------------------------

    def draws(self, visits: Sequence[tuple[int, int]], wide: int) -> dict[str, Tensor]:
        """What is random in the steps of an epoch, for runs given as (seed, epoch): (K, R) each.

        R is ``wide``; slots beyond the given runs stay as they are.
        """
        n_steps, found = self.plan.batches_per_epoch, {}
        visits = [*visits, *[(0, 0)] * (wide - len(visits))]
        if self.plan.augment:
            found["transform_keys"] = epoch_keys(visits, n_steps, TRANSFORMS, self.plan.device)
        if "input_noise" in self.numbers:
            found["input_keys"] = epoch_keys(visits, n_steps, INPUTS, self.plan.device)
        if "mixup" in self.numbers:
            columns = [
                mixing_shares(*visit, n_steps, concentration)
                for visit, concentration in zip(visits, self._mixup[:wide], strict=True)
            ]
            shares = torch.from_numpy(np.stack(columns, axis=1)).to(self.plan.dtype)
            found["shares"] = to_device(shares, self.plan.device)
        return found

    def transform(self, x: Tree[Tensor], keys: Tensor | None) -> None:
        """Changes the inputs (R, B, ...) of a batch in place by the study's transforms of rows;
        ``keys`` (R,) are what was drawn for the step.
        """
        if keys is not None:
            assert isinstance(x, Tensor), "refused before training"
            self.transforms.change(x, keys)

    def change(
        self,
        x: Tree[Tensor],
        y: Tensor,
        weight: Tensor | None,
        share: Tensor | None,
        keys: Tensor | None,
    ) -> tuple[Tensor, Tensor | None]:
        """Changes the inputs (R, B, ...) of a batch in place, those that are no whole numbers;
        ``weight`` (R, B) are the weights of its rows, ``share`` and ``keys`` (R,) what was drawn
        for the step.

        Returns:
            The targets to train on, and what the loss of each run (R,) has beside the loss for
            these, if anything.
        """
        smoothing = self.numbers.get("label_smoothing")
        if smoothing is not None:
            smoothing = smoothing[: len(y)]
        more, loss = None, self.plan.loss
        if smoothing is not None or share is not None:
            y = self.as_numbers(y)
        if share is not None:
            if loss.mixing is Mixing.QUADRATIC:
                more = share * (1 - share) * loss.mean(y, _partners(y), weight)
            y = _mixed(y, share)
            for leaf in floating(x):
                leaf.copy_(_mixed(leaf, share))
        if smoothing is not None:
            y = y * per_run(1 - smoothing, y) + per_run(smoothing / self.plan.n_outputs, y)
        if keys is not None:
            _add_noise(floating(x), keys, self.numbers["input_noise"][: len(y)])
        return y, more

    def as_numbers(self, y: Tensor) -> Tensor:
        """Targets (R, B, ...) that can be mixed: shares of classes, 0 or 1 of two, or numbers."""
        if y.is_floating_point():
            return y
        if self.plan.n_outputs == 1:
            return y.unsqueeze(2).to(self.plan.dtype)
        return _one_hot(y, self.plan.n_outputs, self.plan.dtype)


def floating(x: Tree[Tensor]) -> list[Tensor]:
    """The leaves that are no whole numbers, which name things, and no truth values."""
    return [leaf for leaf in leaves(x) if leaf.is_floating_point()]


def _add_noise(inputs: Sequence[Tensor], keys: Tensor, deviation: Tensor) -> None:
    """Adds normal numbers to inputs (R, B, ...) in place, others to every number of a row."""
    sizes = [leaf[0].numel() for leaf in inputs]
    drawn = hashed_normal(keys, (len(keys), sum(sizes)), inputs[0].dtype)
    for leaf, noise in zip(inputs, torch.split(drawn, sizes, dim=1), strict=True):
        leaf.add_(noise.mul_(per_run(deviation, noise)).reshape(leaf.shape))


def _one_hot(classes: Tensor, n_classes: int, dtype: torch.dtype) -> Tensor:
    """(R, B, C) for ``classes`` (R, B)."""
    shares = torch.zeros((*classes.shape, n_classes), device=classes.device, dtype=dtype)
    return shares.scatter_(2, classes.unsqueeze(2), 1)


def _partners(rows: Tensor) -> Tensor:
    """For every row (R, B, ...) the one before it: the order of a batch is random already."""
    return rows.roll(1, dims=1)


def _mixed(rows: Tensor, share: Tensor) -> Tensor:
    """``share`` (R,) of every row and the rest of its partner."""
    return rows * per_run(share, rows) + _partners(rows) * per_run(1 - share, rows)
