"""What a study has come to so far, kept in step with the store: trials, runs, the best value.

Every result passes through here on its way into the store, and at the start of a launch the store
is read back into it; so a resumed study and an uninterrupted one look the same from above.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import ChainMap, Counter
from collections.abc import Iterable, Mapping, Sequence

from sweep.records.parameters import ALL_LAYERS
from sweep.records.summary import summarize
from sweep.records.trial import FinishedTrial, Phase, RunResult, State, Trial, TrialSummary
from sweep.regularizers.catalogue import COCKTAIL
from sweep.search.optuna_tables import OptunaTables
from sweep.search.sampler import Search
from sweep.store.store import Store
from sweep.study.study import Study

RunKey = tuple[int, int]
"""Trial number and run number."""
Ended = tuple[State, Mapping[str, float]]
"""What became of a run, and its final metrics."""


class StudyHistory:
    """Trials, their states and their ended runs."""

    def __init__(self, study: Study, store: Store, search: Search):
        self.study, self.store, self.search = study, store, search
        self.name = study.study.name
        self.metric = study.study.metric
        self.objective = self.metric.validation
        stored = store.read_trials(self.name)
        self.trials: dict[int, Trial] = {s.trial.number: s.trial for s in stored}
        self.states: dict[int, State] = {s.trial.number: s.state for s in stored}
        self.runs: dict[RunKey, Ended] = {
            (run.trial, run.number): (run.state, {**run.metrics, "epochs": run.epochs})
            for run in store.read_runs(self.name)
        }
        self.n_ended = Counter(trial for trial, _ in self.runs)
        """How many runs of a trial have ended, by its number."""
        self.best = math.nan
        """Best objective of any complete trial."""
        self.asked: dict[int, dt.datetime] = {}
        """When this launch asked for a trial, by its number, in local time as Optuna keeps it."""
        self.optuna_tables = OptunaTables(store.database, study)
        self._publish(number for number, state in self.states.items() if state.ended)

    def add_trials(self, trials: Sequence[Trial]) -> None:
        """Records trials that are not in the store yet as waiting."""
        new = [trial for trial in trials if trial.number not in self.trials]
        training = self.study.training
        self.store.add_trials(self.name, new, {"lr": training.lr, "optimizer": training.optimizer})
        self.trials |= {trial.number: trial for trial in new}
        self.states |= {trial.number: State.WAITING for trial in new}
        self.asked |= dict.fromkeys((trial.number for trial in new), dt.datetime.now())

    def record(self, results: Sequence[RunResult], n_runs: int) -> None:
        """Records ended runs, and the trials whose ``n_runs`` runs have all ended with them."""
        if not results:
            return
        ended: dict[RunKey, Ended] = {
            (r.run.trial, r.run.number): (
                r.state,
                {**r.metrics, "epochs": float(r.epochs), "seconds": r.seconds},
            )
            for r in results
        }
        after = ChainMap(ended, self.runs)
        numbers = [
            number
            for number in sorted({trial for trial, _ in ended})
            if all((number, i) in after for i in range(n_runs))
        ]
        summaries = [_summary(number, n_runs, after) for number in numbers]
        self.store.record(self.name, results, summaries)
        self.runs |= ended
        self.n_ended.update(trial for trial, _ in ended)
        self.states |= {summary.number: summary.state for summary in summaries}
        self._publish(numbers)

    def _publish(self, numbers: Iterable[int]) -> None:
        """Writes ended trials into Optuna's tables and notes the best."""
        told = [self.told(number) for number in sorted(numbers)]
        told = [t for t in told if t.trial.phase not in (Phase.CONTROL, Phase.BASELINE)]
        self.optuna_tables.write(told, self.search.space, self.asked)
        better = max if self.metric.maximize else min
        for t in told:
            if t.state is State.COMPLETE and math.isfinite(t.value):
                self.best = t.value if math.isnan(self.best) else better(self.best, t.value)

    def summary(self, number: int) -> TrialSummary:
        return _summary(number, self.n_ended[number], self.runs)

    def told(self, number: int) -> FinishedTrial:
        """An ended trial as the search counts it."""
        summary = self.summary(number)
        value = summary.values.get(self.objective, math.nan)
        epochs = int(summary.values.get("epochs", 0))
        return FinishedTrial(self.trials[number], summary.state, value, epochs)

    def of_phase(self, phase: Phase, penalty: str | None = None) -> list[Trial]:
        """The trials of a phase (and penalty) in the order of their numbers."""
        return [
            trial
            for _, trial in sorted(self.trials.items())
            if trial.phase is phase and penalty in (None, trial.penalty)
        ]

    def next_number(self, *later: Phase) -> int:
        """The first number after all trials but those of phases that come ``later``."""
        return 1 + max((n for n, t in self.trials.items() if t.phase not in later), default=-1)

    def cost(self, number: int) -> float:
        """The trial's objective, lower better."""
        return self.metric.sign * self.summary(number).values[self.objective]

    def best_trial(self, phase: Phase, penalty: str) -> Trial | None:
        """The complete trial with the best mean objective; the zero anchor is no choice, nor is a
        point of one layer's path. A cocktail's best may lie on any of its ingredients' paths.
        """
        candidates = [
            trial
            for trial in self.of_phase(phase, penalty)
            if self.states[trial.number] is State.COMPLETE
            and (
                penalty == COCKTAIL
                or (trial.layer in ("", ALL_LAYERS) and (trial.strength > 0 or penalty == "none"))
            )
        ]
        return min(candidates, key=lambda t: (self.cost(t.number), t.number), default=None)


def _summary(number: int, n_runs: int, runs: Mapping[RunKey, Ended]) -> TrialSummary:
    ended = [runs[(number, i)] for i in range(n_runs)]
    return summarize(number, [state for state, _ in ended], [metrics for _, metrics in ended])
