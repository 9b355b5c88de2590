"""The index of a report: a table of all studies to sort, search and compare, and comparisons."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.bundle import static_text
from dashboards.pages.embed import content_policy, json_block, new_nonce
from dashboards.pages.provenance import time_text
from dashboards.pages.render import environment
from dashboards.pages.study_row import StudyRow, checks_words, share_words


@dataclass(frozen=True)
class Column:
    """A column of the table."""

    name: str
    heading: str
    number: bool = False
    named: bool = False
    """Whether its words are names, which break where they are joined."""


COLUMNS = (
    Column("study", "study"),
    Column("verdict", "verdict"),
    Column("setting", "recommended"),
    Column("gain", "gain over none", number=True),
    Column("accuracy", "test accuracy", number=True),
    Column("checks", "checks to see", number=True),
    Column("data", "data", named=True),
    Column("model", "model", named=True),
    Column("objective", "objective", named=True),
    Column("runs", "runs", number=True),
    Column("state", "state"),
    Column("date", "date"),
)


@dataclass(frozen=True)
class Comparison:
    """A page that compares studies."""

    href: str
    names: tuple[str, ...]


def render_index(
    rows: Sequence[StudyRow],
    database: str,
    *,
    comparisons: Sequence[Comparison] = (),
    bench: str = "",
    command: str = "python -m dashboards",
    written: dt.datetime | None = None,
) -> str:
    """The table of studies as HTML.

    ``bench`` is the address of the page of ``make bench``, if there is one, and ``command`` what
    writes the page that compares the studies that are named behind it.
    """
    nonce, written = new_nonce(), written or dt.datetime.now(dt.UTC)
    return (
        environment()
        .get_template("index.html")
        .render(
            policy=content_policy(nonce),
            nonce=nonce,
            css=static_text("report.css") + static_text("index.css"),
            js=static_text("index.js"),
            live={
                "again": any(row.under_way for row in rows),
                "stamp": int(1000 * written.timestamp()),
                "js": static_text("live.js"),
            },
            columns=COLUMNS,
            rows=rows,
            cells=[_cells(row) for row in rows],
            comparisons=comparisons,
            known=json_block(_known(rows, comparisons, command)),
            database=database,
            bench=bench,
            written=time_text(written),
        )
    )


def _cells(row: StudyRow) -> dict[str, tuple[str, object]]:
    """Text of each cell, and what it is sorted by where that is something else."""
    share = share_words(row)
    return {
        "verdict": (row.fault or row.verdict, None),
        "setting": (row.setting, None),
        "gain": (row.gain, row.gain_number),
        "accuracy": (row.accuracy, row.accuracy_number),
        "checks": (checks_words(row), row.to_look_at),
        "data": (row.data, None),
        "model": (row.model, None),
        "objective": (row.objective, None),
        "runs": (f"{row.runs:,}" if row.runs else "", row.runs),
        "state": (f"{row.state} ({share})" if share else row.state, None),
        "date": (row.date, None),
    }


def _known(
    rows: Sequence[StudyRow], comparisons: Sequence[Comparison], command: str
) -> dict[str, object]:
    """What the script that compares looks up: pages by their studies, and names for a shell."""
    return {
        "comparisons": [{"href": c.href, "names": list(c.names)} for c in comparisons],
        "quoted": {row.name: shlex.quote(row.name) for row in rows},
        "command": command,
    }
