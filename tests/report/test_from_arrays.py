"""The main figure from plain arrays: the report's own, with what estimate_boundary found on it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import sweep
from dashboards import plot_boundary
from dashboards.figures.from_arrays import arrays_table
from dashboards.figures.path import path_figure
from dashboards.gather.tables import boundary_of, path_table
from sweep.errors import DataError
from tests.support.report_frames import make_frames, make_study, whole
from tests.support.ridge_truth import Problem, Table, fresh_study

LADDER = np.logspace(-3, 3, 13)


@pytest.fixture(scope="module")
def table() -> Table:
    return fresh_study(Problem(100, 80), LADDER, 8, np.random.default_rng(3))


def draw(table: Table, **options: Any) -> go.Figure:
    return plot_boundary(table.strengths, table.validation, table.training, table.null, **options)


def trace(figure: go.Figure, start: str) -> Any:
    (found,) = [t for t in figure.data if (t.name or "").startswith(start)]
    return found


def test_the_figure_holds_what_estimate_boundary_found(table: Table) -> None:
    numbers = (table.strengths, table.validation, table.training, table.null)
    boundary = sweep.estimate_boundary(*numbers)
    figure = draw(table, name="ridge", loss="squared error")
    lines = {s.x0 for s in figure.layout.shapes if s.type == "line"}
    assert lines == {boundary.overfitting_ends, boundary.underfitting_starts}
    strips = {(s.x0, s.x1) for s in figure.layout.shapes if s.type == "rect"}
    assert (boundary.overfitting_ends_low, boundary.overfitting_ends_high) in strips
    assert (boundary.underfitting_starts_low, boundary.underfitting_starts_high) in strips
    assert set(trace(figure, "threshold").y) == {boundary.threshold_loss}
    assert set(trace(figure, "constant predictor").y) == {table.null.mean()}
    title = figure.layout.title.text.replace("<br>", " ")
    assert title == sweep.describe_boundary(boundary, "ridge", "squared error")


def test_lines_are_means_and_bands_the_middle(table: Table) -> None:
    figure = draw(table, design="kfold", n_folds=4)
    top = max(trace(figure, "validation loss").y)
    shown = np.minimum(table.validation.mean(1), top)
    assert (shown < top).sum() == 10, "the frame may cut off the weakest strengths, and no more"
    np.testing.assert_allclose(trace(figure, "validation loss").y, shown)
    np.testing.assert_allclose(trace(figure, "training loss").y, table.training.mean(1))
    band = trace(figure, "validation, middle 80 % of folds")
    ends = np.quantile(table.validation, [0.9, 0.1], axis=1)
    ends = np.minimum(ends, top)
    np.testing.assert_allclose(band.y, np.concatenate([ends[0], ends[1][::-1]]))


def test_arrays_and_frames_draw_the_same_curves() -> None:
    """One mechanism: the report's figure of a path, and that of the same numbers as arrays."""
    frames, study = make_frames(penalties=("l2",)), make_study()
    report = path_figure(whole(frames), "l2")
    path = frames["trials"].query("phase == 'path'").sort_values("strength")
    runs = frames["runs"].merge(path[["trial", "strength"]], on="trial")
    wide = {
        metric: runs.pivot(index="strength", columns="run", values=metric)
        for metric in ("val_loss", "train_loss", "null_loss")
    }
    ours = arrays_table(
        wide["val_loss"].index, wide["val_loss"], wide["train_loss"], wide["null_loss"].iloc[0]
    )
    theirs = path_table(frames["trials"], frames["runs"], "l2", study)
    for column in ours:
        np.testing.assert_allclose(ours[column], theirs[column], err_msg=str(column))
    figure = plot_boundary(
        wide["val_loss"].index, wide["val_loss"], wide["train_loss"], wide["null_loss"].iloc[0],
        name="l2",
    )  # fmt: skip
    assert boundary_of(frames["boundaries"], "l2", "val_loss") is not None
    drawn = [t.name for t in report.data if t.name and not t.name.startswith(("best", "thres"))]
    assert set(drawn) <= {t.name for t in figure.data}
    for name in ("validation loss", "training loss"):
        np.testing.assert_allclose(trace(figure, name).y, trace(report, name).y)


def test_anchors_stand_apart_and_lost_columns_are_named(table: Table) -> None:
    validation, training = (
        np.vstack([part[:1] * 1.01, part]) for part in (table.validation, table.training)
    )
    validation[-1, 0] = math.nan
    figure = plot_boundary([0.0, *LADDER], validation, training, table.null, name="<b>mine</b>")
    circles = [t for t in figure.data if t.marker.symbol == "circle" and t.mode == "markers"]
    np.testing.assert_allclose(circles[0].y, validation[0].mean())
    assert circles[0].x[0] < LADDER[0]
    assert "1 runs diverged" in trace(figure, "runs diverged").hovertext[0]
    assert "&lt;b&gt;mine" in figure.layout.title.text
    assert "<b>mine" not in figure.layout.xaxis.title.text


def test_without_a_verdict_no_boundary_is_drawn() -> None:
    rng = np.random.default_rng(0)
    noise = 1 + 0.1 * rng.standard_normal((7, 5))
    figure = plot_boundary(np.logspace(-3, 3, 7), noise, noise, 1.0)
    assert not [s for s in figure.layout.shapes if s.type == "line"]
    assert "no learnable signal" in figure.layout.title.text


def test_wrong_tables_are_refused_as_by_estimate_boundary(table: Table) -> None:
    with pytest.raises(DataError, match="strengths must ascend"):
        plot_boundary(LADDER[::-1], table.validation, table.training, table.null)
