"""Several studies beside each other: a headline, a table, their paths on the same axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from dashboards.figures.path_axes import PathAxes, choose_axes
from dashboards.figures.static_path import PathPanel, draw_path, shared_axes
from dashboards.figures.style import colour_of
from dashboards.gather.compared import (
    Basis,
    Difference,
    difference,
    same_loss,
    shared_metrics,
    tested,
)
from dashboards.gather.metric_format import value_text
from dashboards.gather.names import listed, setting_name
from dashboards.gather.numbers import count, strength_text
from dashboards.gather.outcome import Outcome
from dashboards.sections.evidence_words import change_text
from dashboards.sections.first_screen import PHONE, Panel
from dashboards.sections.headline import headline
from dashboards.sections.settings_table import strength_words
from dashboards.sections.zone_words import good_line
from sweep.checks.estimates import estimate_mean
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.regularizers.catalogue import regularizes

SIZE = (380.0, 280.0)
BASES: Mapping[Basis, str] = {
    Basis.PAIRED: "paired: the same rows and seeds",
    Basis.OTHER_SPLITS: "not paired: the same data under other splits or seeds",
    Basis.OTHER_DATA: "not paired: other data, so it is a difference of data, too",
    Basis.OTHER_LOSS: "not compared: a loss of another kind",
    Basis.UNTESTED: "has not met the test split",
}


@dataclass(frozen=True)
class PathRow:
    """The paths of one penalty, study by study."""

    title: str
    panels: list[Panel]


def comparison_headline(outcomes: Sequence[Outcome]) -> str:
    """What came of it in a line, of two studies; of more, how many there are."""
    first, *others = outcomes
    if len(others) > 1:
        names = listed(outcome.frames.study.name for outcome in outcomes)
        return f"{count(len(outcomes), 'study', 'studies')} beside each other: {names}"
    metrics = shared_metrics(outcomes)
    if not metrics:
        return f"{_pair(first, others[0])}: no test values to compare yet"
    metric = metrics[0]
    found = difference(first, others[0], metric)
    if not math.isfinite(found.value.mean):
        return f"{_pair(first, others[0])} have no {metric.name} in common: {BASES[found.basis]}"
    words = change_text(metric, found.value) + (" points" if metric == ACCURACY else "")
    if not math.isfinite(found.value.low):
        return f"{_pair(first, others[0])}: test {metric.name} {words}, without an interval"
    if found.value.low <= 0 <= found.value.high:
        return f"{_pair(first, others[0])}: no difference in test {metric.name} is shown ({words})"
    is_better = metric.sign * found.value.mean < 0
    better, worse = (others[0], first) if is_better else (first, others[0])
    verb = f"has the better test {metric.name} than"
    return f"{_name(better)} {verb} {_name(worse)} ({words} in {_name(others[0])})"


def _name(outcome: Outcome) -> str:
    return outcome.frames.study.name


def _pair(first: Outcome, other: Outcome) -> str:
    return f"{_name(first)} and {_name(other)}"


def comparison_rows(outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    """One row of ready text per study; differences are from the first."""
    metrics = shared_metrics(outcomes)
    return [_row(outcomes[0], outcome, metrics) for outcome in outcomes]


def _row(first: Outcome, outcome: Outcome, metrics: Sequence[Metric]) -> dict[str, str]:
    taken = outcome.recommended
    row = {"study": _name(outcome), "verdict": headline(outcome)}
    row["setting"] = "–"
    row["learning rate"] = strength_text(math.nan if taken is None else taken.lr)
    if taken is not None:
        verb = "tested" if taken.tested else "trained"
        strength = strength_words(outcome, taken.penalty, taken.strength, verb)
        row["setting"] = f"{setting_name(taken.penalty)} {strength}".strip()
        row["learning rate"] = strength_text(taken.lr)
    bases = []
    for metric in metrics:
        units = tested(outcome, metric)
        value = math.nan if units.empty else estimate_mean(units[metric.test].to_numpy()).mean
        row[f"test {metric.name}"] = value_text(metric, value)
        found = difference(first, outcome, metric)
        own = outcome is first
        row[f"difference of {metric.name}"] = "–" if own else _difference_cell(metric, found)
        bases.append(found.basis)
    row["difference is"] = "the first" if outcome is first else "; ".join(_bases(bases))
    return row


def _bases(bases: Sequence[Basis]) -> list[str]:
    return [BASES[basis] for basis in dict.fromkeys(bases or [Basis.UNTESTED])]


def _difference_cell(metric: Metric, found: Difference) -> str:
    if not math.isfinite(found.value.mean):
        return "–"
    unit = " points" if metric == ACCURACY else ""
    return change_text(metric, found.value).replace(" [", "\n[") + unit


# ---- paths -------------------------------------------------------------------------------------


def on_one_axis(outcomes: Sequence[Outcome]) -> bool:
    """Whether the values of all paths may share an axis."""
    first, *others = outcomes
    if any(outcome.metric != first.metric for outcome in others):
        return False
    studies = [outcome.frames.study for outcome in outcomes]
    return first.metric != LOSS or all(same_loss(studies[0], study) for study in studies)


def path_rows(outcomes: Sequence[Outcome]) -> list[PathRow]:
    """The paths of every penalty, those of one penalty over the same strengths."""
    penalties = dict.fromkeys(penalty for outcome in outcomes for penalty in outcome.frames.paths)
    groups = {
        penalty: [(o, _panel(o, penalty)) for o in outcomes if _is_drawn(o, penalty)]
        for penalty in penalties
    }
    everything = [(o, panel) for pairs in groups.values() for o, panel in pairs]
    if not everything:
        return []
    values = _value_axes(outcomes, everything)
    rows = []
    for i, (penalty, pairs) in enumerate(groups.items()):
        wide = choose_axes(pd.concat([panel.table for _, panel in pairs]), pairs[0][0].metric)
        panels = [
            _drawn(o, panel, _over(values[id(panel)], wide), f"compared-{i}-{j}")
            for j, (o, panel) in enumerate(pairs)
        ]
        rows.append(PathRow(setting_name(penalty), panels))
    return rows


def _is_drawn(outcome: Outcome, penalty: str) -> bool:
    table = outcome.frames.paths.get(penalty)
    return table is not None and outcome.metric.validation in table


def _panel(outcome: Outcome, penalty: str) -> PathPanel:
    frames = outcome.frames
    boundary, study = frames.boundary(penalty), frames.study
    colour = colour_of(penalty, study.penalties) if regularizes(penalty) else "#7a8490"
    heading = f"{study.name} · {setting_name(penalty)}"
    return PathPanel(penalty, heading, good_line(boundary), frames.paths[penalty], boundary, colour)


def _value_axes(
    outcomes: Sequence[Outcome], drawn: Sequence[tuple[Outcome, PathPanel]]
) -> dict[int, PathAxes]:
    """The axes of each panel by its identity: values on one axis where they are of one kind."""
    if on_one_axis(outcomes):
        panels = [panel for _, panel in drawn]
        axes = shared_axes(panels, outcomes[0].metric)
        return {id(panel): own for panel, own in zip(panels, axes, strict=True)}
    found: dict[int, PathAxes] = {}
    for outcome in outcomes:
        panels = [panel for own, panel in drawn if own is outcome]
        if panels:
            axes = shared_axes(panels, outcome.metric)
            found |= {id(panel): own for panel, own in zip(panels, axes, strict=True)}
    return found


def _over(axes: PathAxes, wide: PathAxes) -> PathAxes:
    """These values over those strengths."""
    return replace(
        axes, anchor=wide.anchor, low=wide.low, high=wide.high, left=wide.left, right=wide.right
    )


def _drawn(outcome: Outcome, panel: PathPanel, axes: PathAxes, key: str) -> Panel:
    wide = draw_path(panel, axes, outcome.metric, *SIZE, key)
    return Panel(wide, draw_path(panel, axes, outcome.metric, *PHONE, f"{key}-narrow"))
