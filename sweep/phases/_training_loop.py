"""The loop that trains: hands segments to a launcher, and notes results, occupancy and progress."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from sweep.launchers.launcher import Launcher
from sweep.phases._path_rows import PathRows
from sweep.phases._progress_meter import ProgressMeter
from sweep.phases._recorder import Recorder
from sweep.records.occupancy import OccupancyLog, Stretch
from sweep.records.trial import Draw, Phase, Run, RunResult, Trial
from sweep.training.jobs import Segment, SegmentResult

TESTED = (Phase.CONFIRM, Phase.ABLATION, Phase.BASELINE)
"""The phases that meet the test split."""


class TrainingLoop:
    """Trains the trials and segments that the phases of a study ask for."""

    def __init__(
        self,
        launcher: Launcher,
        recorder: Recorder,
        meter: ProgressMeter,
        occupancy: OccupancyLog,
        draws: Mapping[Phase, Sequence[Draw]],
        path_rows: PathRows | None = None,
    ):
        """``path_rows``: the validation rows of the path's runs, where their losses are kept."""
        self.launcher, self.recorder, self.draws = launcher, recorder, draws
        self.meter, self.occupancy = meter, occupancy
        self.epochs_of = meter.plan.epochs_of
        self.path_rows = path_rows

    def train_trials(self, trials: Sequence[Trial], phase: Phase) -> None:
        """Trains and records every run of these trials that has not ended yet."""
        self.recorder.add_trials(trials)
        ended = self.recorder.history.runs
        keep_rows = phase is Phase.PATH and self.path_rows is not None
        waiting = deque(
            Segment(
                Run(t.number, i, draw),
                t,
                self.epochs_of(t),
                with_test=phase in TESTED,
                keep_rows=keep_rows,
            )
            for i, draw in enumerate(self.draws[phase])
            for t in trials
            if (t.number, i) not in ended
        )
        for outcomes in self.train(waiting, phase):
            results = [outcome.result for outcome in outcomes]
            self.recorder.end_runs(results)
            self.note_saved(results)

    def train(self, waiting: deque[Segment], phase: Phase) -> Iterator[list[SegmentResult]]:
        """What ends, as it ends; more may be put into ``waiting`` in between."""
        if not waiting:
            return
        before, last = self.meter.trained_epochs, time.monotonic()
        for outcomes in self.launcher.train(waiting):
            now, (occupied, slots) = time.monotonic(), self.launcher.occupancy
            start = last - self.meter.started
            tick = (str(phase), start, now - last, occupied, slots, len(waiting))
            self.occupancy.note(Stretch(*tick))
            if outcomes:
                yield outcomes
            self.meter.trained_epochs = before + self.launcher.trained_epochs
            last = now
            self.meter.report(phase)

    def note_saved(self, results: Sequence[RunResult]) -> None:
        """Counts the epochs that these ended runs did not need, and frees what is kept of them."""
        self.launcher.release(result.run for result in results)
        trials = self.recorder.history.trials
        self.meter.saved_epochs += sum(
            self.epochs_of(trials[result.run.trial]) - result.epochs for result in results
        )
