"""What a reader should know before believing the answer, found in the frames by fixed rules.

After the checks of Godbole et al. (2023), "Deep Learning Tuning Playbook". Each check is a plain
function from frames to sentences; a sentence says what was found and what to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from dashboards.gather.cocktail import ingredients_of
from dashboards.gather.facts import division_words, unit_word
from dashboards.gather.frames import Frames
from dashboards.gather.imported import worded
from dashboards.gather.numbers import count, measured, percent, strength_text, typeset
from dashboards.gather.sides import why_no_boundaries, zone_end
from dashboards.gather.tables import path_trials
from dashboards.sections.checks import Check, Checked, run_all
from dashboards.sections.run_caveats import constant_predictor, imported, parity, same_weights
from sweep.records.division import DividedBy
from sweep.records.parameters import MAX_EPOCHS
from sweep.regularizers.catalogue import (
    acts_on_weights,
    has_path,
    has_timescale,
    is_mixture,
    regularizes,
)
from sweep.statistics.ladder import open_advice
from sweep.statistics.verdicts import SideVerdict
from sweep.statistics.wording import says_few_resamples

FEW_UNITS, GOOD_UNITS = 5, 10
FEW_GROUPS = 40
"""Below so many groups intervals are too narrow: for the mean loss of a linear network, 300 studies
each, those of 95 % held it in 80 to 93 % with 20 groups and in 90 to 97 % with 60."""
NOT_FITTED_SHARE = 0.25
"""Training loss without regularization over the constant predictor's loss: fitted lies below."""
LATE_SHARE = 0.02
"""A change of loss over the last tenth of training that counts, as a share of the skill."""
SAME_NORM = 1e-6
"""Steps agree with plain PyTorch's to this share where they are compared in float64."""


def run_checks(frames: Frames) -> Checked:
    """Every check in order of weight."""
    return run_all(CHECKS, frames)


def _unfinished(frames: Frames) -> Iterator[str]:
    if not frames.study.finished_at:
        waiting = int(frames.trials["state"].isin(["waiting", "running"]).sum())
        yield (
            f"The study has not finished ({waiting} of {count(len(frames.trials), 'trial')} "
            "waiting): these are the numbers so far. Launch it again to go on."
        )


def _advice(frames: Frames) -> Iterator[str]:
    """What the boundary statistics themselves ask for, the same advice said once."""
    asked: dict[str, list[str]] = {}
    for penalty in frames.penalties:
        boundary = frames.boundary(penalty)
        advice = "" if boundary is None else typeset(open_advice(str(boundary["advice"])))
        if advice:
            asked.setdefault(advice, []).append(penalty)
    for advice, penalties in asked.items():
        yield f"{', '.join(penalties)}: {advice[0].lower()}{advice[1:].rstrip('.')}."


def _no_path(frames: Frames) -> Iterator[str]:
    listed = {p for p in frames.study.penalties if has_path(p)}
    missing = set() if frames.study.source else listed - set(frames.penalties)
    if ingredients_of(frames.trials):
        missing = {penalty for penalty in missing if not is_mixture(penalty)}
    if missing and frames.study.finished_at:
        yield (
            f"No path was trained for {', '.join(sorted(missing))}, so there are no boundaries for "
            f"it. {_for_a_path(frames)}"
        )


def _for_a_path(frames: Frames) -> str:
    """What a path is in want of."""
    if not (frames.runs["state"] == "complete").any():
        return "None of its runs came to an end: lower the learning rate."
    return "Set path.points to 9 or more, and see whether any of its trials completed."


def _edge(frames: Frames) -> Iterator[str]:
    """The best strength within one step of an end of the ladder."""
    for penalty, table in frames.paths.items():
        boundary = frames.boundary(penalty)
        left = zone_end(boundary, "left").verdict
        if why_no_boundaries(boundary) or left in (SideVerdict.NONE, SideVerdict.INCONCLUSIVE):
            continue
        ladder = table.loc[table["strength"] > 0, "strength"].to_numpy()
        best = frames.best(penalty)
        ends = {"low": ladder[:2], "high": ladder[-2:]}
        for end, steps in ends.items():
            if len(ladder) > 4 and best in steps:
                key = f"search.strength.{penalty}.{end}"
                if has_timescale(penalty) and frames.study.timescale:
                    key = f"search.timescale.{'high' if end == 'low' else 'low'}"
                further = "weaker" if end == "low" else "stronger"
                move = f"Move {key} further out."
                move = worded(frames.study, move, f"Train at {further} strengths too.")
                yield (
                    f"{penalty}: the best strength lies within one step of the {end} end of the "
                    f"searched range. {move}"
                )


def _diverged(frames: Frames) -> Iterator[str]:
    control = frames.trials.loc[frames.trials["phase"] == "control", "trial"]
    runs = frames.runs[~frames.runs["trial"].isin(control)]
    ended = runs[runs["state"].isin(["complete", "diverged", "failed", "pruned"])]
    for state, words in (("diverged", "diverged"), ("failed", "failed")):
        lost = ended[ended["state"] == state]
        if len(lost):
            share = percent(len(lost) / len(ended))
            where = _where(lost, frames.trials)
            yield (
                f"{len(lost):,} of {count(len(ended), 'run')} ({share}) {words}{where}. They are "
                "left out of every mean, which flatters the settings they belong to."
            )


def _where(lost: pd.DataFrame, trials: pd.DataFrame) -> str:
    rows = trials[trials["trial"].isin(lost["trial"]) & (trials["strength"] > 0)]
    if rows.empty:
        return ""
    penalties = ", ".join(dict.fromkeys(rows["penalty"]))
    return (
        f", most at {penalties} strengths around {strength_text(float(rows['strength'].median()))}"
    )


def _not_fitted(frames: Frames) -> Iterator[str]:
    """A model that cannot fit its training rows has little for a penalty to improve."""
    anchors = []
    for _, table in frames.paths.items():
        anchor = table[table["strength"] == 0]
        if len(anchor) and {"train_loss", "null_loss"} <= set(table):
            row = anchor.iloc[0]
            anchors.append((float(row["train_loss"]), float(row["null_loss"])))
    if anchors:
        train, null = min(anchors)
        if train > NOT_FITTED_SHARE * null:
            yield (
                f"Even without regularization the training loss stays at {measured(train)}, "
                f"{percent(train / null)} of the constant predictor's. A model that has not fitted "
                "its training rows gains little from regularization: train longer, or use a larger "
                "model, before reading much into the boundaries."
            )


def _late(frames: Frames) -> Iterator[str]:
    """Still improving at the end, or worse than it had been, for the best setting of each path."""
    for penalty, table in frames.paths.items():
        best = frames.best(penalty)
        path = path_trials(frames.trials, penalty)
        chosen = path.loc[path["strength"] == best, "trial"]
        mine = frames.curves[
            frames.curves["trial"].isin(chosen) & (frames.curves["metric"] == "val_loss")
        ]
        stopped = frames.runs[
            frames.runs["trial"].isin(chosen) & (frames.runs["state"] == "complete")
        ]
        if mine.empty or "null_loss" not in table or stopped["epochs"].nunique() > 1:
            continue
        curve = mine.groupby("epoch")["value"].mean()
        skill = float(table["null_loss"].mean() - table["val_loss"].min())
        at_best = bool((stopped["val_loss"] == stopped["best_val_loss"]).all())
        key = "search.axes.epochs" if MAX_EPOCHS in path else "training.epochs"
        more = worded(frames.study, f"Raise {key}", "Train longer")
        yield from _late_words(penalty, curve, LATE_SHARE * skill, at_best, more)


def _late_words(
    penalty: str, curve: pd.Series, least: float, at_best: bool, more: str
) -> Iterator[str]:
    """What the last tenth of a curve says beside the rest; both smoothed over a tenth.

    Runs that are ``at_best`` have lost nothing by what came after: early stopping gave it back.
    ``more`` is how to train longer.
    """
    window = max(1, len(curve) // 10)
    smooth = curve.rolling(window).mean().dropna()
    if least <= 0 or len(smooth) <= window:
        return
    final, before = float(smooth.iloc[-1]), float(smooth.iloc[-1 - window])
    place = int(smooth.to_numpy().argmin())
    lowest, epoch = float(smooth.iloc[place]), int(smooth.index[place])
    if before - final > least:
        yield (
            f"{penalty}: the best setting was still improving in the last tenth of training "
            f"({measured(before)} to {measured(final)}). {more}: the boundaries may move to "
            "stronger penalties."
        )
    elif final - lowest > least and not at_best:
        yield (
            f"{penalty}: even at its best the validation loss was lower around epoch {epoch} "
            f"({measured(lowest)}) than at the end ({measured(final)}): it still overfits late in "
            "training, and stopping early would help."
        )


def _no_effect(frames: Frames) -> Iterator[str]:
    """A strength that changes no weight: the penalty does not reach the model."""
    for penalty, table in frames.paths.items():
        if "weight_norm" in table and len(table) > 2:
            norms = table["weight_norm"].dropna()
            if len(norms) > 2 and np.ptp(norms) <= SAME_NORM * abs(float(norms.mean())):
                yield (
                    f"{penalty}: the weights are the same at every strength, so this penalty has "
                    "no effect on this model."
                )


def _of_weights(penalty: str) -> bool:
    return regularizes(penalty) and acts_on_weights(penalty)


def _scale_invariant(frames: Frames) -> Iterator[str]:
    """Weights whose size means nothing to the loss: what is called a penalty there is none."""
    layers = frames.study.scale_invariant
    weighing = [p for p in frames.study.penalties if is_mixture(p) or _of_weights(p)]
    penalties = [p for p in weighing if has_path(p)]  # the others have no strength to read
    if layers and penalties:
        act = "acts" if len(penalties) == 1 else "act"
        yield (
            f"{', '.join(penalties)} on {', '.join(layers)} {act} through the effective learning "
            "rate: a norm layer takes the scale of these weights out again (the sum of w*dL/dw is "
            "0), so their size does not limit what the network computes. Read their "
            "strengths together with the learning rate, and sweep search.axes.lr beside them."
        )


def _units(frames: Frames) -> Iterator[str]:
    counts = [int(table["units"].max()) for table in frames.paths.values()]
    said = any(map(says_few_resamples, frames.boundaries["advice"]))
    if counts and min(counts) < FEW_UNITS and frames.study.finished_at and not said:
        more = "Train every strength with more of them."
        more = worded(frames.study, "Raise path.resamples.", more)
        word = unit_word(frames.study.design).removesuffix("s" if min(counts) == 1 else "")
        yield (
            f"Only {min(counts)} {word} at each strength: {FEW_UNITS} are the least that give a "
            f"useful interval, {GOOD_UNITS} are recommended. {more}"
        )
    if frames.study.design == "holdout" and counts:
        yield (
            "One fixed split with several seeds: every interval is conditional on this split and "
            "says nothing about other data."
        )


def _divided(frames: Frames) -> Iterator[str]:
    """Splits that are less than independent draws of rows."""
    facts = frames.study
    if facts.design == "holdout":
        return
    if facts.divided_by in (DividedBy.TIME, DividedBy.SPLITTER):
        yield f"Rows are divided {division_words(facts)}."
    if facts.n_groups is not None and facts.n_groups < FEW_GROUPS:
        yield (
            f"Only {facts.n_groups} groups: intervals over so few are too narrow. Simulated with "
            "20 groups, those of 95 % hold in 80 to 93 % of studies, least often under resample. "
            'Get more groups, or set design = "kfold".'
        )


def _learning_rate(frames: Frames) -> Iterator[str]:
    """The best learning rate at an end of those tried."""
    explore = frames.trials[
        (frames.trials["phase"] == "explore") & (frames.trials["state"] == "complete")
    ]
    rates = explore["lr"].dropna()
    if len(rates) < 8 or rates.min() == rates.max():
        return
    best = float(explore.nsmallest(1, "val_loss")["lr"].iloc[0])
    low, high = math.log(rates.min()), math.log(rates.max())
    place = (math.log(best) - low) / (high - low)
    if not 0.05 < place < 0.95:
        end = "low" if place < 0.5 else "high"
        further = "lower" if place < 0.5 else "higher"
        move = worded(
            frames.study, f"Move search.axes.lr.{end} further out.", f"Try {further} ones."
        )
        where = f"lies at the {end} end of those tried"
        yield f"The best learning rate ({strength_text(best)}) {where}. {move}"


def _rows(frames: Frames) -> Iterator[str]:
    """What the first split gave away: copies across it, and classes without a training row."""
    if copied := frames.study.copied_rows:
        yield (
            f"{copied} of {frames.study.n_validation} validation rows are also training "
            "rows, inputs and target. Where they are copies of one record, the validation loss is "
            "too low and overfitting looks harmless: remove copies, and run the study under a new "
            "name."
        )
    if missing := frames.study.missing_classes:
        yield (
            f"No training row is of class {', '.join(map(str, missing))}: the network cannot learn "
            "it. Give more rows, or leave the class out."
        )


CHECKS = (
    Check("unfinished", "The study has not finished", "The study has finished", _unfinished),
    Check(
        "imported", "The runs were trained elsewhere", "The runs were trained here", imported
    ),
    Check(
        "constant", "The constant predictor was not measured",
        "What a constant predictor loses is known", constant_predictor,
    ),
    Check(
        "rows", "The first split gives rows away", "No copies across the split, no class missing",
        _rows,
    ),
    Check(
        "same-weights", "Every run begins with the same weights",
        "Every seed begins with weights of its own", same_weights,
    ),
    Check(
        "parity", "Compared with plain PyTorch in few digits",
        "Steps agree with plain PyTorch", parity,
    ),
    Check(
        "advice", "A limit is open, or its interval wide", "Every limit is as exact as it can be",
        _advice,
    ),
    Check("no-path", "A penalty has no path", "Every penalty has its path", _no_path),
    Check(
        "edge", "A best strength lies near the edge", "Every best strength lies well inside",
        _edge,
    ),
    Check(
        "not-fitted", "The training rows are not fitted", "The training rows are fitted",
        _not_fitted,
    ),
    Check("diverged", "Runs diverged or failed", "No run diverged", _diverged),
    Check(
        "late", "Training ends too early or too late", "Training is as long as it should be",
        _late,
    ),
    Check("no-effect", "A penalty has no effect", "Every penalty changes the weights", _no_effect),
    Check(
        "scale-invariant", "Some weights have a size without a meaning",
        "The size of every weight matters", _scale_invariant,
    ),
    Check("units", "Few repetitions, or one split", "Repetitions enough", _units),
    Check(
        "divided", "Splits are less than independent draws", "Splits are independent draws",
        _divided,
    ),
    Check(
        "learning-rate", "The best learning rate lies at the edge",
        "The best learning rate lies inside", _learning_rate,
    ),
)  # fmt: skip
