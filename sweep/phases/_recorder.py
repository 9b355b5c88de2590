"""Keeps the store, Optuna's tables and the history of a study in step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from sweep.phases.facts import OWN
from sweep.phases.history import EndedRun, StudyHistory
from sweep.records.occupancy import OccupancyLog
from sweep.records.trial import FinishedTrial, Phase, RunResult, Trial
from sweep.store.store import Store
from sweep.study.study import Study


class Publish(Protocol):
    """Shows finished trials elsewhere."""

    def __call__(
        self, finished: Sequence[FinishedTrial], *, asked: Mapping[int, dt.datetime]
    ) -> None:
        """``asked`` is when they were asked for, in local time, by number, where it is known."""


class Recorder:
    """Every trial and result passes through here on its way into the store."""

    def __init__(self, study: Study, store: Store, history: StudyHistory, publish: Publish):
        self.study, self.store, self.history = study, store, history
        self.name = study.study.name
        self.publish = publish
        self.asked: dict[int, dt.datetime] = {}
        """When this launch asked for a trial, by its number."""

    def restore(self) -> None:
        """Reads the store back into the history, and publishes what an earlier launch could not."""
        history = self.history
        history.add_trials(stored.trial for stored in self.store.read_trials(self.name))
        for run in self.store.read_runs(self.name):
            ended = EndedRun(run.state, {**run.metrics, "epochs": run.epochs})
            history.restore_run((run.trial, run.number), ended, run.row_losses)
        self._publish(history.summaries)

    def add_trials(self, trials: Iterable[Trial]) -> None:
        """Takes up trials that are not known yet, as waiting."""
        self.save_trials(self.history.add_trials(trials))

    def end_runs(self, results: Sequence[RunResult], taken_up: Sequence[RunResult] = ()) -> None:
        """Takes up ended runs, and stores them and the trials that ended with them; with those that
        the history has ``taken_up`` already.
        """
        for result in results:
            self.history.end_run(result)
        self._save_results([*taken_up, *results])

    def settle(self, trials: Iterable[Trial], n_runs: Mapping[int, int], *, ended: bool) -> None:
        """Takes up what trials came to in their first ``n_runs``, by number, where a phase does not
        say how many they have; others are shown it once they have ``ended``.
        """
        history = self.history
        numbers = [t.number for t in trials if t.phase in history.settled and t.number in n_runs]
        if not numbers:
            return
        for number in numbers:
            history.settle(number, n_runs[number])
        self.store.record(self.name, [], [history.summaries[number] for number in numbers])
        if ended:
            self._publish(numbers)

    def save_trials(self, new: Sequence[Trial]) -> None:
        """Stores trials that the history has just taken up."""
        self.store.add_trials(self.name, new, self._defaults)
        self.asked |= dict.fromkeys((trial.number for trial in new), dt.datetime.now())

    @property
    def _defaults(self) -> dict[str, Any]:
        """What trials have that say nothing else; a loop of the user's may have its own rate."""
        training = self.study.training
        if training.loop_kind and "lr" not in training.model_fields_set:
            return {"lr": 0.0, "optimizer": OWN}
        return {
            "lr": training.lr,
            "optimizer": OWN if training.loop_kind else training.optimizer_name,
        }

    def _save_results(self, results: Sequence[RunResult]) -> None:
        """Stores ended runs that the history has just taken up, and the trials that ended with
        them; what a trial came to that is settled by others may still change.
        """
        if not results:
            return
        history, summaries = self.history, self.history.summaries
        numbers = sorted(
            number
            for number in {result.run.trial for result in results} & summaries.keys()
            if history.trials[number].phase not in history.settled
        )
        self.store.record(self.name, results, [summaries[number] for number in numbers])
        self._publish(numbers)

    def _publish(self, numbers: Iterable[int]) -> None:
        finished = [self.history.finished(number) for number in sorted(numbers)]
        self.publish(
            [
                # where its runs ended at different epochs, their mean is what others are shown
                replace(t, epochs=int(self.history.summaries[t.trial.number].values["epochs"]))
                for t in finished
                if t.trial.phase not in (Phase.CONTROL, Phase.BASELINE)
            ],
            asked=self.asked,
        )


class OccupancyRecorder:
    """Stores how full the slots of a launch were, as often as it is asked to."""

    def __init__(self, name: str, store: Store):
        self.name, self.store = name, store
        self.log = OccupancyLog()
        self.launch: int | None = None
        """The number of this launch, once it has trained."""

    def save(self) -> None:
        """Writes the log so far in place of what was written of it before."""
        self.launch = self.store.record_occupancy(self.name, self.log.stretches, self.launch)
