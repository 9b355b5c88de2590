"""The figures of the page of ``make bench``."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.style import INK, MUTED, PENALTY_COLOURS, axis, new_figure
from tests.bench.rows import Results, measured, peers_of, times

OURS, LEAN, SECOND, THIRD = (PENALTY_COLOURS[name] for name in ("decay", "l2", "l1", "none"))
COLOURS = {"lean": LEAN, "lean_pair": "#b8860b", "loader": SECOND, "tune": THIRD}


def ratio_figure(results: Results) -> go.Figure:
    """Every peer's seconds per run over ours, by workload, on a logarithmic scale."""
    figure = new_figure(420)
    compared = measured(results)
    names: dict[str, str] = {}
    for side in compared:
        for peer in peers_of(side):
            names.setdefault(peer["key"], peer["title"])
    for key, title in reversed(names.items()):
        found = [(c["title"], p["ratio"]) for c in compared for p in peers_of(c) if p["key"] == key]
        figure.add_bar(
            y=[_broken(name) for name, _ in found],
            x=[ratio for _, ratio in found],
            orientation="h",
            name=title,
            marker={"color": COLOURS[key]},
            text=[times(ratio) for _, ratio in found],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra>%{fullData.name}</extra>",
        )
    _bars(figure, compared)
    ratios = [p["ratio"] for c in compared for p in peers_of(c)]
    top = max([*ratios, 10.0])
    figure.update_xaxes(axis(title={"text": "seconds per run, times ours"}, type="log"))
    ticks = [t for t in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if t <= 2 * top]
    figure.update_xaxes(tickvals=ticks, ticktext=[f"{t:g}×" for t in ticks])
    figure.update_xaxes(range=[math.log10(min([*ratios, 1.0]) / 1.3), math.log10(top * 1.8)])
    figure.add_vline(x=1, line={"color": INK, "width": 1})
    return figure


def _broken(title: str) -> str:
    return "<br>".join(textwrap.wrap(title, 19))


def _bars(figure: go.Figure, compared: Sequence[Results]) -> None:
    figure.update_layout(
        barmode="group",
        bargap=0.25,
        legend={"traceorder": "reversed"},
        margin={"l": 150, "b": 96},
        height=max(260, 130 + 110 * len(compared)),
        meta={"narrow": {"margin.l": 118, "margin.b": 150, "legend.font.size": 11}},
    )
    order = [_broken(c["title"]) for c in compared]
    figure.update_yaxes(
        axis(categoryorder="array", categoryarray=order[::-1], automargin=False, ticks="")
    )


def share_figure(results: Results) -> go.Figure:
    """Our share of the matrix-multiply peak, by workload."""
    figure = new_figure(240)
    compared = measured(results)
    shares = [100 * c["ours"]["share_of_peak"] for c in compared]
    _share_bars(figure, [_broken(c["title"]) for c in compared], shares, n_decimals=0)
    _bars(figure, compared)
    figure.update_layout(height=110 + 52 * len(compared), margin={"b": 56})
    figure.update_layout(meta={"narrow": {"margin.l": 118}})
    figure.update_xaxes(axis(title={"text": "share of the matrix-multiply peak, %"}))
    figure.update_xaxes(range=[0, max(100.0, *shares)])
    return figure


def _share_bars(
    figure: go.Figure, names: Sequence[str], shares: Sequence[float], n_decimals: int
) -> None:
    """A bar to the right for each share in %, with its number behind it."""
    figure.add_bar(
        y=names,
        x=shares,
        orientation="h",
        marker={"color": OURS},
        text=[f"{share:.{n_decimals}f} %" for share in shares],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )


def count_figure(results: Results) -> go.Figure:
    """Seconds per run against the number of runs of a study."""
    rows = results["runs"]
    figure = new_figure(300)
    for name, column, colour, dash in (
        ("wall time", "seconds_per_run", OURS, "solid"),
        ("processor time", "cpu_seconds_per_run", MUTED, "dot"),
    ):
        figure.add_scatter(
            x=[row["runs"] for row in rows],
            y=[1e3 * row[column] for row in rows],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate="%{x} runs: %{y:.2f} ms<extra>" + name + "</extra>",
        )
    ticks = [row["runs"] for row in rows]
    figure.update_xaxes(axis(title={"text": "runs of the study"}, type="log"))
    figure.update_xaxes(tickvals=ticks, ticktext=[str(tick) for tick in ticks])
    figure.update_yaxes(axis(title={"text": "milliseconds per run"}, rangemode="tozero"))
    figure.update_layout(margin={"b": 84})
    return figure


def part_figure(results: Results) -> go.Figure:
    """What share of the default study's wall time each part took beside training."""
    overhead = results["overhead"]
    parts = sorted(overhead["parts"].items(), key=lambda item: item[1])
    figure = new_figure(110 + 34 * len(parts))
    shares = [100 * seconds / overhead["seconds"] for _, seconds in parts]
    _share_bars(figure, [name for name, _ in parts], shares, n_decimals=1)
    figure.update_layout(margin={"l": 110})
    figure.update_xaxes(axis(title={"text": "share of the wall time, %"}))
    figure.update_xaxes(range=[0, max(10.0, 1.2 * max(shares))])
    figure.update_yaxes(axis(automargin=False, ticks=""))
    return figure
