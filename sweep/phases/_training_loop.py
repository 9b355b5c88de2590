"""The loop that trains: hands segments to a launcher, and notes results, occupancy and progress."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sweep.launchers.launcher import Launcher
from sweep.phases._path_rows import PathRows
from sweep.phases._progress_meter import ProgressMeter
from sweep.phases._recorder import Recorder
from sweep.records.occupancy import OccupancyLog, Stretch
from sweep.records.trial import Draw, Phase, Run, RunResult, Trial
from sweep.training.jobs import Segment, SegmentResult

TESTED = (Phase.CONFIRM, Phase.ABLATION, Phase.BASELINE)
"""The phases that meet the test split."""
ORDER = {
    phase: place
    for place, phase in enumerate((Phase.EXPLORE, Phase.SELECT, Phase.PATH, *TESTED, Phase.CONTROL))
}
"""Whose runs train first where those of several phases wait: what others hang on, and what nothing
does last."""


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
        self.waiting: deque[Segment] = deque()
        self._under_way: Counter[Phase] = Counter()
        """Segments that wait or train, by phase."""

    def queue_trials(self, trials: Sequence[Trial]) -> None:
        """Records trials that are new, and lets every run that these are wanted to have and that
        has not ended yet train.
        """
        self.recorder.add_trials(trials)
        history = self.recorder.history
        n_runs = {trial.number: history.n_wanted(trial) for trial in trials}
        self.queue(
            self._segment(trial, i)
            for i in range(max(n_runs.values(), default=0))
            for trial in trials
            if i < n_runs[trial.number] and (trial.number, i) not in history.runs
        )

    def _segment(self, trial: Trial, i: int) -> Segment:
        """Run ``i`` of a trial from its start to its end."""
        return Segment(
            Run(trial.number, i, self.draws[trial.phase][i]),
            trial,
            self.epochs_of(trial),
            with_test=trial.phase in TESTED,
            keep_rows=trial.phase is Phase.PATH and self.path_rows is not None,
        )

    def queue(self, segments: Iterable[Segment]) -> None:
        """Lets these train, after all that waits of phases before theirs."""
        new = list(segments)
        self._under_way.update(segment.trial.phase for segment in new)
        self.waiting.extend(new)
        ordered = sorted(self.waiting, key=lambda segment: ORDER[segment.trial.phase])
        self.waiting.clear()
        self.waiting.extend(ordered)

    def train(self) -> Iterator[list[SegmentResult]]:
        """What ends, as it ends; more may be queued in between."""
        while self.waiting:
            before, last = self.meter.trained_epochs, time.monotonic()
            self.launcher.expected_epochs = self.meter.epochs_left()
            for outcomes in self.launcher.train(self.waiting):
                now, (occupied, slots) = time.monotonic(), self.launcher.occupancy
                start = last - self.meter.started
                tick = (str(self._phase_in_slots()), start, now - last, occupied, slots)
                self.occupancy.note(Stretch(*tick, len(self.waiting)))
                phase = self._first_under_way()
                self._under_way.subtract(o.segment.trial.phase for o in outcomes)
                if outcomes:
                    yield outcomes
                self.meter.trained_epochs = before + self.launcher.trained_epochs
                last = now
                self.meter.report(phase)

    def _phase_in_slots(self) -> Phase:
        """The phase of most runs that train."""
        phases = +self._under_way
        if len(phases) > 1:  # where all wait again, since the memory was too small, they count
            waiting = Counter(segment.trial.phase for segment in self.waiting)
            phases = (phases - waiting) or phases
        return max(phases, key=lambda phase: (phases[phase], -ORDER[phase]))

    def _first_under_way(self) -> Phase:
        """The first phase that has not ended."""
        return min(+self._under_way, key=ORDER.__getitem__)

    def note_saved(self, results: Sequence[RunResult]) -> None:
        """Counts the epochs that these ended runs did not need, and frees what is kept of them."""
        self.launcher.release(result.run for result in results)
        trials = self.recorder.history.trials
        self.meter.saved_epochs += sum(
            self.epochs_of(trials[result.run.trial]) - result.epochs for result in results
        )
