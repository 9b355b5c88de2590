"""Where a study stands: runs done and to come, the share of epochs, the time that is left."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping

from sweep.phases._history import StudyHistory
from sweep.records.trial import Observer, Phase, Progress

logger = logging.getLogger("sweep")

MEASURED_SHARE = 0.05
"""Of all epochs must this launch have trained before it says how much time is left."""


class ProgressMeter:
    """Counts what a launch has trained against what the study may take."""

    def __init__(
        self,
        history: StudyHistory,
        planned: Mapping[Phase, int],
        epochs: int,
        observer: Observer | None = None,
    ):
        """``planned`` runs of each phase, of so many ``epochs`` each; the clock starts now."""
        self.history, self.epochs, self.observer = history, epochs, observer
        self.planned = dict(planned)
        self.n_restored = len(history.runs)
        """Runs of earlier launches."""
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

    def report(self, phase: Phase) -> None:
        """Shows the observer where the study stands."""
        if self.observer is None:
            return
        total_epochs = float(self.total_runs * self.epochs)
        done = self.n_restored * self.epochs + self.saved_epochs + self.trained_epochs
        share = min(1.0, done / total_epochs)
        elapsed = time.monotonic() - self.started
        left = (total_epochs - done) * elapsed / max(self.trained_epochs, 1.0)
        measured = self.trained_epochs > MEASURED_SHARE * total_epochs
        seconds_left = max(0.0, left) if measured else math.nan
        runs, best = len(self.history.runs), self.history.best
        self.observer(Progress(str(phase), runs, self.total_runs, share, seconds_left, best))
