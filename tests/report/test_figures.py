"""The figures of the report against the frames they draw, and the words and checks beside them."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from scipy import stats

from dashboards.figures.path import path_figure
from dashboards.figures.style import DARK, PENALTY_COLOURS, TOO_STRONG, colour_of, fade
from dashboards.gather.numbers import digits
from dashboards.gather.tables import Frames, estimate_mean, path_table, variance_factor
from dashboards.sections.answers import answers, headline
from dashboards.sections.caveats import find_caveats
from dashboards.sections.confirm import confirm_figure, confirm_rows, confirm_table
from dashboards.sections.learning_curves import (
    explore_figure,
    explore_table,
    learning_figure,
    learning_table,
    three_settings,
)
from dashboards.sections.occupancy import occupancy_figure, occupancy_words
from dashboards.sections.order import sections_of
from dashboards.sections.penalties import best_loss_figure, best_table, zones_figure
from dashboards.sections.weights import norm_figure, weights_table, zeros_figure
from tests.support.report_frames import (
    LAYERS,
    LR,
    NULL_LOSS,
    PENALTIES,
    RANGES,
    make_frames,
    make_regression_frames,
    make_study,
    set_boundary,
)


@pytest.fixture(scope="module")
def plain_frames() -> dict[str, pd.DataFrame]:
    return make_frames()


@pytest.fixture
def frames(plain_frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Frames that a test may change."""
    return {name: frame.copy() for name, frame in plain_frames.items()}


def draw(frames: dict[str, pd.DataFrame], penalty: str, metric: str = "val_loss") -> go.Figure:
    return path_figure(
        frames["trials"], frames["runs"], frames["boundaries"], make_study(), penalty, metric
    )


def trace(figure: go.Figure, name: str) -> Any:
    return next(t for t in figure.data if (t.name or "").startswith(name))


def shaded(figure: go.Figure) -> list[tuple[float, float]]:
    """Ends of the regimes' zones: filled rectangles that are not the grey of an interval."""
    grey = fade("#1f2933", 1).rsplit(",", 1)[0]
    return [
        (s.x0, s.x1)
        for s in figure.layout.shapes
        if s.type == "rect" and not s.fillcolor.startswith(grey)
    ]


def names(figure: go.Figure) -> list[str]:
    """What is written in the figure."""
    return [a.text for a in figure.layout.annotations]


def path_runs(frames: dict[str, pd.DataFrame], penalty: str) -> pd.DataFrame:
    trials = frames["trials"]
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == penalty)]
    return frames["runs"].merge(mine[["trial", "strength"]], on="trial")


# ---- the main figure ---------------------------------------------------------------------------


@pytest.mark.parametrize("penalty", PENALTIES)
def test_lines_are_the_means_of_the_runs_at_every_strength(
    frames: dict[str, pd.DataFrame], penalty: str
) -> None:
    figure, runs = draw(frames, penalty), path_runs(frames, penalty)
    for name, column in (("validation loss", "val_loss"), ("training loss", "train_loss")):
        means = runs[runs["strength"] > 0].groupby("strength")[column].mean()
        np.testing.assert_allclose(trace(figure, name).x, means.index)
        np.testing.assert_allclose(trace(figure, name).y, means)


def test_the_band_holds_the_middle_80_percent_of_the_resamples(
    frames: dict[str, pd.DataFrame],
) -> None:
    band = trace(draw(frames, "decay"), "validation, middle 80 %")
    runs = path_runs(frames, "decay")
    groups = [g["val_loss"] for s, g in runs.groupby("strength") if s > 0]
    high = [np.quantile(g, 0.9) for g in groups]
    low = [np.quantile(g, 0.1) for g in groups]
    np.testing.assert_allclose(band.y, high + low[::-1])


def test_zero_strength_stands_left_of_the_ladder_and_is_labelled_0(
    frames: dict[str, pd.DataFrame],
) -> None:
    figure = draw(frames, "decay")
    place = figure.layout.xaxis.tickvals[0]
    assert figure.layout.xaxis.ticktext[0] == "0"
    assert place < RANGES["decay"][0]
    runs = path_runs(frames, "decay")
    anchors = [t for t in figure.data if t.mode == "markers" and t.x and t.x[0] == place]
    expected = [runs.loc[runs["strength"] == 0, c].mean() for c in ("val_loss", "train_loss")]
    np.testing.assert_allclose([t.y[0] for t in anchors], expected)
    assert all(min(t.x) > place for t in figure.data if t.mode == "lines+markers" and t.x[0])


def test_training_is_dashed_and_validation_solid_in_the_penaltys_colour(
    frames: dict[str, pd.DataFrame],
) -> None:
    for penalty in PENALTIES:
        figure = draw(frames, penalty)
        for name, dash in (("training loss", "dash"), ("validation loss", "solid")):
            assert trace(figure, name).line.dash == dash
            assert trace(figure, name).line.color == PENALTY_COLOURS[penalty]


def test_three_regimes_are_shaded_and_named_between_the_boundaries(
    frames: dict[str, pd.DataFrame],
) -> None:
    figure = draw(frames, "decay")
    best = PENALTIES["decay"]
    low, high = best / 4.2, best * 5.1
    zones = sorted(shaded(figure))
    assert [z[1] for z in zones[:2]] == pytest.approx([low, high])
    assert [z[0] for z in zones[1:]] == pytest.approx([low, high])
    for name in ("<b>overfitting</b>", "<b>good</b>", "<b>underfitting</b>"):
        assert name in names(figure)
    lines = sorted(s.x0 for s in figure.layout.shapes if s.type == "line")
    assert lines == pytest.approx([low, high])
    intervals = {(s.x0, s.x1) for s in figure.layout.shapes if s.type == "rect"} - set(zones)
    ends = [end for pair in sorted(intervals) for end in pair]
    assert ends == pytest.approx([low / 1.5, low * 1.4, high / 1.25, high * 1.3])


def test_no_harmful_overfitting_makes_the_good_zone_reach_no_regularization(
    frames: dict[str, pd.DataFrame],
) -> None:
    nothing = dict.fromkeys(
        ("overfitting_ends", "overfitting_ends_low", "overfitting_ends_high"), math.nan
    )
    verdict = {"overfitting_verdict": "none in the searched range"}
    set_boundary(frames, "l2", **nothing, **verdict, overfitting_cause="no boundary")
    figure = draw(frames, "l2")
    zones = sorted(shaded(figure))
    assert len(zones) == 2
    assert zones[0][0] == pytest.approx(10 ** figure.layout.xaxis.range[0])
    assert "<b>overfitting</b>" not in names(figure)
    assert any("down to no regularization" in text for text in names(figure))


def test_an_inconclusive_side_is_not_shaded(frames: dict[str, pd.DataFrame]) -> None:
    set_boundary(
        frames,
        "l2",
        underfitting_verdict="inconclusive",
        underfitting_starts=math.nan,
        underfitting_starts_high=math.nan,
    )
    figure = draw(frames, "l2")
    assert len(shaded(figure)) == 1
    assert any("not settled" in text for text in names(figure))
    assert not {"<b>good</b>", "<b>underfitting</b>"} & set(names(figure))


@pytest.mark.parametrize(
    "verdict",
    [
        "no learnable signal",
        "optimum not bracketed: extend the range to stronger strengths",
        "not unimodal: several good zones",
    ],
)
def test_an_undefined_path_is_drawn_without_any_shading(
    frames: dict[str, pd.DataFrame], verdict: str
) -> None:
    sides = {"overfitting_verdict": "undefined", "underfitting_verdict": "undefined"}
    set_boundary(frames, "l2", verdict=verdict, **sides)
    figure = draw(frames, "l2")
    assert shaded(figure) == []
    assert not any((t.name or "").startswith(("threshold", "best")) for t in figure.data)
    assert any(verdict.split(":")[0] in text for text in names(figure))


def test_worse_validation_that_is_not_overfitting_is_not_called_so(
    frames: dict[str, pd.DataFrame],
) -> None:
    set_boundary(frames, "l2", overfitting_cause="optimization-limited")
    figure = draw(frames, "l2")
    assert "<b>too weak</b>" in names(figure)
    assert "<b>overfitting</b>" not in names(figure)
    assert any("optimization-limited" in text for text in names(figure))


def test_one_exploding_strength_does_not_flatten_the_rest(frames: dict[str, pd.DataFrame]) -> None:
    trials, runs = frames["trials"], frames["runs"]
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == "decay")]
    worst = mine.sort_values("strength")["trial"].iloc[-1]
    runs.loc[runs["trial"] == worst, ["val_loss", "train_loss"]] *= 1e4
    figure = draw(frames, "decay")
    assert figure.layout.yaxis.range[1] < 4 * NULL_LOSS
    note = trace(figure, "above the frame")
    assert "at 10" in note.name
    assert max(y for t in figure.data if t.y is not None for y in t.y if y) < 4 * NULL_LOSS


def test_diverged_runs_are_left_out_and_named(frames: dict[str, pd.DataFrame]) -> None:
    trials, runs = frames["trials"], frames["runs"]
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == "l1")]
    lost = mine.sort_values("strength")["trial"].iloc[-1]
    rows = (runs["trial"] == lost) & (runs["run"] < 2)
    runs.loc[rows, ["val_loss", "train_loss"]] = math.nan
    runs.loc[rows, "state"] = "diverged"
    kept = runs[(runs["trial"] == lost) & (runs["run"] >= 2)]
    figure = draw(frames, "l1")
    assert trace(figure, "validation loss").y[-1] == pytest.approx(kept["val_loss"].mean())
    assert "2 runs" in trace(figure, "runs diverged").hovertext[0]


def test_decays_upper_axis_is_its_timescale_in_epochs(frames: dict[str, pd.DataFrame]) -> None:
    figure, steps = draw(frames, "decay"), make_study()["steps_per_epoch"]
    top = figure.layout.xaxis2
    assert (top.side, top.matches, top.type) == ("top", "x", "log")
    for strength, text in zip(top.tickvals, top.ticktext, strict=True):
        epochs = 1 / (LR * strength * steps)
        power = text.replace("10<sup>", "1e").replace("</sup>", "").replace("−", "-")
        assert epochs == pytest.approx(float(power))
    assert figure.layout.xaxis.type == "log"


def test_l1s_right_axis_is_the_share_of_exact_zeros(frames: dict[str, pd.DataFrame]) -> None:
    zeros = trace(draw(frames, "l1"), "exact zeros")
    runs = path_runs(frames, "l1")
    shares = (runs["zeros"] / runs["n_weights"]).groupby(runs["strength"]).mean()
    assert zeros.yaxis == "y2"
    np.testing.assert_allclose([y for y in zeros.y if y is not None], 100 * shares)
    assert zeros.y[1] is None, "no line crosses the break of the axis"


def test_accuracies_are_drawn_in_percent_and_their_threshold_too(
    frames: dict[str, pd.DataFrame],
) -> None:
    figure = draw(frames, "l2", "val_accuracy")
    runs = path_runs(frames, "l2")
    means = runs[runs["strength"] > 0].groupby("strength")["val_accuracy"].mean()
    np.testing.assert_allclose(trace(figure, "validation accuracy").y, 100 * means)
    assert trace(figure, "threshold").y[0] == pytest.approx(72.0)
    assert max(figure.layout.yaxis.tickvals) == 100


# ---- tables and estimates ----------------------------------------------------------------------


def test_seeds_on_one_split_are_averaged_before_anything_else() -> None:
    frames, study = make_frames(), make_study()
    runs = frames["runs"]
    runs["resample"], runs["replicate"] = runs["run"] // 2, runs["run"] % 2
    table = path_table(frames["trials"], runs, "l2", study)
    assert set(table["units"]) == {4}
    seeds = path_table(frames["trials"], runs, "l2", make_study(design="holdout"))
    assert set(seeds["units"]) == {8}


def test_the_interval_of_a_mean_on_fresh_data_is_students() -> None:
    values = np.random.default_rng(0).normal(1.0, 0.2, 9)
    ours = estimate_mean(values, {"design": "fresh"})
    low, high = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert (ours.mean, ours.low, ours.high) == pytest.approx((values.mean(), low, high))


def test_overlapping_training_sets_widen_the_interval_as_nadeau_and_bengio_say() -> None:
    resample = {"design": "resample", "n_train": 800, "n_validation": 200}
    assert variance_factor(resample, 10) == pytest.approx(0.1 + 0.25)
    assert variance_factor({"design": "kfold", "n_folds": 5}, 10) == pytest.approx(0.1 + 0.25)
    assert variance_factor({"design": "holdout"}, 10) == pytest.approx(0.1)


def test_the_gain_over_no_regularization_is_paired(frames: dict[str, pd.DataFrame]) -> None:
    table = best_table(frames["trials"], frames["runs"], make_study()).set_index("penalty")
    runs = path_runs(frames, "decay")
    wide = runs.pivot(index="resample", columns="strength", values="val_loss")
    best = wide.drop(columns=0.0).mean().idxmin()
    gain = wide[best] - wide[0.0]
    low, high = stats.t.interval(0.95, len(gain) - 1, gain.mean(), stats.sem(gain))
    row = table.loc["decay"]
    assert row["strength"] == best
    found = (row["change"], row["change_low"], row["change_high"])
    assert found == pytest.approx((gain.mean(), low, high))


def test_the_test_splits_differences_are_paired_with_no_regularization(
    frames: dict[str, pd.DataFrame],
) -> None:
    table = confirm_table(frames["trials"], frames["runs"], make_study())
    trials = frames["trials"][frames["trials"]["phase"] == "confirm"]
    runs = frames["runs"].merge(trials[["trial", "penalty"]], on="trial")
    wide = runs.pivot(index="run", columns="penalty", values="test_loss")
    assert list(table["setting"]) == ["no regularization", "l2", "decay", "l1"]
    for penalty in PENALTIES:
        row = table.set_index("penalty").loc[penalty]
        assert row["change"] == pytest.approx((wide[penalty] - wide["none"]).mean())
        assert row["change_low"] < row["change"] < row["change_high"]
    assert [r["setting"] for r in confirm_rows(table)][-1] == "l1 (chosen)"


def test_learning_curves_are_means_of_three_settings_of_the_path(
    frames: dict[str, pd.DataFrame],
) -> None:
    study = make_study()
    ladder = path_table(frames["trials"], frames["runs"], "l2", study)
    settings = three_settings(ladder, frames["boundaries"], study, "l2")
    strong = PENALTIES["l2"] * 5.1
    assert settings["no regularization"] == 0
    assert strong < settings["too strong"] <= 10.01 * strong
    table = learning_table(frames["curves"], frames["trials"], settings, "l2")
    runs = path_runs(frames, "l2")
    best = runs.loc[runs["strength"] == settings["best"], "trial"].iloc[0]
    mine = frames["curves"].query(f"trial == {best} and metric == 'val_loss'")
    ours = table.query("setting == 'best' and metric == 'val_loss'")
    np.testing.assert_allclose(ours["mean"], mine.groupby("epoch")["value"].mean())
    figure = learning_figure(table, study, "l2")
    dashes = {t.line.dash for t in figure.data if t.name == "training"}
    assert dashes == {"dash"}


# ---- all figures -------------------------------------------------------------------------------


def test_a_penalty_has_one_colour_in_every_figure(frames: dict[str, pd.DataFrame]) -> None:
    trials, runs, study = frames["trials"], frames["runs"], make_study()
    best, weights = best_table(trials, runs, study), weights_table(trials, runs, study)
    table = confirm_table(trials, runs, study)
    figures = [
        draw(frames, "l1"),
        zones_figure(trials, frames["boundaries"], study),
        best_loss_figure(best, study),
        confirm_figure(table, study),
        norm_figure(weights),
        zeros_figure(weights),
        explore_figure(trials, study),
    ]
    for figure in figures:
        assert PENALTY_COLOURS["l1"] in figure.to_json()


def test_a_penalty_without_a_colour_gets_one_that_no_other_has() -> None:
    all_names = [*PENALTIES, "elastic_net", "group_lasso", "none"]
    colours = [colour_of(name, all_names) for name in all_names]
    assert len(set(colours)) == len(colours)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*PENALTY_COLOURS.values(), TOO_STRONG])
def test_lines_stand_out_from_light_and_dark_paper(colour: str) -> None:
    """Contrast of 3 to 1 or more (WCAG 2.1, 1.4.11)."""
    for paper, shown in (("#fefefe", colour), ("#16191d", DARK.get(colour, colour))):
        high, low = sorted((_luminance(paper), _luminance(shown)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3


def test_explore_marks_pruned_trials(frames: dict[str, pd.DataFrame]) -> None:
    figure = explore_figure(frames["trials"], make_study())
    shown = explore_table(frames["trials"])
    crosses = sum(
        symbol == "x-thin-open"
        for t in figure.data
        if isinstance(t.marker.symbol, (list, tuple))
        for symbol in t.marker.symbol
    )
    assert crosses == (shown["state"] == "pruned").sum() > 0


def test_names_cannot_put_markup_into_a_figure() -> None:
    frames = make_frames()
    frames["layers"]["layer"] = "<a href='x'>" + frames["layers"]["layer"]
    study = make_study(layers_mode="free")
    whole = Frames(study=study, **frames)
    best = best_table(frames["trials"], frames["runs"], study)
    layers = next(s for s in sections_of(whole, best) if s.anchor == "layers")
    text = "".join(chart.figure.to_json() for chart in layers.charts)
    assert "<a" not in text.replace("\\u003c", "<")
    assert "&lt;a" in text.replace("\\u0026", "&")
    assert len(layers.charts) == 2 * len(PENALTIES), "strengths and norms where layers differ"


def test_a_regression_shows_no_accuracy_anywhere() -> None:
    frames = make_regression_frames()
    study = make_study("diabetes", task="regression")
    whole = Frames(study=study, **frames)
    best = best_table(frames["trials"], frames["runs"], study)
    sections = sections_of(whole, best)
    assert "accuracy" not in {s.anchor for s in sections}
    for section in sections:
        for chart in section.charts:
            assert not any("accuracy" in name for name in chart.table.names)
            assert "accuracy" not in chart.figure.to_json()
    assert "mean squared error" in sections[0].charts[0].figure.to_json()


def test_every_section_has_charts_with_labels_and_data(frames: dict[str, pd.DataFrame]) -> None:
    best = best_table(frames["trials"], frames["runs"], make_study())
    sections = sections_of(Frames(study=make_study(), **frames), best)
    anchors = [s.anchor for s in sections]
    assert anchors == [
        "regimes", "accuracy", "penalties", "test", "curves", "weights", "layers", "search",
        "explore", "pruning", "occupancy",
    ]  # fmt: skip
    for section in sections:
        for chart in section.charts:
            assert chart.label
            assert chart.table.rows
            for name in ("xaxis", "yaxis"):
                title = chart.figure.layout[name].title.text
                assert title or chart.figure.layout[name].ticktext, f"{chart.title}: {name}"
    assert len(sections[6].charts) == len(PENALTIES)
    assert len(LAYERS) == 3


def test_a_study_without_a_path_still_shows_its_search(frames: dict[str, pd.DataFrame]) -> None:
    explore = frames["trials"]["phase"] == "explore"
    frames["trials"] = frames["trials"][explore]
    kept = frames["runs"]["trial"].isin(frames["trials"]["trial"])
    frames["runs"] = frames["runs"][kept]
    for name in ("boundaries", "curves", "layers"):
        frames[name] = frames[name].head(0)
    study = make_study(finished_at=None)
    whole = Frames(study=study, **frames)
    best = best_table(frames["trials"], frames["runs"], study)
    assert [s.anchor for s in sections_of(whole, best)] == ["search", "explore", "occupancy"]
    assert answers(whole) == []
    assert headline(whole, best) == ""


# ---- words and checks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234567, "0.123"),
        (12.345, "12.3"),
        (1234.5, "1230"),
        (0.00041, "4.1×10⁻⁴"),
        (1e-5, "10⁻⁵"),
        (2.34e6, "2.34×10⁶"),
        (-0.5, "−0.5"),
        (0.0, "0"),
        (0.9996, "1"),
        (99.96, "100"),
        (math.nan, "–"),
        (math.inf, "∞"),
    ],
)
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert digits(value) == text


def test_digits_lose_less_than_half_a_unit_in_the_third_place() -> None:
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    for value in 10 ** np.random.default_rng(1).uniform(-12, 12, 300):
        text = digits(value).translate(powers).replace("×10", "e")
        text = f"1e{text[2:]}" if text.startswith("10") and value >= 1e5 else text
        text = f"1e{text[2:]}" if text.startswith("10-") else text
        assert float(text) == pytest.approx(value, rel=5.1e-3)


def whole(frames: dict[str, pd.DataFrame], **changes: Any) -> Frames:
    return Frames(study=make_study(**changes), **frames)


def test_the_answer_says_what_each_boundary_means(frames: dict[str, pd.DataFrame]) -> None:
    found = {answer.penalty: answer for answer in answers(whole(frames))}
    assert list(found) == list(PENALTIES)
    assert "it overfits" in found["decay"].meaning
    assert "it underfits" in found["decay"].meaning
    assert "factor of 21" in found["decay"].meaning
    assert "epochs" in found["decay"].meaning
    assert "exactly zero" in found["l1"].meaning
    assert found["l2"].sentence == frames["boundaries"]["sentence"].iloc[0]


def test_a_gain_within_the_noise_is_called_that(frames: dict[str, pd.DataFrame]) -> None:
    best = best_table(frames["trials"], frames["runs"], make_study())
    assert "lower" in headline(whole(frames), best)
    best["change_high"] = 0.1
    assert "noise could explain" in headline(whole(frames), best)


def test_a_clean_study_has_no_caveats(frames: dict[str, pd.DataFrame]) -> None:
    assert find_caveats(whole(frames)) == []


def test_an_unfinished_study_says_so(frames: dict[str, pd.DataFrame]) -> None:
    assert "has not finished" in find_caveats(whole(frames, finished_at=None))[0]


def test_the_same_advice_is_given_once(frames: dict[str, pd.DataFrame]) -> None:
    for penalty in ("l2", "l1"):
        set_boundary(frames, penalty, advice="About 3 more resamples would settle it.")
    told = [c for c in find_caveats(whole(frames)) if "settle" in c]
    assert told == ["l2, l1: about 3 more resamples would settle it."]


def test_a_best_strength_near_the_edge_is_a_caveat(frames: dict[str, pd.DataFrame]) -> None:
    trials = frames["trials"]
    mine = (trials["phase"] == "path") & (trials["penalty"] == "l2")
    frames["trials"] = trials[~(mine & (trials["strength"] > 2 * PENALTIES["l2"]))]
    assert any("one step of the high end" in c for c in find_caveats(whole(frames)))


def test_a_training_set_that_is_not_fitted_is_a_caveat(frames: dict[str, pd.DataFrame]) -> None:
    frames["runs"]["train_loss"] = frames["runs"]["train_loss"].clip(lower=0.8)
    assert any("has not fitted its training rows" in c for c in find_caveats(whole(frames)))


def test_diverged_runs_are_a_caveat_with_their_share(frames: dict[str, pd.DataFrame]) -> None:
    path = frames["trials"].query("phase == 'path' and penalty == 'l1' and strength > 0.05")
    frames["runs"].loc[frames["runs"]["trial"].isin(path["trial"]), "state"] = "diverged"
    told = next(c for c in find_caveats(whole(frames)) if "diverged" in c)
    share = 8 / len(frames["runs"])
    assert told.startswith(f"8 of {len(frames['runs'])} runs ({100 * share:.1f} %)")
    assert "l1 strengths around 0.1" in told


def test_a_curve_that_still_falls_at_the_end_is_a_caveat(frames: dict[str, pd.DataFrame]) -> None:
    late = (frames["curves"]["metric"] == "val_loss") & (frames["curves"]["epoch"] < 36)
    frames["curves"].loc[late, "value"] += 0.2
    assert sum("still improving" in c for c in find_caveats(whole(frames))) == len(PENALTIES)


def test_late_overfitting_at_the_best_strength_is_a_caveat(
    frames: dict[str, pd.DataFrame],
) -> None:
    curves = frames["curves"]
    early = (curves["metric"] == "val_loss") & curves["epoch"].between(15, 20)
    curves.loc[early, "value"] -= 0.4
    assert any("lower around epoch" in c for c in find_caveats(whole(frames)))


def test_what_early_stopping_gave_back_is_no_late_overfitting(
    frames: dict[str, pd.DataFrame],
) -> None:
    curves, runs = frames["curves"], frames["runs"]
    early = (curves["metric"] == "val_loss") & curves["epoch"].between(15, 20)
    curves.loc[early, "value"] -= 0.4
    runs["val_loss"] = runs["best_val_loss"] = runs["val_loss"] - 0.4
    assert not any("lower around epoch" in c for c in find_caveats(whole(frames)))


def test_one_lucky_epoch_is_no_late_overfitting(frames: dict[str, pd.DataFrame]) -> None:
    curves = frames["curves"]
    lucky = (curves["metric"] == "val_loss") & (curves["epoch"] == 30)
    curves.loc[lucky, "value"] -= 0.05
    assert find_caveats(whole(frames)) == []


def test_a_penalty_that_changes_no_weight_is_a_caveat(frames: dict[str, pd.DataFrame]) -> None:
    frames["runs"]["weight_norm"] = 3.0
    assert sum("has no effect" in c for c in find_caveats(whole(frames))) == len(PENALTIES)


def test_few_resamples_and_one_split_are_caveats(frames: dict[str, pd.DataFrame]) -> None:
    frames["runs"] = frames["runs"][frames["runs"]["run"] < 3]
    assert any("Only 3 resamples" in c for c in find_caveats(whole(frames)))
    held = find_caveats(whole(frames, design="holdout"))
    assert any("conditional on this split" in c for c in held)


def test_a_learning_rate_at_the_edge_is_a_caveat(frames: dict[str, pd.DataFrame]) -> None:
    trials = frames["trials"]
    explore = (trials["phase"] == "explore") & (trials["state"] == "complete")
    best = trials[explore].nsmallest(1, "val_loss").index
    trials.loc[best, "lr"] = 0.02
    assert any("search.axes.lr.high" in c for c in find_caveats(whole(frames)))


def test_the_report_does_not_load_torch() -> None:
    code = (
        "import sys, dashboards.pages.report, dashboards.__main__; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_occupancy_is_weighted_by_time() -> None:
    table = pd.DataFrame(
        {
            "launch": [1, 1, 2],
            "phase": ["explore", "path", "path"],
            "start_seconds": [0.0, 10.0, 0.0],
            "seconds": [10.0, 30.0, 10.0],
            "occupied": [2.0, 4.0, 4.0],
            "slots": [4.0, 4.0, 4.0],
            "waiting": [0.0, 9.0, 1.0],
        }
    )
    assert occupancy_words(table).startswith("90 % of all slot time")
    assert "explore 50 %, path 100 %" in occupancy_words(table)
    figure = occupancy_figure(table)
    path = next(trace for trace in figure.data if trace.name == "path")
    assert max(path.x) == 50.0, "the second launch stands after the first"
