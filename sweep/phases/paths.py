"""The paths of a study: which strengths to train on each, until its ladder ends.

One path moves the strengths of all layers together, through the best trial of a penalty; others
move one layer's strength, with every other held at the best point of that path, or that of one
ingredient of the best cocktail, with the others held. What a path still needs follows from the
history alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sweep.phases._numbers import TrialNumbers
from sweep.phases.budget import layered_penalties, penalties_with_path
from sweep.phases.history import StudyHistory
from sweep.phases.path_boundaries import (
    Resamples,
    path_boundary,
    reported_null,
    worst_strongest,
)
from sweep.records.parameters import ALL_LAYERS, USE, owner_of
from sweep.records.trial import Phase, Role, Trial
from sweep.regularizers.catalogue import (
    NONE,
    has_strength,
    is_mixture,
    limit_of,
)
from sweep.search.strengths import Strengths
from sweep.statistics.allocation import START, Allocation, Counts, allocate
from sweep.statistics.endings import Ended
from sweep.statistics.ladder import Aim, climb, first_ladder
from sweep.statistics.verdicts import Boundary
from sweep.study.settings import STRENGTH_RUNS
from sweep.study.study import Study


@dataclass(frozen=True)
class PathPlan:
    """One path: who it goes through, and which layer's or ingredient's strength it moves."""

    base: Trial
    layer: str
    low: float
    high: float
    of_layer: int | None = None
    """Its place among the paths of single layers through this trial, if it is one."""

    @property
    def key(self) -> tuple[str, str]:
        return self.base.penalty, self.layer


class Paths:
    """Asks for the strengths of paths, in turns with whoever trains them."""

    def __init__(
        self,
        study: Study,
        history: StudyHistory,
        strengths: Strengths,
        resamples: Resamples,
        numbers: TrialNumbers,
    ):
        """``resamples`` are those that every strength gets."""
        self.study, self.history, self.strengths = study, history, strengths
        self.resamples, self.numbers = resamples, numbers
        self.endings: dict[tuple[str, str], Ended] = {}
        """Why a ladder ended, by penalty and layer."""
        self.settled: dict[tuple[str, str], Mapping[int, int]] = {}
        """How many runs the trials of ended paths have, by number, by penalty and layer."""
        self._estimates: dict[tuple[tuple[str, str], tuple[tuple[float, int], ...]], Boundary] = {}
        self._of_penalties: dict[str, list[PathPlan]] = {}
        self._of_layers: dict[str, list[PathPlan]] = {}
        """Paths of single layers, by the names that ``numbers`` have for their penalties."""

    def of_penalty(self, penalty: str) -> list[PathPlan]:
        """The paths through the penalty's selected trial: one, one for each ingredient, or none."""
        base = self.history.selected_trial(penalty)
        plans = []
        if base and is_mixture(penalty):
            ranges = self.study.search.range
            plans = [PathPlan(base, name, *ranges(name)) for name in base.ingredients]
        elif base and has_strength(penalty):
            plans = [PathPlan(base, ALL_LAYERS, *self.strengths.range_at(base))]
        self._of_penalties[penalty] = plans
        return plans

    def of_layers(self, penalty: str, layers: Callable[[Trial], Sequence[str]]) -> list[PathPlan]:
        """A path for each layer, through the best point of the penalty's path; of ``""`` through
        that of the best penalty's.
        """
        history = self.history
        names = [penalty] if penalty else layered_penalties(self.study)
        best = [trial for name in names if (trial := history.best_trial(Phase.PATH, name))]
        costs = history.costs(best)
        base = min(best, key=lambda t: (costs[t.number], t.number), default=None)
        plans = []
        if base is not None:
            ends = self.strengths.range_at(base)
            plans = [PathPlan(base, name, *ends, i) for i, name in enumerate(layers(base))]
        self._of_layers[penalty] = plans
        return plans

    def have_ended(self, penalty: str) -> bool:
        """Whether the ladders of a penalty have ended, layers' aside."""
        plans = self._of_penalties.get(penalty)
        return plans is not None and all(map(self.has_ended, plans))

    def layers_have_ended(self, penalty: str) -> bool:
        """Whether those of its single layers have."""
        plans = self._of_layers.get(penalty)
        return plans is not None and all(map(self.has_ended, plans))

    def has_ended(self, plan: PathPlan) -> bool:
        """Whether its ladder has ended."""
        return plan.key in self.endings

    def next_trials(self, plan: PathPlan) -> list[Trial]:
        """What is to be trained before this path can go on: none when it has ended, or waits for
        the beginning of another.
        """
        known = self._known(plan)
        step = self._climb(plan, known)
        if step is None:
            return []
        if step.ended:
            self.endings[plan.key] = step.ended
            self.settled[plan.key] = {known[s].number: n for s, n in step.counts.items()}
            return []
        wanted, n_known = list[Trial](), len(known)
        last = max((trial.number for trial in known.values()), default=-1)
        for strength, n_runs in step.counts.items():
            if strength not in known:
                last = self._number(plan, n_known, last)
                known[strength] = self._at(plan, strength, last)
                n_known += 1
            self.history.wanted[known[strength].number] = n_runs
            wanted.append(known[strength])
        return wanted

    def trials_of(self, plan: PathPlan) -> list[Trial]:
        """Its trials so far."""
        return list(self._known(plan).values())

    def _number(self, plan: PathPlan, place: int, after: int) -> int:
        penalty = plan.base.penalty
        if plan.of_layer is None:
            return self.numbers.of_path(penalty, plan.layer, place, after)
        named = penalty if penalty in self._of_layers else ""
        return self.numbers.of_layer(named, plan.of_layer, place, after)

    def _climb(self, plan: PathPlan, known: dict[float, Trial]) -> Allocation | None:
        """What is next on a path; None where that hangs on others that have not begun yet."""
        path, adaptive = self.study.path, self.study.path.ladder == "adaptive"
        beginnings = self._beginnings(plan) if adaptive else []
        waits = False

        def estimate(counts: Counts) -> Boundary | None:
            nonlocal waits
            trials = [known[s] for s in counts if s in known]
            n_runs = {known[s].number: n for s, n in counts.items() if s in known}
            if not self._ended(n_runs, len(counts)):
                return None
            waits = beginnings is None and not self._knows_null(trials, max(n_runs.values()))
            if waits:
                return None
            key = (plan.key, tuple(counts.items()))
            if key not in self._estimates:
                metric, resamples = self.history.metric, self.resamples
                paths = [*(beginnings or []), trials]
                of_all = {t.number: self._n_first for own in paths for t in own} | n_runs
                strongest = worst_strongest(self.history, paths, metric, of_all)
                # a best at an end says where to go on, shown by so few strengths or not
                self._estimates[key] = path_boundary(
                    self.history,
                    trials,
                    metric,
                    resamples,
                    strongest,
                    n_runs=n_runs,
                    effect=False,
                )
            return self._estimates[key]

        moved = plan.layer if is_mixture(plan.base.penalty) else plan.base.penalty
        aim = Aim(path.points if adaptive else 0, path.width, limit_of(moved))
        first, every = self._first(plan), self.resamples.n_runs
        if path.runs is not None:
            step = allocate(first, estimate, aim, path.runs, STRENGTH_RUNS)
        else:
            grown = climb(first, lambda strengths: estimate(dict.fromkeys(strengths, every)), aim)
            step = Allocation(dict.fromkeys(grown.strengths, every), grown.ended)
        return None if waits else step

    @property
    def _n_first(self) -> int:
        """The runs that every strength has."""
        return self.resamples.n_runs if self.study.path.runs is None else START

    def _knows_null(self, trials: Sequence[Trial], n_runs: int) -> bool:
        """Whether the constant predictor is known on so many resamples, so that none stands in."""
        metric = self.history.metric
        return bool(np.isfinite(reported_null(self.history, trials, metric, n_runs)).all())

    def _first(self, plan: PathPlan) -> tuple[float, ...]:
        path = self.study.path
        return first_ladder(plan.low, plan.high, path.points, path.ladder == "adaptive")

    def _beginnings(self, plan: PathPlan) -> list[list[Trial]] | None:
        """The trials that all paths began with, those of penalties alone for a path of these; None
        before they have ended.

        What stands for a constant predictor that nobody reports is found among those of all paths.
        """
        groups = [(self._of_penalties, penalties_with_path(self.study))]
        if plan.of_layer is not None:
            groups.append((self._of_layers, self.numbers.layered))
        if any(name not in plans for plans, names in groups for name in names):
            return None
        found = []
        for other in (p for plans, names in groups for name in names for p in plans[name]):
            known, first = self._known(other), self._first(other)
            trials = [known[s] for s in first if s in known]
            if not self._ended({t.number: self._n_first for t in trials}, len(first)):
                return None
            found.append(trials)
        return found

    def _ended(self, n_runs: Mapping[int, int], n_strengths: int) -> bool:
        """Whether so many strengths are known, and have ended so many runs, by number."""
        n_ended = self.history.n_ended
        return len(n_runs) == n_strengths and all(n_ended[t] >= n for t, n in n_runs.items())

    def _known(self, plan: PathPlan) -> dict[float, Trial]:
        """The path's trials so far by strength."""
        mine = self.history.of_phase(Phase.PATH, plan.base.penalty)
        return {t.strength: t for t in mine if t.layer == plan.layer}

    def _at(self, plan: PathPlan, strength: float, number: int) -> Trial:
        """A new point of a path."""
        if plan.layer == ALL_LAYERS:
            point = self.strengths.scaled(plan.base, strength)
        elif is_mixture(plan.base.penalty):
            point = replace(with_ingredient(plan.base, plan.layer, strength), strength=strength)
        else:
            strengths = {**plan.base.strengths, plan.layer: strength}
            point = replace(plan.base, strength=strength, strengths=strengths)
            point = self.strengths.timed(point)
        return replace(
            point, number=number, phase=Phase.PATH, round=0, role=Role.POINT, layer=plan.layer
        )


def with_ingredient(cocktail: Trial, name: str, strength: float) -> Trial:
    """The cocktail with one ingredient at this strength; 0 leaves it out."""
    use = USE.name_of(name)
    mine = {key: value for key, value in cocktail.params.items() if owner_of(key) == name}
    rest = {k: v for k, v in cocktail.params.items() if k != use and k not in mine}
    if strength == 0:
        return replace(cocktail, params={**rest, use: 0})
    mine.pop(name, None)
    return replace(cocktail, params={**rest, use: 1, name: strength, **mine})


def without_regularizers(trial: Trial) -> Trial:
    """The same setting with no regularizer that is swept."""
    for name in trial.ingredients:
        trial = with_ingredient(trial, name, 0.0)
    return replace(trial, penalty=NONE)


def ablated(cocktail: Trial) -> list[Trial]:
    """The cocktail without each of its ingredients, and each of them alone.

    Of two, each alone is the cocktail without the other.
    """
    names = cocktail.ingredients
    if len(names) < 2:
        return []
    without = [
        replace(with_ingredient(cocktail, name, 0.0), role=Role.WITHOUT, layer=name)
        for name in names
    ]
    alone = []
    for name in names if len(names) > 2 else ():
        single = cocktail
        for other in names:
            if other != name:
                single = with_ingredient(single, other, 0.0)
        alone.append(replace(single, role=Role.ONLY, layer=name))
    return [*without, *alone]
