"""Learning rate by strength: the search's trials of a penalty in cells.

A map or a word on why there is none, and a figure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from dashboards.figures.style import MUTED, new_figure, strength_ticks
from dashboards.gather.numbers import digits, measured, plain, strength_text
from dashboards.gather.searched import Searched
from dashboards.sections.parts import Chart, chart_of
from sweep.regularizers.catalogue import decay_words

SCALE = "Viridis"
FEWEST_MAPPED = 12
"""Finished trials that a map needs."""


def map_charts(maps: Sequence[tuple[Searched, RateMap]]) -> list[Chart]:
    """Coupled and decoupled decay side by side, in colours that mean the same."""
    if not maps:
        return []
    best = min(float(searched.complete["val_loss"].min()) for searched, _ in maps)
    null = max(searched.null_loss for searched, _ in maps)
    shares = [gain_lost(cells, best, null) for _, cells in maps]
    worst = min(100.0, 10 * math.ceil(max(float(np.nanmax(s)) for s in shares) / 10))
    return [
        chart_of(
            f"{cells.penalty}: learning rate by strength",
            f"{decay_words(cells.penalty).capitalize()}. Bright cells lost little of what there "
            "was to gain (median of their finished trials). Where they run along a diagonal, "
            "strength and learning rate have to be tuned together; where they stand in a column, "
            "apart.",
            rate_figure(cells, share, worst),
            rate_table(cells),
            f"Median validation loss by strength of {cells.penalty} and learning rate.",
        )
        for (_, cells), share in zip(maps, shares, strict=True)
    ]


@dataclass(frozen=True)
class RateMap:
    """The trials of a penalty in cells of strength and learning rate."""

    penalty: str
    strengths: np.ndarray
    """Edges of the cells (X + 1,)."""
    rates: np.ndarray
    """Edges (Y + 1,)."""
    loss: np.ndarray
    """Median loss of the finished trials (Y, X); nan where none finished."""
    finished: np.ndarray
    """How many did (Y, X)."""
    lost: np.ndarray
    """How many were stopped early or diverged (Y, X)."""


def rate_map(searched: Searched) -> RateMap | str:
    """Cells as many as there are trials, about, or why there is no map."""
    trials, n_done = searched.trials, len(searched.complete)
    if n_done < FEWEST_MAPPED:
        return f"{n_done} trials finished; {FEWEST_MAPPED} are needed"
    n_y = int(np.clip(math.sqrt(len(trials) / 1.5), 3, 7))
    n_x = int(np.clip(1.5 * n_y, 4, 10))
    x, y = np.log10(trials["strength"].to_numpy(float)), np.log10(trials["lr"].to_numpy(float))
    edges_x, edges_y = (
        np.linspace(x.min(), x.max(), n_x + 1),
        np.linspace(y.min(), y.max(), n_y + 1),
    )
    column = np.clip(np.searchsorted(edges_x, x, side="right") - 1, 0, n_x - 1)
    row = np.clip(np.searchsorted(edges_y, y, side="right") - 1, 0, n_y - 1)
    done = trials.index.isin(searched.complete.index)
    losses = trials["val_loss"].to_numpy(float)
    loss = np.full((n_y, n_x), math.nan)
    finished, lost = np.zeros((n_y, n_x), int), np.zeros((n_y, n_x), int)
    for place in {(int(r), int(c)) for r, c in zip(row, column, strict=True)}:
        here = (row == place[0]) & (column == place[1])
        finished[place], lost[place] = (here & done).sum(), (here & ~done).sum()
        if finished[place]:
            loss[place] = float(np.median(losses[here & done]))
    return RateMap(searched.penalty, 10**edges_x, 10**edges_y, loss, finished, lost)


def rate_table(cells: RateMap) -> pd.DataFrame:
    """One row per cell that has trials."""
    rows = []
    for (y, x), loss in np.ndenumerate(cells.loss):
        if cells.finished[y, x] + cells.lost[y, x]:
            rows.append(
                {
                    "strength_low": cells.strengths[x],
                    "strength_high": cells.strengths[x + 1],
                    "lr_low": cells.rates[y],
                    "lr_high": cells.rates[y + 1],
                    "median_val_loss": loss,
                    "trials": int(cells.finished[y, x]),
                    "stopped_or_diverged": int(cells.lost[y, x]),
                }
            )
    return pd.DataFrame(rows)


def gain_lost(cells: RateMap, best_loss: float, null_loss: float) -> np.ndarray:
    """The share in % of the gain from ``null_loss`` to ``best_loss`` that is lost in each cell."""
    return 100 * (cells.loss - best_loss) / (null_loss - best_loss)


def rate_figure(cells: RateMap, share: np.ndarray, worst: float) -> go.Figure:
    """The map, coloured by ``share`` (Y, X), what is lost in %, from 0 to ``worst``."""
    figure = new_figure(380)
    places = np.argwhere(np.isfinite(share)).tolist()
    known = [float(share[y, x]) for y, x in places]
    _paint_cells(figure, cells, places, np.clip(np.array(known) / worst, 0, 1).tolist())
    middle_x, middle_y = _middles(cells.strengths), _middles(cells.rates)
    words = _hover(cells)
    figure.add_scatter(
        x=[middle_x[x] for _, x in places], y=[middle_y[y] for y, _ in places], mode="markers",
        hovertext=[words[y][x] for y, x in places], hoverinfo="text", showlegend=False,
        marker={
            "color": known, "cmin": 0, "cmax": worst, "colorscale": SCALE, "reversescale": True,
            "opacity": 0, "size": 20,
            "colorbar": {
                "thickness": 12, "outlinewidth": 0, "nticks": 6,
                "tickfont": {"size": 12, "color": MUTED},
                "title": {"text": "gain lost, %", "side": "right", "font": {"size": 13}},
            },
        },
    )  # fmt: skip
    _mark_lost(figure, cells)
    values, texts = strength_ticks(float(cells.strengths[0]), float(cells.strengths[-1]))
    rates = _rate_ticks(float(cells.rates[0]), float(cells.rates[-1]))
    figure.update_layout(
        xaxis={
            "type": "log", "tickvals": values, "ticktext": texts, "showgrid": False,
            "range": np.log10(cells.strengths[[0, -1]]).tolist(),
            "title": {"text": f"strength of {plain(cells.penalty)}"},
        },
        yaxis={
            "type": "log", "tickvals": rates, "ticktext": [digits(v) for v in rates],
            "range": np.log10(cells.rates[[0, -1]]).tolist(), "showgrid": False,
            "title": {"text": "learning rate"},
        },
        hoverdistance=60,
    )  # fmt: skip
    return figure


def _paint_cells(
    figure: go.Figure, cells: RateMap, places: Sequence[Sequence[int]], shares: Sequence[float]
) -> None:
    """A rectangle for each cell, the brighter the less is lost of ``shares`` from 0 to 1."""
    colours = sample_colorscale(SCALE, [1 - share for share in shares]) if shares else []
    for (y, x), colour in zip(places, colours, strict=True):
        figure.add_shape(
            type="rect", layer="below", line={"width": 0}, fillcolor=colour,
            x0=cells.strengths[x], x1=cells.strengths[x + 1],
            y0=cells.rates[y], y1=cells.rates[y + 1],
        )  # fmt: skip


def _middles(edges: np.ndarray) -> np.ndarray:
    """The middle of each cell on a log axis."""
    middles: np.ndarray = np.sqrt(edges[1:] * edges[:-1])
    return middles


def _hover(cells: RateMap) -> list[list[str]]:
    """What each cell says under the pointer."""
    return [
        [
            f"strength {_cell_range(cells.strengths, x)}"
            f"<br>learning rate {_cell_range(cells.rates, y)}"
            f"<br>{cells.finished[y, x]} finished, {cells.lost[y, x]} stopped or diverged"
            f"<br>median loss {measured(cells.loss[y, x])}"
            for x in range(cells.loss.shape[1])
        ]
        for y in range(cells.loss.shape[0])
    ]


def _cell_range(edges: np.ndarray, place: int) -> str:
    return f"{strength_text(edges[place])} to {strength_text(edges[place + 1])}"


def _mark_lost(figure: go.Figure, cells: RateMap) -> None:
    """A cross in each cell whose trials were all stopped or diverged."""
    empty = np.argwhere((cells.finished == 0) & (cells.lost > 0))
    if len(empty):
        middle_x, middle_y = _middles(cells.strengths), _middles(cells.rates)
        figure.add_scatter(
            x=[middle_x[x] for _, x in empty], y=[middle_y[y] for y, _ in empty], mode="markers",
            name="every trial was stopped or diverged", hoverinfo="name", showlegend=True,
            marker={"symbol": "x-thin-open", "size": 9, "color": MUTED, "line": {"width": 1.5}},
        )  # fmt: skip


def _rate_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of every decade between two numbers, or 1 alone where those are too many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1,)):
        ticks = [s * 10.0**p for p in powers for s in steps]
        ticks = [t for t in ticks if low * 0.999 <= t <= high * 1.001]
        if len(ticks) <= 8:
            break
    return ticks
