"""The main figure against the frames that it draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboards.figures.path import path_figure
from dashboards.figures.style import PENALTY_COLOURS, fade
from sweep.statistics.verdicts import Verdict
from sweep.statistics.wording import VERDICTS
from tests.support.report_frames import (
    LR,
    NULL_LOSS,
    PENALTIES,
    RANGES,
    make_study,
    path_runs,
    set_boundary,
    whole,
)


def draw(frames: dict[str, pd.DataFrame], penalty: str, metric: str = "val_loss") -> go.Figure:
    return path_figure(whole(frames), penalty, metric)


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


@pytest.mark.parametrize("penalty", PENALTIES)
def test_lines_are_means_of_the_runs(frames: dict[str, pd.DataFrame], penalty: str) -> None:
    figure, runs = draw(frames, penalty), path_runs(frames, penalty)
    for name, column in (("validation loss", "val_loss"), ("training loss", "train_loss")):
        means = runs[runs["strength"] > 0].groupby("strength")[column].mean()
        np.testing.assert_allclose(trace(figure, name).x, means.index)
        np.testing.assert_allclose(trace(figure, name).y, means)


def test_the_band_holds_the_middle_80_percent(
    frames: dict[str, pd.DataFrame],
) -> None:
    band = trace(draw(frames, "decay"), "validation, middle 80 %")
    runs = path_runs(frames, "decay")
    groups = [g["val_loss"] for s, g in runs.groupby("strength") if s > 0]
    high = [np.quantile(g, 0.9) for g in groups]
    low = [np.quantile(g, 0.1) for g in groups]
    np.testing.assert_allclose(band.y, high + low[::-1])


def test_zero_strength_stands_left_of_the_ladder(
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


def test_training_is_dashed_and_validation_solid(
    frames: dict[str, pd.DataFrame],
) -> None:
    for penalty in PENALTIES:
        figure = draw(frames, penalty)
        for name, dash in (("training loss", "dash"), ("validation loss", "solid")):
            assert trace(figure, name).line.dash == dash
            assert trace(figure, name).line.color == PENALTY_COLOURS[penalty]


def test_regimes_are_shaded_and_named_between_boundaries(
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


def test_without_overfitting_good_strengths_reach_no_regularization(
    frames: dict[str, pd.DataFrame],
) -> None:
    nothing = dict.fromkeys(
        ("overfitting_ends", "overfitting_ends_low", "overfitting_ends_high"), math.nan
    )
    verdict = {"overfitting_verdict": "none"}
    set_boundary(frames, "l2", **nothing, **verdict, overfitting_cause="none")
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
        "no_signal",
        "extend_stronger",
        "not_unimodal",
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
    assert any(VERDICTS[Verdict(verdict)].split(":")[0] in text for text in names(figure))


def test_worse_validation_alone_is_not_called_overfitting(
    frames: dict[str, pd.DataFrame],
) -> None:
    set_boundary(frames, "l2", overfitting_cause="optimization_limited")
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


def read_decade(text: str) -> float:
    """The number that a label of an axis says: 1,000 or 10⁵."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    power = text.removeprefix("10").translate(raised)
    is_power = text.translate(raised) != text
    return 10.0 ** float(power) if is_power else float(text.replace(",", ""))


def test_decays_upper_axis_is_its_tau_in_epochs_and_in_runs(
    frames: dict[str, pd.DataFrame],
) -> None:
    figure, steps = draw(frames, "decay"), make_study().steps_per_epoch
    top = figure.layout.xaxis2
    assert (top.side, top.matches, top.type) == ("top", "x", "log")
    for strength, text in zip(top.tickvals, top.ticktext, strict=True):
        epochs = 1 / (LR * strength * steps)
        above, share = text.split("<br>")
        assert epochs / make_study().epochs == pytest.approx(
            float(share.replace(",", "")), rel=0.06
        )
        assert epochs == pytest.approx(read_decade(above))
    assert figure.layout.xaxis.type == "log"


def test_l1s_right_axis_counts_exact_zeros(frames: dict[str, pd.DataFrame]) -> None:
    zeros = trace(draw(frames, "l1"), "exact zeros")
    runs = path_runs(frames, "l1")
    shares = (runs["zeros"] / runs["n_weights"]).groupby(runs["strength"]).mean()
    assert zeros.yaxis == "y2"
    np.testing.assert_allclose([y for y in zeros.y if y is not None], 100 * shares)
    assert zeros.y[1] is None, "no line crosses the break of the axis"


def test_accuracies_and_their_threshold_are_in_percent(
    frames: dict[str, pd.DataFrame],
) -> None:
    figure = draw(frames, "l2", "val_accuracy")
    runs = path_runs(frames, "l2")
    means = runs[runs["strength"] > 0].groupby("strength")["val_accuracy"].mean()
    np.testing.assert_allclose(trace(figure, "validation accuracy").y, 100 * means)
    assert trace(figure, "threshold").y[0] == pytest.approx(72.0)
    assert max(figure.layout.yaxis.tickvals) == 100


def test_accuracies_are_drawn_where_only_those_of_validation_are_known(
    frames: dict[str, pd.DataFrame],
) -> None:
    """As a loop of the user's may report it."""
    wanted = trace(draw(frames, "l2", "val_accuracy"), "validation accuracy").y
    frames["runs"] = frames["runs"].assign(train_accuracy=math.nan)
    figure = draw(frames, "l2", "val_accuracy")
    np.testing.assert_allclose(trace(figure, "validation accuracy").y, wanted)
    assert not any((t.name or "").startswith("training") for t in figure.data)
