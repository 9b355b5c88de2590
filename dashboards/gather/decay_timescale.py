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
from sweep.regularizers.catalogue import has_timescale
from sweep.regularizers.timescale import timescale


@dataclass(frozen=True)
class DecayTimescale:
    """What turns a strength of decay into a timescale, and a timescale into a strength."""

    lr: float
    steps_per_epoch: float
    epochs: float
    """Of a run; nan where it is not known."""

    def in_epochs(self, strength: float) -> float:
        return timescale(self.lr, self.steps_per_epoch, strength)

    def in_runs(self, strength: float) -> float:
        """tau: a share of the run."""
        return timescale(self.lr, self.steps_per_epoch * self.epochs, strength)


def decay_timescale(trials: pd.DataFrame, facts: StudyFacts, penalty: str) -> DecayTimescale | None:
    """The timescale on a penalty's path; None where learning rate or steps are not known."""
    path, steps = path_trials(trials, penalty), float(facts.steps_per_epoch)
    if "batch_size" in path and path["batch_size"].notna().any():
        n_rows = facts.n_train
        steps = n_rows // min(n_rows, int(path["batch_size"].max()))
    lr = float(path["lr"].mean())
    if not (math.isfinite(lr * steps) and lr * steps > 0):
        return None
    return DecayTimescale(lr, steps, float(facts.epochs))


def tau_of(frames: Frames, penalty: str, strength: float) -> float:
    """The timescale of a strength of decay as a share of the run; nan for other penalties."""
    if not (has_timescale(penalty) and strength > 0):
        return math.nan
    scale = decay_timescale(frames.trials, frames.study, penalty)
    return math.nan if scale is None else scale.in_runs(strength)


def with_tau(text: str, frames: Frames, penalty: str, strength: float) -> str:
    """``text`` about a strength, and decay's tau behind it."""
    tau = tau_of(frames, penalty, strength)
    return f"{text}, tau {digits(tau, 2)}" if math.isfinite(tau) else text


def timescale_words(frames: Frames, penalty: str, boundary: Mapping[str, Any]) -> str:
    """Decay's best strength in epochs, and both boundaries as shares of the run."""
    best = float(boundary["best"])
    if not (has_timescale(penalty) and best > 0):
        return ""
    scale = decay_timescale(frames.trials, frames.study, penalty)
    if scale is None or not math.isfinite(scale.in_epochs(best)):
        return ""
    beside = f", in a run of {scale.epochs:.0f}" if math.isfinite(scale.epochs) else ""
    text = (
        f"At the best strength the weights remember about {digits(scale.in_epochs(best), 2)} "
        f"epochs of updates{beside}."
    )
    shares = _shares(frames, penalty, boundary, best)
    if not shares:
        return text
    return (
        f"{text} As a share of the run, tau = 1/(learning rate × strength × steps), "
        f"{', '.join(shares)}."
    )


def _shares(frames: Frames, penalty: str, boundary: Mapping[str, Any], best: float) -> list[str]:
    """The tau of both boundaries and of the best strength in words, where they are known."""
    left, right = zone_end(boundary, "left"), zone_end(boundary, "right")
    named = [("overfitting ends", left.value if left.found else math.nan), ("the best lies", best)]
    named.append(("underfitting starts", right.value if right.found else math.nan))
    taus = [(words, tau_of(frames, penalty, strength)) for words, strength in named]
    return [f"{words} at {digits(tau, 2)}" for words, tau in taus if math.isfinite(tau)]
