"""Decay as a timescale: for how long the weights remember their updates, in epochs and in runs.

tau = 1/(lr * strength * steps) is a share of the run (Wang & Aitchison 2025, "How to set AdamW's
weight decay as you scale model and dataset size").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboards.gather.numbers import digits
from dashboards.gather.sides import side_of
from dashboards.gather.tables import Frames, Study, path_trials


def decay_rate(trials: pd.DataFrame, study: Study) -> float:
    """lr * steps per epoch on decay's path: by the strength, its inverse is the timescale in
    epochs; nan where it is not known.
    """
    path, steps = path_trials(trials, "decay"), float(study.get("steps_per_epoch") or math.nan)
    if "batch_size" in path and path["batch_size"].notna().any() and study.get("n_train"):
        n_rows = int(study["n_train"])
        steps = n_rows // min(n_rows, int(path["batch_size"].max()))
    rate = float(path["lr"].mean()) * steps
    return rate if math.isfinite(rate) and rate > 0 else math.nan


def tau_of(frames: Frames, penalty: str, strength: float) -> float:
    """The timescale of a strength of decay as a share of the run; nan for other penalties."""
    epochs = float(frames.study.get("epochs") or math.nan)
    if penalty != "decay" or not strength > 0:
        return math.nan
    return 1 / (decay_rate(frames.trials, frames.study) * strength * epochs)


def with_tau(text: str, frames: Frames, penalty: str, strength: float) -> str:
    """``text`` about a strength, and decay's tau behind it."""
    tau = tau_of(frames, penalty, strength)
    return f"{text}, tau {digits(tau, 2)}" if math.isfinite(tau) else text


def timescale_words(frames: Frames, penalty: str, boundary: Mapping[str, Any]) -> str:
    """Decay's best strength in epochs, and both boundaries as shares of the run."""
    best = float(boundary["best"])
    if penalty != "decay" or not best > 0:
        return ""
    memory = 1 / (decay_rate(frames.trials, frames.study) * best)
    if not math.isfinite(memory):
        return ""
    epochs = int(frames.study.get("epochs") or 0)
    beside = f", in a run of {epochs}" if epochs else ""
    text = (
        f"At the best strength the weights remember about {digits(memory, 2)} epochs of "
        f"updates{beside}."
    )
    left, right = side_of(boundary, "left"), side_of(boundary, "right")
    named = [("overfitting ends", left.value if left.found else math.nan), ("the best lies", best)]
    named.append(("underfitting starts", right.value if right.found else math.nan))
    taus = [(words, tau_of(frames, penalty, strength)) for words, strength in named]
    told = [f"{words} at {digits(tau, 2)}" for words, tau in taus if math.isfinite(tau)]
    if not told:
        return text
    return (
        f"{text} As a share of the run, tau = 1/(learning rate × strength × steps), "
        f"{', '.join(told)}."
    )
