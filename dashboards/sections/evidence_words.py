"""The line under the verdict, which does not flatter: test values, rivals, early stopping."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.gather.columns import change_of, ends_of
from dashboards.gather.facts import baseline_name
from dashboards.gather.metric_format import value_text
from dashboards.gather.names import listed, setting_name
from dashboards.gather.numbers import capitalized, count, difference_text, percent
from dashboards.gather.outcome import Finding, Outcome, Recommended
from dashboards.gather.rivals import Rival, Standing
from sweep.checks.estimates import Estimate
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.regularizers.catalogue import regularizes

SILENT = (Finding.WAITING, Finding.DIVERGED)
"""Findings under which there is nothing to compare."""
OPTIMISTIC = "both a little optimistic: chosen on the rows that judge them"
MOST_NAMED = 4
"""Rivals of one standing that the line names."""
ROUNDING = 1e-6
"""A difference of accuracies up to it comes from rounding in float32."""


def evidence_words(outcome: Outcome) -> list[str]:
    """Sentences under the verdict."""
    if outcome.finding in SILENT:
        return []
    if outcome.finding is Finding.NO_SIGNAL:
        return [_constant_words(outcome)]
    parts = [_value_words(outcome), _rival_words(outcome), _stop_words(outcome)]
    return [part for part in parts if part]


def _constant_words(outcome: Outcome) -> str:
    """What the best point of any path reached beside the constant predictor."""
    metric, pairs = outcome.metric, []
    for table in outcome.frames.paths.values():
        if metric.validation in table and metric.null in table:
            lowest = float((metric.sign * table[metric.validation]).min())
            pairs.append((lowest, float(table[metric.null].mean())))  # on the same resamples
    if not pairs:
        return ""
    best, null = min(pairs, key=lambda pair: pair[0])
    return (
        f"In validation the best mean {metric.name} is {value_text(metric, metric.sign * best)}; "
        f"always predicting the same gives {value_text(metric, null)}. Train longer, change the "
        "model, or get more data before asking for a penalty."
    )


def _value_words(outcome: Outcome) -> str:
    """Test values of the recommended setting beside those without regularization."""
    taken, table = outcome.recommended, outcome.frames.confirmed
    if taken is None:
        return ""
    if table.empty:
        return _validation_words(outcome, taken)
    rows = table.to_dict("records")
    plain = next((r for r in rows if not regularizes(str(r["penalty"]))), None)
    own = next((r for r in rows if r["setting"] == taken.penalty), plain)
    if own is None:
        return ""
    parts = [_pair_words(metric, own, plain) for metric in _shown_metrics(outcome.metric, own)]
    return f"{capitalized('; '.join(part for part in parts if part))}."


def _shown_metrics(objective: Metric, row: Mapping[Any, Any]) -> list[Metric]:
    """The objective first; beside loss or accuracy the other of them, beside a metric of one's own
    nothing.
    """
    wanted = [objective]
    if objective.built_in:
        wanted += [metric for metric in (LOSS, ACCURACY) if metric != objective]
    return [m for m in wanted if m.test in row and math.isfinite(float(row[m.test]))]


def _pair_words(metric: Metric, own: Mapping[Any, Any], plain: Mapping[Any, Any] | None) -> str:
    reached = value_text(metric, float(own[metric.test]))
    if plain is None or plain is own or metric.test not in plain:
        return f"test {metric.name} {reached} without regularization"
    before = value_text(metric, float(plain[metric.test]))
    change = estimate_of(own, metric)
    if metric == LOSS:
        return f"test loss {reached} instead of {before} ({change_text(metric, change)})"
    moved = _moved(metric, change)
    return (
        f"{metric.name} {moved} ({reached}, was {before}: {change_text(metric, change)}"
        f"{' points' if metric == ACCURACY else ''})"
    )


def estimate_of(row: Mapping[Any, Any], metric: Metric) -> Estimate:
    """The change of a metric in a row of ``confirm_table``."""
    name = change_of(metric.name)
    mean, low, high = (float(row.get(column, math.nan)) for column in (name, *ends_of(name)))
    return Estimate(mean, low, high, int(row.get("runs", 0)))


def change_text(metric: Metric, change: Estimate) -> str:
    """A difference with its interval; accuracies in percentage points."""
    scale = 100.0 if metric == ACCURACY else 1.0
    noise = 100 * ROUNDING if metric == ACCURACY else 0.0
    values = (scale * v for v in (change.mean, change.low, change.high))
    mean, low, high = (0.0 if abs(v) < noise else v for v in values)
    return difference_text(mean, low, high)


def _moved(metric: Metric, change: Estimate) -> str:
    """Which way a metric went, as far as that is shown."""
    if not math.isfinite(change.low):
        return "without an interval"
    if change.low <= ROUNDING and change.high >= -ROUNDING:
        return "unchanged within the noise"
    return "higher" if change.mean > 0 else "lower"


def _validation_words(outcome: Outcome, taken: Recommended) -> str:
    """The same in validation, before the test split was met."""
    best, metric = outcome.frames.best_losses, outcome.metric
    if best.empty or metric.validation not in best:
        return ""
    rows = best[best["penalty"] == taken.penalty]
    if rows.empty:
        return ""
    row = rows.iloc[0].to_dict()
    reached = value_text(metric, float(row[metric.validation]))
    words = f"Validation {metric.name} {reached}"
    name, unmet = change_of(metric.name), "; the test split has not been met yet"
    if outcome.frames.study.source:  # which has no test rows
        unmet = ""
    elif outcome.frames.study.loop and outcome.finished:
        unmet = "; no test loss was reported, as the confirm phase asks for"
    if name not in row or not math.isfinite(float(row[name])):
        return f"{words}{unmet}."
    change = estimate_of(row, metric)
    baseline = baseline_name(taken.penalty, outcome.frames.study)
    return f"{words}, {change_text(metric, change)} from {baseline}{unmet}."


# ---- rivals ------------------------------------------------------------------------------------


def _rival_words(outcome: Outcome) -> str:
    rivals, taken = outcome.rivals, outcome.recommended
    own = next((r for r in rivals if taken is not None and r.trial == taken.trial), None)
    if own is None or len(rivals) < 2:
        return ""
    if all(r.standing in (Standing.UNKNOWN, Standing.BEST) for r in rivals):
        n = min(r.value.n for r in rivals)
        return f"With {count(n, 'retraining')} the test split cannot tell settings apart."
    others = [r for r in rivals if r is not own and (r.is_baseline or regularizes(r.penalty))]
    best = next(r for r in rivals if r.standing is Standing.BEST)
    start = ""
    if own is not best:
        start = _simplest_words(outcome.metric, own, best)
        others = [r for r in others if r is not best]
    than = "" if own is best else f"the best, {setting_name(best.name)}"
    ranked = [_ranked(outcome.metric, others, s, than) for s in STANDINGS]
    rest = "; ".join(part for part in ranked if part)
    return f"{start}{capitalized(rest)}." if rest else start.strip()


STANDINGS = {
    Standing.BETTER: ("better", "than"),
    Standing.AS_GOOD: ("as good", "as"),
    Standing.UNKNOWN: ("not compared", "with"),
    Standing.WORSE: ("worse", "than"),
}
"""In words, and how these go on where the setting that they are compared with is not the first."""


def _simplest_words(metric: Metric, own: Rival, best: Rival) -> str:
    """That a simpler setting was taken than the best, and why that is no loss that was shown."""
    name, other = setting_name(own.name), setting_name(best.name)
    back = Estimate(-own.from_best.mean, -own.from_best.high, -own.from_best.low, own.value.n)
    difference = change_text(metric, back)
    if own.holds:
        return (
            f"{capitalized(name)} is the simplest setting that cannot be told from the best, "
            f"{other} ({difference}). "
        )
    return f"{capitalized(other)} did better there ({difference}). "


def _ranked(metric: Metric, rivals: Sequence[Rival], standing: Standing, than: str) -> str:
    """The settings of one standing, each with its difference from the best."""
    words, joined = STANDINGS[standing]
    words = f"{words} {joined} {than}" if than else words
    mine = [r for r in rivals if r.standing is standing]
    if not mine:
        return ""
    named = [
        f"{setting_name(r.name)} ({change_text(metric, r.from_best)})" for r in mine[:MOST_NAMED]
    ]
    if len(mine) > MOST_NAMED:
        named.append(count(len(mine) - MOST_NAMED, "other"))
    return f"{words}: {listed(named)}"


# ---- early stopping ----------------------------------------------------------------------------


def _stop_words(outcome: Outcome) -> str:
    stop, taken = outcome.early_stop, outcome.recommended
    if stop is None or stop.gain <= 0 or stop.epoch == stop.last_epoch:
        return ""
    if not stop.beats_strength and round(stop.share, 2) == 0:  # nothing worth a sentence
        return ""
    reached = value_text(stop.metric, stop.value)
    other = taken is None or taken.penalty != stop.penalty
    whose = f" of the {setting_name(stop.penalty)} path" if other else ""
    words = (
        f"Stopping the unregularized network{whose} at epoch {stop.epoch}, its best in "
        f"validation, gets to a validation {stop.metric.name} of {reached}"
    )
    if stop.beats_strength:
        best = value_text(stop.metric, stop.regularized)
        return f"{words}, better than the best strength there ({best}); {OPTIMISTIC}."
    if math.isfinite(stop.share):
        return f"{words}: {percent(round(stop.share, 2))} of the gain there ({OPTIMISTIC})."
    return f"{words} ({OPTIMISTIC})."
