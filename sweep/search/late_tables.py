"""Optuna's tables of a study, which a new database gets when the first trial has ended.

Optuna makes its tables by its object mapper and migrations: to load both and make them takes a
fifth of what a small study does before its first run trains, and nothing is to be shown yet.
Tables that are there are opened at once: what is wrong with them stops a launch at its start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial

from sweep.records.trial import FinishedTrial
from sweep.search.optuna_tables import Axes, OptunaTables, has_optuna_tables
from sweep.store.database import Database
from sweep.study.study import Study


class LateOptunaTables:
    """One study as Optuna sees it, from its first ended trial on."""

    def __init__(self, database: Database, study: Study, axes: Axes):
        self._make, self.axes = partial(OptunaTables, database, study), axes
        self._opened: OptunaTables | None = None
        if has_optuna_tables(database):
            self._open()

    def _open(self) -> OptunaTables:
        if self._opened is None:
            self._opened = self._make()
            self._opened.write_note()
        return self._opened

    def write(self, finished: Sequence[FinishedTrial], *, asked: Mapping[int, dt.datetime]) -> None:
        """Appends the trials that are not there yet; ``asked`` is when, where that is known."""
        if finished:
            self._open().write(finished, self.axes, asked)

    def write_note(self, sentences: Sequence[str]) -> None:
        """Says in optuna-dashboard what was found."""
        self._open().write_note(sentences)

    def close(self) -> None:
        """Closes its connections to the database."""
        if self._opened is not None:
            self._opened.close()
