"""The test split: the unregularized model, the best of each penalty and the best of all.

Differences are paired over retrainings: the same seed and rows with the penalty and without. The
test rows are the same for every retraining, so intervals are conditional on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import colour_of, new_figure
from dashboards.gather.numbers import digits, interval, loss_title
from dashboards.gather.tables import Estimate, Study, estimate_mean, paired_difference, units_of
from dashboards.sections.penalties import ROW_HEIGHT, dots, estimate_columns, row_axis
from sweep.regularizers.catalogue import BOOSTING, COCKTAIL

CHOSEN = " (chosen)"
SETTINGS = {"default": "the usual default", "gradient_boosting": "boosted trees"}
"""What baselines are called, by their paths."""


def confirm_table(trials: pd.DataFrame, runs: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per confirmed setting: test loss, and paired difference from no regularization.

    Columns ``setting``, ``penalty``, ``strength``, ``runs``, ``test_loss``, ``change`` with
    ``_low`` and ``_high`` (95 %), ``test_accuracy`` and ``accuracy_change`` where there are
    classes, the like of the study's own metric, and ``winner``. Empty when nothing was confirmed.
    Intervals are over retrainings on the same test rows.
    """
    mine = trials[trials["phase"].isin(["confirm", "baseline"]) & (trials["state"] == "complete")]
    units = units_of(mine, runs, {"design": "holdout"})
    is_none = mine["penalty"] == "none"
    plain_trials = mine.loc[is_none, "trial"]
    reference = units[units["trial"].isin(plain_trials.head(1))]
    rows = []
    ordered = pd.concat([mine[is_none], mine[~is_none]])
    for trial in ordered.to_dict("records"):
        own = units[units["trial"] == trial["trial"]]
        if not own["test_loss"].notna().any():
            continue
        is_plain = trial["penalty"] == "none"
        setting = SETTINGS.get(str(trial["path"]), str(trial["penalty"]))
        row: dict[str, Any] = {
            "setting": "no regularization" if is_plain else setting,
            "penalty": "none" if is_plain else str(trial["penalty"]),
            "strength": float(trial["strength"]),
            **test_columns(own, None if is_plain else reference),
        }
        row["winner"] = trial["trial"] == study.get("winner")
        rows.append(row)
    return pd.DataFrame(rows)


def _change(name: str) -> str:
    """The column of a metric's differences from no regularization."""
    return "change" if name == "loss" else f"{name}_change"


def test_columns(own: pd.DataFrame, reference: pd.DataFrame | None) -> dict[str, Any]:
    """Means on the test split over a setting's retrainings, and paired differences from others."""
    row: dict[str, Any] = {"runs": len(own)}
    for column in [str(c) for c in own.columns if str(c).startswith("test_")]:
        if not own[column].notna().any():
            continue
        row |= estimate_columns(column, estimate_mean(own[column].to_numpy(), {}))
        nothing = Estimate(math.nan, math.nan, math.nan, 0)
        paired = nothing if reference is None else paired_difference(own, reference, column, {})
        row |= estimate_columns(_change(column.removeprefix("test_")), paired)
    return row


def own_names(table: pd.DataFrame) -> list[str]:
    """The metrics of the person's own that a table has differences of."""
    changes = [str(c) for c in table.columns if str(c).endswith("_change")]
    return [c.removesuffix("_change") for c in changes if c != "accuracy_change"]


def confirm_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """``confirm_table`` as ready text; accuracies in %, their differences in percentage points."""
    rows = []
    for record in table.to_dict("records"):
        row = {"setting": str(record["setting"]) + (CHOSEN if record["winner"] else "")}
        mixed = record["penalty"] in (COCKTAIL, BOOSTING)
        row["strength"] = "–" if mixed else digits(float(record["strength"]))
        row["test loss"] = estimate_text(record, "test_loss", 1)
        row["difference from no regularization"] = estimate_text(record, "change", 1)
        rows.append(row | other_cells(record, own_names(table)))
    return rows


def other_cells(record: Mapping[Any, Any], own: Sequence[str]) -> dict[str, str]:
    """Cells of the accuracy, if there is one, and of the metrics of the person's own."""
    row = {}
    if "test_accuracy" in record:
        row["test accuracy, %"] = estimate_text(record, "test_accuracy", 100)
        row["difference, percentage points"] = estimate_text(record, "accuracy_change", 100)
    for name in own:
        row[f"test {name}"] = estimate_text(record, f"test_{name}", 1)
        row[f"difference of {name}"] = estimate_text(record, f"{name}_change", 1)
    return row


def estimate_text(record: Mapping[Any, Any], column: str, scale: float) -> str:
    names = (column, f"{column}_low", f"{column}_high")
    mean, low, high = (scale * float(record[name]) for name in names)
    return f"{digits(mean)} {interval(low, high)}" if math.isfinite(low) else digits(mean)


def confirm_figure(table: pd.DataFrame, study: Study) -> go.Figure:
    """Test loss of each setting with its 95 % interval."""
    rows = table.iloc[::-1].reset_index(drop=True)
    figure = new_figure(80 + ROW_HEIGHT * len(rows))
    names = [str(p) for p in rows["penalty"]]
    dots(figure, rows, "test_loss", [colour_of(p, names) for p in names], 0, "")
    labels = [
        f"{row['setting']}" + (CHOSEN if row.get("winner") else "")
        for row in rows.to_dict("records")
    ]
    highest = float(rows[["test_loss", "test_loss_high"]].max().max())
    row_axis(figure, labels, loss_title(str(study.get("task")), "test"), highest)
    figure.update_layout(showlegend=False)
    return figure
