"""What pruning saved, in words: who was stopped, whether it cost anything, what else is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from dashboards.gather.frames import Frames
from dashboards.gather.numbers import count, digits, interval, percent, strength_text
from dashboards.gather.pruning import Pruning
from sweep.checks.estimates import Estimate, paired_difference

PRUNERS = {
    "halving": "successive halving",
    "median": "the median rule",
    "wilcoxon": "Wilcoxon's signed-rank test",
}


def pruning_words(pruning: Pruning) -> str:
    """What was stopped and saved, whether it cost anything, and what the unpruned study found."""
    trials, stopped = len(pruning.explored), pruning.n_stopped
    how = PRUNERS.get(pruning.study.pruner, "the pruner").capitalize()
    if not stopped:
        words = f"{how} stopped none of {count(trials, 'trial')} of the search."
    else:
        saved, planned = pruning.saved()
        words = (
            f"{how} stopped {stopped:,} of {count(trials, 'trial')} of the search and saved "
            f"{percent(saved / planned)} of its epochs ({saved:,.0f} of {planned:,.0f}, "
            f"summed over runs). {_cost_words(pruning)}"
        )
    return " ".join(part for part in (words, _unpruned_words(pruning.frames)) if part)


def _cost_words(pruning: Pruning) -> str:
    known, stopped = len(pruning.control), pruning.n_stopped
    if not known:
        return (
            "Whether one of them would have become the best of its penalty is not known: "
            "search.control = true trains them to their end, also after the study has finished."
        )
    if known < stopped:
        shown = f"the {known} of {stopped} stopped trials that were trained on to their end"
    else:
        shown = "the stopped trials, all trained on to their end,"
    if not pruning.missed:
        return f"None of {shown} would have beaten the best of its penalty."
    listed = "; ".join(_missed_words(pruning, trial) for trial in pruning.missed)
    verb = "one would" if len(pruning.missed) == 1 else f"{len(pruning.missed)} would"
    return f"Of {shown} {verb} have beaten the best of its penalty: {listed}."


def _missed_words(pruning: Pruning, trial: int) -> str:
    row: Any = pruning.table.loc[trial]
    best = pruning.best(str(row["penalty"]))
    where = (
        f"{row['penalty']} at {strength_text(row['strength'])} (trial {trial}, stopped at epoch "
    )
    where += f"{row['epochs']:.0f})"
    if best is None:
        return f"{where}, where none was complete"
    trials = pruning.frames.trials
    first = pruning.frames.units_of(trials[trials["trial"] == pruning.control[trial]])
    second = pruning.frames.units_of(trials[trials["trial"] == best])
    gain = paired_difference(first, second, pruning.objective, pruning.study)
    amount = _estimate_words(gain, -pruning.sign)
    return f"{where}, by {amount} of validation {pruning.metric.name}"


def _estimate_words(estimate: Estimate, sign: float) -> str:
    """``sign`` times the estimate, with its interval where there is one."""
    ends = sorted((sign * estimate.low, sign * estimate.high))
    mean = digits(sign * estimate.mean)
    return f"{mean} {interval(*ends)}" if math.isfinite(estimate.low) else mean


def _unpruned_words(frames: Frames) -> str:
    """The winner of the same study without pruning, where the database holds one."""
    other = frames.unpruned
    if other is None:
        return ""
    mine, theirs = _winner(frames), _winner(other)
    if mine.empty or theirs.empty:
        return ""
    start = f"The same study without pruning, {other.study.name},"
    settings = [column for column in _settings(frames.trials) if column in other.trials]
    if all(_equal(mine.iloc[0][column], theirs.iloc[0][column]) for column in settings):
        return f"{start} found the same winner: {_setting_words(mine)}."
    first, second = (f.units_of(_winner(f)) for f in (frames, other))
    change = paired_difference(first, second, "test_loss")
    words = (
        f"{start} found another winner: {_setting_words(theirs)}, where this one found "
        f"{_setting_words(mine)}."
    )
    if not change.n:
        return words
    return (
        f"{words} On the test split this one's loss minus the other's is "
        f"{_estimate_words(change, 1.0)}, over the same {change.n} seeds."
    )


def _winner(frames: Frames) -> pd.DataFrame:
    """The row of a study's winner; none before the study has finished."""
    return frames.trials[frames.trials["trial"] == frames.study.winner]


def _settings(trials: pd.DataFrame) -> list[str]:
    """The columns that say what a trial is."""
    columns = list(trials.columns)
    return columns[columns.index("penalty") : columns.index("state")]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return bool(np.isclose(one, other, rtol=1e-9, atol=0, equal_nan=True))


def _setting_words(row: pd.DataFrame) -> str:
    trial = row.iloc[0]
    strength, lr = strength_text(trial["strength"]), strength_text(trial["lr"])
    return f"{trial['penalty']} at {strength} (learning rate {lr})"
