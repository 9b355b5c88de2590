"""The first screen of a study's page: verdict, evidence in a line, figure, table, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboards.figures.path_axes import PathAxes
from dashboards.figures.static_forest import ForestRow, draw_forest
from dashboards.figures.static_path import PathPanel, draw_path, shared_axes
from dashboards.figures.style import colour_of
from dashboards.gather.cocktail import ingredients_of
from dashboards.gather.facts import alike, unit_word
from dashboards.gather.layer_strengths import shares_words
from dashboards.gather.metric_format import judged
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import percent
from dashboards.gather.outcome import Finding, Outcome
from dashboards.gather.rivals import Standing
from dashboards.gather.tables import boundary_of, path_table, path_trials
from dashboards.sections.evidence_words import evidence_words
from dashboards.sections.headline import headline
from dashboards.sections.next_steps import NextStep, next_steps
from dashboards.sections.settings_table import settings_rows
from dashboards.sections.use_it import Usage, usages
from dashboards.sections.zone_words import good_line
from sweep.metrics.metric import Metric
from sweep.regularizers.catalogue import COCKTAIL

SIZES = {1: (800.0, 300.0), 2: (398.0, 300.0)}
"""Width and height of a panel by how many stand side by side."""
SMALL = (264.0, 300.0)
"""Of three or more."""
PHONE = (350.0, 260.0)
SIDE_BY_SIDE = 3
FOREST, FOREST_PHONE = 1110.0, 350.0
MOST_ROWS = 40
"""Boundaries in the forest; more are in the table of all boundaries."""
STANDINGS = {
    Standing.BEST: "best on test",
    Standing.AS_GOOD: "as good on test",
    Standing.WORSE: "worse on test",
}
"""What a panel's heading says of its penalty on the test split."""


@dataclass(frozen=True)
class Panel:
    """A drawing for a wide screen, and one for a phone."""

    wide: str
    narrow: str


@dataclass(frozen=True)
class FirstScreen:
    """What stands above the fold."""

    headline: str
    evidence: list[str]
    panels: list[Panel]
    more: list[Panel]
    """Panels beyond those that stand side by side."""
    legend: dict[str, str]
    rows: list[dict[str, str]]
    usages: list[Usage]
    steps: list[NextStep]
    tested: bool
    """Whether settings have met the test split."""


def first_screen(outcome: Outcome) -> FirstScreen:
    """All of it, for the template."""
    drawn = path_panels(outcome)
    return FirstScreen(
        headline(outcome),
        evidence_words(outcome),
        drawn[:SIDE_BY_SIDE],
        drawn[SIDE_BY_SIDE:],
        _legend(outcome),
        settings_rows(outcome),
        usages(outcome),
        next_steps(outcome),
        bool(outcome.rivals),
    )


def path_panels(outcome: Outcome) -> list[Panel]:
    """The paths as drawings, the recommended penalty's first, then by how they did."""
    frames, metric = outcome.frames, outcome.metric
    shown = [p for p in _ordered(outcome) if metric.validation in frames.paths[p]]
    panels = [_panel(outcome, penalty) for penalty in shown]
    mixed = _ingredient_panels(outcome)
    panels = [*mixed, *panels] if outcome.finding is Finding.MIXTURE else [*panels, *mixed]
    if not panels:
        return []
    axes = shared_axes(panels, metric)
    size = SIZES.get(len(panels), SMALL)
    return [
        _drawn(panel, own, metric, size, f"path-{i}")
        for i, (panel, own) in enumerate(zip(panels, axes, strict=True))
    ]


def _drawn(
    panel: PathPanel, axes: PathAxes, metric: Metric, size: tuple[float, float], key: str
) -> Panel:
    wide = draw_path(panel, axes, metric, *size, key)
    return Panel(wide, draw_path(panel, axes, metric, *PHONE, f"{key}-narrow"))


def _ordered(outcome: Outcome) -> list[str]:
    taken, paths = outcome.advised, list(outcome.frames.paths)
    ranks = {r.penalty: i for i, r in enumerate(outcome.rivals) if not r.is_baseline}
    first = taken.penalty if taken is not None else ""
    return sorted(paths, key=lambda p: (p != first, ranks.get(p, len(ranks)), paths.index(p)))


def _panel(outcome: Outcome, penalty: str) -> PathPanel:
    frames = outcome.frames
    colour = colour_of(penalty, frames.study.penalties)
    boundary = frames.boundary(penalty)
    heading = " · ".join([setting_name(penalty), *_standing(outcome, penalty)])
    return PathPanel(penalty, heading, good_line(boundary), frames.paths[penalty], boundary, colour)


def _ingredient_panels(outcome: Outcome) -> list[PathPanel]:
    """The paths of a mixture's ingredients, the others held."""
    frames, metric = outcome.frames, outcome.metric
    panels = []
    for name in ingredients_of(frames.trials):
        table = path_table(frames.trials, frames.runs, COCKTAIL, frames.study, name)
        if metric.validation not in table or (table["strength"] > 0).sum() < 2:
            continue
        boundary = boundary_of(frames.boundaries, COCKTAIL, metric.validation, name)
        heading, colour = f"{setting_name(name)} in the mixture", colour_of(name)
        panels.append(PathPanel(name, heading, good_line(boundary), table, boundary, colour))
    return panels


def _standing(outcome: Outcome, penalty: str) -> Iterator[str]:
    taken = outcome.advised
    if taken is None:
        return
    if taken.penalty == penalty and taken.tested:
        yield "recommended"
        return
    mine = [r for r in outcome.rivals if r.penalty == penalty and not r.is_baseline]
    yield from (STANDINGS[r.standing] for r in mine if r.standing in STANDINGS)


def _legend(outcome: Outcome) -> dict[str, str]:
    """What the drawings' legend names; nothing stands for a constant that no run has."""
    strongest, null = outcome.frames.null_is_strongest, outcome.metric.null
    drawn = any(null in table for table in outcome.frames.paths.values())
    constant = "strongest strength, taken for a constant" if strongest else "constant prediction"
    rhos = outcome.frames.boundaries["rho"] if len(outcome.frames.boundaries) else [0.05]
    return {
        "metric": outcome.metric.name,
        "units": unit_word(outcome.frames.study.design),
        "share": percent(float(next(iter(rhos)))),
        "constant": constant if drawn else "",
        "layers": _layer_shares(outcome),
        "gain": "gain over the strongest strength" if strongest else "possible gain",
    }


def _layer_shares(outcome: Outcome) -> str:
    """What the layers have of a path's strength, where they differ."""
    frames = outcome.frames
    if alike(frames.study):
        return ""
    found = {penalty: shares_words(frames.trials, penalty) for penalty in frames.paths}
    return "; ".join(f"{setting_name(p)} × {words}" for p, words in found.items() if words)


# ---- all boundaries ----------------------------------------------------------------------------


def forest(outcome: Outcome) -> Panel | None:
    """Every boundary of every path and metric in one drawing; None without any."""
    rows = forest_rows(outcome)
    if not rows:
        return None
    return Panel(
        draw_forest(rows, FOREST, "forest"),
        draw_forest(rows, FOREST_PHONE, "forest-narrow", narrow=True),
    )


def forest_rows(outcome: Outcome) -> list[ForestRow]:
    """Penalties in the order of the panels, each by every metric, then by layer."""
    frames = outcome.frames
    metrics = dict.fromkeys([outcome.metric, *judged(frames.study)])
    rows = [
        row
        for penalty in _ordered(outcome)
        for layer in _layers(outcome, penalty)
        for metric in metrics
        if (row := _forest_row(outcome, penalty, metric, layer)) is not None
    ]
    return rows[:MOST_ROWS]


def _layers(outcome: Outcome, penalty: str) -> Sequence[str]:
    boundaries = outcome.frames.boundaries
    if boundaries.empty:
        return ()
    mine = boundaries.loc[boundaries["penalty"] == penalty, "layer"]
    return sorted(dict.fromkeys(mine), key=lambda layer: layer != "all")


def _forest_row(outcome: Outcome, penalty: str, metric: Metric, layer: str) -> ForestRow | None:
    frames = outcome.frames
    boundary = boundary_of(frames.boundaries, penalty, metric.validation, layer)
    strengths = path_trials(frames.trials, penalty, layer)["strength"]
    ladder = strengths[strengths > 0]
    if boundary is None or ladder.empty:
        return None
    where = "" if layer == "all" else f", {layer}"
    name = f"{setting_name(penalty)}{where} by {metric.name}"
    colour = colour_of(penalty, frames.study.penalties)
    low, high = float(ladder.min()), float(ladder.max())
    return ForestRow(penalty, name, good_line(boundary), low, high, boundary, colour)
