"""The report of a store: gathers frames, and writes an index of studies and a page for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sweep
from dashboards.gather.frames import Frames
from dashboards.pages.checks_file import checks_of, write_checks
from dashboards.pages.provenance import time_text
from dashboards.pages.render import page_name, render_index, render_study
from sweep.records.facts import StoredStudy
from sweep.runtime.files import atomic_file, reporting_file_errors


def build_report(
    store: sweep.Store, names: Iterable[str] | None = None, out: str | Path = "reports"
) -> Path:
    """Writes the pages of the named studies (or of all), the index and ``checks.json``; returns the
    index's path.

    A study that cannot be read is a row of the index with the reason; the other pages are written,
    and then StoreError is raised. It is raised, too, for an unknown name, for an empty database and
    for a folder that cannot be written.
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
        checks: dict[str, list[dict[str, Any]]] = {}
        broken = {n: why for n in wanted if (why := _write_study(store, n, folder, checks))}
        if len(broken) == len(wanted):
            raise next(iter(broken.values()))
        write_checks(folder, checks, known)
        rows = [_index_row(store, name, folder) for name in known]
        bench = "bench.html" if (folder / "bench.html").is_file() else ""
        write_page(folder / "index.html", render_index(rows, store.masked_url, bench))
    for why in broken.values():
        raise why
    return folder / "index.html"


def _write_study(
    store: sweep.Store, name: str, folder: Path, checks: dict[str, list[dict[str, Any]]]
) -> sweep.StoreError | None:
    """Writes a study's page, and adds its checks to those of all; what is wrong with what is
    stored of it, None for nothing.
    """
    try:
        frames = gather(store, name)
        write_page(folder / page_name(name), render_study(frames))
        checks[name] = checks_of(frames)
    except sweep.StoreError as error:
        return error
    return None


def _index_row(store: sweep.Store, name: str, folder: Path) -> dict[str, Any]:
    try:
        study, boundaries = store.read_study(name), sweep.boundaries_frame(store, name)
    except sweep.StoreError as error:
        return {"name": name, "href": "", "question": "", "sentences": [], "state": str(error)}
    order = {penalty: place for place, penalty in enumerate(study.penalties)}
    mine = boundaries[boundaries["metric"] == study.objective]
    mine = mine.sort_values("penalty", key=lambda names: names.map(order))
    finished = time_text(study.finished_at)
    page = page_name(name)
    return {
        "name": name,
        "href": page if (folder / page).is_file() else "",
        "question": study.question,
        "sentences": list(mine["sentence"]),
        "state": f"finished {finished}" if finished else "not finished",
    }


def write_page(path: Path, text: str) -> None:
    """Writes a page whole or not at all."""
    with atomic_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def gather(store: sweep.Store, name: str) -> Frames:
    """Everything that is stored of one study, as of one moment: it may be under way.

    Raises StoreError for a name that is not there.
    """
    with store.snapshot():
        other = _unpruned(store, store.read_study(name))
        return replace(_frames(store, name), unpruned=_frames(store, other) if other else None)


def _unpruned(store: sweep.Store, study: StoredStudy) -> str:
    """The finished study that differs in name and in having no pruner; "" when there is none."""
    key = study.unpruned_fingerprint
    if not key or study.pruner == "none":
        return ""
    for name in store.study_names():
        try:
            other = store.read_study(name)
        except sweep.StoreError:  # its own row of the index says what is wrong with it
            continue
        same = other.unpruned_fingerprint == key and other.pruner == "none"
        if same and other.finished_at:
            return name
    return ""


def _frames(store: sweep.Store, name: str) -> Frames:
    return Frames(
        study=store.read_study(name),
        trials=sweep.trials_frame(store, name),
        runs=sweep.runs_frame(store, name),
        curves=sweep.curves_frame(store, name),
        layers=sweep.layers_frame(store, name),
        boundaries=sweep.boundaries_frame(store, name),
        occupancy=sweep.occupancy_frame(store, name),
        records={stored.trial.number: stored.trial for stored in store.read_trials(name)},
    )
