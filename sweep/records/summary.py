"""What an ended trial came to, from its runs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from sweep.records.trial import State, TrialSummary


def summarize(
    number: int,
    states: Sequence[State],
    runs: Sequence[Mapping[str, float]],
    averaged: Collection[str],
) -> TrialSummary:
    """Means over a trial's ended runs; the trial is what the worst of its runs is.

    ``runs`` are the runs' final metrics, with ``epochs`` and ``seconds`` among them; the trial has
    the mean of those that are ``averaged``.
    """
    order = (State.FAILED, State.DIVERGED, State.PRUNED, State.COMPLETE)
    state = next(state for state in order if state in states)
    values: dict[str, float] = {}
    for name in (name for name in runs[0] if name in averaged):
        seen = [float(run[name]) for run in runs if name in run]
        if len(seen) == len(runs):
            values[name] = math.fsum(seen) / len(seen)
    losses = [float(run["val_loss"]) for run in runs if "val_loss" in run]
    if len(losses) == len(runs) > 1:
        mean = math.fsum(losses) / len(losses)
        spread = math.hypot(*(loss - mean for loss in losses))  # a square could overflow
        values["val_loss_se"] = spread / math.sqrt((len(losses) - 1) * len(losses))
    if "val_loss" in values and "train_loss" in values:
        values["gap"] = values["val_loss"] - values["train_loss"]
    values["seconds"] = math.fsum(float(run["seconds"]) for run in runs)
    return TrialSummary(number, state, len(runs), values)
