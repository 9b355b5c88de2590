"""Asks for trials: a quasi-random block, then Optuna's samplers, in rounds that can be repeated.

Round k is asked knowing exactly the results of rounds up to k-2, with a sampler seeded from the
study's seed and the round, so that the same study asks the same trials at any width, interrupted or
not, while one round trains as the next is prepared. Every penalty gets the same share of the trials
and a history of its own: strengths of different penalties are different axes and are never pooled.

Optuna is imported here, in ``optuna_tables`` and in ``importance`` alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from sweep.records.parameters import EPOCHS, OFFSET, RATIO, STRENGTH, TAU, USE, owner_of
from sweep.records.trial import FinishedTrial, Phase, State, Trial
from sweep.regularizers.catalogue import (
    REGULARIZERS,
    acts_on_weights,
    has_one_strength,
    is_mixture,
)
from sweep.search._sobol import sobol_points
from sweep.search.strengths import Strengths
from sweep.study.axes import Axis, ChoiceAxis
from sweep.study.study import Study

DEPTH_RATIO = (0.1, 10.0)
"""Range of the ratio of neighbouring layers' strengths under ``layers = "depth"``."""
LAYER_OFFSET = (-1.5, 1.5)
"""Range of a layer's deviation from the shared strength in decades under ``layers = "free"``."""
MEMORY = 192
"""Ended trials of a penalty that a sampler learns from: the best, and the newest of the others.

Its cost per trial grows with them. TPE takes the best tenth, at most BEST, for its density of good
points, and lets the weight of the others fade with their age (Bergstra et al. 2013).
"""
BEST = 25

Params = dict[str, float | int | str]


@dataclass(frozen=True)
class Search:
    """Proposes the trials of one study's explore phase."""

    study: Study
    strengths: Strengths

    @property
    def n_trials(self) -> int:
        return self.study.search.trials

    @property
    def n_rounds(self) -> int:
        return math.ceil(self.n_trials / self.study.search.round)

    def round_of(self, number: int) -> int:
        return number // self.study.search.round

    def penalty_of(self, number: int) -> str:
        """Penalties take turns, so each gets the same share."""
        penalties = self.study.search.names
        return penalties[number % len(penalties)]

    def ask(
        self, round_: int, finished: Iterable[FinishedTrial], running: Iterable[Trial]
    ) -> list[Trial]:
        """The trials of a round, given the results of all rounds up to the one before the last.

        ``running`` are the trials of the last round, whose results must not be known.
        """
        finished, running = list(finished), list(running)
        start = round_ * self.study.search.round
        numbers = range(start, min(start + self.study.search.round, self.n_trials))
        params: dict[int, Params] = {}
        for index, penalty in enumerate(self.study.search.names):
            own = [n for n in numbers if self.penalty_of(n) == penalty]
            known = [t for t in finished if t.trial.penalty == penalty]
            pending = [t for t in running if t.penalty == penalty]
            params |= dict(zip(own, self._ask_penalty(index, own, known, pending), strict=True))
        return [self._trial(number, round_, params[number]) for number in numbers]

    def _ask_penalty(
        self, index: int, numbers: list[int], finished: list[FinishedTrial], pending: list[Trial]
    ) -> list[Params]:
        """Params of a penalty's trials of one round, which have these numbers.

        Those before ``_first_sampled`` are points of its quasi-random block; a sampler proposes
        the rest, and knows the points of the block that are asked with them.
        """
        space = self.space(self.study.search.names[index])
        if not space or not numbers:
            return [{} for _ in numbers]
        if self.study.search.sampler == "grid":
            return [_used(self._grid_point(space, self._turn(n))) for n in numbers]
        history = self._remembered(finished)
        first_sampled = self._first_sampled(history)
        turns = [self._turn(n) for n in numbers if n < first_sampled]
        block = self._quasi_random(index, space, turns)
        n_sampled = len(numbers) - len(block)
        if not n_sampled:
            return block
        seed = _seed(self.study.study.seed, index, self.round_of(numbers[0]))
        return block + self._sampled(space, history, pending, block, n_sampled, seed)

    def _turn(self, number: int) -> int:
        """How many trials of the same penalty come before this one."""
        return number // len(self.study.search.names)

    @property
    def _share(self) -> int:
        """The trials of a penalty, at most."""
        return math.ceil(self.n_trials / len(self.study.search.names))

    def _first_sampled(self, history: Sequence[FinishedTrial]) -> int:
        """The number from which on trials are a sampler's; before it is the quasi-random block.

        The block goes on while a sampler could learn from nothing.
        """
        search = self.study.search
        if search.sampler == "random":
            return 0
        if search.sampler == "qmc" or not any(t.state is State.COMPLETE for t in history):
            return self.n_trials
        return search.trials // 2 if search.startup is None else search.startup

    def _remembered(self, history: list[FinishedTrial]) -> list[FinishedTrial]:
        """The BEST complete trials and the newest of the others, MEMORY in all, in their order."""
        if len(history) <= MEMORY:
            return history
        sign = self.study.study.metric.sign
        complete = [t for t in history if t.state is State.COMPLETE and math.isfinite(t.value)]
        best = sorted(complete, key=lambda t: (sign * t.value, t.trial.number))[:BEST]
        kept = {t.trial.number for t in best}
        others = [t for t in history if t.trial.number not in kept]
        kept |= {t.trial.number for t in others[len(kept) - MEMORY :]}
        return [t for t in history if t.trial.number in kept]

    def space(self, penalty: str) -> dict[str, BaseDistribution]:
        """The axes of one penalty's trials."""
        space = {**self._strength_axes(penalty), **self._layer_axes(penalty)}
        for name, axis in self.study.search.axes.items():
            owner = owner_of(name)
            of_a_penalty = acts_on_weights(owner) and owner in REGULARIZERS
            if not of_a_penalty or owner in (penalty, *space):
                space[name] = _distribution(axis)
        return space

    def _strength_axes(self, penalty: str) -> dict[str, BaseDistribution]:
        """How much of the penalty, or of each of a cocktail's ingredients."""
        search, space = self.study.search, dict[str, BaseDistribution]()
        if is_mixture(penalty):
            for ingredient in search.cocktail:
                space[USE.name_of(ingredient)] = CategoricalDistribution([0, 1])
                space[ingredient] = FloatDistribution(*search.range(ingredient), log=True)
        elif tau := self.strengths.timescale_of(penalty):
            space[TAU] = FloatDistribution(tau.low, tau.high, log=True)
        elif has_one_strength(penalty):
            space[STRENGTH] = FloatDistribution(*search.range(penalty), log=True)
        return space

    def _layer_axes(self, penalty: str) -> dict[str, BaseDistribution]:
        """How layers, or groups of them, deviate from the shared strength."""
        layers, space = self.study.search.layers, dict[str, BaseDistribution]()
        if not (has_one_strength(penalty) and acts_on_weights(penalty)):
            return space
        if layers == "depth":
            space[RATIO] = FloatDistribution(*DEPTH_RATIO, log=True)
        names = self.strengths.layers if layers == "free" else self.strengths.groups
        return space | {OFFSET.name_of(n): FloatDistribution(*LAYER_OFFSET) for n in names}

    def _quasi_random(
        self, index: int, space: Mapping[str, BaseDistribution], turns: list[int]
    ) -> list[Params]:
        """Points of one scrambled Sobol sequence per penalty (Owen 1998)."""
        if not turns:
            return []
        rng = np.random.default_rng([self.study.study.seed, index])
        power = max(1, math.ceil(math.log2(max(self._share, max(turns) + 1))))
        points = sobol_points(len(space), power, rng)
        return [_used(self._at(space, points[turn].tolist())) for turn in turns]

    def _grid_point(self, space: Mapping[str, BaseDistribution], turn: int) -> Params:
        """Point ``turn`` of a full grid; the strength, its first axis, has what levels remain."""
        others = max(2, math.floor(self._share ** (1 / len(space)) + 1e-9))
        levels = [max(2, self._share // others ** (len(space) - 1))] + [others] * (len(space) - 1)
        fractions = [[i / (n - 1) for i in range(n)] for n in levels]
        point = next(
            itertools.islice(itertools.product(*fractions), turn % math.prod(levels), None)
        )
        return self._at(space, list(point))

    @staticmethod
    def _at(space: Mapping[str, BaseDistribution], fractions: Sequence[float]) -> Params:
        """The point at these fractions [0, 1] of every axis."""
        return {
            name: _at_fraction(axis, fraction)
            for (name, axis), fraction in zip(space.items(), fractions, strict=True)
        }

    def _sampled(
        self,
        space: dict[str, BaseDistribution],
        history: list[FinishedTrial],
        pending: list[Trial],
        block: list[Params],
        n: int,
        seed: int,
    ) -> list[Params]:
        """``n`` proposals of a sampler, to which ``pending`` and ``block`` are still running."""
        maximize = self.study.study.metric.maximize
        sampler = SAMPLERS[self.study.search.sampler](seed)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        memory = optuna.create_study(
            direction="maximize" if maximize else "minimize", sampler=sampler
        )
        memory.add_trials(_frozen(t.trial, space, t.state, t.value, t.epochs) for t in history)
        memory.add_trials(_frozen(t, space, State.RUNNING, math.nan, 0) for t in pending)
        memory.add_trials(
            _frozen_params(params, space, State.RUNNING, math.nan, 0) for params in block
        )
        return [_suggested(memory.ask(), space) for _ in range(n)]

    def _trial(self, number: int, round_: int, params: Params) -> Trial:
        penalty = self.penalty_of(number)
        strength = self.strengths.shared(penalty, params)
        others = {name: value for name, value in params.items() if name != STRENGTH}
        by_layer = self.strengths.by_layer(penalty, strength, others)
        return Trial(number, Phase.EXPLORE, round_, penalty, strength, by_layer, others)


def _used(params: Params) -> Params:
    """Without the strengths of what a cocktail does not use."""
    unused = {name for name, used in USE.values_of(params).items() if not used}
    return {name: v for name, v in params.items() if owner_of(name) not in unused}


def _suggested(trial: optuna.Trial, space: Mapping[str, BaseDistribution]) -> Params:
    """What the sampler proposes, axis by axis: whether to use a regularizer, and then how much."""
    params: Params = {}
    for name, axis in space.items():
        if not params.get(USE.name_of(owner_of(name)), 1):
            continue
        if isinstance(axis, CategoricalDistribution):
            params[name] = trial.suggest_categorical(name, axis.choices)  # type: ignore[assignment]
        elif isinstance(axis, IntDistribution):
            params[name] = trial.suggest_int(name, axis.low, axis.high, log=axis.log)
        elif isinstance(axis, FloatDistribution):
            params[name] = trial.suggest_float(name, axis.low, axis.high, log=axis.log)
    return params


def _distribution(axis: Axis) -> BaseDistribution:
    """An axis of the study as Optuna's."""
    if isinstance(axis, ChoiceAxis):
        return CategoricalDistribution(list(axis.choices))
    log = axis.scale == "log"
    if axis.integer:
        return IntDistribution(int(axis.low), int(axis.high), log=log)
    return FloatDistribution(axis.low, axis.high, log=log)


def _at_fraction(axis: BaseDistribution, fraction: float) -> float | int | str:
    if isinstance(axis, CategoricalDistribution):
        index = min(int(fraction * len(axis.choices)), len(axis.choices) - 1)
        return axis.choices[index]  # type: ignore[return-value]
    assert isinstance(axis, FloatDistribution | IntDistribution)
    low, high = float(axis.low), float(axis.high)
    if axis.log:
        value = math.exp(math.log(low) + fraction * (math.log(high) - math.log(low)))
    else:
        value = low + fraction * (high - low)
    value = min(max(value, low), high)
    return round(value) if isinstance(axis, IntDistribution) else value


def _seed(*entropy: int) -> int:
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])


SAMPLERS: Mapping[str, Callable[[int], optuna.samplers.BaseSampler]] = {
    "tpe": lambda seed: optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=0, multivariate=True, constant_liar=True
    ),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "gp": lambda seed: optuna.samplers.GPSampler(seed=seed, n_startup_trials=0),
}
"""The samplers that learn or draw; ``qmc`` and ``grid`` are laid out in this file."""


def _frozen(
    trial: Trial, space: Mapping[str, BaseDistribution], state: State, value: float, epochs: int
) -> FrozenTrial:
    params: Params = dict(trial.params)
    if STRENGTH in space:
        params[STRENGTH] = trial.strength
    params = {name: params[name] for name in space if name in params}
    return _frozen_params(params, space, state, value, _reached(trial, epochs))


def _reached(trial: Trial, epochs: int) -> int:
    """How far a trial got: samplers take the one that was stopped later for the better.

    Where trials have epochs of their own that is by the share of the run.
    """
    return round(1000 * epochs / int(trial.params.get(EPOCHS, 1000)))


def _frozen_params(
    params: Params, space: Mapping[str, BaseDistribution], state: State, value: float, epochs: int
) -> FrozenTrial:
    """One of our trials as Optuna's; what diverged ranks behind everything that was pruned."""
    known, kind = math.isfinite(value), TrialState.PRUNED
    if state in (State.RUNNING, State.WAITING):
        kind = TrialState.RUNNING
    elif state is State.COMPLETE and known:
        kind = TrialState.COMPLETE
    return optuna.create_trial(
        state=kind,
        params=dict(params),
        distributions={name: axis for name, axis in space.items() if name in params},
        value=value if kind is TrialState.COMPLETE else None,
        intermediate_values={epochs: value} if known and kind is TrialState.PRUNED else None,
    )
