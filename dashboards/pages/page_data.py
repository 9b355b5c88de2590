"""What a page's script unpacks: its figures and the tables behind them, compressed together."""

from __future__ import annotations

from typing import Any

from dashboards.figures.bundle import figure_values, packed_json
from dashboards.sections.html_table import HtmlCell, HtmlTable
from dashboards.sections.parts import Chart, Section


class PageData:
    """Collects the figures and tables of the sections of one page, by the id of their chart."""

    def __init__(self) -> None:
        self._figures: dict[str, Any] = {}
        self._tables: dict[str, Any] = {}

    def section(self, section: Section) -> dict[str, Any]:
        """A section as its template takes it; what its charts draw is kept."""
        return {
            "anchor": section.anchor,
            "title": section.title,
            "finding": section.finding,
            "open": section.open,
            "intro": section.intro,
            "columns": section.columns,
            "rows": section.rows,
            "choices": section.choices,
            "charts": [
                self._chart(chart, f"{section.anchor}-{place}")
                for place, chart in enumerate(section.charts, 1)
            ],
        }

    def _chart(self, chart: Chart, key: str) -> dict[str, Any]:
        self._figures[key] = figure_values(chart.figure)
        self._tables[key] = table_values(chart.table)
        return {
            "id": key,
            "title": chart.title,
            "caption": chart.caption,
            "label": chart.label,
            "link": chart.link,
            "choice": chart.choice,
            "height": int(chart.figure.layout.height),
        }

    def packed(self) -> str:
        """All of it as the page holds it."""
        return packed_json({"figures": self._figures, "tables": self._tables})


def table_values(table: HtmlTable) -> dict[str, Any]:
    """A table for the script: a cell is its text, or its text and the full value behind it."""
    numbers = [any(row[i].number for row in table.rows) for i in range(len(table.names))]
    return {
        "names": list(table.names),
        "headings": list(table.headings),
        "numbers": numbers,
        "rows": [[_cell_values(cell) for cell in row] for row in table.rows],
    }


def _cell_values(cell: HtmlCell) -> Any:
    return [cell.text, cell.raw] if cell.raw else cell.text
