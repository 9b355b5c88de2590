"""Rules on runs that were lost, on the learning rate, and on training rows that are not fitted."""

from __future__ import annotations

import math

import pandas as pd

from sweep.checks._words import measured, percent
from sweep.checks.results import CheckResult, CheckState, judged, not_applicable
from sweep.checks.tables import ENDED, StudyTables, row_of_least
from sweep.records.trial import Phase, State
from sweep.statistics.number_words import count, two_digits
from sweep.statistics.verdicts import Verdict

LOST = (State.DIVERGED, State.FAILED)
HALF = 0.5
NEAR = 3.0
"""Learning rates up to so many times the best are near it."""
FEWEST_NEAR = 3
FEWEST_RATES = 8
EDGE = 0.05
"""Of the searched range in logarithms: what lies closer to an end lies at it."""
NOT_FITTED_SHARE = 0.25
"""Training loss without regularization over the constant predictor's loss: fitted lies below."""


def lost_runs(tables: StudyTables) -> CheckResult:
    control = tables.trials.loc[tables.trials["phase"] == str(Phase.CONTROL), "trial"]
    runs = tables.runs[~tables.runs["trial"].isin(control)]
    ended = runs[runs["state"].isin(ENDED)]
    if ended.empty:
        return not_applicable("No run has ended.")
    words, share = [], 0.0
    for state in LOST:
        lost = ended[ended["state"] == str(state)]
        if len(lost):
            own = len(lost) / len(ended)
            share += own
            where = _where(lost, tables.trials)
            total = f"{len(lost):,} of {count(len(ended), 'run')}"
            words.append(f"{total} ({percent(own)}) {state}{where}.")
    severe = CheckState.FAILED if share > HALF else CheckState.ATTENTION
    passed = f"{count(len(ended), 'run')} ended, and none of them so."
    return judged(bool(words), words or passed, share, state=severe)


def _where(lost: pd.DataFrame, trials: pd.DataFrame) -> str:
    """At which penalties and strengths runs were lost."""
    rows = trials[trials["trial"].isin(lost["trial"]) & (trials["strength"] > 0)]
    if rows.empty:
        return ""
    penalties = ", ".join(dict.fromkeys(rows["penalty"]))
    return f", most at {penalties} strengths around {two_digits(float(rows['strength'].median()))}"


def edge_of_stability(tables: StudyTables) -> CheckResult:
    """How many of the trials with slightly larger learning rates than the best diverged."""
    explored = tables.explored
    rates = explored["lr"].dropna()
    best = _best_rate(tables)
    if not math.isfinite(best) or rates.nunique() < 2:
        return not_applicable("The search has one learning rate, or none that is known.")
    near = explored[(explored["lr"] > best) & (explored["lr"] <= NEAR * best)]
    n, n_lost = len(near), int((near["state"] == str(State.DIVERGED)).sum())
    if n < FEWEST_NEAR:
        return not_applicable(
            f"{count(n, 'trial')} had a learning rate up to {NEAR:g} times the best "
            f"({two_digits(best)}); {FEWEST_NEAR} are needed."
        )
    words = (
        f"{n_lost} of {count(n, 'trial')} with a learning rate up to {NEAR:g} times the best "
        f"({two_digits(best)}) diverged."
    )
    return judged(n_lost / n >= HALF, words, n_lost / n)


def _best_rate(tables: StudyTables) -> float:
    """The learning rate of the search's best trial; nan without one."""
    found, metric = tables.searched, tables.objective
    if found.empty:
        return math.nan
    return float(row_of_least(found, metric.sign * found[metric.validation])["lr"])


def rate_inside(tables: StudyTables) -> CheckResult:
    """The best learning rate at an end of those tried."""
    rates, best = tables.searched["lr"].dropna(), _best_rate(tables)
    if len(rates) < FEWEST_RATES or rates.min() == rates.max() or not math.isfinite(best):
        return not_applicable(f"Fewer than {FEWEST_RATES} complete trials differ in it.")
    low, high = math.log(rates.min()), math.log(rates.max())
    place = (math.log(best) - low) / (high - low)
    if EDGE < place < 1 - EDGE:
        words = f"The best learning rate is {two_digits(best)}, of {two_digits(rates.min())} to "
        return judged(False, f"{words}{two_digits(rates.max())}.", place)
    end, further = ("low", "lower") if place < HALF else ("high", "higher")
    action = f"Move search.axes.lr.{end} further out."
    if tables.study.source:
        action = f"Try {further} ones."
    words = f"The best learning rate ({two_digits(best)}) lies at the {end} end of those tried."
    return judged(True, words, place, action)


def fitted(tables: StudyTables) -> CheckResult:
    """A model that cannot fit its training rows has little for a penalty to improve."""
    anchors = []
    for ladder in tables.ladders.values():
        anchor = ladder[ladder["strength"] == 0]
        if len(anchor) and {"train_loss", "null_loss"} <= set(ladder):
            row = anchor.iloc[0]
            anchors.append((float(row["train_loss"]), float(row["null_loss"])))
    anchors = [(train, null) for train, null in anchors if math.isfinite(train) and null > 0]
    if not anchors:
        return not_applicable("No path has training losses without regularization.")
    if _learned_nothing(tables):
        return not_applicable("No setting beats a constant prediction: there is nothing to fit.")
    train, null = min(anchors)
    words = (
        f"Without regularization the training loss ends at {measured(train)}, "
        f"{percent(train / null)} of the constant predictor's."
    )
    return judged(train > NOT_FITTED_SHARE * null, words, train / null)


def _learned_nothing(tables: StudyTables) -> bool:
    found = [tables.boundary(penalty) for penalty in tables.ladders]
    verdicts = [boundary["verdict"] for boundary in found if boundary is not None]
    return bool(verdicts) and all(Verdict(v) is Verdict.NO_SIGNAL for v in verdicts)
