"""What a page is made of: charts and the sections that hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pandas as pd
import plotly.graph_objects as go

from dashboards.sections.html_table import HtmlTable, to_html_table


@dataclass(frozen=True)
class Chart:
    """A figure as it stands on the page."""

    title: str
    caption: str
    figure: go.Figure
    table: HtmlTable
    label: str
    """What a screen reader says instead of the drawing."""
    link: str = ""
    """What an address names it by; "" for a chart that no link leads to."""
    choice: str = ""
    """Which choice of its section shows it; "" where it is always shown."""


@dataclass(frozen=True)
class Section:
    """A heading, a sentence or two, and charts; ``columns`` of them beside each other."""

    anchor: str
    title: str
    intro: str
    charts: list[Chart] = field(default_factory=list)
    columns: int = 1
    rows: list[dict[str, str]] = field(default_factory=list)
    """A small table of ready text above the charts."""
    finding: str = ""
    """What it shows, as the title that a reader sees; "" where its title says all."""
    open: bool = False
    """Whether it is unfolded, since it matters here."""

    @property
    def choices(self) -> list[str]:
        """What charts may be switched between, the first shown at first."""
        return list(dict.fromkeys(chart.choice for chart in self.charts if chart.choice))


def chart_of(
    title: str,
    caption: str,
    figure: go.Figure,
    frame: pd.DataFrame,
    label: str,
    *,
    link: str = "",
    choice: str = "",
) -> Chart:
    """A chart with the table behind its figure."""
    return Chart(title, caption, figure, to_html_table(frame), label, link, choice)


def link_to(kind: str, name: str) -> str:
    """What an address names a thing of this kind by, with hyphens for what it cannot hold."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}"
