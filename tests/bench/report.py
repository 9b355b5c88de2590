"""How fast it is: the results of ``make bench`` as a Markdown table and as a self-contained page.

Reads the JSON that ``tests/bench`` writes and measures nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dashboards.gather.numbers import digits
from dashboards.pages.page_data import PageData
from dashboards.pages.render import environment, page_context
from dashboards.pages.study_pages import write_page
from dashboards.sections.parts import Section, chart_of
from tests.bench.figures import count_figure, part_figure, ratio_figure, share_figure
from tests.bench.rows import (
    Results,
    about_rows,
    measured,
    notes,
    share_rows,
    side_rows,
    skipped,
    speed_rows,
    step_rows,
    target_rows,
)

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


def speed_markdown(results: Results) -> str:
    """The results as Markdown."""
    about = results.get("about", {})
    parts = [
        "# How fast",
        f"{about.get('date', '')}, {about.get('processor', '')}, {about.get('cpus', '')} CPUs.",
        _markdown(speed_rows(results)),
        *(f"- {line}" for line in [*notes(results), *skipped(results)]),
        "",
        _markdown([_as_text(row) for row in side_rows(results)]),
        _markdown(step_rows(results)),
        _markdown(target_rows(results)),
        METHOD,
        "\n".join(f"- {term}: {value}" for term, value in about_rows(results)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _as_text(row: Mapping[str, Any]) -> dict[str, str]:
    return {k: v if isinstance(v, str) else digits(v) for k, v in row.items()}


def _markdown(rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return ""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([*row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sections(results: Results) -> list[Section]:
    sections = []
    if measured(results):
        sections.append(_runs_section(results))
    if rows := step_rows(results):
        steps = results["steps"]
        what = "runs in one thread, processor time without any evaluation"
        intro = f"{steps['title']}, {steps['width']} {what}."
        sections.append(Section("steps", "What a step costs", intro, [], rows=rows))
    if results.get("runs") or results.get("overhead"):
        sections.append(_studies_section(results))
    if rows := target_rows(results):
        sections.append(Section("targets", "What was wanted", "", [], rows=rows))
    return sections


def _runs_section(results: Results) -> Section:
    charts = [
        chart_of(
            "Against the peers",
            "Longer is better for the population; at 1× the peer is as fast.",
            ratio_figure(results),
            pd.DataFrame(side_rows(results)),
            "Seconds per run of every peer over those of the population, by workload.",
        ),
        chart_of(
            "Against the machine",
            "",
            share_figure(results),
            pd.DataFrame(share_rows(results)),
            "Share of the matrix-multiply peak that the population reaches, by workload.",
        ),
    ]
    return Section("runs", "Training runs", "", charts, rows=speed_rows(results))


def _studies_section(results: Results) -> Section:
    charts = []
    if results.get("runs"):
        charts.append(
            chart_of(
                "More runs in one study",
                "A linear model on 200 rows: little but the sweep's own work.",
                count_figure(results),
                pd.DataFrame(results["runs"]),
                "Milliseconds per run against the number of runs of a study.",
            )
        )
    if overhead := results.get("overhead"):
        parts = [{"part": k, "seconds": v} for k, v in overhead["parts"].items()]
        charts.append(
            chart_of(
                "The default study, beside training",
                "Some of it happens while other runs are training.",
                part_figure(results),
                pd.DataFrame(parts),
                "Share of the default study's wall time by part.",
            )
        )
    return Section("studies", "Whole studies", "", charts, columns=2)


def render_speed(results: Results) -> str:
    """The page as HTML."""
    about, data = results.get("about", {}), PageData()
    sections = [data.section(section) for section in _sections(results)]
    return (
        environment()
        .from_string(Path(__file__).with_name("speed.html").read_text(encoding="utf-8"))
        .render(
            **page_context(data),
            setting=f"{about.get('date', '')} · {about.get('processor', '')} · "
            f"{about.get('cpus', '')} CPUs",
            sections=sections,
            notes=notes(results),
            skipped=skipped(results),
            method=METHOD,
            about=about_rows(results),
        )
    )


def write_speed(results: Results, out: str | Path) -> Path:
    """Writes bench.md and bench.html into a folder; returns the page's path."""
    folder = Path(out)
    write_page(folder / "bench.md", speed_markdown(results))
    write_page(folder / "bench.html", render_speed(results))
    return folder / "bench.html"
