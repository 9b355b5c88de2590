"""Penalties side by side: their zones, their best losses, and how they fare on the test split.

Strengths of different penalties are different quantities, so zones are compared by their width and
losses by their values. Differences are paired: the same resamples, seeds and batch order on both
sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.points import (
    Estimate,
    Study,
    best_point,
    boundary_of,
    estimate_mean,
    paired_difference,
    path_table,
    path_units,
    penalties_of,
    units_of,
)
from dashboards.style import (
    INK,
    MUTED,
    UNREGULARIZED,
    colour_of,
    digits,
    fade,
    interval,
    loss_title,
    new_figure,
    plain,
    strength_ticks,
)
from dashboards.verdicts import side_of, why_no_boundaries

ROW_HEIGHT = 62

# ---- zones -------------------------------------------------------------------------------------


def zones_figure(trials: pd.DataFrame, boundaries: pd.DataFrame, study: Study) -> go.Figure:
    """One bar per penalty: the good zone, the 95 % interval of each end, and the best strength."""
    penalties = penalties_of(trials, study)[::-1]
    metric = str(study["objective"])
    path = trials[(trials["phase"] == "path") & (trials["strength"] > 0)]
    low, high = float(path["strength"].min()), float(path["strength"].max())
    figure = new_figure(90 + ROW_HEIGHT * len(penalties))
    for row, penalty in enumerate(penalties):
        mine = path[path["penalty"] == penalty]["strength"]
        boundary = boundary_of(boundaries, penalty, metric)
        _searched(figure, row, float(mine.min()), float(mine.max()))
        reason = why_no_boundaries(boundary)
        if boundary is None or reason:
            _row_note(figure, row, math.sqrt(mine.min() * mine.max()), reason)
        else:
            _zone_row(figure, row, penalty, boundary, float(mine.min()), float(mine.max()))
    values, texts = strength_ticks(low, high)
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts,
            "range": [math.log10(low) - 0.3, math.log10(high) + 0.3],
            "title": {"text": "strength (each penalty's own unit)"},
        },
        yaxis={
            "tickvals": list(range(len(penalties))), "ticktext": [plain(p) for p in penalties],
            "range": [-0.6, len(penalties) - 0.4], "showgrid": False, "ticks": "",
            "tickfont": {"size": 14, "color": INK},
        },
        showlegend=False,
    )  # fmt: skip
    return figure


def _searched(figure: go.Figure, row: int, low: float, high: float) -> None:
    figure.add_shape(
        type="line", x0=low, x1=high, y0=row, y1=row, layer="below",
        line={"color": fade(MUTED, 0.5), "width": 1},
    )  # fmt: skip


def _row_note(figure: go.Figure, row: int, x: float, text: str) -> None:
    figure.add_annotation(
        x=math.log10(x), y=row, text=text, showarrow=False, yshift=14,
        font={"size": 12, "color": MUTED},
    )  # fmt: skip


def _zone_row(
    figure: go.Figure, row: int, penalty: str, boundary: Mapping[str, Any], low: float, high: float
) -> None:
    colour = colour_of(penalty)
    left, right = side_of(boundary, "left"), side_of(boundary, "right")
    if "open" not in (left.kind, right.kind):
        start = left.value if left.found else low
        end = right.value if right.found else high
        figure.add_shape(
            type="rect", x0=start, x1=end, y0=row - 0.17, y1=row + 0.17, layer="below",
            line={"width": 0}, fillcolor=fade(colour, 0.3),
        )  # fmt: skip
    for side, word in ((left, "overfitting ends"), (right, "underfitting starts")):
        if not side.found:
            edge = low if side is left else high
            text = "none in range" if side.kind == "none" else "not settled"
            _row_note(figure, row, edge * (4 if side is left else 1 / 4), text)
            continue
        figure.add_scatter(
            x=[side.value], y=[row], mode="markers", hoverinfo="text",
            marker={"symbol": "line-ns", "size": 18, "line": {"width": 2.5, "color": colour}},
            error_x={
                "type": "data", "symmetric": False, "color": colour, "thickness": 2.5, "width": 6,
                "array": [side.high - side.value], "arrayminus": [side.value - side.low],
            },
            hovertext=[
                f"{plain(penalty)}: {word} at {digits(side.value)} {interval(side.low, side.high)}"
            ],
        )  # fmt: skip
        figure.add_annotation(
            x=math.log10(side.value), y=row, text=digits(side.value), showarrow=False, yshift=20,
            xanchor="right" if side is left else "left", xshift=10 if side is left else -10,
            font={"size": 12, "color": MUTED},
        )  # fmt: skip
    best = float(boundary["best"])
    figure.add_scatter(
        x=[best], y=[row], mode="markers", hoverinfo="text",
        marker={"symbol": "diamond", "size": 11, "color": colour},
        hovertext=[f"{plain(penalty)}: best at {digits(best)}"],
    )  # fmt: skip


# ---- best losses -------------------------------------------------------------------------------


def best_table(trials: pd.DataFrame, runs: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per penalty: its best ladder point and its anchor, and their paired difference.

    Columns ``penalty``, ``strength``, ``val_loss`` and ``unregularized`` with ``_low`` and ``_high``
    (95 %), ``change`` (best - unregularized) with its interval, and ``val_accuracy`` if there is one.
    """
    rows = []
    for penalty in penalties_of(trials, study):
        table = path_table(trials, runs, penalty, study)
        if "val_loss" not in table:
            continue
        units = path_units(trials, runs, penalty, study)
        strength = best_point(table, str(study["objective"]))
        best, anchor = units[units["strength"] == strength], units[units["strength"] == 0]
        folds = int(units["fold"].nunique())
        row: dict[str, Any] = {"penalty": penalty, "strength": strength}
        row |= _columns("val_loss", estimate_mean(best["val_loss"].to_numpy(), study, folds))
        row |= _columns("unregularized", estimate_mean(anchor["val_loss"].to_numpy(), study, folds))
        row |= _columns("change", paired_difference(best, anchor, "val_loss", study))
        if best["val_accuracy"].notna().any():
            row["val_accuracy"] = best["val_accuracy"].mean()
            row["unregularized_accuracy"] = anchor["val_accuracy"].mean()
        rows.append(row)
    return pd.DataFrame(rows)


def _columns(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.mean, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def best_loss_figure(table: pd.DataFrame, study: Study) -> go.Figure:
    """Validation loss of each penalty at its best beside its unregularized anchor, 95 % intervals."""
    rows = table.iloc[::-1].reset_index(drop=True)
    figure = new_figure(110 + ROW_HEIGHT * len(rows))
    names = [str(p) for p in rows["penalty"]]
    colours = [colour_of(p, names) for p in names]
    dots(figure, rows, "unregularized", [UNREGULARIZED] * len(rows), -0.14, "no regularization")
    dots(figure, rows, "val_loss", colours, 0.14, "best strength")
    for name, symbol in (("best strength", "circle"), ("no regularization", "circle-open")):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=name,
            marker={
                "symbol": symbol, "size": 11, "color": UNREGULARIZED,
                "line": {"width": 2, "color": UNREGULARIZED},
            },
        )  # fmt: skip
    _row_axis(figure, names, loss_title(str(study.get("task")), "validation"))
    return figure


def dots(
    figure: go.Figure,
    rows: pd.DataFrame,
    column: str,
    colours: list[str],
    shift: float,
    name: str,
) -> None:
    """A dot with its interval per row."""
    hollow = column == "unregularized"
    for i, (row, colour) in enumerate(zip(rows.to_dict("records"), colours, strict=True)):
        mean, low, high = (float(row[c]) for c in (column, f"{column}_low", f"{column}_high"))
        figure.add_scatter(
            x=[mean], y=[i + shift], mode="markers+text", showlegend=False,
            text=[f"{digits(mean)}"], textposition="top center",
            textfont={"size": 12, "color": MUTED},
            marker={
                "size": 11, "symbol": "circle-open" if hollow else "circle", "color": colour,
                "line": {"width": 2, "color": colour},
            },
            error_x={
                "type": "data", "symmetric": False, "color": colour, "width": 5, "thickness": 2,
                "array": [high - mean], "arrayminus": [mean - low],
            },
            hovertext=[f"{plain(row['penalty'])}, {name}: {digits(mean)} {interval(low, high)}"],
            hoverinfo="text",
        )  # fmt: skip


def _row_axis(figure: go.Figure, names: list[str], title: str) -> None:
    figure.update_layout(
        xaxis={"title": {"text": title}, "rangemode": "tozero"},
        yaxis={
            "tickvals": list(range(len(names))), "ticktext": [plain(n) for n in names],
            "range": [-0.6, len(names) - 0.3], "showgrid": False, "ticks": "",
            "tickfont": {"size": 14, "color": INK},
        },
    )  # fmt: skip


# ---- the test split ----------------------------------------------------------------------------


def confirm_table(trials: pd.DataFrame, runs: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per confirmed setting: its test loss and its paired difference from no regularization.

    Columns ``setting``, ``penalty``, ``strength``, ``runs``, ``test_loss``, ``change`` with ``_low``
    and ``_high`` (95 %), ``test_accuracy`` and ``accuracy_change`` where there are classes, and
    ``winner``. Empty when nothing was confirmed. Intervals are over retrainings on the same test
    rows.
    """
    mine = trials[(trials["phase"] == "confirm") & (trials["state"] == "complete")]
    units = units_of(mine, runs, {"design": "holdout"})
    plain_trials = mine.loc[mine["strength"] == 0, "trial"]
    reference = units[units["trial"].isin(plain_trials.head(1))]
    rows = []
    ordered = pd.concat([mine[mine["strength"] == 0], mine[mine["strength"] > 0]])
    for trial in ordered.to_dict("records"):
        own = units[units["trial"] == trial["trial"]]
        if not own["test_loss"].notna().any():
            continue
        is_plain = trial["strength"] == 0
        row: dict[str, Any] = {
            "setting": "no regularization" if is_plain else str(trial["penalty"]),
            "penalty": "none" if is_plain else str(trial["penalty"]),
            "strength": float(trial["strength"]),
            "runs": len(own),
        }
        for metric, change in (("test_loss", "change"), ("test_accuracy", "accuracy_change")):
            if not own[metric].notna().any():
                continue
            row |= _columns(metric, estimate_mean(own[metric].to_numpy(), {}))
            nothing = Estimate(math.nan, math.nan, math.nan, 0)
            paired = nothing if is_plain else paired_difference(own, reference, metric, {})
            row |= _columns(change, paired)
        row["winner"] = trial["trial"] == study.get("winner")
        rows.append(row)
    return pd.DataFrame(rows)


def confirm_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """``confirm_table`` as ready text; accuracies in %, their differences in percentage points."""
    rows = []
    for record in table.to_dict("records"):
        row = {"setting": str(record["setting"]) + (" (best)" if record["winner"] else "")}
        row["strength"] = digits(float(record["strength"]))
        row["test loss"] = _text(record, "test_loss", 1)
        row["difference from no regularization"] = _text(record, "change", 1)
        if "test_accuracy" in record:
            row["test accuracy, %"] = _text(record, "test_accuracy", 100)
            row["difference, percentage points"] = _text(record, "accuracy_change", 100)
        rows.append(row)
    return rows


def _text(record: Mapping[Any, Any], column: str, scale: float) -> str:
    mean, low, high = (scale * float(record[c]) for c in (column, f"{column}_low", f"{column}_high"))
    return f"{digits(mean)} {interval(low, high)}" if math.isfinite(low) else digits(mean)


def confirm_figure(table: pd.DataFrame, study: Study) -> go.Figure:
    """Test loss of each confirmed setting with its 95 % interval."""
    rows = table.iloc[::-1].reset_index(drop=True)
    figure = new_figure(80 + ROW_HEIGHT * len(rows))
    names = [str(p) for p in rows["penalty"]]
    dots(figure, rows, "test_loss", [colour_of(p, names) for p in names], 0, "")
    labels = [
        f"{row['setting']}" + (" (best)" if row["winner"] else "") for row in rows.to_dict("records")
    ]
    _row_axis(figure, labels, loss_title(str(study.get("task")), "test"))
    spread = np.nanmax(rows["test_loss"]) > 0
    figure.update_layout(showlegend=False, xaxis={"rangemode": "tozero" if spread else "normal"})
    return figure
