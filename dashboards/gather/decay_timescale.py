"""Decay's strengths as timescales: for how long the weights remember, in epochs and in runs.

``sweep.regularizers.timescale`` has the formula and its source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards.gather.frames import Frames
from dashboards.gather.numbers import digits
from dashboards.gather.sides import zone_end
from dashboards.gather.tables import path_trials
from sweep.records.facts import StudyFacts
from sweep.records.parameters import MAX_EPOCHS
from sweep.regularizers.catalogue import follows_lr, has_timescale
from sweep.regularizers.timescale import RunRates
from sweep.training.schedules import SCHEDULE_NUMBERS, WINDOW, Schedule, sum_of_factors


@dataclass(frozen=True)
class Tau:
    """For how long the weights remember."""

    share: float
    """Of the run."""
    epochs: float

    @property
    def known(self) -> bool:
        return math.isfinite(self.share)

    def __str__(self) -> str:
        return f"{digits(self.share, 2)} of the run, {digits(self.epochs, 2)} epochs"


UNKNOWN = Tau(math.nan, math.nan)


def decay_rates(trials: pd.DataFrame, facts: StudyFacts, penalty: str) -> RunRates | None:
    """The learning rates of the runs of a penalty's path; None where they are not known."""
    if facts.source or facts.loop:  # which may have any schedule
        return None
    if None in (facts.epochs, facts.steps_per_epoch, facts.n_train):
        return None
    assert facts.epochs is not None
    path = path_trials(trials, penalty)
    own = {str(name): float(path[name].max()) for name in _of_runs(path)}
    lr, epochs = float(path["lr"].mean()), own.get(MAX_EPOCHS, float(facts.epochs))
    factors = _factors(facts, own, int(epochs) * _steps_per_epoch(facts, own))
    if factors is None or not (math.isfinite(lr * factors) and lr * factors > 0):
        return None
    return RunRates(lr, factors, epochs)


def _of_runs(path: pd.DataFrame) -> list[str]:
    """The columns that say how long the runs of a path are, and by which schedule."""
    names = (MAX_EPOCHS, "batch_size", *SCHEDULE_NUMBERS, *WINDOW)
    return [name for name in names if name in path and path[name].notna().any()]


def _steps_per_epoch(facts: StudyFacts, own: Mapping[str, float]) -> int:
    assert facts.steps_per_epoch is not None
    assert facts.n_train is not None
    if "batch_size" not in own:
        return facts.steps_per_epoch
    batch = min(facts.n_train, int(own["batch_size"]))
    return facts.n_train // (batch * facts.accumulate)


def _factors(facts: StudyFacts, own: Mapping[str, float], n_steps: int) -> float | None:
    """What the schedule multiplies by, summed over a run of these steps with its ``own`` numbers;
    None for a user's schedule whose numbers are not those of the study.
    """
    assert facts.epochs is not None
    assert facts.steps_per_epoch is not None
    usual = facts.epochs * facts.steps_per_epoch
    whole = usual if facts.factors is None else facts.factors
    numbers = {name: own.get(name, value) for name, value in facts.schedule_numbers.items()}
    if numbers == facts.schedule_numbers and n_steps == usual:
        return whole
    if not facts.schedule:
        return whole * n_steps / usual if numbers == facts.schedule_numbers else None
    start, stop = (numbers.pop(name, default) for name, default in zip(WINDOW, (0, 1), strict=True))
    shape: dict[str, Any] = {**numbers, "milestones": facts.milestones}
    schedule = Schedule(facts.schedule, **shape)
    return sum_of_factors(schedule, n_steps, start, stop) or 1.0


def tau_of(frames: Frames, penalty: str, strength: float) -> Tau:
    """The timescale of a strength of decay; unknown for other penalties."""
    if not (has_timescale(penalty) and strength > 0):
        return UNKNOWN
    rates = decay_rates(frames.trials, frames.study, penalty)
    if rates is None:
        return UNKNOWN
    return Tau(rates.tau(penalty, strength), rates.tau_epochs(penalty, strength))


def with_tau(text: str, frames: Frames, penalty: str, strength: float) -> str:
    """``text`` about a strength, and decay's tau behind it."""
    tau = tau_of(frames, penalty, strength)
    return f"{text}, tau {tau}" if tau.known else text


def timescale_words(frames: Frames, penalty: str, boundary: Mapping[str, Any]) -> str:
    """Decay's best strength and both boundaries as timescales, in runs and in epochs."""
    best = float(boundary["best"])
    if not tau_of(frames, penalty, best).known:
        return ""
    return (
        "As a timescale, for which the weights remember their updates, tau = "
        f"{tau_formula(penalty)}, {'; '.join(_taus(frames, penalty, boundary, best))}."
    )


def tau_formula(penalty: str) -> str:
    """What tau is, in words."""
    summed = "learning rates" if follows_lr(penalty) else "schedule's factors"
    return f"1 / (strength × sum of the {summed} over the steps)"


def _taus(frames: Frames, penalty: str, boundary: Mapping[str, Any], best: float) -> list[str]:
    """The tau of both boundaries and of the best strength in words, where they are known."""
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    named = [("overfitting ends", left.value if left.found else math.nan), ("the best lies", best)]
    named.append(("underfitting starts", right.value if right.found else math.nan))
    taus = [(words, tau_of(frames, penalty, strength)) for words, strength in named]
    return [f"{words} at {tau}" for words, tau in taus if tau.known]
