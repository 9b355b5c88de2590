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
from dataclasses import dataclass, field, replace

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from sweep.records.parameters import USE
from sweep.records.trial import FinishedTrial, Phase, State, Trial
from sweep.regularizers.catalogue import COCKTAIL, REGULARIZERS, acts_on_weights
from sweep.regularizers.timescale import Timescale
from sweep.search.strengths import depth_profile
from sweep.study.axes import ChoiceAxis
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
WHOLE = 1.0
"""Stands for the strength of a cocktail, whose ingredients have their own."""

Params = dict[str, float | int | str]


@dataclass(frozen=True)
class Search:
    """The explore phase of one study over one model's penalized layers."""

    study: Study
    layers: tuple[str, ...]
    layers_of: Callable[[Mapping[str, float | int | str]], tuple[str, ...]] | None = None
    """The penalized layers by a trial's params, where networks differ; ``layers`` without it."""
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The layers of each of the person's groups."""
    factors: Mapping[str, float] = field(default_factory=dict)
    """What the strength of each layer is multiplied by; 1 for those not named."""
    timescale: Timescale | None = None
    """The range of decay as a timescale, if it has one."""

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
        self, round_: int, told: Iterable[FinishedTrial], running: Iterable[Trial]
    ) -> list[Trial]:
        """The trials of a round, given the results of all rounds up to the one before the last.

        ``running`` are the trials of the last round, whose results must not be known.
        """
        told, running = list(told), list(running)
        start = round_ * self.study.search.round
        numbers = range(start, min(start + self.study.search.round, self.n_trials))
        params: dict[int, Params] = {}
        for index, penalty in enumerate(self.study.search.names):
            own = [n for n in numbers if self.penalty_of(n) == penalty]
            params |= dict(zip(own, self._ask_penalty(index, own, told, running), strict=True))
        return [self._trial(number, round_, params[number]) for number in numbers]

    def _ask_penalty(
        self, index: int, numbers: list[int], told: list[FinishedTrial], running: list[Trial]
    ) -> list[Params]:
        search = self.study.search
        penalty = search.names[index]
        space = self.space(penalty)
        if not space or not numbers:
            return [{} for _ in numbers]
        places = [n // len(search.names) for n in numbers]
        share = math.ceil(self.n_trials / len(search.names))
        if search.sampler == "grid":
            return [_used(self._grid_point(space, place, share)) for place in places]
        history = self._remembered([t for t in told if t.trial.penalty == penalty])
        startup = self._startup()
        if search.sampler == "qmc" or not any(t.state is State.COMPLETE for t in history):
            startup = self.n_trials  # where nothing can be learned from, the block goes on
        if search.sampler == "random":
            startup = 0
        early = [place for n, place in zip(numbers, places, strict=True) if n < startup]
        asked = self._quasi_random(index, space, early, share)
        pending = [t for t in running if t.penalty == penalty]
        if len(early) < len(places):
            seed = _seed(self.study.study.seed, index, self.round_of(numbers[0]))
            asked += self._sampled(space, history, pending, asked, len(places) - len(early), seed)
        return asked

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

    def _startup(self) -> int:
        search = self.study.search
        return search.trials // 2 if search.startup is None else search.startup

    def space(self, penalty: str) -> dict[str, BaseDistribution]:
        """The axes of one penalty's trials."""
        search, space = self.study.search, dict[str, BaseDistribution]()
        if penalty == COCKTAIL:
            for ingredient in search.cocktail:
                space[USE + ingredient] = CategoricalDistribution([0, 1])
                space[ingredient] = FloatDistribution(*search.range(ingredient), log=True)
        elif self.timescale and penalty == "decay":
            space["tau"] = FloatDistribution(self.timescale.low, self.timescale.high, log=True)
        elif penalty != "none":
            space["strength"] = FloatDistribution(*search.range(penalty), log=True)
        if penalty not in ("none", COCKTAIL) and acts_on_weights(penalty):
            if search.layers == "depth":
                space["ratio"] = FloatDistribution(*DEPTH_RATIO, log=True)
            if search.layers == "free":
                for layer in self.layers:
                    space[f"offset.{layer}"] = FloatDistribution(*LAYER_OFFSET)
            for group in self.groups:
                space[f"offset.{group}"] = FloatDistribution(*LAYER_OFFSET)
        for name, axis in search.axes.items():
            own, _, _ = name.partition(".")
            if acts_on_weights(own) and own in REGULARIZERS and own not in (penalty, *space):
                continue  # a number of another penalty
            if isinstance(axis, ChoiceAxis):
                space[name] = CategoricalDistribution(list(axis.choices))
            elif axis.integer:
                space[name] = IntDistribution(
                    int(axis.low), int(axis.high), log=axis.scale == "log"
                )
            else:
                space[name] = FloatDistribution(axis.low, axis.high, log=axis.scale == "log")
        return space

    def _quasi_random(
        self, index: int, space: Mapping[str, BaseDistribution], places: list[int], share: int
    ) -> list[Params]:
        """Points of one scrambled Sobol sequence per penalty (Owen 1998)."""
        if not places:
            return []
        from scipy.stats.qmc import Sobol

        rng = np.random.default_rng([self.study.study.seed, index])
        power = max(1, math.ceil(math.log2(max(share, max(places) + 1))))
        points = Sobol(len(space), scramble=True, rng=rng).random_base2(power)
        return [_used(self._at(space, points[place].tolist())) for place in places]

    def _grid_point(self, space: Mapping[str, BaseDistribution], place: int, share: int) -> Params:
        """Point ``place`` of a full grid; the strength, its first axis, has what levels remain."""
        others = max(2, math.floor(share ** (1 / len(space)) + 1e-9))
        levels = [max(2, share // others ** (len(space) - 1))] + [others] * (len(space) - 1)
        fractions = [[i / (n - 1) for i in range(n)] for n in levels]
        point = next(
            itertools.islice(itertools.product(*fractions), place % math.prod(levels), None)
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
        asked: list[Params],
        n: int,
        seed: int,
    ) -> list[Params]:
        maximize = self.study.study.metric.maximize
        sampler = SAMPLERS[self.study.search.sampler](seed)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        memory = optuna.create_study(
            direction="maximize" if maximize else "minimize", sampler=sampler
        )
        memory.add_trials(_frozen(t.trial, space, t.state, t.value, t.epochs) for t in history)
        memory.add_trials(_frozen(t, space, State.RUNNING, math.nan, 0) for t in pending)
        memory.add_trials(
            _frozen_params(params, space, State.RUNNING, math.nan, 0) for params in asked
        )
        return [_suggested(memory.ask(), space) for _ in range(n)]

    def _trial(self, number: int, round_: int, params: Params) -> Trial:
        penalty = self.penalty_of(number)
        strength = float(params.get("strength", WHOLE if penalty == COCKTAIL else 0.0))
        if self.timescale and "tau" in params:
            strength = self.timescale.other(float(params["tau"]), params)
        rest = {name: value for name, value in params.items() if name != "strength"}
        strengths = self.layer_strengths(penalty, strength, rest)
        return Trial(number, Phase.EXPLORE, round_, penalty, strength, strengths, rest)

    def range_at(self, base: Trial) -> tuple[float, float]:
        """(low, high): the strengths to search for the penalty of ``base``, the rest as it has."""
        if self.timescale and base.penalty == "decay":
            return self.timescale.strengths(base.params)
        return self.study.search.range(base.penalty)

    def scaled(self, base: Trial, strength: float) -> Trial:
        """``base`` with all its strengths scaled together to ``strength``; a cocktail as it is."""
        if base.penalty == COCKTAIL:
            return replace(base, strength=WHOLE)
        strengths = self.layer_strengths(base.penalty, strength, base.params)
        return self.timed(replace(base, strength=strength, strengths=strengths))

    def timed(self, trial: Trial) -> Trial:
        """The trial with the timescale of its strength among its params, where that is searched."""
        params = {name: value for name, value in trial.params.items() if name != "tau"}
        if self.timescale and trial.penalty == "decay" and trial.strength > 0:
            params["tau"] = self.timescale.other(trial.strength, params)
        return replace(trial, params=params)

    def layer_strengths(
        self, penalty: str, strength: float, params: Mapping[str, float | int | str]
    ) -> dict[str, float]:
        """Strength of each layer from the shared one and the profile in ``params``."""
        if penalty == COCKTAIL or not acts_on_weights(penalty):
            return {}
        layers = self.layers if self.layers_of is None else self.layers_of(params)
        if "ratio" in params:
            ratio = float(params["ratio"])
            profile = depth_profile(strength, ratio, len(layers))
            strengths = dict(zip(layers, profile, strict=True))
        else:
            homes = {layer: group for group, own in self.groups.items() for layer in own}
            names = homes if self.groups else {layer: layer for layer in layers}
            offsets = {layer: params.get(f"offset.{names.get(layer, '')}", 0.0) for layer in layers}
            strengths = {layer: strength * 10 ** float(offsets[layer]) for layer in layers}
        return {layer: own * self.factors.get(layer, 1.0) for layer, own in strengths.items()}


def _used(params: Params) -> Params:
    """Without the strengths of what a cocktail does not use."""
    unused = {n.removeprefix(USE) for n, used in params.items() if n.startswith(USE) and not used}
    return {name: v for name, v in params.items() if name.partition(".")[0] not in unused}


def _suggested(trial: optuna.Trial, space: Mapping[str, BaseDistribution]) -> Params:
    """What the sampler proposes, axis by axis: whether to use a regularizer, and then how much."""
    params: Params = {}
    for name, axis in space.items():
        if not params.get(USE + name.partition(".")[0], 1):
            continue
        if isinstance(axis, CategoricalDistribution):
            params[name] = trial.suggest_categorical(name, axis.choices)  # type: ignore[assignment]
        elif isinstance(axis, IntDistribution):
            params[name] = trial.suggest_int(name, axis.low, axis.high, log=axis.log)
        elif isinstance(axis, FloatDistribution):
            params[name] = trial.suggest_float(name, axis.low, axis.high, log=axis.log)
    return params


def _at_fraction(axis: BaseDistribution, fraction: float) -> float | int | str:
    if isinstance(axis, CategoricalDistribution):
        place = min(int(fraction * len(axis.choices)), len(axis.choices) - 1)
        return axis.choices[place]  # type: ignore[return-value]
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
    if "strength" in space:
        params["strength"] = trial.strength
    params = {name: params[name] for name in space if name in params}
    return _frozen_params(params, space, state, value, epochs)


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
