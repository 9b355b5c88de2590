"""Lines of a number against strength, one for each penalty or layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import DEPTH_COLOURS, strength_ticks
from dashboards.gather.numbers import plain, strength_text


@dataclass(frozen=True)
class LineStyle:
    """Colour, symbol and dash of a line."""

    colour: str
    symbol: int | str
    dash: str = "solid"


def plot_lines(
    figure: go.Figure,
    table: pd.DataFrame,
    name: str,
    column: str,
    styles: Mapping[str, LineStyle],
    words: Callable[[float], str],
) -> None:
    """A line of ``column`` for each value of the column ``name``, over a log axis of strengths.

    The points at strength 0 stand left of a gap.
    """
    positive = table.loc[table["strength"] > 0, "strength"]
    low, high = float(positive.min()), float(positive.max())
    anchor = low / 10 ** max(0.4, 0.08 * math.log10(high / low))
    for item, style in styles.items():
        rows = table[(table[name] == item) & table[column].notna()]
        for part, mode in (
            (rows[rows["strength"] > 0], "lines+markers"),
            (rows[rows["strength"] == 0], "markers"),
        ):
            figure.add_scatter(
                x=[s or anchor for s in part["strength"]], y=part[column].to_numpy(), mode=mode,
                name=plain(item), showlegend=mode != "markers", hoverinfo="text",
                line={"color": style.colour, "width": 2, "dash": style.dash},
                marker={"size": 7, "color": style.colour, "symbol": style.symbol},
                hovertext=[
                    f"{plain(item)}, strength {strength_text(s)}<br>{words(v)}"
                    for s, v in zip(part["strength"], part[column], strict=True)
                ],
            )  # fmt: skip
    values, texts = strength_ticks(low, high)
    figure.update_layout(
        xaxis={"type": "log", "tickvals": [anchor, *values], "ticktext": ["0", *texts]}
    )


def depth_colour(i: int, n: int) -> str:
    """A colour for the i-th of n layers, from the input to the output."""
    if n <= 1:
        return DEPTH_COLOURS[0]
    return DEPTH_COLOURS[round(i * (len(DEPTH_COLOURS) - 1) / (n - 1))]
