"""The explore phase as a state machine: rounds of trials, rungs, and who goes on.

It takes what ended and answers with what to record and what to train next; what it knows of trials
and runs is the study's history, which it keeps up to date. Its answers depend on results alone and
not on their order, so a study asks and prunes the same trials at any width, interrupted or not:
round k is asked once all rounds up to k-2 have ended, and a rung is decided once all of a round's
trials of one penalty that got there have been judged at it: only these are compared.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sweep.phases.history import RunKey, StudyHistory
from sweep.records.trial import Curve, Draw, FinishedTrial, Run, RunResult, State, Trial
from sweep.search.rungs import stages, survivors
from sweep.search.sampler import Search
from sweep.training.jobs import Segment, SegmentResult

Group = tuple[int, str]
"""The trials of a round that are compared at its rungs: those of one penalty."""


@dataclass
class NextSteps:
    """What follows from what ended; the history has taken up its trials and results."""

    trials: list[Trial] = field(default_factory=list)
    """Newly asked, to be stored as waiting before their segments train."""
    segments: list[Segment] = field(default_factory=list)
    """To be trained."""
    results: list[RunResult] = field(default_factory=list)
    """Of runs that ended, to be stored."""


class Explore:
    """All rounds of a study's explore phase."""

    def __init__(
        self,
        search: Search,
        history: StudyHistory,
        draws: Sequence[Draw],
        epochs_of: Callable[[Trial], int],
        points: Mapping[tuple[int, int, int], float] = MappingProxyType({}),
    ):
        """``epochs_of`` says how many the runs of a trial have; ``points`` are the objective of
        ended runs at the rungs, by (trial, run, epoch).
        """
        self.search, self.history, self.draws, self.epochs_of = search, history, draws, epochs_of
        self.settings = search.study.search
        self.n_rungs = len(stages(self.settings.pruner, 1)) - 1
        self.points = dict(points)
        self.standing: dict[RunKey, SegmentResult] = {}
        """Runs that stand at a rung."""
        self.stage: dict[Group, int] = {}
        """The rung that each group's trials are on their way to."""
        self.alive: dict[Group, set[int]] = {}
        """The trials of each group that take part in its stage."""
        self.next_round = 0
        self._open: dict[str, list[int]] = {}
        """Trials of a penalty that have not all ended, the last first."""

    def has_ended(self, penalty: str = "") -> bool:
        """Whether all trials of a penalty have ended that are ever asked for; all for ``""``."""
        numbers = range(self.search.n_trials)
        if penalty not in self._open:
            own = [n for n in numbers if penalty in ("", self.search.penalty_of(n))]
            self._open[penalty] = own[::-1]
        left = self._open[penalty]
        while left and left[-1] in self.history.summaries:
            left.pop()
        return not left

    # ---- in ------------------------------------------------------------------------------------

    def begin(self) -> NextSteps:
        steps = NextSteps()
        self._start_rounds(steps)
        return steps

    def take(self, outcomes: Iterable[SegmentResult]) -> NextSteps:
        """What follows from these outcomes."""
        steps, groups = NextSteps(), set()
        for outcome in outcomes:
            trial = outcome.segment.trial
            key = (trial.number, outcome.segment.run.number)
            groups.add((trial.round, trial.penalty))
            for curve in outcome.result.curves:
                if curve.metric == self.history.objective:
                    self._note_points(trial, key, curve)
            if outcome.result.state is State.RUNNING:
                self.standing[key] = outcome
            else:
                self._end_run(outcome.result, steps)
        for group in sorted(groups):
            self._advance(group, steps)
        self._start_rounds(steps)
        return steps

    def _stops(self, trial: Trial) -> tuple[int, ...]:
        """Where a trial's runs stop: at half and three quarters of their own epochs, and then."""
        return stages(self.settings.pruner, self.epochs_of(trial))

    def _note_points(self, trial: Trial, key: RunKey, curve: Curve) -> None:
        rungs = self._stops(trial)[:-1]
        for epoch, value in zip(curve.epochs, curve.values, strict=True):
            if epoch in rungs:
                self.points[(*key, epoch)] = value

    def _end_run(self, result: RunResult, steps: NextSteps) -> None:
        self.history.end_run(result)
        steps.results.append(result)

    # ---- rounds --------------------------------------------------------------------------------

    def _numbers(self, round_: int) -> range:
        size = self.settings.round
        return range(round_ * size, min((round_ + 1) * size, self.search.n_trials))

    def _round_ended(self, round_: int) -> bool:
        return all(number in self.history.summaries for number in self._numbers(round_))

    def _start_rounds(self, steps: NextSteps) -> None:
        """Starts every round that may start."""
        while self.next_round < self.search.n_rounds:
            if self.next_round >= 2 and not self._round_ended(self.next_round - 2):
                return
            self._start(self.next_round, steps)
            self.next_round += 1

    def _start(self, round_: int, steps: NextSteps) -> None:
        numbers, known = self._numbers(round_), self.history.trials
        if not all(number in known for number in numbers):
            running = [known[n] for n in self._numbers(round_ - 1)] if round_ else []
            asked = self.search.ask(round_, self._known_before(round_), running)
            steps.trials += self.history.add_trials(asked)
        groups: dict[Group, set[int]] = defaultdict(set)
        for number in numbers:
            groups[round_, self.history.trials[number].penalty].add(number)
        for group, members in groups.items():  # one after the other: the first is decided sooner
            self.stage[group], self.alive[group] = 0, members
            self._queue(group, steps)
            self._advance(group, steps)

    def _earlier(self, round_: int) -> range:
        """The trials of the rounds whose results a round may know: up to the one before the last.

        The last has not always ended.
        """
        return range(max(0, round_ - 1) * self.settings.round)

    def _known_before(self, round_: int) -> list[FinishedTrial]:
        return [self.history.finished(number) for number in self._earlier(round_)]

    # ---- rungs ---------------------------------------------------------------------------------

    def _queue(self, group: Group, steps: NextSteps) -> None:
        """Segments that bring the group's living trials to its stage."""
        for number in sorted(self.alive[group]):
            trial = self.history.trials[number]
            stop = self._stops(trial)[self.stage[group]]
            for index, draw in enumerate(self.draws):
                key = (number, index)
                if key in self.history.runs:
                    continue
                standing = self.standing.pop(key, None)
                checkpoint = standing.checkpoint if standing else None
                run = Run(number, index, draw)
                steps.segments.append(Segment(run, trial, stop, checkpoint))

    def _advance(self, group: Group, steps: NextSteps) -> None:
        """Decides every rung of the group that can be decided."""
        while (stage := self.stage[group]) < self.n_rungs:
            if any(self._values(number, stage) is None for number in self.alive[group]):
                return
            keep = self._survivors(group, stage)
            for number in sorted(self.alive[group] - keep):
                self._prune(number, steps)
            self.alive[group] = keep
            self.stage[group] += 1
            self._queue(group, steps)

    def _survivors(self, group: Group, stage: int) -> set[int]:
        """The group's living trials that go on."""
        round_, penalty = group
        own = self._values_of(penalty, sorted(self.alive[group]), stage)
        earlier = self._values_of(penalty, self._earlier(round_), stage)
        return survivors(self.settings.pruner, own, earlier)

    def _values_of(
        self, penalty: str, numbers: Iterable[int], stage: int
    ) -> dict[int, list[float]]:
        """The values at a rung of those of these trials that are the penalty's and have some."""
        mine = [n for n in numbers if self.history.trials[n].penalty == penalty]
        found = {number: self._values(number, stage) for number in mine}
        return {number: values for number, values in found.items() if values is not None}

    def _values(self, number: int, stage: int) -> list[float] | None:
        """The trial's objective at a rung, lower better, one per run; None while one is missing.

        A run that early stopping ended before the rung counts with what it ended with.
        """
        values, epoch = [], self._stops(self.history.trials[number])[stage]
        for index in range(len(self.draws)):
            point = self.points.get((number, index, epoch))
            ended = self.history.runs.get((number, index))
            if point is None and ended is None:
                return None
            if point is None and ended and ended.state is State.COMPLETE:
                point = ended.metrics.get(self.history.objective)
            values.append(math.inf if point is None else self.history.metric.sign * point)
        return values

    def _prune(self, number: int, steps: NextSteps) -> None:
        for index in range(len(self.draws)):
            outcome = self.standing.pop((number, index), None)
            if outcome is not None:
                epochs = outcome.result.epochs
                note = f"worse than the trials kept at epoch {epochs}"
                result = replace(outcome.result, state=State.PRUNED, note=note)
                self._end_run(result, steps)
