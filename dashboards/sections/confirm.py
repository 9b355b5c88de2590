"""The test split: the unregularized model, the best of each penalty and the best of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.bars import ROW_HEIGHT, plot_dots, row_axis
from dashboards.figures.style import colour_of, new_figure
from dashboards.gather.columns import Beside, change_of, read_report_column
from dashboards.gather.estimates import estimate_text
from dashboards.gather.facts import own_dropout_words
from dashboards.gather.frames import Frames
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import capitalized, loss_title, measured, strength_text
from dashboards.sections.parts import Section, chart_of
from sweep.metrics.metric import ACCURACY, Metric
from sweep.records.facts import StudyFacts
from sweep.regularizers.catalogue import has_path, regularizes, shows_strength

CHOSEN = " (best in validation)"
ROUNDING = 1e-4
"""Differences of accuracy up to it, in percentage points, come from rounding in float32."""


def section(frames: Frames) -> Section | None:
    """The confirmed settings side by side; None where nothing was confirmed."""
    table = frames.confirmed
    if table.empty:
        return None
    chart = chart_of(
        "Loss on the test split",
        "Means with 95 % intervals over retrainings with fresh seeds. The test rows are the same "
        "for all, so the intervals leave out the luck of having drawn these rows.",
        confirm_figure(table, frames.study),
        table,
        "Test loss of the unregularized model and of the best setting of each penalty.",
    )
    intro = (
        "The best setting of each penalty, trained anew, meets the test split for the first and "
        "only time. One is marked, which did best in validation; the model without regularization "
        "shares its other settings. What the answer recommends is the simplest that cannot be told "
        "from the best of this table; penalties whose strength moved no validation loss beyond "
        "noise are left out of that. Differences are paired: the same seeds and rows on both "
        f"sides. {own_dropout_words(frames.study)}".rstrip()
    )
    rows, finding = confirm_rows(table), _reached(table)
    return Section("test", "On the test split", intro, [chart], 1, rows, finding)


def _reached(table: pd.DataFrame) -> str:
    """What the setting chosen in validation reached; "" without one."""
    if not table["winner"].any():
        return ""
    row = table[table["winner"]].iloc[0].to_dict()
    name = str(row["setting"])
    name = setting_name(name) if name == row["penalty"] else name
    reached = f"{name} reached a test loss of {measured(float(row['test_loss']))}"
    plain = table[~table["penalty"].map(regularizes).astype(bool)]
    if not regularizes(str(row["penalty"])) or plain.empty:
        return capitalized(reached)
    without = measured(float(plain["test_loss"].iloc[0]))
    return capitalized(f"{reached}, against {without} without regularization")


def confirm_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """``confirm_table`` as ready text; accuracies in %, differences in percentage points."""
    rows = []
    for record in table.to_dict("records"):
        row = {"setting": str(record["setting"]) + (CHOSEN if record["winner"] else "")}
        row["strength"] = _strength_cell(str(record["penalty"]), float(record["strength"]))
        row["test loss"] = estimate_text(record, "test_loss")
        row["difference from no regularization"] = estimate_text(record, "change")
        rows.append(row | metric_cells(record))
    return rows


def _strength_cell(penalty: str, strength: float) -> str:
    if regularizes(penalty) and not has_path(penalty):
        return "acts, without a strength"
    return strength_text(strength) if shows_strength(penalty) else "–"


def metric_cells(record: Mapping[Any, Any]) -> dict[str, str]:
    """Cells of the accuracy, if there is one, and of the study's own metrics."""
    row = {}
    if ACCURACY.test in record:
        row["test accuracy, %"] = estimate_text(record, ACCURACY.test, 100)
        row["difference, percentage points"] = estimate_text(
            record, change_of(ACCURACY.name), 100, ROUNDING
        )
    read = [read_report_column(str(c)) for c in record]
    names = dict.fromkeys(column.metric for column in read if column.what == Beside.CHANGE)
    for name in (name for name in names if name != ACCURACY.name):
        row[f"test {name}"] = estimate_text(record, Metric(name).test)
        row[f"difference of {name}"] = estimate_text(record, change_of(name))
    return row


def confirm_figure(table: pd.DataFrame, facts: StudyFacts) -> go.Figure:
    """Test loss of each setting with its 95 % interval."""
    rows = table.iloc[::-1].reset_index(drop=True)
    figure = new_figure(80 + ROW_HEIGHT * len(rows))
    names = [str(p) for p in rows["penalty"]]
    plot_dots(figure, rows, "test_loss", [colour_of(p, names) for p in names], 0, "")
    labels = [
        f"{row['setting']}" + (CHOSEN if row.get("winner") else "")
        for row in rows.to_dict("records")
    ]
    row_axis(figure, labels, loss_title(facts, "test"), rows, ("test_loss",))
    figure.update_layout(showlegend=False)
    return figure
