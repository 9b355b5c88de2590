"""What a study has come to so far: its trials, their ended runs, what the trials came to.

The one memory of a launch. It knows no database: a recorder writes what happens into the store, and
reads it back at the start of a launch; so a resumed study and an uninterrupted one look the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sweep.metrics.metric import Metric, averaged_columns
from sweep.records.parameters import ALL_LAYERS
from sweep.records.summary import summarize
from sweep.records.trial import FinishedTrial, Phase, RunResult, State, Trial, TrialSummary
from sweep.regularizers.catalogue import is_mixture, regularizes

RunKey = tuple[int, int]
"""Trial number and run number."""


class EndedRun(NamedTuple):
    """What became of a run."""

    state: State
    metrics: Mapping[str, float]
    """Those of its last epoch, with ``epochs`` and ``seconds`` among them."""


class StudyHistory:
    """Trials, their states, ended runs and summaries of one study."""

    def __init__(
        self, metric: Metric, n_runs: Mapping[Phase, int], settled: Collection[Phase] = ()
    ):
        """``n_runs`` is how many runs a trial of each phase has, at most in phases whose trials
        are ``settled`` by whoever asks for their runs.
        """
        self.metric, self.n_runs, self.settled = metric, n_runs, settled
        self.objective, self.averaged = metric.validation, averaged_columns(metric)
        self.trials: dict[int, Trial] = {}
        self.runs: dict[RunKey, EndedRun] = {}
        self.row_losses: dict[RunKey, Mapping[str, bytes]] = {}
        """What each validation row lost, packed, in runs that keep it."""
        self.n_ended: Counter[int] = Counter()
        """How many runs of a trial have ended, by its number."""
        self.wanted: dict[int, int] = {}
        """How many runs a trial is to have for now, by number, in phases that are settled."""
        self.summaries: dict[int, TrialSummary] = {}
        """What the trials came to whose runs have all ended, by number."""
        self.best = math.nan
        """Best objective of any complete trial that the study was free to choose."""

    # ---- what happens --------------------------------------------------------------------------

    def add_trials(self, trials: Iterable[Trial]) -> list[Trial]:
        """Takes up the trials that are not known yet, and returns those."""
        new = [trial for trial in trials if trial.number not in self.trials]
        self.trials |= {trial.number: trial for trial in new}
        return new

    def end_run(self, result: RunResult) -> None:
        """Takes up a run that ended, and its trial's summary with the last of them."""
        numbers = {"epochs": float(result.epochs), "seconds": result.seconds}
        ended = EndedRun(result.state, {**result.metrics, **numbers})
        self.restore_run((result.run.trial, result.run.number), ended, result.row_losses)

    def restore_run(
        self, key: RunKey, ended: EndedRun, row_losses: Mapping[str, bytes] = {}
    ) -> None:
        """Takes up a run of a known trial that ended in this launch or in an earlier one."""
        number = key[0]
        if row_losses:
            self.row_losses[key] = row_losses
        self.runs[key] = ended
        self.n_ended[number] += 1
        phase = self.trials[number].phase
        if phase not in self.settled and self.n_ended[number] == self.n_runs[phase]:
            self.settle(number, self.n_runs[phase])

    def settle(self, number: int, n_runs: int) -> None:
        """Takes a trial for what its first ``n_runs`` runs came to, which have ended."""
        runs = [self.runs[(number, i)] for i in range(n_runs)]
        states, metrics = [run.state for run in runs], [run.metrics for run in runs]
        self.summaries[number] = summarize(number, states, metrics, self.averaged)
        self._note_best(self.finished(number))

    def _note_best(self, ended: FinishedTrial) -> None:
        free = ended.trial.phase not in (Phase.CONTROL, Phase.BASELINE)
        if free and ended.state is State.COMPLETE and math.isfinite(ended.value):
            better = max if self.metric.maximize else min
            self.best = ended.value if math.isnan(self.best) else better(self.best, ended.value)

    # ---- what is known -------------------------------------------------------------------------

    def n_wanted(self, trial: Trial) -> int:
        """How many runs a trial is to have for now."""
        return self.wanted.get(trial.number, self.n_runs[trial.phase])

    def has_ended(self, trial: Trial) -> bool:
        """Whether all runs have ended that a trial is to have for now."""
        return self.n_ended[trial.number] >= self.n_wanted(trial)

    def state_of(self, number: int) -> State:
        """What became of a trial; waiting until its last run has ended."""
        summary = self.summaries.get(number)
        return State.WAITING if summary is None else summary.state

    def finished(self, number: int) -> FinishedTrial:
        """An ended trial as the search counts it: with the epochs of its longest run."""
        summary = self.summaries[number]
        value = summary.values.get(self.objective, math.nan)
        runs = (self.runs[(number, i)] for i in range(summary.n_runs))
        epochs = int(max(run.metrics["epochs"] for run in runs))
        return FinishedTrial(self.trials[number], summary.state, value, epochs)

    def of_phase(self, phase: Phase, penalty: str | None = None) -> list[Trial]:
        """The trials of a phase (and penalty) in the order of their numbers."""
        return [
            trial
            for _, trial in sorted(self.trials.items())
            if trial.phase is phase and penalty in (None, trial.penalty)
        ]

    def cost(self, number: int) -> float:
        """An ended trial's objective, lower better."""
        return self.metric.sign * self.summaries[number].values[self.objective]

    def costs(self, trials: Iterable[Trial]) -> dict[int, float]:
        """The objective of ended trials, lower better, by number; of those that were settled over
        the first runs, which all of them have.
        """
        numbers = {trial.number: trial.phase in self.settled for trial in trials}
        counts = [self.summaries[n].n_runs for n, settled in numbers.items() if settled]
        return {
            number: self._cost_over(number, min(counts)) if settled else self.cost(number)
            for number, settled in numbers.items()
        }

    def _cost_over(self, number: int, n_runs: int) -> float:
        values = (self.runs[(number, i)].metrics[self.objective] for i in range(n_runs))
        return self.metric.sign * math.fsum(values) / n_runs

    def best_trial(self, phase: Phase, penalty: str) -> Trial | None:
        """The complete trial with the best mean objective; the zero anchor is no choice, nor is a
        point of one layer's path, nor a strength of a path that others have more runs than. A
        cocktail's best may lie on any of its ingredients' paths.
        """
        candidates = [t for t in self.of_phase(phase, penalty) if self.may_be_best(t)]
        most: dict[str, int] = {}
        for trial in candidates:
            n_runs = self.summaries[trial.number].n_runs
            most[trial.layer] = max(n_runs, most.get(trial.layer, 0))
        candidates = [t for t in candidates if self.summaries[t.number].n_runs == most[t.layer]]
        costs = self.costs(candidates)
        return min(candidates, key=lambda t: (costs[t.number], t.number), default=None)

    def may_be_best(self, trial: Trial) -> bool:
        """Whether a trial completed and is a choice: see ``best_trial``."""
        if self.state_of(trial.number) is not State.COMPLETE:
            return False
        anchor = regularizes(trial.penalty) and not trial.strength > 0
        chosen = trial.layer in ("", ALL_LAYERS) and not anchor
        return chosen or is_mixture(trial.penalty)

    def selected_trial(self, penalty: str) -> Trial | None:
        """The explore trial whose settings are gone on with: the one that did best when it was
        repeated, or the best of the search where none was.
        """
        repeated = self.best_trial(Phase.SELECT, penalty)
        if repeated is None or repeated.parent is None:
            return self.best_trial(Phase.EXPLORE, penalty)
        return self.trials[repeated.parent]
