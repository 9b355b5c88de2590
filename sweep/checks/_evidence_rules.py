"""Rules on what the intervals rest on, and what they leave out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sweep.checks._search_rules import NO_PATHS, moving_axes
from sweep.checks._words import listed, measured
from sweep.checks.best_of import best_of_penalties
from sweep.checks.best_trials import best_trials
from sweep.checks.results import CheckResult, judged, not_applicable
from sweep.checks.tables import StudyTables
from sweep.checks.uneven import is_uneven
from sweep.metrics.metric import LOSS
from sweep.statistics.advice import IN_VAIN
from sweep.statistics.endings import Ending
from sweep.statistics.ladder import BEYOND
from sweep.statistics.number_words import count
from sweep.statistics.verdicts import Advice, Verdict

FEW_UNITS = 5
UNIT_WORDS = {"kfold": "fold", "holdout": "seed"}
ASKING = {
    Ending.STRENGTHS_SPENT: "; raise path.points",
    Ending.RUNS_SPENT: "; raise path.runs",
    Ending.ALIKE: "",
    Ending.NOISE: "",
}
"""Endings of a ladder after which more can be done, and what, where the ending does not say it."""
AS_IT_IS = "Take the limits as they are, or find more data: more runs on these would not help."
RETRAINING, RESAMPLING, SEARCHING = "retraining", "resampling", "search"


def repetitions(tables: StudyTables) -> CheckResult:
    """How often every strength of a path was trained."""
    counts = [int(ladder["units"].max()) for ladder in tables.ladders.values()]
    if not counts:
        return not_applicable(NO_PATHS)
    if not tables.finished:
        return not_applicable("The study has not finished (RS101).")
    n, word = min(counts), UNIT_WORDS.get(tables.study.design, "resample")
    few = n < FEW_UNITS
    uneven = any(is_uneven(tables.path(penalty)) for penalty in tables.ladders)
    where = "each strength by a boundary" if uneven else "each strength"
    words = f"{'Only ' if few else ''}{count(n, word)} at {where}."
    action = "Train every strength with more of them." if tables.study.source else ""
    return judged(few, words, float(n), action)


def several_splits(tables: StudyTables) -> CheckResult:
    if not tables.ladders:
        return not_applicable(NO_PATHS)
    one = tables.study.design == "holdout"
    words = f"Rows are divided anew under the design {tables.study.design}."
    if one:
        words = (
            "One fixed split with several seeds: every interval is conditional on this split and "
            "says nothing about other data."
        )
    return judged(one, words)


def exact_limits(tables: StudyTables) -> CheckResult:
    """What the boundary statistics themselves ask for, the same advice said once."""
    asked: dict[str, list[str]] = {}
    in_vain = True
    known = {p: found for p in tables.penalties if (found := tables.boundary(p)) is not None}
    if not known:
        return not_applicable("No boundaries have been estimated.")
    for penalty, boundary in known.items():
        if advice := _advice(boundary):
            asked.setdefault(advice, []).append(penalty)
            in_vain &= _kind(boundary) in IN_VAIN
    words = [f"{', '.join(p)}: {a[0].lower()}{a[1:].rstrip('.')}." for a, p in asked.items()]
    n = sum(map(len, asked.values()))
    passed = f"Nothing is asked for {listed(known)}."
    action = AS_IT_IS if asked and in_vain else ""
    return judged(bool(asked), words or passed, float(n), action)


def _kind(boundary: Mapping[str, Any]) -> Advice:
    return Advice(boundary["advice_kind"])


def _advice(boundary: Mapping[str, Any]) -> str:
    """What would settle a penalty's boundaries, unless another check says it (RS401, RS501)."""
    if Verdict(boundary["verdict"]) in BEYOND:
        return ""
    kind, ending = _kind(boundary), Ending(boundary["ending_kind"])
    if kind is Advice.FEW_RESAMPLES and math.isnan(boundary["tail_index"]):
        return ""
    advice = str(boundary["advice"])
    if kind in IN_VAIN or ending not in ASKING:
        return advice
    reason = str(boundary["ending"])
    return f"{advice} {reason[:1].upper()}{reason[1:]}{ASKING[ending]}.".strip()


def three_spreads(tables: StudyTables) -> CheckResult:
    """How far the best value varies: from seed to seed, between resamples, between searches."""
    if not tables.ladders:
        return not_applicable(NO_PATHS)
    if not moving_axes(tables):
        return not_applicable("The search has no axis beside the strength, which the path covers.")
    penalty = next(iter(best_trials(tables)))
    curve = best_of_penalties(tables).get(penalty)
    if curve is None:
        return not_applicable(f"Fewer than two trials of {penalty} in the search are complete.")
    spreads = {**_spreads_of_runs(tables, penalty), SEARCHING: curve.spread}
    known = {name: value for name, value in spreads.items() if math.isfinite(value)}
    within = max((v for n, v in known.items() if n != SEARCHING), default=math.nan)
    if not math.isfinite(within):
        return not_applicable("The best strength has one repetition.")
    words = [f"{penalty}: {_sentence(known)}"]
    if RETRAINING not in known:
        words.append("Seeds on the same rows were not repeated, so retraining alone is not known.")
    return judged(curve.spread > within, words, curve.spread, numbers=known)


def _sentence(known: dict[str, float]) -> str:
    parts = [f"{measured(value)} by {name}" for name, value in known.items()]
    return f"the best value deviates by {listed(parts)}."


def _spreads_of_runs(tables: StudyTables, penalty: str) -> dict[str, float]:
    """Deviations of one run at the best strength: over seeds on the same rows, over resamples."""
    path, best = tables.path(penalty), tables.best_point(penalty)
    column = tables.objective.validation
    units = tables.units_of(path[path["trial"] == best["trial"]], "holdout")
    column = column if column in units else LOSS.validation
    means = units.groupby(["resample", "fold"])[column].mean()
    return {
        RETRAINING: _within(units, column),
        RESAMPLING: float(means.std(ddof=1)) if len(means) > 1 else math.nan,
    }


def _within(units: pd.DataFrame, column: str) -> float:
    """The pooled deviation over seeds that share their rows."""
    grouped = units.groupby(["resample", "fold"])[column]
    freedom = float((grouped.size() - 1).sum())
    if freedom < 1:
        return math.nan
    return float(np.sqrt((grouped.var(ddof=1) * (grouped.size() - 1)).sum() / freedom))
