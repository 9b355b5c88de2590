"""How fast it is: the results of ``make bench`` as a Markdown table and as a self-contained page.

Reads the JSON that ``tests/bench`` writes and measures nothing itself. Parts that were not measured
are left out; parts that could not be are named with the reason.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboards.figures.style import INK, MUTED, PENALTY_COLOURS, axis, new_figure
from dashboards.gather.numbers import digits, percent
from dashboards.pages.report import drawn, environment, page_context, write_page
from dashboards.sections.html_table import table_of
from dashboards.sections.parts import Chart, Section

Results = Mapping[str, Any]

OURS, LEAN, SECOND, THIRD = (PENALTY_COLOURS[name] for name in ("decay", "l2", "l1", "none"))
COLOURS = {"lean": LEAN, "lean_pair": "#b8860b", "loader": SECOND, "tune": THIRD}
METHOD = (
    "Every side trains the same network on the same rows with the same batches, epochs and "
    "optimizer, and validates after every epoch. Sides are processes of their own that take turns; "
    "a ratio is between neighbouring turns, and medians are shown. The population also measures "
    "accuracy, the loss of all training rows and norms; the peers do not. Starting a process and "
    "choosing the population's width are not counted, except where a start is named. Memory is the "
    "most that a side's processes held, the interpreter and libraries included. The share of the "
    "peak counts matrix products and convolutions alone: 2 (3 S − S₁) operations for a row trained "
    "and 2 S for a row evaluated, S being the multiply-adds of all layers and S₁ those of the "
    "first, over the best rate of a 2048 × 2048 float32 product measured just before."
)


# ---- tables ------------------------------------------------------------------------------------


def speed_rows(results: Results) -> list[dict[str, str]]:
    """One row per workload: runs per second, ratios, share of the peak, memory; text."""
    return [_speed_row(compared) for compared in _measured(results)]


def _measured(results: Results) -> list[Results]:
    return [c for c in results.get("compare", {}).values() if not c.get("skipped")]


def _speed_row(compared: Results) -> dict[str, str]:
    ours, peers = compared["ours"], {p["key"]: p for p in compared["peers"]}
    lean = min((peers["lean"], peers["lean_pair"]), key=lambda p: float(p["ratio"]))
    tune = compared.get("tune", {})
    return {
        "workload": compared["title"],
        "runs per second": digits(1 / ours["seconds_per_run"]),
        "to the lean loop": _times(lean["ratio"]),
        "to Optuna with a DataLoader": _times(peers["loader"]["ratio"]),
        "to Ray Tune": _times(tune["ratio"]) if tune else "–",
        "share of the peak": percent(ours["share_of_peak"]),
        "memory, MB": digits(ours["memory_mb"]),
        "lean loop's, MB": digits(lean["memory_mb"]),
    }


def _times(ratio: float) -> str:
    return f"{digits(ratio)}×" if ratio < 10 else f"{ratio:.0f}×"


def side_rows(results: Results) -> list[dict[str, Any]]:
    """One row per workload and side: seconds per run, ratio and memory; numbers."""
    rows: list[dict[str, Any]] = []
    for compared in _measured(results):
        ours = {"title": "stacked population", "ratio": 1.0, **compared["ours"]}
        for side in [ours, *_peers(compared)]:
            rows.append(
                {
                    "workload": compared["title"],
                    "side": side["title"],
                    "runs per second": 1 / side["seconds_per_run"],
                    "seconds per run": side["seconds_per_run"],
                    "times ours": side["ratio"],
                    "times ours, start included": side.get("ratio_cold", float("nan")),
                    "memory, MB": side["memory_mb"],
                }
            )
    return rows


def target_rows(results: Results) -> list[dict[str, str]]:
    """What was wanted and what was measured; text."""
    return [
        {
            "target": row["what"],
            "wanted": f"{row['sense']} {_value(row['wanted'], row['unit'])}",
            "measured": _value(row["measured"], row["unit"]),
            "met": "yes" if row["met"] else "no",
        }
        for row in results.get("targets", ())
    ]


def _value(value: float, unit: str) -> str:
    return percent(value) if unit == "%" else _times(value)


def _skipped(results: Results) -> list[str]:
    """What could not be measured, and why."""
    lines = []
    for compared in results.get("compare", {}).values():
        if compared.get("skipped"):
            lines.append(f"{compared['title']}: skipped, {compared['skipped']}")
        if compared.get("tune_skipped"):
            lines.append(f"{compared['title']}: Ray Tune skipped, {compared['tune_skipped']}")
    return lines


def _notes(results: Results) -> list[str]:
    """The whole studies, in sentences."""
    notes = []
    if study := results.get("study"):
        left, right = study["widths"].values()
        notes.append(
            f"To both boundaries ({study['study']}; {study['runs']} runs): "
            f"{study['seconds']:.0f} s, one run at a time by a lean loop "
            f"{study['seconds_alone']:.0f} s, "
            f"{_times(study['ratio'])}; {_width('overfitting ends', left)}, "
            f"{_width('underfitting starts', right)}."
        )
        if "seconds_one" in study:
            notes.append(
                f"With one slot, population = 1, it takes {study['seconds_one']:.0f} s "
                f"({_times(study['seconds_one'] / study['seconds'])})."
            )
    if counts := results.get("runs"):
        told = ", ".join(
            f"{1e3 * row['seconds_per_run']:.1f} ms with {row['runs']} runs" for row in counts
        )
        notes.append(f"Cost per run of a linear model on 200 rows, whole study: {told}.")
    if overhead := results.get("overhead"):
        parts = ", ".join(
            f"{name} {percent(s / overhead['seconds'])}" for name, s in overhead["parts"].items()
        )
        notes.append(
            f"The default study ({overhead['runs']} runs) took {overhead['seconds']:.0f} s with "
            f"its report, of which {parts}; some of it while other runs were training."
        )
    return notes


def _width(boundary: str, decades: float | None) -> str:
    if decades is None:
        return f"where {boundary} was not found"
    return f"where {boundary} is known to {digits(decades, 2)} decades"


def _about(results: Results) -> list[tuple[str, str]]:
    about = results.get("about", {})
    versions = ", ".join(f"{name} {v}" for name, v in about.get("versions", {}).items())
    peaks = [c["peak_gflops"] for c in _measured(results)]
    rows = [
        ("measured", about.get("date", "")),
        ("machine", f"{about.get('processor')}, {about.get('cpus')} CPUs, "
                    f"{about.get('memory_gb')} GB, {about.get('system')}"),
        ("matrix-multiply peak", f"{max(peaks):.0f} GFLOP/s" if peaks else ""),
        ("versions", f"Python {about.get('python')}, {versions}"),
        ("git commit", about.get("commit", "")),
        ("other processes", _others(results)),
    ]  # fmt: skip
    return [(term, value) for term, value in rows if value]


def _others(results: Results) -> str:
    parts = [*_measured(results), results.get("study", {})]
    shares = [part["others"] for part in parts if "others" in part]
    return f"at most {percent(max(shares))} of the machine's time" if shares else ""


def speed_markdown(results: Results) -> str:
    """The results as Markdown."""
    about = results.get("about", {})
    parts = [
        "# How fast",
        f"{about.get('date', '')}, {about.get('processor', '')}, {about.get('cpus', '')} CPUs.",
        _markdown(speed_rows(results)),
        *(f"- {line}" for line in [*_notes(results), *_skipped(results)]),
        "",
        _markdown([_as_text(row) for row in side_rows(results)]),
        _markdown(target_rows(results)),
        METHOD,
        "\n".join(f"- {term}: {value}" for term, value in _about(results)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _as_text(row: Mapping[str, Any]) -> dict[str, str]:
    return {k: v if isinstance(v, str) else digits(v) for k, v in row.items()}


def _markdown(rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return ""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([*row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# ---- figures -----------------------------------------------------------------------------------


def ratio_figure(results: Results) -> go.Figure:
    """Every peer's seconds per run over ours, by workload, on a logarithmic scale."""
    figure = new_figure(420)
    measured = _measured(results)
    names: dict[str, str] = {}
    for compared in measured:
        for peer in _peers(compared):
            names.setdefault(peer["key"], peer["title"])
    for key, title in reversed(names.items()):
        found = [(c["title"], p["ratio"]) for c in measured for p in _peers(c) if p["key"] == key]
        figure.add_bar(
            y=[_broken(name) for name, _ in found],
            x=[ratio for _, ratio in found],
            orientation="h",
            name=title,
            marker={"color": COLOURS[key]},
            text=[_times(ratio) for _, ratio in found],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra>%{fullData.name}</extra>",
        )
    _bars(figure, measured)
    ratios = [p["ratio"] for c in measured for p in _peers(c)]
    top = max([*ratios, 10.0])
    figure.update_xaxes(axis(title={"text": "seconds per run, times ours"}, type="log"))
    ticks = [t for t in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if t <= 2 * top]
    figure.update_xaxes(tickvals=ticks, ticktext=[f"{t:g}×" for t in ticks])
    figure.update_xaxes(range=[math.log10(min([*ratios, 1.0]) / 1.3), math.log10(top * 1.8)])
    figure.add_vline(x=1, line={"color": INK, "width": 1})
    return figure


def _peers(compared: Results) -> list[Results]:
    return [*compared["peers"], *([compared["tune"]] if compared.get("tune") else [])]


def _broken(title: str) -> str:
    return "<br>".join(textwrap.wrap(title, 19))


def _bars(figure: go.Figure, measured: Sequence[Results]) -> None:
    figure.update_layout(
        barmode="group",
        bargap=0.25,
        legend={"traceorder": "reversed"},
        margin={"l": 150, "b": 96},
        height=max(260, 130 + 110 * len(measured)),
        meta={"narrow": {"margin.l": 118, "margin.b": 150, "legend.font.size": 11}},
    )
    order = [_broken(c["title"]) for c in measured]
    figure.update_yaxes(
        axis(categoryorder="array", categoryarray=order[::-1], automargin=False, ticks="")
    )


def share_figure(results: Results) -> go.Figure:
    """Our share of the matrix-multiply peak, by workload."""
    figure = new_figure(240)
    measured = _measured(results)
    shares = [100 * c["ours"]["share_of_peak"] for c in measured]
    _share_bars(figure, [_broken(c["title"]) for c in measured], shares, n_decimals=0)
    _bars(figure, measured)
    figure.update_layout(height=110 + 52 * len(measured), margin={"b": 56})
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


# ---- the page ----------------------------------------------------------------------------------


def _sections(results: Results) -> list[Section]:
    sections = []
    if _measured(results):
        sides = table_of(pd.DataFrame(side_rows(results)))
        charts = [
            Chart(
                "Against the peers",
                "Longer is better for the population; at 1× the peer is as fast.",
                ratio_figure(results),
                sides,
                "Seconds per run of every peer over those of the population, by workload.",
            ),
            Chart(
                "Against the machine",
                "",
                share_figure(results),
                table_of(pd.DataFrame(_share_rows(results))),
                "Share of the matrix-multiply peak that the population reaches, by workload.",
            ),
        ]
        sections.append(Section("runs", "Training runs", "", charts, rows=speed_rows(results)))
    charts = []
    if results.get("runs"):
        charts.append(
            Chart(
                "More runs in one study",
                "A linear model on 200 rows: little but the sweep's own work.",
                count_figure(results),
                table_of(pd.DataFrame(results["runs"])),
                "Milliseconds per run against the number of runs of a study.",
            )
        )
    if overhead := results.get("overhead"):
        parts = [{"part": k, "seconds": v} for k, v in overhead["parts"].items()]
        charts.append(
            Chart(
                "The default study, beside training",
                "Some of it happens while other runs are training.",
                part_figure(results),
                table_of(pd.DataFrame(parts)),
                "Share of the default study's wall time by part.",
            )
        )
    if charts:
        sections.append(Section("studies", "Whole studies", "", charts, columns=2))
    if rows := target_rows(results):
        sections.append(Section("targets", "What was wanted", "", [], rows=rows))
    return sections


def _share_rows(results: Results) -> list[dict[str, Any]]:
    return [
        {
            "workload": c["title"],
            "operations per run": c["ours"]["flops_per_run"],
            "GFLOP/s": c["ours"]["gflops"],
            "peak, GFLOP/s": c["peak_gflops"],
            "share of the peak": c["ours"]["share_of_peak"],
        }
        for c in _measured(results)
    ]


def render_speed(results: Results) -> str:
    """The page as HTML."""
    about = results.get("about", {})
    return (
        environment()
        .from_string(Path(__file__).with_name("speed.html").read_text(encoding="utf-8"))
        .render(
            **page_context(),
            setting=f"{about.get('date', '')} · {about.get('processor', '')} · "
            f"{about.get('cpus', '')} CPUs",
            sections=[drawn(section) for section in _sections(results)],
            notes=_notes(results),
            skipped=_skipped(results),
            method=METHOD,
            about=_about(results),
        )
    )


def write_speed(results: Results, out: str | Path) -> Path:
    """Writes bench.md and bench.html into a folder; returns the page's path."""
    folder = Path(out)
    write_page(folder / "bench.md", speed_markdown(results))
    write_page(folder / "bench.html", render_speed(results))
    return folder / "bench.html"
