"""The paths of a study: which strengths to train on each, until its ladder ends.

One path moves the strengths of all layers together, through the best trial of a penalty; others
move one layer's strength, with every other held at the best point of that path, or that of one
ingredient of the best cocktail, with the others held. What a path still needs follows from the
history alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sweep.phases.budget import penalties_of
from sweep.phases.history import StudyHistory
from sweep.phases.path_boundaries import Resamples, path_boundary, worst_strongest
from sweep.records.parameters import ALL_LAYERS, USE, owner_of
from sweep.records.trial import Phase, Role, Trial
from sweep.regularizers.catalogue import (
    NONE,
    acts_on_weights,
    has_strength,
    is_mixture,
    limit_of,
)
from sweep.search.strengths import Strengths
from sweep.statistics.ladder import Aim, Refinement, climb, first_ladder
from sweep.statistics.verdicts import Boundary
from sweep.study.study import Study


@dataclass(frozen=True)
class PathPlan:
    """One path: who it goes through, and which layer's or ingredient's strength it moves."""

    base: Trial
    layer: str
    low: float
    high: float

    @property
    def key(self) -> tuple[str, str]:
        return self.base.penalty, self.layer


class Paths:
    """Asks for the strengths of paths, in turns with whoever trains them."""

    def __init__(
        self, study: Study, history: StudyHistory, strengths: Strengths, resamples: Resamples
    ):
        """``resamples`` are those that every strength gets."""
        self.study, self.history, self.strengths = study, history, strengths
        self.resamples = resamples
        self.endings: dict[tuple[str, str], str] = {}
        """Why a ladder ended, by penalty and layer."""
        self._estimates: dict[tuple[tuple[str, str], tuple[float, ...]], Boundary] = {}
        self._plans: dict[tuple[str, str], PathPlan] = {}
        """All that were asked for."""

    def of_penalties(self) -> list[PathPlan]:
        """A path through the selected trial of every penalty that has one."""
        bases = [self.history.selected_trial(p) for p in penalties_of(self.study)]
        plans = []
        for base in bases:
            if base and is_mixture(base.penalty):
                plans += self._of_ingredients(base)
            elif base and has_strength(base.penalty):
                plans.append(PathPlan(base, ALL_LAYERS, *self.strengths.range_at(base)))
        return plans

    def _of_ingredients(self, base: Trial) -> list[PathPlan]:
        ranges = self.study.search.range
        return [PathPlan(base, name, *ranges(name)) for name in base.ingredients]

    def of_layers(self, layers: Callable[[Trial], Sequence[str]]) -> list[PathPlan]:
        """A path for each layer, through the best point of the best penalty's path, or of all."""
        history, wanted = self.history, self.study.path.layers
        layered = [p for p in penalties_of(self.study) if acts_on_weights(p) and has_strength(p)]
        best = {p: history.best_trial(Phase.PATH, p) for p in layered}
        bases = sorted((history.cost(t.number), t.number, t) for t in best.values() if t)
        if wanted == "none" or not bases:
            return []
        chosen = [trial for _, _, trial in (bases[:1] if wanted == "best" else bases)]
        return [
            PathPlan(base, layer, *self.strengths.range_at(base))
            for base in chosen
            for layer in layers(base)
        ]

    def next_trials(self, plans: Sequence[PathPlan]) -> list[Trial]:
        """What is to be trained before any of these paths can go on; none when all have ended."""
        number = self.history.next_number()
        self._plans |= {plan.key: plan for plan in plans}
        wanted: list[Trial] = []
        for plan in plans:
            known = self._known(plan)
            step = self._climb(plan, known)
            if not step.strengths:
                self.endings[plan.key] = step.reason
            for strength in step.strengths:
                trial = known.get(strength)
                wanted.append(trial or self._at(plan, strength, number))
                number += trial is None
        return wanted

    def _climb(self, plan: PathPlan, known: dict[float, Trial]) -> Refinement:
        path, adaptive = self.study.path, self.study.path.ladder == "adaptive"
        beginnings = [self._beginning(each) for each in self._plans.values()]

        def estimate(strengths: Sequence[float]) -> Boundary | None:
            trials = [known[s] for s in strengths if s in known]
            if not self._ended(trials, len(strengths)) or None in beginnings:
                return None
            key = (plan.key, tuple(strengths))
            if key not in self._estimates:
                metric, resamples = self.history.metric, self.resamples
                paths = [*filter(None, beginnings), trials]
                strongest = worst_strongest(self.history, paths, metric, resamples.n_runs)
                # a best at an end says where to go on, shown by so few strengths or not
                self._estimates[key] = path_boundary(
                    self.history, trials, metric, resamples, strongest, effect=False
                )
            return self._estimates[key]

        moved = plan.layer if is_mixture(plan.base.penalty) else plan.base.penalty
        aim = Aim(path.points if adaptive else 0, path.width, limit_of(moved))
        return climb(self._first(plan), estimate, aim)

    def _first(self, plan: PathPlan) -> tuple[float, ...]:
        path = self.study.path
        return first_ladder(plan.low, plan.high, path.points, path.ladder == "adaptive")

    def _beginning(self, plan: PathPlan) -> list[Trial] | None:
        """The trials that a path began with; None before they have ended.

        What stands for a constant predictor that nobody reports is found among those of all paths.
        """
        known, first = self._known(plan), self._first(plan)
        trials = [known[s] for s in first if s in known]
        return trials if self._ended(trials, len(first)) else None

    def _ended(self, trials: Sequence[Trial], n_strengths: int) -> bool:
        """Whether all runs at so many strengths have ended."""
        ended = sum(self.history.n_ended[trial.number] for trial in trials)
        return ended >= n_strengths * self.resamples.n_runs

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
