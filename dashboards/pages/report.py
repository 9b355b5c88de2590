"""Gather, render, write: an index of studies and one self-contained page per study.

A page holds all that it shows - script, style, data, the study's text - and asks nobody for
anything, so it can be mailed and opened from a disk years later. Every word that came from a study
passes through jinja's escaping, figures as escaped JSON.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

import sweep
from dashboards.figures.style import DARK, colour_of
from dashboards.gather.facts import alike, is_finished, listed_penalties
from dashboards.gather.frames import Frames
from dashboards.pages.embed import (
    LICENSE_FILE,
    PLOT_CONFIG,
    PLOTLY_VERSION,
    content_policy,
    figure_json,
    json_block,
    mask_secrets,
    plotly_script,
    static_text,
)
from dashboards.pages.provenance import SNIPPET, provenance, time_text
from dashboards.sections.answers import answers, headline, summary_table, test_words
from dashboards.sections.caveats import find_caveats
from dashboards.sections.html_table import to_html_table
from dashboards.sections.order import sections_of
from dashboards.sections.parts import Chart, Section
from sweep.runtime.files import reporting_file_errors, whole_file

MAX_ROWS = 1000
"""Trials in the page's table; a larger study keeps the rest in its database."""

# ---- gather ------------------------------------------------------------------------------------


def gather(store: sweep.Store, name: str) -> Frames:
    """Everything that is stored of one study, as of one moment: it may be under way.

    Raises StoreError for a name that is not there.
    """
    with store.snapshot():
        other = _unpruned(store, sweep.read_study(store, name))
        return replace(_frames(store, name), unpruned=_frames(store, other) if other else None)


def _unpruned(store: sweep.Store, study: Mapping[str, Any]) -> str:
    """The finished study that differs in name and in having no pruner; "" when there is none."""
    key = study.get("unpruned_fingerprint")
    if not key or study.get("pruner") == "none":
        return ""
    for name in store.study_names():
        other = sweep.read_study(store, name)
        same = other.get("unpruned_fingerprint") == key and other.get("pruner") == "none"
        if same and other["finished_at"]:
            return name
    return ""


def _frames(store: sweep.Store, name: str) -> Frames:
    return Frames(
        study=sweep.read_study(store, name),
        trials=sweep.trials_frame(store, name),
        runs=sweep.runs_frame(store, name),
        curves=sweep.curves_frame(store, name),
        layers=sweep.layers_frame(store, name),
        boundaries=sweep.boundaries_frame(store, name),
        occupancy=sweep.occupancy_frame(store, name),
    )


# ---- render ------------------------------------------------------------------------------------


def environment() -> Environment:
    """Where templates are found; what they are given is escaped."""
    return Environment(
        loader=PackageLoader("dashboards"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_context() -> dict[str, Any]:
    """What every page with charts is given: policy, style, script, plotly.js, colours, settings."""
    nonce = secrets.token_urlsafe(16)
    return {
        "policy": content_policy(nonce),
        "nonce": nonce,
        "css": static_text("report.css"),
        "js": static_text("report.js"),
        "plotly_version": PLOTLY_VERSION,
        "plotly_license": static_text(LICENSE_FILE),
        "plotly": plotly_script(),
        "dark": json_block(DARK),
        "config": json_block(PLOT_CONFIG),
    }


def render_study(frames: Frames, written: dt.datetime | None = None) -> str:
    """The page of one study as HTML."""
    study = frames.study
    trials, left_out = _trials_shown(frames)
    penalties = list(dict.fromkeys(frames.trials["penalty"]))
    found = answers(frames)
    boundaries = frames.boundaries.drop(columns=["study", "sentence", "advice"])
    return (
        environment()
        .get_template("study.html")
        .render(
            **page_context(),
            name=study["name"],
            question=study.get("question") or "",
            setting=_setting(study),
            headline=f"{headline(frames)} {test_words(frames.confirmed)}".strip(),
            answers=found,
            no_answer=_no_answer(frames),
            colours={p: _twins(p, penalties) for p in [*penalties, *(a.penalty for a in found)]},
            summary=summary_table(frames),
            caveats=find_caveats(frames),
            sections=[drawn(section) for section in sections_of(frames)],
            trials=to_html_table(trials),
            left_out=left_out,
            phases=list(dict.fromkeys(frames.trials["phase"])),
            penalties=penalties,
            csv_name=f"{page_name(study['name']).removesuffix('.html')}-trials.csv",
            boundaries=to_html_table(boundaries),
            provenance=provenance(frames),
            snippet=SNIPPET.format(database=str(study.get("database", "")), name=study["name"]),
            text=mask_secrets(str(study.get("text") or "")),
            written=time_text(written or dt.datetime.now(dt.UTC)),
        )
    )


def _twins(penalty: str, penalties: Sequence[str]) -> tuple[str, str]:
    colour = colour_of(penalty, penalties)
    return colour, DARK.get(colour, colour)


def drawn(section: Section) -> dict[str, Any]:
    """A section as its template takes it."""
    return {
        "anchor": section.anchor,
        "title": section.title,
        "intro": section.intro,
        "columns": section.columns,
        "rows": section.rows,
        "charts": [_chart(chart) for chart in section.charts],
    }


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "title": chart.title,
        "caption": chart.caption,
        "label": chart.label,
        "table": chart.table,
        "height": int(chart.figure.layout.height),
        "json": figure_json(chart.figure),
    }


def _setting(study: Mapping[str, Any]) -> str:
    """One line on what was trained on what."""
    parts = []
    if study.get("n_train"):
        parts.append(_rows_in_words(study))
    if study.get("n_parameters"):
        parts.append(f"{study['n_parameters']} parameters")
    if study.get("epochs"):
        parts.append(f"{study['epochs']} epochs of {study.get('optimizer', '')}".strip())
    if is_finished(study):
        parts.append(f"finished {time_text(study['finished_at'])}")
    else:
        parts.append("not finished")
    return " · ".join(parts)


def _rows_in_words(study: Mapping[str, Any]) -> str:
    words = f"{study['n_train']} training and {study['n_validation']} validation rows"
    return f"{words}, {study['n_test']} test rows kept apart" if study.get("n_test") else words


def _no_answer(frames: Frames) -> str:
    if not is_finished(frames.study):
        return "The paths that answer the question have not been trained yet."
    return (
        "No path of strengths was trained, so there are no boundaries. Set path.points to 9 or "
        "more in the study file and give the study a new name."
    )


def _trials_shown(frames: Frames) -> tuple[pd.DataFrame, str]:
    """The rows of the page's table, and a sentence on those that did not fit."""
    trials = frames.trials.drop(columns="study")
    strengths = [c for c in trials.columns if c.startswith("strength.")]
    if alike(frames.study):
        trials = trials.drop(columns=strengths)
    if len(trials) <= MAX_ROWS:
        return trials, ""
    explore = trials["phase"] == "explore"
    room = max(MAX_ROWS - int((~explore).sum()), 100)
    best = trials[explore].nsmallest(room, "val_loss").index
    shown = trials[~explore | trials.index.isin(best)]
    return shown, (
        f"The {room} best of {int(explore.sum())} explore trials and all others; every one of them "
        "is in the database."
    )


def render_index(rows: Sequence[Mapping[str, Any]], database: str, bench: str = "") -> str:
    """The list of studies as HTML; ``rows`` hold name, href, question, sentences and state.

    ``bench`` is the address of the page of ``make bench``, if there is one.
    """
    return (
        environment()
        .get_template("index.html")
        .render(
            policy=content_policy("none"),
            css=static_text("report.css"),
            rows=rows,
            database=database,
            bench=bench,
            written=time_text(dt.datetime.now(dt.UTC)),
        )
    )


# ---- write -------------------------------------------------------------------------------------


def page_name(study: str) -> str:
    """The file name of a study's page: its name where that is safe, made unique where it is not."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", study.lower()).strip("-.")[:80]
    if slug == study and slug not in ("index", "bench"):
        return f"{slug}.html"
    return f"{slug or 'study'}-{hashlib.sha256(study.encode()).hexdigest()[:8]}.html"


def write_page(path: Path, text: str) -> None:
    """Writes a page whole or not at all."""
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def build_report(
    store: sweep.Store, names: Iterable[str] | None = None, out: str | Path = "reports"
) -> Path:
    """Writes the pages of the named studies (or of all) and the index; returns the index's path.

    Raises StoreError for an unknown name, for an empty database and for a folder that cannot be
    written.
    """
    known = store.study_names()
    if not known:
        raise sweep.StoreError(
            f"{store.masked_url}: a report needs at least one study, found none; run one first: "
            "python -m sweep run STUDY.toml"
        )
    wanted = list(dict.fromkeys(names or known))
    for name in wanted:
        store.check_study(name)
    folder = Path(out)
    with reporting_file_errors("--out", folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in wanted:
            write_page(folder / page_name(name), render_study(gather(store, name)))
        rows = [_index_row(store, name, folder) for name in known]
        bench = "bench.html" if (folder / "bench.html").is_file() else ""
        write_page(folder / "index.html", render_index(rows, store.masked_url, bench))
    return folder / "index.html"


def _index_row(store: sweep.Store, name: str, folder: Path) -> dict[str, Any]:
    study, boundaries = sweep.read_study(store, name), sweep.boundaries_frame(store, name)
    order = {penalty: place for place, penalty in enumerate(listed_penalties(study))}
    mine = boundaries[boundaries["metric"] == study["objective"]]
    mine = mine.sort_values("penalty", key=lambda names: names.map(order))
    finished = time_text(study["finished_at"])
    page = page_name(name)
    return {
        "name": name,
        "href": page if (folder / page).is_file() else "",
        "question": study.get("question") or "",
        "sentences": list(mine["sentence"]),
        "state": f"finished {finished}" if finished else "not finished",
    }
