"""Rules on how long was trained: what the last part of validation curves says."""

from __future__ import annotations

import math

import numpy as np

from sweep.checks._learning_curves import LATE_SHARE, BestCurve, Smoothed, best_curves, blocks_of
from sweep.checks._words import listed, measured, percent
from sweep.checks.results import CheckResult, judged, not_applicable
from sweep.checks.tables import StudyTables
from sweep.records.parameters import MAX_EPOCHS
from sweep.records.trial import State
from sweep.statistics.number_words import two_digits

NO_CURVES = "No path has validation curves of one length and a known constant predictor."
FLAT = 1 / 3
"""A run that had settled at this share of its epochs was much longer than needed."""
MOST = 0.5
"""Share of the search's trials that may overfit late."""
LARGE_STEPS = 0.5
"""Deviation from epoch to epoch over the difference that a boundary rests on."""
FEWEST_STEPS = 8


def still_improving(tables: StudyTables) -> CheckResult:
    curves = best_curves(tables)
    if not curves:
        return not_applicable(NO_CURVES)
    falls = {c.penalty: c.share(c.smooth.before - c.smooth.final) for c in curves}
    words = [
        f"{c.penalty}: the best setting was still improving in the last tenth of training "
        f"({measured(c.smooth.before[0])} to {measured(c.smooth.final[0])})."
        for c in curves
        if falls[c.penalty] > LATE_SHARE
    ]
    rest = f"The best settings of {listed(falls)} had come to rest."
    return judged(bool(words), words or rest, max(falls.values()), _longer(tables), falls)


def _longer(tables: StudyTables) -> str:
    """How to train longer."""
    if tables.study.source:
        return "Train longer: the boundaries may move to stronger penalties."
    key = "search.axes.epochs" if MAX_EPOCHS in tables.trials else "training.epochs"
    return f"Raise {key}: the boundaries may move to stronger penalties."


def flat_early(tables: StudyTables) -> CheckResult:
    curves = best_curves(tables)
    if not curves:
        return not_applicable(NO_CURVES)
    shares = {c.penalty: float(c.smooth.settled(c.least)[0]) for c in curves}
    latest = max(shares.values())
    words = f"The best settings came to their last loss after {percent(latest)} of training."
    return judged(latest < FLAT, words, latest, numbers=shares)


def best_rises_late(tables: StudyTables) -> CheckResult:
    curves = best_curves(tables)
    if not curves:
        return not_applicable(NO_CURVES)
    rises = {c.penalty: _rise(c) for c in curves}
    words = [
        f"{c.penalty}: even at its best the validation loss was lower around epoch "
        f"{c.smooth.lowest_epoch[0]} ({measured(c.smooth.lowest[0])}) than at the end "
        f"({measured(c.smooth.final[0])}): it still overfits late in training."
        for c in curves
        if rises[c.penalty] > LATE_SHARE
    ]
    rest = "No best setting loses again what it had gained."
    return judged(bool(words), words or rest, max(rises.values()), numbers=rises)


def _rise(curve: BestCurve) -> float:
    """From the lowest to the last value, as a share of the skill; 0 where the last is given back
    for the best.
    """
    falling = curve.smooth.before[0] - curve.smooth.final[0] > curve.least
    if curve.at_best or falling:
        return 0.0
    return curve.share(curve.smooth.final - curve.smooth.lowest)


def search_rises_late(tables: StudyTables) -> CheckResult:
    """How many of the search's trials had been better before they ended."""
    trials = tables.searched
    skill = _loss_skill(tables)
    if not skill > 0:
        return not_applicable("No trial of the search has a validation curve and a known skill.")
    kept = _ending_at_best(tables)
    n, rising = 0, 0
    for block in blocks_of(tables, trials["trial"]):
        smooth = Smoothed.of(block.to_numpy(float), block.index.to_numpy(int))
        if smooth is not None:
            late = smooth.final - smooth.lowest > LATE_SHARE * skill
            n += len(late)
            rising += int((late & ~block.columns.isin(kept)).sum())
    if not n:
        return not_applicable("Runs are too short to have a last tenth.")
    words = f"{rising} of {n} complete trials had a lower validation loss before their end."
    return judged(rising / n > MOST, words, rising / n)


def _ending_at_best(tables: StudyTables) -> set[int]:
    """The trials whose runs all ended with their best epoch."""
    runs = tables.runs[tables.runs["state"] == str(State.COMPLETE)]
    same = (runs["val_loss"] == runs["best_val_loss"]).groupby(runs["trial"]).all()
    return set(same.index[same])


def _loss_skill(tables: StudyTables) -> float:
    """What the best trial of the search saves of the constant predictor's loss."""
    trials = tables.searched
    runs = tables.runs[tables.runs["trial"].isin(trials["trial"])]
    if trials.empty or "null_loss" not in runs:
        return math.nan
    return float(runs["null_loss"].mean() - trials["val_loss"].min())


def steady_steps(tables: StudyTables) -> CheckResult:
    """How far the mean loss of a path's best setting jumps, by what its boundaries rest on."""
    ratios = {}
    for penalty in tables.ladders:
        boundary = tables.boundary(penalty, "val_loss")
        if boundary is None:
            continue
        tolerance = float(boundary["threshold_loss"]) - float(boundary["best_loss"])
        step = _step(tables, penalty)
        if tolerance > 0 and math.isfinite(step):
            ratios[penalty] = step / tolerance
    if not ratios:
        return not_applicable("No path has boundaries of the loss and curves long enough.")
    worst = max(ratios, key=lambda penalty: ratios[penalty])
    words = (
        f"From epoch to epoch the mean loss at the best strength of {worst} moves by "
        f"{two_digits(ratios[worst])} of the difference that its boundaries rest on."
    )
    return judged(ratios[worst] > LARGE_STEPS, words, ratios[worst], numbers=ratios)


def _step(tables: StudyTables, penalty: str) -> float:
    """The deviation of the mean curve of the best setting over its last quarter, a trend aside."""
    trial = tables.best_point(penalty)["trial"]
    blocks = list(blocks_of(tables, [trial]))
    if len(blocks) != 1:
        return math.nan
    tail = blocks[0].to_numpy(float)[:, 0]
    tail = tail[-max(FEWEST_STEPS, len(tail) // 4) :]
    if len(tail) < FEWEST_STEPS:
        return math.nan
    # a level that moves slowly adds nothing to differences of neighbours, noise twice its variance
    return float(np.diff(tail).std(ddof=1) / math.sqrt(2))
