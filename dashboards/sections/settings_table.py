"""The settings in a table: good strengths, learning rate, test values, changes, exact zeros."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dashboards.gather.confirmed import SETTINGS
from dashboards.gather.facts import alike
from dashboards.gather.layer_strengths import strengths_words, tuned_layers
from dashboards.gather.metric_format import value_text
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import percent, strength_text
from dashboards.gather.outcome import Outcome
from dashboards.gather.sides import best_strength
from dashboards.sections.evidence_words import change_text, estimate_of
from dashboards.sections.zone_words import zone_cell
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.regularizers.catalogue import BOOSTING, acts_on_weights, regularizes, shows_strength

CHOSEN = "recommended"
RATE = "learning rate"
UNKNOWN = "–"


def settings_rows(outcome: Outcome) -> list[dict[str, str]]:
    """One row of ready text per setting that met the test split, or before it per path."""
    if outcome.rivals:
        rows = [_tested_row(outcome, record) for record in _ordered(outcome)]
    else:
        rows = [_validated_row(outcome, penalty) for penalty in _by_validation(outcome)]
    if all(row[RATE] == UNKNOWN for row in rows):  # runs that others trained, in loops of theirs
        return [{name: cell for name, cell in row.items() if name != RATE} for row in rows]
    return rows


def _ordered(outcome: Outcome) -> list[dict[Any, Any]]:
    """The confirmed settings, the recommended one first and no regularization last."""
    taken = outcome.advised
    records = outcome.frames.confirmed.to_dict("records")
    sign, test = outcome.metric.sign, outcome.metric.test

    def place(record: Mapping[Any, Any]) -> tuple[bool, bool, float]:
        own = taken is not None and record["setting"] == taken.penalty
        value = sign * float(record.get(test, math.nan))
        return not own, not regularizes(str(record["penalty"])), value

    return sorted(records, key=place)


def _tested_row(outcome: Outcome, record: Mapping[Any, Any]) -> dict[str, str]:
    taken, penalty = outcome.advised, str(record["penalty"])
    is_path = record["setting"] not in SETTINGS.values() and penalty in outcome.frames.paths
    own = taken is not None and record["setting"] == taken.penalty
    name = setting_name(penalty) if regularizes(penalty) else "no regularization"
    if record["setting"] in SETTINGS.values():
        name = str(record["setting"])
    trained = float(record["strength"])
    strength = (
        strength_words(outcome, penalty, trained) if is_path else strength_cell(penalty, trained)
    )
    row = {"setting": _in_lines(name, strength, CHOSEN if own else "")}
    row["good from … to"] = zone_cell(outcome.frames.boundary(penalty)) if is_path else "–"
    lr = math.nan if penalty == BOOSTING else float(record.get("lr", math.nan))
    row[RATE] = strength_text(lr)
    for metric in _columns(outcome.metric, record):
        beside = metric != outcome.metric
        row |= _metric_cells(metric, record, is_plain=not regularizes(penalty), beside=beside)
    row["zeros"] = _zeros_cell(outcome, penalty) if is_path else "–"
    return row


def _metric_cells(
    metric: Metric, record: Mapping[Any, Any], *, is_plain: bool, beside: bool
) -> dict[str, str]:
    """The value on the test split and its change; those of an accuracy in one cell, and of what
    stands ``beside`` the objective.
    """
    value = value_text(metric, float(record[metric.test]))
    change = "" if is_plain else change_text(metric, estimate_of(record, metric))
    if metric == ACCURACY:
        return {"test accuracy\n(change)": f"{value}\n{change}".strip()}
    broken = change.replace(" [", "\n[") or "–"
    if beside:
        return {f"test {metric.name}\n(change)": f"{value}\n{broken}" if change else value}
    return {f"test {metric.name}": value, f"change of {metric.name}": broken}


def _columns(objective: Metric, record: Mapping[Any, Any]) -> list[Metric]:
    """The objective, and the accuracy or the loss beside it, as far as they were measured."""
    wanted = dict.fromkeys([objective, LOSS, ACCURACY])
    return [m for m in wanted if m.test in record and math.isfinite(float(record[m.test]))]


def _by_validation(outcome: Outcome) -> list[str]:
    """The paths, the best so far first."""
    taken, paths = outcome.advised, list(outcome.frames.paths)
    return sorted(paths, key=lambda penalty: taken is None or penalty != taken.penalty)


def _validated_row(outcome: Outcome, penalty: str) -> dict[str, str]:
    """A path of a study that has not met the test split."""
    frames, metric = outcome.frames, outcome.metric
    best = frames.best(penalty)
    table = frames.paths[penalty]
    at_best = table[table["strength"] == best]
    strength = strength_words(outcome, penalty, best, "trained")
    row = {"setting": _in_lines(setting_name(penalty), strength)}
    row["good from … to"] = zone_cell(frames.boundary(penalty))
    row[RATE] = strength_text(_path_lr(outcome, penalty))
    if metric.validation in at_best:
        value = float(at_best[metric.validation].iloc[0])
        row[f"validation {metric.name}"] = value_text(metric, value)
    row["zeros"] = _zeros_cell(outcome, penalty)
    return row


def _path_lr(outcome: Outcome, penalty: str) -> float:
    trials = outcome.frames.trials
    mine = trials[(trials["path"] == "all") & (trials["penalty"] == penalty)]
    return float(mine["lr"].mean())


def strength_cell(penalty: str, strength: float) -> str:
    """The strength of a setting, where one number says it."""
    if not regularizes(penalty) or not shows_strength(penalty):
        return ""
    return strength_text(strength)


def strength_words(outcome: Outcome, penalty: str, trained: float, verb: str = "tested") -> str:
    """The best strength as the headline has it, and the strength that the numbers beside it were
    measured at where that is another: 0.38 (tested at 0.34). Where layers differ, those of each as
    they were measured, and which number of the path's axis was best if another was measured.
    """
    measured = strength_cell(penalty, trained)
    best = strength_cell(penalty, best_strength(outcome.frames.boundary(penalty), trained))
    if acts_on_weights(penalty) and not alike(outcome.frames.study):
        layers = tuned_layers(outcome.frames.trials, penalty, trained)
        if layers:
            words = strengths_words(layers)
            return words if best == measured else f"{words} ({verb} at {measured}, best {best})"
    return measured if best == measured else f"{best} ({verb} at {measured})"


def _in_lines(name: str, strength: str, standing: str = "") -> str:
    """A setting with what is said of it in brackets on lines of their own."""
    words = f"{name} {strength}".strip().replace(" (", "\n(")
    return f"{words}\n({standing})" if standing else words


def _zeros_cell(outcome: Outcome, penalty: str) -> str:
    """The share of weights that are exactly zero at the best strength."""
    table = outcome.frames.paths.get(penalty)
    if table is None or "zeros_share" not in table:
        return "–"
    at_best = table.loc[table["strength"] == outcome.frames.best(penalty), "zeros_share"]
    return percent(round(float(at_best.iloc[0]), 3)) if len(at_best) else "–"
