"""How well the slots were used: occupied slots over the seconds of a study's launches."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.style import INK, MUTED, REGIMES, TOO_STRONG, digits, fade, new_figure, percent

PHASES = {
    "explore": "#0072b2",
    "path": REGIMES["good"],
    "confirm": REGIMES["underfitting"],
    "control": TOO_STRONG,
}


def occupancy_table(occupancy: pd.DataFrame) -> pd.DataFrame:
    """The intervals of all launches on one axis: ``start`` and ``end`` in seconds of training.

    Launches follow one another without the time between them.
    """
    table = occupancy.drop(columns="study").sort_values(["launch", "seconds"])
    lengths = table.groupby("launch")["seconds"].max()
    before = table["launch"].map(lengths.cumsum() - lengths)
    end = before + table["seconds"]
    return table.assign(start=end - table["duration"], end=end)


def mean_share(occupancy: pd.DataFrame) -> float:
    """Occupied slots as a share of those there were, mean over time; nan without any."""
    there = float((occupancy["width"] * occupancy["duration"]).sum())
    used = float((occupancy["occupied"] * occupancy["duration"]).sum())
    return used / there if there > 0 else math.nan


def occupancy_words(occupancy: pd.DataFrame) -> str:
    """Mean occupancy as a sentence, in all and by phase."""
    units = " and ".join(occupancy["unit"].unique())
    widest = int(occupancy["width"].max())
    phases = [phase for phase in PHASES if (occupancy["phase"] == phase).any()]
    shares = [
        f"{phase} {percent(mean_share(occupancy[occupancy['phase'] == phase]))}" for phase in phases
    ]
    launches = occupancy["launch"].nunique()
    words = f"{percent(mean_share(occupancy))} of up to {widest} {units} were occupied on average"
    words += f" ({', '.join(shares)})" if len(shares) > 1 else ""
    return words + (f", over {launches} launches." if launches > 1 else ".")


def occupancy_figure(occupancy: pd.DataFrame) -> go.Figure:
    """Occupied slots (filled, one colour per phase) and slots there were (line) over time."""
    table = occupancy_table(occupancy)
    figure = new_figure(320)
    for phase, colour in PHASES.items():
        if (table["phase"] == phase).any():
            _phase(figure, table, phase, colour)
    stretches = [own for _, own in table.groupby("launch")]
    x = [v for own in stretches for v in [*_corners(own["start"], own["end"]), None]]
    y = [v for own in stretches for v in [*_corners(own["width"], own["width"]), None]]
    unit = " and ".join(table["unit"].unique())
    figure.add_scatter(
        x=x, y=y, mode="lines", name=f"{unit} there were", hoverinfo="skip",
        line={"color": INK, "width": 1.2, "dash": "dash"},
    )  # fmt: skip
    for i, own in enumerate(stretches[1:]):
        figure.add_vline(x=float(own["start"].min()), line={"color": MUTED, "width": 1})
        if i == 0:
            figure.add_scatter(
                x=[None], y=[None], mode="lines", name="launched again",
                line={"color": MUTED, "width": 1},
            )  # fmt: skip
    figure.update_layout(
        xaxis={"title": {"text": "seconds of training"}, "rangemode": "tozero"},
        yaxis={
            "title": {"text": unit.capitalize()},
            "range": [0, 1.08 * float(table["width"].max())],
        },
    )
    return figure


def _phase(figure: go.Figure, table: pd.DataFrame, phase: str, colour: str) -> None:
    """A phase's intervals as steps down to zero, with gaps where other phases lie."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    texts: list[str | None] = []
    numbered = (table["phase"] != phase).cumsum()
    for _, own in table[table["phase"] == phase].groupby([table["launch"], numbered]):
        rows = own.to_dict("records")
        xs += [rows[0]["start"], *_corners(own["start"], own["end"]), rows[-1]["end"], None]
        ys += [0.0, *_corners(own["occupied"], own["occupied"]), 0.0, None]
        words = [
            f"{phase}, launch {row['launch']}, {digits(row['seconds'])} s<br>"
            f"{digits(row['occupied'])} of {digits(row['width'])} {row['unit']}, "
            f"{digits(row['waiting'])} runs waiting"
            for row in rows
        ]
        texts += [None, *_corners(words, words), None, None]
    figure.add_scatter(
        x=xs, y=ys, mode="lines", name=phase, fill="tozeroy", fillcolor=fade(colour, 0.35),
        line={"color": colour, "width": 1.2}, hovertext=texts, hoverinfo="text",
    )  # fmt: skip


def _corners(first: Iterable[Any], second: Iterable[Any]) -> list[Any]:
    """The values of both, taking turns."""
    return [value for pair in zip(first, second, strict=True) for value in pair]
