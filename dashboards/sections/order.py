"""The order of a study's page: which charts stand in which section, with caption and data table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from dashboards.figures.path import path_figure
from dashboards.figures.style import colour_of
from dashboards.gather.metric_format import judged
from dashboards.gather.numbers import digits
from dashboards.gather.tables import Frames, alike, unit_word
from dashboards.sections.cocktail import ablation_section, cocktail_section
from dashboards.sections.confirm import confirm_figure, confirm_rows, confirm_table
from dashboards.sections.layer_paths import (
    layer_curves_figure,
    layer_path_table,
    layer_zones_figure,
    layered_penalties,
)
from dashboards.sections.learning_curves import (
    MAX_LISTED,
    explore_figure,
    explore_table,
    learning_figure,
    learning_table,
    three_settings,
)
from dashboards.sections.occupancy import occupancy_figure, occupancy_words
from dashboards.sections.parts import Chart, Section, chart_of
from dashboards.sections.penalties import (
    best_loss_figure,
    zones_figure,
)
from dashboards.sections.pruning import (
    Pruning,
    n_left_out,
    n_outside,
    pruning_figure,
    pruning_rows,
    pruning_words,
)
from dashboards.sections.searched import (
    RateMap,
    Searched,
    gain_lost,
    importance_figure,
    importance_table,
    listed,
    profile_figure,
    profile_table,
    profile_words,
    rate_figure,
    rate_map,
    rate_table,
    search_profile,
)
from dashboards.sections.weights import (
    layer_norms_figure,
    layer_strengths_figure,
    layers_table,
    norm_figure,
    weights_table,
    zeros_figure,
)
from sweep.metrics.metric import Metric, objective_of


def sections_of(frames: Frames, best: pd.DataFrame) -> list[Section]:
    """The sections of a study's page that have something to show."""
    makers = (
        _regimes,
        _other_metrics,
        cocktail_section,
        ablation_section,
        _side_by_side,
        _test_split,
        _learning,
        _weights,
        _layers,
        _layer_paths,
        _search,
        _dimensions,
        _pruning,
        _occupancy,
    )
    found = []
    for maker in makers:
        section = maker(frames, best)
        if section.charts or section.rows:
            found.append(section)
    return found


# ---- main figures ------------------------------------------------------------------------------


def _regimes(frames: Frames, best: pd.DataFrame) -> Section:
    metric = objective_of(frames.study)
    charts = [_path_chart(frames, p, metric) for p in frames.paths]
    units = unit_word(frames.study)
    intro = (
        "Each picture follows one penalty through its best trial: everything is held fixed but "
        f"the strength. Every strength was trained on the same {units}, so the points of a line "
        f"differ in strength alone. Solid: validation {metric.name}; dashed: training "
        f"{metric.name}, both without the penalty; bands hold the middle 80 % of {units}. "
        "Vertical lines are the boundaries, the grey strips around them their 95 % intervals. The "
        "detached points on the left are the same model without any regularization."
    )
    return Section("regimes", "Where overfitting ends and underfitting starts", intro, charts)


def _other_metrics(frames: Frames, best: pd.DataFrame) -> Section:
    """The boundaries by every metric but the objective: they need not agree."""
    named = set(frames.boundaries["metric"]) if len(frames.boundaries) else set()
    objective = objective_of(frames.study)
    others = [m for m in judged(frames.study) if m != objective and m.validation in named]
    charts = [
        _path_chart(frames, penalty, metric)
        for penalty, table in frames.paths.items()
        for metric in others
        if metric.validation in table
    ]
    words = " and ".join(metric.name for metric in others)
    intro = (
        f"Judged by {words} the boundaries can lie elsewhere: loss also counts how sure the model "
        "is of its mistakes."
    )
    return Section("accuracy", f"The same, judged by {words}", intro, charts)


def _path_chart(frames: Frames, penalty: str, metric: Metric) -> Chart:
    word, column = metric.name, metric.validation
    figure = path_figure(
        frames.trials, frames.runs, frames.boundaries, frames.study, penalty, column
    )
    caption = {
        "decay": "The upper axis gives the strength as the time over which weights are forgotten.",
        "l1": "The right axis counts the weights that are exactly zero.",
    }.get(penalty, "")
    boundary = frames.boundary(penalty, column)
    if boundary is not None and metric != objective_of(frames.study):
        caption = f"{boundary['sentence']}. {caption}".strip()
    label = f"Training and validation {word} against the strength of {penalty}. "
    label += str(boundary["sentence"]) if boundary is not None else "No boundaries."
    table = frames.paths[penalty]
    return chart_of(f"{penalty}: {word} against strength", caption, figure, table, label)


# ---- comparisons -------------------------------------------------------------------------------


def _side_by_side(frames: Frames, best: pd.DataFrame) -> Section:
    if len(frames.paths) == 0 or best.empty:
        return Section("penalties", "", "")
    shown = ["penalty", "best", "overfitting_ends", "underfitting_starts"]
    columns = [c for c in frames.boundaries.columns if c.startswith(tuple(shown))]
    objective = frames.boundaries["metric"] == frames.study["objective"]
    charts = [
        chart_of(
            "Validation loss at the best strength",
            f"Means over {unit_word(frames.study)} with 95 % intervals. The best strength was "
            "chosen on the same numbers, so the test split below is the fairer judge. Models "
            "without regularization differ because each path has its penalty's best learning rate.",
            best_loss_figure(best, frames.study),
            best,
            "Validation loss of each penalty at its best strength and without regularization.",
        )
    ]
    if frames.boundaries.empty:
        return Section("penalties", "The penalties side by side", "", charts)
    charts.insert(
        0,
        chart_of(
            "Good strengths",
            "Bars reach from where overfitting ends to where underfitting starts; whiskers are "
            "95 % intervals, the diamond is the best strength, the thin line what was searched. "
            "Strengths of different penalties are different quantities: compare the widths.",
            zones_figure(frames.trials, frames.boundaries, frames.study),
            frames.boundaries.loc[objective, columns],
            "The zone of good strengths of each penalty with the interval of each end.",
        ),
    )
    return Section("penalties", "The penalties side by side", "", charts)


def _test_split(frames: Frames, best: pd.DataFrame) -> Section:
    table = confirm_table(frames.trials, frames.runs, frames.study)
    if table.empty:
        return Section("test", "", "")
    chart = chart_of(
        "Loss on the test split",
        "Means with 95 % intervals over retrainings with fresh seeds. The test rows are the same "
        "for all, so the intervals leave out the luck of having drawn these rows.",
        confirm_figure(table, frames.study),
        table,
        "Test loss of the unregularized model and of the best setting of each penalty.",
    )
    intro = (
        "The chosen settings, trained anew, meet the test split for the first and only time. "
        "The chosen one did best in validation; the model without regularization shares its other "
        "settings. Differences are paired: the same seeds and rows on both sides."
    )
    return Section("test", "On the test split", intro, [chart], rows=confirm_rows(table))


# ---- training and weights ----------------------------------------------------------------------


def _learning(frames: Frames, best: pd.DataFrame) -> Section:
    charts = []
    for penalty, table in frames.paths.items():
        settings = three_settings(table, frames.boundaries, frames.study, penalty)
        curves = learning_table(frames.curves, frames.trials, settings, penalty)
        if curves.empty:
            continue
        listed = ", ".join(f"{name} ({digits(s)})" if s else name for name, s in settings.items())
        charts.append(
            chart_of(
                f"{penalty}: loss over training",
                "",
                learning_figure(curves, frames.study, penalty),
                curves,
                f"Learning curves under {penalty}: {listed}.",
            )
        )
    intro = (
        "A validation curve that turns upwards while training loss keeps falling is overfitting; "
        "two curves that stay high together are underfitting. Lines are means over "
        f"{unit_word(frames.study)}; bands hold the middle 80 % of validation losses."
    )
    return Section("curves", "Learning curves", intro, charts)


def _weights(frames: Frames, best: pd.DataFrame) -> Section:
    table = weights_table(frames.trials, frames.runs, frames.study)
    if table.empty:
        return Section("weights", "", "")
    charts = [
        chart_of(
            "Size of the weights",
            "Euclidean norm of all penalized weights at the end of training, mean.",
            norm_figure(table),
            table.drop(columns="zeros_share", errors="ignore"),
            "Norm of the weights against strength, one line per penalty.",
        )
    ]
    intro = "None of the penalties made a weight exactly zero."
    if "zeros_share" in table and table["zeros_share"].max() > 0:
        intro = ""
        charts.append(
            chart_of(
                "Weights that are exactly zero",
                "Share of the penalized weights, mean. Small is not zero: only exact zeros count.",
                zeros_figure(table),
                table.drop(columns="weight_norm", errors="ignore"),
                "Share of weights that are exactly zero against strength, one line per penalty.",
            )
        )
    return Section("weights", "What happens to the weights", intro, charts, columns=2)


def _layers(frames: Frames, _best: pd.DataFrame) -> Section:
    mode = str(frames.study.get("layers_mode", "shared"))
    strengths: list[Chart] = []
    norms: list[Chart] = []
    for penalty in frames.paths:
        table = layers_table(frames.layers, frames.trials, penalty)
        if table["layer"].nunique() < 2:
            continue
        norms.append(
            chart_of(
                f"{penalty}: each layer's norm",
                "",
                layer_norms_figure(table, penalty),
                table,
                f"Norm of each layer's weights against the strength of {penalty}.",
            )
        )
        if alike(frames.study):
            continue
        best = frames.best(penalty)
        strengths.append(
            chart_of(
                f"{penalty}: each layer's strength",
                "At the best point of the path, from the input to the output.",
                layer_strengths_figure(table, best, penalty),
                table[table["strength"] == best],
                f"The strength of {penalty} on each layer.",
            )
        )
    intro = {
        "shared": "All layers had the same strength; they do not respond alike."
        if alike(frames.study)
        else "",
        "depth": "Strengths rose or fell from layer to layer by one searched ratio.",
        "free": "Every layer's strength was searched for itself.",
        "groups": "The layers of every group shared a strength, which was searched for itself.",
    }.get(mode, "")
    if factors := frames.study.get("profile_factors"):
        told = ", ".join(f"{layer} by {digits(factor)}" for layer, factor in factors.items())
        intro += f" Strengths were multiplied by the starting profile: {told}."
    intro += (
        " Norms of each layer's weights are drawn beside their norms without regularization, from "
        "the input (blue) to the output (red)."
    )
    return Section("layers", "Layer by layer", intro.strip(), strengths + norms, columns=2)


def _layer_paths(frames: Frames, _best: pd.DataFrame) -> Section:
    trials, study = frames.trials, frames.study
    charts = []
    for penalty in layered_penalties(trials):
        table = layer_path_table(trials, frames.runs, penalty, study)
        label = f"Validation against the strength of {penalty} on each layer, the others held."
        zones = layer_zones_figure(trials, frames.boundaries, penalty, study)
        curves = layer_curves_figure(table, penalty, study)
        charts += [
            chart_of(f"{penalty}: each layer's good strengths", "", zones, table, label),
            chart_of(f"{penalty}: the curves behind them", "", curves, table, label),
        ]
    intro = (
        "Each line moves the strength of one layer and holds every other at the best point of the "
        "path above; the detached points leave that layer alone without regularization. A layer "
        "whose line stays within the noise has no measurable effect."
    )
    return Section("layer-paths", "One layer's strength at a time", intro, charts, columns=2)


def _search(frames: Frames, best: pd.DataFrame) -> Section:
    table = explore_table(frames.trials)
    if table.empty:
        return Section("search", "", "")
    chart = chart_of(
        "Every trial of the search",
        "Learning rate and other settings differ from point to point, and the search went where it "
        "did well: this shows where the paths were laid, not where the boundaries are.",
        explore_figure(frames.trials, frames.study),
        table,
        "Validation loss against strength of every trial of the explore phase.",
    )
    return Section("search", "The search", "", [chart])


def _dimensions(frames: Frames, _best: pd.DataFrame) -> Section:
    """What the search's trials suggest where more than the strength was swept."""
    names = [p for p in frames.study.get("penalties", ()) if p != "none"]
    searches = [s for s in (Searched(frames, name) for name in names) if s.axes]
    charts, rows = [], []

    def leave_out(what: str, why: str) -> None:
        rows.append({"not shown": what, "because": why})

    for searched in searches:
        profile = search_profile(searched)
        if isinstance(profile, str):
            leave_out(f"profile of {searched.penalty}", profile)
            continue
        charts.append(
            chart_of(
                f"{searched.penalty}: the lowest loss at each strength (exploratory)",
                f"{profile_words(profile)} Curves that agree with {profile.n_trials} finished "
                "trials and their noise (a Gaussian process), each at its best "
                f"{listed(searched.axes)} for every strength.",
                profile_figure(searched, profile),
                profile_table(profile),
                f"The lowest validation loss at each strength of {searched.penalty}. "
                + profile_words(profile),
            )
        )
    maps = [(s, rate_map(s)) for s in searches if "lr" in s.axes and s.penalty in ("l2", "decay")]
    for searched, cells in maps:
        if isinstance(cells, str):
            leave_out(f"learning rate by strength of {searched.penalty}", cells)
    charts += _rate_charts([(s, cells) for s, cells in maps if isinstance(cells, RateMap)])
    charts += _importance_charts(frames, searches, leave_out)
    intro = (
        "Exploratory: these pictures come from the search, whose trials lie where it did well and "
        "differ in more than the strength. They suggest where to look. The boundaries above come "
        "from paths on which nothing but the strength moves."
    )
    return Section("explore", "Explore: several dimensions", intro, charts, 2, rows)


def _rate_charts(maps: Sequence[tuple[Searched, RateMap]]) -> list[Chart]:
    """Coupled and decoupled decay side by side, in colours that mean the same."""
    if not maps:
        return []
    best = min(float(searched.complete["val_loss"].min()) for searched, _ in maps)
    null = max(searched.null_loss for searched, _ in maps)
    shares = [gain_lost(cells, best, null) for _, cells in maps]
    worst = min(100.0, 10 * math.ceil(max(float(np.nanmax(s)) for s in shares) / 10))
    kinds = {"l2": "decay as a term of the loss", "decay": "decay beside the gradient"}
    return [
        chart_of(
            f"{cells.penalty}: learning rate by strength",
            f"{kinds[cells.penalty].capitalize()}. Bright cells lost little of what there was to "
            "gain (median of their finished trials). Where they run along a diagonal, strength and "
            "learning rate have to be tuned together; where they stand in a column, apart.",
            rate_figure(cells, share, worst),
            rate_table(cells),
            f"Median validation loss by strength of {cells.penalty} and learning rate.",
        )
        for (_, cells), share in zip(maps, shares, strict=True)
    ]


def _importance_charts(
    frames: Frames, searches: Sequence[Searched], leave_out: Callable[[str, str], None]
) -> list[Chart]:
    charts = []
    for searched in searches:
        penalty, table = searched.penalty, importance_table(searched)
        if isinstance(table, str):
            leave_out(f"importances under {penalty}", table)
            continue
        if why := str(table["why"].iloc[0]):
            leave_out(f"importances without underfitting under {penalty}", why)
        table = table.drop(columns="why")
        charts.append(
            chart_of(
                f"{penalty}: which axis decides",
                "How much an axis tells the best tenth of the trials (at least 5) from the others "
                "(PED-ANOVA), over all strengths and again below the one where underfitting "
                "starts. With so few best trials chance has a part in it: an axis that decides "
                f"nothing gets some too, and all would get {100 / len(table):.0f} % if none did.",
                importance_figure(table, colour_of(penalty, frames.study["penalties"])),
                table,
                f"Share of importance of every axis under {penalty}.",
            )
        )
    return charts


def _pruning(frames: Frames, best: pd.DataFrame) -> Section:
    pruning = Pruning(frames)
    if not pruning.rungs or pruning.curves.empty:
        return Section("pruning", "", "")
    charts = []
    for penalty in pruning.penalties:
        table = pruning.table[pruning.table["penalty"] == penalty]
        left_out = n_left_out(pruning, penalty)
        outside = n_outside(pruning, penalty)
        caption = f"{left_out} worse trials are not drawn. " if left_out else ""
        caption += f"{outside} of the stops lie outside of the frame." if outside else ""
        stopped = int((table["state"] == "pruned").sum())
        charts.append(
            chart_of(
                f"{penalty}: who was stopped",
                caption,
                pruning_figure(pruning, penalty),
                table.head(MAX_LISTED),
                f"Curves of the search's trials under {penalty}; {stopped} of {len(table)} were "
                "stopped at a rung.",
            )
        )
    listed = " and ".join(str(rung) for rung in pruning.rungs)
    intro = (
        f"{pruning_words(pruning)} Trials are compared at epoch {listed} (dotted lines) with those "
        "of their own penalty; a cross marks a trial that was stopped there."
    )
    rows = pruning_rows(pruning)
    return Section("pruning", "What pruning saved", intro, charts, columns=2, rows=rows)


def _occupancy(frames: Frames, best: pd.DataFrame) -> Section:
    table = frames.occupancy
    if table.empty or not (table["slots"] > 0).any():
        return Section("occupancy", "", "")
    chart = chart_of(
        "Slots with a run in them",
        "A run that ends, is stopped or diverges frees its slot for the next one that waits; at "
        "the end of a phase nobody waits. A dotted line is a new launch.",
        occupancy_figure(table),
        table.drop(columns="study"),
        "Number of occupied slots over time, by phase.",
    )
    return Section("occupancy", "How full the slots were", occupancy_words(table), [chart])
