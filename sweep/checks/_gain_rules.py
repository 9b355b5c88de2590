"""Rules on what the study gained: over none, over the usual default, over early stopping."""

from __future__ import annotations

import math

import pandas as pd

from sweep.checks._search_rules import GOOD_SHARE
from sweep.checks._words import percent, with_interval
from sweep.checks.early_stop import best_stop
from sweep.checks.estimates import Estimate, paired_difference
from sweep.checks.results import CheckResult, CheckState, judged, not_applicable
from sweep.checks.tables import StudyTables, row_of_least
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.records.trial import Phase, Role
from sweep.regularizers.catalogue import REGULARIZERS, regularizes

STOPPING = next(name for name, known in REGULARIZERS.items() if known.setting == "patience")
"""The regularizer that stops early."""
FEWEST = 3
"""Retrainings from which on a difference may be called shown or not shown."""
MUCH = 0.5
"""A share of the gain from which on early stopping belongs among the penalties."""
NOT_TESTED = "No setting and what it is compared with were trained anew and tested."


def gain_over_none(tables: StudyTables) -> CheckResult:
    """The best penalty against no regularization on the test split."""
    confirmed = _confirmed(tables)
    plain = confirmed[~confirmed["penalty"].map(regularizes).astype(bool)]
    return _tested_gain(tables, plain, "no regularization")


def gain_over_default(tables: StudyTables) -> CheckResult:
    """The best penalty against what one gets without any search."""
    tested = tables.tested
    return _tested_gain(tables, tested[tested["path"] == str(Role.DEFAULT)], "the usual default")


def gain_over_stopping(tables: StudyTables) -> CheckResult:
    """The best penalty against early stopping: on the test split, or else in validation."""
    confirmed = _confirmed(tables)
    stopping = confirmed[confirmed["penalty"] == STOPPING]
    best = _best_confirmed(tables)
    if best is not None and best["penalty"] == STOPPING:
        return judged(False, "The best penalty is early stopping itself.")
    if len(stopping):
        return _tested_gain(tables, stopping, "early stopping")
    stop = best_stop(tables)
    if stop is None:
        return not_applicable("No path has validation curves without regularization.")
    words = (
        f"{stop.penalty} against stopping the unregularized runs at epoch {stop.epoch}, in "
        "validation, since no stopped run was tested"
    )
    found = _judged_gain(tables, stop.change, stop.metric, words)
    if stop.epoch < stop.last_epoch:
        return found
    never = "Unregularized runs are best at their end: stopping early gains nothing."
    return judged(False, never, found.value, numbers=found.numbers)


def _confirmed(tables: StudyTables) -> pd.DataFrame:
    found: pd.DataFrame = tables.tested[tables.tested["phase"] == str(Phase.CONFIRM)]
    return found


def _best_confirmed(tables: StudyTables) -> pd.Series | None:
    """The confirmed setting with a penalty that is the best in validation."""
    confirmed, metric = _confirmed(tables), tables.objective
    tuned = confirmed[confirmed["penalty"].map(regularizes).astype(bool)]
    if metric.validation not in tuned or not tuned[metric.validation].notna().any():
        return None
    return row_of_least(tuned, metric.sign * tuned[metric.validation])


def _tested_gain(tables: StudyTables, other: pd.DataFrame, name: str) -> CheckResult:
    best, units = _best_confirmed(tables), tables.test_units
    known = [m for m in (tables.objective, LOSS) if m.test in units and units[m.test].notna().any()]
    if best is None or other.empty or not known:
        return not_applicable(NOT_TESTED)
    metric, reference = known[0], other.iloc[0]["trial"]
    own = units[units["trial"] == best["trial"]]
    change = paired_difference(own, units[units["trial"] == reference], metric.test)
    words = f"{best['penalty']} against {name} on the test split"
    return _judged_gain(tables, change, metric, words)


def _judged_gain(tables: StudyTables, change: Estimate, metric: Metric, words: str) -> CheckResult:
    """A difference from what it is compared with as a gain, more being better."""
    if change.n < FEWEST or not change.known:
        return not_applicable(f"{FEWEST} retrainings of both are needed, found {change.n}.")
    ends = sorted(-metric.sign * end for end in (change.low, change.high))
    gain = -metric.sign * change.mean
    scale, unit = (100, "points of accuracy") if metric == ACCURACY else (1, f"of {metric.name}")
    size, interval = with_interval(abs(scale * gain), *(scale * end for end in ends))
    failed = ends[1] < 0 and not -ends[1] <= _tolerance(tables, metric)
    state = CheckState.FAILED if failed else CheckState.ATTENTION
    numbers = {"low": ends[0], "high": ends[1], "n": float(change.n)}
    verb = "loses" if gain < 0 else "gains"
    sentence = f"{words}: it {verb} {size} {unit} (gain {interval})."
    return judged(ends[0] <= 0, sentence, gain, numbers=numbers, state=state)


def _tolerance(tables: StudyTables, metric: Metric) -> float:
    """What may be lost and still be as good, as the boundaries have it; nan where not known."""
    known = metric == tables.objective
    return GOOD_SHARE * tables.skill(tables.searched) if known else math.nan


def stopping_share(tables: StudyTables) -> CheckResult:
    """How much of the gain a shorter training gets."""
    stop = best_stop(tables)
    if stop is None or not math.isfinite(stop.share):
        return not_applicable("No path gains over its unregularized runs, or they have no curves.")
    words = (
        f"Stopping the unregularized runs at epoch {stop.epoch} gets {percent(stop.share)} of the "
        f"gain of {stop.penalty}."
    )
    swept = STOPPING in tables.study.penalties
    words += " Both are compared where they were tested (RS507)." if swept else ""
    return judged(stop.share >= MUCH and not swept, words, stop.share)
