"""The pages of a store's studies in a folder: written where something changed, and read back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import sweep
from dashboards.gather.frames import Frames
from dashboards.gather.provisional import provisional_boundaries
from dashboards.pages.checks_file import checks_of, kept_checks, write_checks
from dashboards.pages.live import Launch, Standing
from dashboards.pages.page_record import check_own, fingerprint_of, read_record
from dashboards.pages.render import page_name, render_study
from dashboards.pages.study_row import StudyRow, date_of
from sweep.checks.tables import known_boundaries
from sweep.records.facts import StoredStudy
from sweep.runtime.files import atomic_file
from sweep.store.frames import row_losses_by_run
from sweep.store.records_fingerprint import records_fingerprint

UNPRUNED = "none"
"""The pruner of a study that stops no trial."""


@dataclass
class StudyPages:
    """The pages of the studies of one store in one folder."""

    store: sweep.Store
    folder: Path
    force: bool = False
    """Whether pages of unchanged studies are written again."""
    launch: Launch | None = None
    """Where the launch stands that asks for its page."""
    stopped: bool = False
    """Whether that launch trains no more, though it is still there."""
    faults: dict[str, Exception] = field(default_factory=dict)
    """What went wrong with the page of a study, by its name."""
    checks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The checks of the studies whose pages were written, by their names."""

    def write(self, name: str) -> None:
        """Writes a study's page, unless there is one of the same records."""
        try:
            fingerprint = self.fingerprint(name)
            page = self.folder / page_name(name)
            check_own(page)
            if self.force or read_record(page).get("fingerprint") != fingerprint:
                write_page(page, self._render(name, fingerprint))
        except OSError:  # of the folder, which is everybody's
            raise
        except Exception as fault:  # one study's fault is no other's
            self.faults[name] = fault

    def write_checks(self, names: Iterable[str], known: Iterable[str]) -> None:
        """Writes ``checks.json`` with the checks of these studies, and what it had of the other
        ``known`` ones; a study whose page was left as it is keeps its checks.
        """
        kept = kept_checks(self.folder)
        for name in names:
            if name not in self.faults and name not in self.checks and name not in kept:
                self.checks[name] = checks_of(self.gather(name))
        write_checks(self.folder, self.checks, known)

    def fingerprint(self, name: str) -> str:
        """A hash of all that decides what the page of a study says."""
        other = self._unpruned(self.store.read_study(name))
        records = [records_fingerprint(self.store, study) for study in (name, other) if study]
        moment = (self._runner_of(name), str(self.launch or ""))
        return fingerprint_of(self.store.masked_url, name, *moment, *records)

    def row(self, name: str) -> StudyRow:
        """A study in the index: as its page keeps it, or why there is none."""
        if (fault := self.faults.get(name)) is not None:
            return StudyRow(name=name, fault=f"no page was written for it: {_in_a_line(fault)}")
        page = self.folder / page_name(name)
        try:
            record = read_record(page)
            kept = record.get("row")
            if isinstance(kept, dict) and record.get("database") == self.store.masked_url:
                row = StudyRow.read(kept)
                if row.name == name:
                    return replace(row, href=page.name)
        except TypeError:
            pass  # a page of another version
        return self._row_without_page(name, page)

    def _row_without_page(self, name: str, page: Path) -> StudyRow:
        """What is known of a study whose page is not there, or not of this version."""
        href = page.name if page.is_file() else ""
        try:
            study = self.store.read_study(name)
        except sweep.StoreError as fault:
            return StudyRow(name=name, href=href, fault=str(fault))
        state = "finished" if study.finished_at else "not finished"
        note = f"no page of this version: write it with python -m dashboards {name}"
        return StudyRow(
            name=name,
            href=href,
            question=study.question,
            objective=study.objective,
            verdict=note if href else "no page was written for it",
            state=state,
            date=date_of(study),
        )

    def _render(self, name: str, fingerprint: str) -> str:
        frames = self.gather(name)
        self.checks[name] = checks_of(frames)
        finished = frames.study.finished_at is not None
        standing = Standing(self._runner_of(name), self.launch, finished)
        return render_study(frames, dt.datetime.now(dt.UTC), standing, fingerprint)

    def _runner_of(self, name: str) -> str:
        return "" if self.stopped else self.store.runner_of(name)

    def gather(self, name: str) -> Frames:
        """Everything that is stored of one study, as of one moment: it may be under way.

        Raises StoreError for a name that is not there.
        """
        other = self._unpruned(self.store.read_study(name))
        with self.store.snapshot():
            frames = _frames(self.store, name)
            return replace(frames, unpruned=_frames(self.store, other) if other else None)

    def _unpruned(self, study: StoredStudy) -> str:
        """The finished study that differs in name and in having no pruner; "" without one."""
        key = study.unpruned_fingerprint
        if not key or study.pruner == UNPRUNED:
            return ""
        return self._partners.get(key, "")

    @cached_property
    def _partners(self) -> dict[str, str]:
        """The finished studies without a pruner, by the hash that a pruned one shares."""
        found: dict[str, str] = {}
        for name in self.store.study_names():
            try:
                study = self.store.read_study(name)
            except sweep.StoreError:  # its own row of the index says what is wrong with it
                continue
            if study.pruner == UNPRUNED and study.finished_at and study.unpruned_fingerprint:
                found.setdefault(study.unpruned_fingerprint, name)
        return found


def _in_a_line(fault: Exception) -> str:
    """What went wrong in one line; a bug has its kind."""
    words = " ".join(str(fault).split())
    return words if isinstance(fault, sweep.SweepError) else f"{type(fault).__name__}: {words}"


def _frames(store: sweep.Store, name: str) -> Frames:
    study, trials = store.read_study(name), sweep.trials_frame(store, name)
    runs, boundaries = sweep.runs_frame(store, name), known_boundaries(store, name)
    provisional: tuple[str, ...] = ()
    if study.finished_at is None and boundaries.empty:
        columns, by_row = list(boundaries.columns), row_losses_by_run(store, name)
        boundaries = provisional_boundaries(study, trials, runs, columns, by_row)
        provisional = tuple(boundaries["penalty"])
    return Frames(
        study=study,
        trials=trials,
        runs=runs,
        curves=sweep.curves_frame(store, name),
        layers=sweep.layers_frame(store, name),
        boundaries=boundaries,
        occupancy=sweep.occupancy_frame(store, name),
        records={stored.trial.number: stored.trial for stored in store.read_trials(name)},
        provisional=provisional,
    )


def write_page(path: Path, text: str) -> None:
    """Writes a page whole or not at all."""
    with atomic_file(path) as partial:
        partial.write_text(text, encoding="utf-8")
