"""What a strength means: the range to search, the strength of every layer, decay as a timescale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sweep.records.parameters import OFFSET, RATIO, STRENGTH, TAU
from sweep.records.trial import Trial
from sweep.regularizers.catalogue import acts_on_weights, has_strength, has_timescale, is_mixture
from sweep.regularizers.timescale import Timescale
from sweep.study.search_settings import SearchSettings

WHOLE = 1.0
"""Stands for the strength of what has none: of a cocktail, whose ingredients have their own, and of
penalties that act or do not."""

Params = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Strengths:
    """The meaning of strengths in one study, over one network's penalized layers."""

    search: SearchSettings
    layers: tuple[str, ...]
    layers_of: Callable[[Params], tuple[str, ...]] | None = None
    """The penalized layers by a trial's params, where networks differ; ``layers`` without it."""
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The layers of each group that the study names."""
    factors: Mapping[str, float] = field(default_factory=dict)
    """What the strength of each layer is multiplied by; 1 for those not named."""
    timescale: Timescale | None = None
    """The range of decays as a timescale, if it has one."""

    def timescale_of(self, penalty: str) -> Timescale | None:
        """The range of tau, where the penalty's strength is searched as a timescale."""
        return self.timescale if has_timescale(penalty) else None

    def range_at(self, base: Trial) -> tuple[float, float]:
        """(low, high): the strengths to search for the penalty of ``base``, the rest as it has."""
        if timescale := self.timescale_of(base.penalty):
            return timescale.strengths(base.penalty, base.params)
        return self.search.range(base.penalty)

    def shared(self, penalty: str, params: Params) -> float:
        """The shared strength of a trial that the search asked for with these params."""
        if self.timescale and TAU in params:
            return self.timescale.other(penalty, float(params[TAU]), params)
        return float(params.get(STRENGTH, 0.0 if has_strength(penalty) else WHOLE))

    def by_layer(self, penalty: str, strength: float, params: Params) -> dict[str, float]:
        """Strength of each layer from the shared one and the profile in ``params``."""
        if not acts_on_weights(penalty):
            return {}
        layers = self.layers if self.layers_of is None else self.layers_of(params)
        if RATIO in params:
            profile = depth_profile(strength, float(params[RATIO]), len(layers))
            strengths = dict(zip(layers, profile, strict=True))
        else:
            offsets = self._offsets(layers, params)
            strengths = {layer: strength * 10**own for layer, own in offsets.items()}
        return {layer: own * self.factors.get(layer, 1.0) for layer, own in strengths.items()}

    def _offsets(self, layers: Sequence[str], params: Params) -> dict[str, float]:
        """The deviation of each layer, or of its group, from the shared strength in decades."""
        if self.groups:
            names = {layer: group for group, own in self.groups.items() for layer in own}
        else:
            names = {layer: layer for layer in layers}
        own = {layer: OFFSET.name_of(names.get(layer, "")) for layer in layers}
        return {layer: float(params.get(name, 0.0)) for layer, name in own.items()}

    def scaled(self, base: Trial, strength: float) -> Trial:
        """``base`` with all its strengths scaled together to ``strength``; a cocktail as it is."""
        if is_mixture(base.penalty):
            return replace(base, strength=WHOLE)
        if not has_strength(base.penalty):
            strength = WHOLE
        strengths = self.by_layer(base.penalty, strength, base.params)
        return self.timed(replace(base, strength=strength, strengths=strengths))

    def timed(self, trial: Trial) -> Trial:
        """The trial with the timescale of its strength among its params, where that is searched."""
        params = {name: value for name, value in trial.params.items() if name != TAU}
        timescale = self.timescale_of(trial.penalty)
        if timescale and trial.strength > 0:
            params[TAU] = timescale.other(trial.penalty, trial.strength, params)
        return replace(trial, params=params)


def depth_profile(strength: float, ratio: float, n_layers: int) -> tuple[float, ...]:
    """strength * ratio^l for l = 0, 1, ... from the input side."""
    return tuple(strength * ratio**layer for layer in range(n_layers))
