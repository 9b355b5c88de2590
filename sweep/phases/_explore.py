"""The explore phase as a state machine: rounds of trials, rungs, and who goes on.

It is told what ended and answers with what to record and what to train next. Its answers depend on
results alone and not on their order, so a study asks and prunes the same trials at any width,
interrupted or not: round k is asked once all rounds up to k-2 have ended, and a rung of a round is
decided once all of the round's trials that got there have been scored at it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sweep.records.summary import summarize
from sweep.records.trial import Draw, FinishedTrial, Run, RunResult, State, Trial
from sweep.search.rungs import rung_epochs, survivors
from sweep.search.sampler import Search
from sweep.training.jobs import Segment, SegmentResult


@dataclass
class Work:
    """What follows from what ended."""

    trials: list[Trial] = field(default_factory=list)
    """Newly asked, to be recorded as waiting before their segments train."""
    segments: list[Segment] = field(default_factory=list)
    results: list[RunResult] = field(default_factory=list)


@dataclass
class _Ended:
    state: State
    metrics: Mapping[str, float]


class Explore:
    """All rounds of a study's explore phase."""

    def __init__(self, search: Search, draws: Sequence[Draw], epochs: int):
        self.search, self.draws, self.epochs = search, draws, epochs
        study = search.study
        self.metric, self.sign = study.study.metric.validation, study.study.metric.sign
        self.pruner = study.search.pruner
        self.rungs = rung_epochs(self.pruner, epochs)
        self.stops = (*self.rungs, epochs)
        self.trials: dict[int, Trial] = {}
        self.told: dict[int, FinishedTrial] = {}
        self.runs: dict[tuple[int, int], _Ended] = {}
        self.points: dict[tuple[int, int, int], float] = {}
        """The objective at a rung by (trial, run, epoch)."""
        self.standing: dict[tuple[int, int], SegmentResult] = {}
        """Runs that stand at a rung."""
        self.stage: dict[int, int] = {}
        """The rung that each round's trials are on their way to."""
        self.alive: dict[int, set[int]] = defaultdict(set)
        """The trials of each round that take part in its stage."""
        self.next_round = 0

    # ---- in ------------------------------------------------------------------------------------

    def restore(
        self,
        trials: Iterable[Trial],
        runs: Mapping[tuple[int, int], tuple[State, Mapping[str, float]]],
        points: Mapping[tuple[int, int, int], float],
    ) -> None:
        """Takes over what the store holds; ``points`` are objective values at the rungs."""
        self.trials = {trial.number: trial for trial in trials}
        self.runs = {key: _Ended(*ended) for key, ended in runs.items() if key[0] in self.trials}
        self.points = {key: value for key, value in points.items() if key[0] in self.trials}
        for number in self.trials:
            if self._all_ended(number):
                self._tell(number)

    def begin(self) -> Work:
        work = Work()
        self._pump(work)
        return work

    def take(self, outcomes: Iterable[SegmentResult]) -> Work:
        """What follows from these outcomes."""
        work, rounds = Work(), set()
        for outcome in outcomes:
            trial = outcome.segment.trial
            key = (trial.number, outcome.segment.run.number)
            rounds.add(trial.round)
            for curve in outcome.result.curves:
                if curve.metric == self.metric:
                    self._note_points(key, curve.epochs, curve.values)
            if outcome.result.state is State.RUNNING:
                self.standing[key] = outcome
            else:
                self._end_run(key, outcome.result, work)
        for round_ in sorted(rounds):
            self._advance(round_, work)
        self._pump(work)
        return work

    def _note_points(
        self, key: tuple[int, int], epochs: Sequence[int], values: Sequence[float]
    ) -> None:
        for epoch, value in zip(epochs, values, strict=True):
            if epoch in self.rungs:
                self.points[(*key, epoch)] = value

    # ---- rounds --------------------------------------------------------------------------------

    def _numbers(self, round_: int) -> list[int]:
        size = self.search.study.search.round
        return list(range(round_ * size, min((round_ + 1) * size, self.search.n_trials)))

    def _round_ended(self, round_: int) -> bool:
        return all(number in self.told for number in self._numbers(round_))

    def _pump(self, work: Work) -> None:
        """Starts every round that may start."""
        while self.next_round < self.search.n_rounds:
            if self.next_round >= 2 and not self._round_ended(self.next_round - 2):
                return
            self._start(self.next_round, work)
            self.next_round += 1

    def _start(self, round_: int, work: Work) -> None:
        numbers = self._numbers(round_)
        if not all(number in self.trials for number in numbers):
            asked = self.search.ask(round_, self._known_before(round_), self._running_at(round_))
            fresh = [trial for trial in asked if trial.number not in self.trials]
            self.trials |= {trial.number: trial for trial in fresh}
            work.trials += fresh
        self.stage[round_], self.alive[round_] = 0, set(numbers)
        self._queue(round_, work)
        self._advance(round_, work)

    def _known_before(self, round_: int) -> list[FinishedTrial]:
        limit = (round_ - 1) * self.search.study.search.round
        return [told for number, told in sorted(self.told.items()) if number < limit]

    def _running_at(self, round_: int) -> list[Trial]:
        return [self.trials[n] for n in self._numbers(round_ - 1)] if round_ else []

    # ---- rungs ---------------------------------------------------------------------------------

    def _queue(self, round_: int, work: Work) -> None:
        """Segments that bring the round's living trials to its stage."""
        stop = self.stops[self.stage[round_]]
        for number in sorted(self.alive[round_]):
            for index, draw in enumerate(self.draws):
                key = (number, index)
                if key in self.runs:
                    continue
                standing = self.standing.pop(key, None)
                checkpoint = standing.checkpoint if standing else None
                run = Run(number, index, draw)
                work.segments.append(Segment(run, self.trials[number], stop, checkpoint))

    def _advance(self, round_: int, work: Work) -> None:
        """Decides every rung of the round that can be decided."""
        while self.stage[round_] < len(self.rungs):
            epoch = self.rungs[self.stage[round_]]
            own = {n: self._values(n, epoch) for n in self.alive[round_]}
            if any(values is None for values in own.values()):
                return
            keep: set[int] = set()
            for penalty in self.search.study.search.names:
                mine = {n: v for n, v in own.items() if v and self.trials[n].penalty == penalty}
                earlier = self._earlier(round_, epoch, penalty)
                keep |= survivors(self.pruner, mine, earlier)
            for number in sorted(self.alive[round_] - keep):
                self._prune(number, work)
            self.alive[round_] = keep
            self.stage[round_] += 1
            self._queue(round_, work)

    def _values(self, number: int, epoch: int) -> list[float] | None:
        """The trial's objective at a rung, lower better, one per run; None while one is missing.

        A run that early stopping ended before the rung counts with what it ended with.
        """
        values = []
        for index in range(len(self.draws)):
            point, ended = self.points.get((number, index, epoch)), self.runs.get((number, index))
            if point is None and ended is None:
                return None
            if point is None and ended and ended.state is State.COMPLETE:
                point = ended.metrics.get(self.metric)
            values.append(math.inf if point is None else self.sign * point)
        return values

    def _earlier(self, round_: int, epoch: int, penalty: str) -> dict[int, list[float]]:
        """Values at this rung of the trials in rounds up to the one before the last."""
        limit = (round_ - 1) * self.search.study.search.round
        found = {}
        for number, trial in self.trials.items():
            if number < limit and trial.penalty == penalty:
                values = self._values(number, epoch)
                if values is not None:
                    found[number] = values
        return found

    def _prune(self, number: int, work: Work) -> None:
        for index in range(len(self.draws)):
            outcome = self.standing.pop((number, index), None)
            if outcome is not None:
                epochs = outcome.result.epochs
                note = f"worse than the trials kept at epoch {epochs}"
                result = replace(outcome.result, state=State.PRUNED, note=note)
                self._end_run((number, index), result, work)

    # ---- ends ----------------------------------------------------------------------------------

    def _end_run(self, key: tuple[int, int], result: RunResult, work: Work) -> None:
        metrics = {**result.metrics, "epochs": result.epochs, "seconds": result.seconds}
        self.runs[key] = _Ended(result.state, metrics)
        work.results.append(result)
        if self._all_ended(key[0]):
            self._tell(key[0])

    def _all_ended(self, number: int) -> bool:
        return all((number, index) in self.runs for index in range(len(self.draws)))

    def _tell(self, number: int) -> None:
        ended = [self.runs[(number, index)] for index in range(len(self.draws))]
        summary = summarize(number, [e.state for e in ended], [e.metrics for e in ended])
        value = summary.values.get(self.metric, math.nan)
        epochs = int(max(e.metrics["epochs"] for e in ended))
        self.told[number] = FinishedTrial(self.trials[number], summary.state, value, epochs)
