"""What is to be known of a study's network layer by layer, before any of it is trained.

Which layers are penalized and in which groups, what a starting profile multiplies their strengths
by, which of them are scale-invariant, and which strength leaves nothing of a linear model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cached_property

from torch import nn

from sweep.data.splits import Split
from sweep.errors import ModelError
from sweep.inspection._scale_invariance import scale_invariant
from sweep.inspection._starting_profiles import Trainee, in_words, starting_profile
from sweep.inspection._strength_max import find_strength_max
from sweep.networks.layers import layer_groups
from sweep.networks.probe import NetworkProbe
from sweep.networks.selection import ParameterChoice, Selection, choose_parameters, layer_name
from sweep.records.parameters import ALL_LAYERS, LONGEST_LAYER
from sweep.regularizers.catalogue import regularizes
from sweep.regularizers.penalty import Penalty
from sweep.runtime.torch_state import limited_threads
from sweep.runtime.user_code import guarded, name_of
from sweep.study.study import Study
from sweep.training.jobs import TrainingPlan

logger = logging.getLogger("sweep")


class LayerReport:
    """The layers of a study's network, and what is known of them before training."""

    def __init__(
        self,
        study: Study,
        probe: NetworkProbe,
        build: Callable[[int], nn.Module],
        split: Split,
        plan: TrainingPlan,
        seed: int,
        penalties: Mapping[str, Penalty],
    ):
        """``build`` makes the network of a seed; ``split`` and ``seed`` are those of the run that
        is looked at; ``penalties`` all that the study may use, and more.
        """
        self.penalties = {n: p for n, p in penalties.items() if study.search.regularizes_with(n)}
        self.study, self.probe, self.build = study, probe, build
        self.split, self.plan, self.seed = split, plan, seed
        self.name = name_of(study.model.name)
        self.choices = choose_parameters(
            probe.template, Selection.of(study.search), probe.backward.idle
        )
        """Every parameter of the network, and why it is penalized or left alone."""
        parameters = [choice.name for choice in self.choices if not choice.spared]
        reasons = dict.fromkeys(choice.spared for choice in self.choices)
        if not parameters and any(map(regularizes, study.search.names)):
            raise ModelError(
                f"model.name: {self.name} must have a weight that a penalty can act on, found all "
                f"left alone ({'; '.join(reasons) or 'nothing is trained'}); set search.include, "
                'search.scope = "all" or search.penalties = ["none"], or use another model'
            )
        self.parameters = {layer_name(name): name for name in parameters}
        """The parameter of each penalized layer."""
        self.layers = tuple(self.parameters)
        for layer in self.layers:
            printed = layer.isprintable() and len(layer) <= LONGEST_LAYER
            if layer == ALL_LAYERS or not printed:
                raise ModelError(
                    f"model.name: a penalized layer's name must not be {ALL_LAYERS!r}, which means "
                    f"all together, and have at most {LONGEST_LAYER} printable characters, found "
                    f"{layer!a}; rename its module"
                )
        patterns = study.search.layers
        self.groups = {} if isinstance(patterns, str) else layer_groups(self.layers, patterns)
        """The layers of each group that the study names."""

    def table(self) -> list[str]:
        """One line for every parameter: its name, its shape, and why no penalty acts on it."""
        rows = [("parameter", "shape", "penalized")]
        rows += [
            (c.name, " x ".join(map(str, c.shape)) or "1", self._whether_penalized(c))
            for c in self.choices
        ]
        widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
        return [f"{a:{widths[0]}}  {b:{widths[1]}}  {c}" for a, b, c in rows]

    def _whether_penalized(self, choice: ParameterChoice) -> str:
        """``yes``, or why not, or by which of the study's penalties it is not."""
        if choice.spared:
            return f"no: {choice.spared}"
        n = len(choice.shape)
        left_out = [name for name, penalty in self.penalties.items() if not penalty.acts_on(n)]
        return f"yes, but not by {', '.join(left_out)}: a vector" if left_out else "yes"

    @cached_property
    def factors(self) -> Mapping[str, float]:
        """What the study's starting profile multiplies each layer's strength by; {} for even."""
        kind, x, y = self.study.search.profile, self.split.x_train, self.split.y_train
        if kind == "even":
            return {}
        model = self.build(self.seed)
        guard = guarded("model.name", self.name, ModelError)
        with guard, limited_threads(self.study.hardware.threads):
            trainee = Trainee(model, x, y, self.plan, self.seed)
            factors = starting_profile(kind, trainee, self.parameters)
        logger.info("starting profile by %s: %s", kind, in_words(factors))
        return factors

    @cached_property
    def invariant(self) -> Mapping[str, str]:
        """The penalized layers whose scale the network takes out again, as far as can be found."""
        model, x, y = self.probe.template, self.split.x_train, self.split.y_train
        guard = guarded("model.name", self.name, ModelError)
        try:
            with guard, limited_threads(self.study.hardware.threads):
                return scale_invariant(model, x, y, self.plan.loss, self.parameters)
        except ModelError as error:
            logger.warning("scale-invariant layers cannot be found: %s", error)
            return {}

    @cached_property
    def strength_max(self) -> Mapping[str, float]:
        """The smallest strength at which each penalty leaves no weight, where that is known."""
        rows = (self.split.x_train, self.split.y_train)
        return find_strength_max(self.probe.template, *rows, self.plan.loss, self.penalties)

    def describe(self) -> list[str]:
        """Lines for whoever checks a study."""
        lines = [f"layers of {group}: {', '.join(own)}" for group, own in self.groups.items()]
        if self.factors:
            kind = self.study.search.profile
            lines.append(f"starting profile by {kind}: {in_words(self.factors)}")
        if self.probe.same_weights:
            lines.append("initial weights: the same in every run, for every seed")
        if self.invariant:
            names = ", ".join(self.invariant)
            lines.append(
                f"scale-invariant: {names}; a penalty there acts through the effective learning "
                "rate"
            )
        if self.strength_max:
            found = ", ".join(f"{name} {value:.3g}" for name, value in self.strength_max.items())
            lines.append(f"all weights are zero from: {found}")
        return lines
