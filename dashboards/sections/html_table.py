"""Frames as tables of a page: headings in words, three digits to read, full numbers to copy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards.gather.columns import Beside, read_end, read_report_column
from dashboards.gather.metric_format import is_share
from dashboards.gather.numbers import digits, percent
from sweep.metrics.columns import Part
from sweep.records.parameters import LAYER_STRENGTH
from sweep.statistics.wording import CAUSES, SIDES, VERDICTS

HEADINGS = {
    "val_loss": "validation loss",
    "val_loss_se": "validation loss, standard error",
    "train_loss": "training loss",
    "val_accuracy": "validation accuracy",
    "train_accuracy": "training accuracy",
    "test_loss": "test loss",
    "test_accuracy": "test accuracy",
    "null_loss": "constant predictor",
    "null_accuracy": "constant predictor's accuracy",
    "gap": "validation − training",
    "n_runs": "runs",
    "lr": "learning rate",
    "zeros_share": "exact zeros",
    "weight_norm": "norm of the weights",
    "norm": "norm of the weights",
    "own": "layer's strength",
    "unregularized": "loss without regularization",
    "unregularized_accuracy": "accuracy without regularization",
    "change": "change",
    "accuracy_change": "change of accuracy",
    "mean": "mean",
    "low": "10 % of runs below",
    "high": "90 % of runs below",
    "overfitting_ends": "overfitting ends",
    "underfitting_starts": "underfitting starts",
    "width_decades": "width, decades",
    "best_loss": "loss at best",
    "strength_min": "lowest mean at (lambda.min)",
    "strength_1se": "strongest within 1 standard error (lambda.1se)",
    "n_strengths": "strengths",
    "n_resamples": "resamples",
    "n_rows": "rows",
    "overfitting_verdict": "verdict, left",
    "underfitting_verdict": "verdict, right",
    "overfitting_cause": "cause, left",
    "underfitting_cause": "cause, right",
}
PARTS: Mapping[str, str] = {
    Part.VALIDATION: "validation",
    Part.TRAINING: "training",
    Part.TEST: "test",
    Part.NULL: "constant predictor's",
    Beside.UNREGULARIZED: "without regularization:",
}
"""What columns of a study's own metric hold of it, in words."""
CODES: Mapping[str, Mapping[Any, str]] = {
    "verdict": VERDICTS,
    **dict.fromkeys(("overfitting_verdict", "underfitting_verdict"), SIDES),
    **dict.fromkeys(("overfitting_cause", "underfitting_cause"), CAUSES),
}
"""Columns of codes, which are shown in words."""
COUNTS = frozenset(
    {"trial", "round", "n_runs", "epochs", "max_epochs", "units", "diverged", "runs", "epoch"}
    | {"n_strengths", "n_resamples", "n_rows"}
)
FULL_DIGITS = 9


@dataclass(frozen=True)
class HtmlCell:
    """What is shown, and the full value behind it ("" when it is the same)."""

    text: str
    raw: str
    number: bool


@dataclass(frozen=True)
class HtmlTable:
    """A table ready to be written: column names, their headings, and rows of cells."""

    names: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Sequence[HtmlCell]]


def to_html_table(frame: pd.DataFrame) -> HtmlTable:
    """The frame as a table; columns that hold nothing are left out."""
    kept = [c for c in frame.columns if frame[c].notna().any() and (frame[c] != "").any()]
    names = [str(c) for c in kept]
    records = frame[kept].to_dict("records")
    rows = [[_cell(name, row[name]) for name in names] for row in records]
    return HtmlTable(names, [heading(name) for name in names], rows)


def heading(name: str) -> str:
    """A column's name in words."""
    if name in HEADINGS:
        return HEADINGS[name]
    mean, end = read_end(name)
    if end is not None:
        return f"{heading(mean)}, {end} end"
    column = read_report_column(name)
    if column.what in PARTS:
        return f"{PARTS[column.what]} {column.metric}"
    layer = LAYER_STRENGTH.subject_of(name)
    return (name if layer is None else f"strength of layer {layer}").replace("_", " ")


def _cell(name: str, value: object) -> HtmlCell:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = ("yes" if value else "") if isinstance(value, bool) else str(value)
        text = CODES.get(name, {}).get(text, text)
        return HtmlCell("" if text == "nan" else text, "", False)
    if math.isnan(value):
        return HtmlCell("", "", True)
    if name in COUNTS and float(value).is_integer():
        return HtmlCell(str(int(value)), "", True)
    text = percent(float(value)) if is_share(name) else digits(float(value))
    raw = f"{float(value):.{FULL_DIGITS}g}"
    return HtmlCell(text, "" if raw == text else raw, True)
