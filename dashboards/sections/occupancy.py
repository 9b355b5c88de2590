"""How full the slots were while the study trained."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import MUTED, PENALTY_COLOURS, fade, new_figure
from dashboards.gather.frames import Frames
from dashboards.gather.numbers import percent
from dashboards.sections.parts import Section, chart_of

PHASE_COLOURS = {
    "explore": PENALTY_COLOURS["decay"],
    "select": PENALTY_COLOURS["dropout"],
    "path": PENALTY_COLOURS["l1"],
    "confirm": PENALTY_COLOURS["l2"],
    "baseline": PENALTY_COLOURS["spectral"],
    "ablation": PENALTY_COLOURS["label_smoothing"],
    "control": MUTED,
}


def section(frames: Frames) -> Section | None:
    """Occupied slots over time; None where they were not recorded."""
    table = frames.occupancy
    if table.empty or not (table["slots"] > 0).any():
        return None
    chart = chart_of(
        "Slots with a run in them",
        "A run that ends, is stopped or diverges frees its slot for the next one that waits. "
        "Where none waits and runs train in turn, a free slot costs nothing and is not counted. "
        "Where phases overlap, a stretch has the colour of the one with most runs in slots. "
        "A dotted line is a new launch.",
        occupancy_figure(table),
        table.drop(columns="study"),
        "Number of occupied slots over time, by phase.",
    )
    finding, by_phase = occupancy_words(table)
    words = f"{finding} ({by_phase})."
    return Section("occupancy", "How full the slots were", words, [chart], finding=finding)


def occupancy_words(table: pd.DataFrame) -> tuple[str, str]:
    """The share of slot-seconds that had a run in them, in all and by phase."""

    def share(rows: pd.DataFrame) -> float:
        return float((rows["occupied"] * rows["seconds"]).sum()) / float(
            (rows["slots"] * rows["seconds"]).sum()
        )

    table = table[table["slots"] > 0]
    by_phase = ", ".join(
        f"{phase} {percent(share(rows))}" for phase, rows in table.groupby("phase", sort=False)
    )
    return f"{percent(share(table))} of all slot time had a run in it", by_phase


def occupancy_figure(table: pd.DataFrame) -> go.Figure:
    """Occupied slots over time as areas by phase; the line is the number of slots."""
    figure = new_figure(300)
    starts = table.groupby("launch")["seconds"].sum().cumsum().shift(fill_value=0.0)
    at = table["launch"].map(starts) + table["start_seconds"]
    span = float((at + table["seconds"]).max())
    unit, name = (60.0, "minutes") if span > 180 else (1.0, "seconds")
    begins = (at / unit).to_numpy()
    ends = begins + table["seconds"].to_numpy() / unit
    phases, occupied, slots = (table[name].to_numpy() for name in ("phase", "occupied", "slots"))
    for phase, colour in PHASE_COLOURS.items():
        xs: list[float] = []
        ys: list[float] = []
        for begin, end, height in zip(
            *(values[phases == phase] for values in (begins, ends, occupied)), strict=True
        ):
            xs += [begin, begin, end, end]
            ys += [0.0, height, height, 0.0]
        if xs:
            figure.add_scatter(
                x=xs, y=ys, mode="lines", line={"width": 0}, fill="tozeroy", name=phase,
                fillcolor=fade(colour, 0.55), hoverinfo="skip",
            )  # fmt: skip
    _slots_line(figure, begins, ends, slots)
    figure.update_layout(
        xaxis={"title": {"text": f"time, {name}"}, "rangemode": "tozero"},
        yaxis={"title": {"text": "slots"}, "range": [0, 1.1 * float(table["slots"].max() or 1)]},
    )
    for launch in sorted(starts.index)[1:]:
        figure.add_vline(x=starts[launch] / unit, line={"color": MUTED, "dash": "dot", "width": 1})
    return figure


def _slots_line(figure: go.Figure, begins: np.ndarray, ends: np.ndarray, slots: np.ndarray) -> None:
    """The number of slots over time, broken where nothing trained."""
    edges: list[float] = []
    heights: list[float] = []
    for i, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if i and begin > ends[i - 1] + 1e-3:
            edges, heights = [*edges, math.nan], [*heights, math.nan]
        edges, heights = [*edges, begin, end], [*heights, slots[i], slots[i]]
    figure.add_scatter(
        x=edges, y=heights, mode="lines", name="slots", line={"color": MUTED, "width": 1.5},
        hoverinfo="skip", connectgaps=False,
    )  # fmt: skip
