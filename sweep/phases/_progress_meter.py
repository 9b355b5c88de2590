"""Where a study stands: runs done and to come, the share of epochs, the time that is left."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from itertools import islice
from typing import Protocol

from sweep.phases.history import StudyHistory
from sweep.records.trial import Observer, Phase, Progress, Trial

logger = logging.getLogger("sweep")

MEASURED_SHARE = 0.05
"""Of all epochs must this launch have trained before it says how much time is left."""


class RunEpochs(Protocol):
    """How many epochs runs have."""

    @property
    def epochs(self) -> int:
        """Of runs whose trial has no own."""

    def epochs_of(self, trial: Trial) -> int:
        """Of the trial's runs."""


class ProgressMeter:
    """Counts what a launch has trained against what the study may take."""

    def __init__(
        self,
        history: StudyHistory,
        planned: Mapping[Phase, int],
        plan: RunEpochs,
        observer: Observer | None = None,
    ):
        """``planned`` runs of each phase, as long as the ``plan`` says; the clock starts now."""
        self.history, self.plan, self.observer = history, plan, observer
        self.planned = dict(planned)
        self.n_restored = len(history.runs)
        """Runs of earlier launches."""
        self.restored_epochs = sum(plan.epochs_of(history.trials[n]) for n, _ in history.runs)
        """The epochs that those had before them when they began."""
        self._n_known = self._known_runs = self._known_epochs = 0
        self.trained_epochs = 0.0
        """Epochs trained in this launch, summed over runs."""
        self.saved_epochs = 0.0
        """Epochs that runs which ended early in this launch did not train."""
        self.started = time.monotonic()
        if self.n_restored:
            words = "going on: %d of at most %d runs are stored"
            logger.info(words, self.n_restored, self.total_runs)

    @property
    def total_runs(self) -> int:
        return sum(self.planned.values())

    def total_epochs(self) -> float:
        """The epochs of all runs: of known trials their own, of others the mean of those."""
        history, known = self.history, len(self.history.trials)
        for trial in islice(history.trials.values(), self._n_known, known):
            settled = trial.phase in history.settled
            n_runs = history.n_ended[trial.number] if settled else history.n_runs[trial.phase]
            self._known_runs += n_runs
            self._known_epochs += n_runs * self.plan.epochs_of(trial)
        self._n_known = known
        mean = self._known_epochs / self._known_runs if self._known_runs else self.plan.epochs
        return self._known_epochs + max(0, self.total_runs - self._known_runs) * mean

    def epochs_left(self) -> float:
        """The most epochs that are still to be trained."""
        return max(0.0, self.total_epochs() - self._done_epochs)

    @property
    def _done_epochs(self) -> float:
        return self.restored_epochs + self.saved_epochs + self.trained_epochs

    def report(self, phase: Phase) -> None:
        """Shows the observer where the study stands."""
        if self.observer is None:
            return
        total_epochs = self.total_epochs()
        done = self._done_epochs
        share = min(1.0, done / total_epochs)
        elapsed = time.monotonic() - self.started
        left = (total_epochs - done) * elapsed / max(self.trained_epochs, 1.0)
        measured = self.trained_epochs > MEASURED_SHARE * total_epochs
        seconds_left = max(0.0, left) if measured else math.nan
        runs, best = len(self.history.runs), self.history.best
        self.observer(Progress(str(phase), runs, self.total_runs, share, seconds_left, best))
