"""Everything it takes to train the runs of one study: data, splits, network, training plan.

It is made from the study alone, so whoever trains, this process or another, makes the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from sweep.data.splits import Split
from sweep.errors import ModelError
from sweep.inspection.layer_report import LayerReport
from sweep.launchers._axis_checks import try_axes
from sweep.launchers._network_builder import NetworkBuilder, build_with_rows
from sweep.launchers._network_checks import (
    check_augmentations,
    check_layers_of_dropout,
    check_memory,
    check_network,
    check_shared_body,
    try_metrics_on,
    warn_of_shares,
    with_idle_parameters,
)
from sweep.launchers._stacks import ALONE, STACKED, Stacks
from sweep.launchers._training_checks import check_training
from sweep.launchers._training_plan import (
    make_training_plan,
    training_settings,
    warn_of_rows_left_out,
    with_dropouts,
    with_invariance,
)
from sweep.launchers.study_data import StudyData
from sweep.networks.compiled import Kernels
from sweep.networks.forward import copied, differs_when_traced, have_same_weights, share_tensors
from sweep.networks.probe import NetworkProbe, not_written_out, probe_network
from sweep.networks.stacked import StackedModuleMaker
from sweep.records.parameters import ALL_DROPOUTS, MODEL, Shape
from sweep.records.trial import Phase, Run, Trial
from sweep.regularizers.custom import penalties_by_name
from sweep.runtime.torch_state import limited_threads
from sweep.runtime.trees import Tree, moved, taken
from sweep.runtime.user_code import guarded, name_of
from sweep.study.study import Study
from sweep.study.variants import with_shape
from sweep.training.jobs import TrainingPlan
from sweep.training.kernel_update import why_by_torch
from sweep.training.parity import Parity, compare
from sweep.training.population import Population


class TrainingContext:
    """The study's data and model on one device.

    Runs that differ in an axis which a population shares are trained by a context of their own,
    its ``variant`` for their shape, from the same data.
    """

    def __init__(
        self,
        study: Study,
        device: str | None = None,
        study_data: StudyData | None = None,
        parity: Mapping[str, Parity] | None = None,
    ):
        """``study_data`` is given to a variant, whose rows and axes were checked before; ``parity``
        where it was found before for the same network.
        """
        self.study = study
        self.threads = study.hardware.threads
        """Threads of every lane, on any machine: numbers in float32 depend on it."""
        self.study_data = study_data or StudyData(study, device)
        self.build = NetworkBuilder(study, self.study_data)
        """The study's model with the initial weights of a seed."""
        whole = study_data is None and self.study_data.data.whole
        template = build_with_rows(self.build) if whole else self.build(0)
        self.device, self.dtype = self.study_data.device, self.study_data.dtype
        self.low, self.data = self.study_data.low, self.study_data.data
        self.splits, self.draws = self.study_data.splits, self.study_data.draws
        self.first_split = self.study_data.first_split
        self.repetitions = self.study_data.repetitions
        plan = make_training_plan(study, self.study_data)
        warn_of_rows_left_out(study, self.study_data, plan)
        self._misread = False
        """Whether the network written out was another than its own forward."""
        self.parity = dict(parity or {})
        """How far from plain PyTorch runs are that train stacked or alone."""
        check_memory(template, name_of(study.model.name))
        other = self.build.ahead(1)
        same_weights = have_same_weights(template, other)
        if share_tensors(template, other):
            self.build.copies = True
            check_shared_body(template, name_of(study.model.name))
        seed = self.draws[Phase.EXPLORE][0].seed
        with limited_threads(self.threads):
            probe = self._probe(self.build.settled(template), plan, seed)
        self.build.idle = probe.backward.idle
        self.build.settled(probe.template)
        plan = replace(plan, writes_input=probe.backward.writes_input)
        self.plan = with_dropouts(study, plan, probe.dropouts)
        self.probe = self._compared(replace(probe, same_weights=same_weights))
        self.parity_for_others: Mapping[str, Parity] = {} if self._misread else self.parity
        """What another context of the network need not find again: nothing where it has to learn
        that the network cannot be written out."""
        self.stacks = self._stacks_of(self.probe)
        """What computes many copies of the network."""
        self.build.forget()
        self.penalties = penalties_by_name(study.search.penalties, study.folder)
        parts = (self.build, self.first_split, self.plan, seed, self.penalties)
        self.layer_report = LayerReport(study, self.probe, *parts)
        self.layers = self.layer_report.layers
        self.plan = with_invariance(study, self.plan, self.layer_report)
        self._check(first=study_data is None)
        self._kernels = Kernels()
        self._variants: dict[Shape, TrainingContext] = {}

    def _sample(self, plan: TrainingPlan) -> Tree[Tensor]:
        rows = taken(self.first_split.x_train, slice(plan.batch_size))
        sample: Tree[Tensor] = moved(rows, self.device)
        return sample

    def _probe(self, template: nn.Module, plan: TrainingPlan, seed: int) -> NetworkProbe:
        sample, name = self._sample(plan), name_of(self.study.model.name)
        probe = probe_network(template, sample, plan.output_row, name=name, low=self.low)
        return with_idle_parameters(probe, self.first_split, plan, seed, name)

    def _compared(self, probe: NetworkProbe) -> NetworkProbe:
        """The probe, with a reason to train alone where stacked runs part from plain PyTorch, also
        those that are not written out.

        Raises ModelError where runs alone do.
        """
        if probe.traced and self._differs_when_traced(probe):
            why = "torch.compiler.is_compiling() changes what it computes from some training rows"
            probe = replace(probe, why_alone=why, traced=False)
        stacks = self._stacks_of(probe)
        ways = stacks.compared(self.study.hardware.compile)
        if not self.parity:
            self._compare(probe.template, ways)
        why = self.parity[STACKED].difference if STACKED in ways else ""
        if why and stacks.written_out is not None:
            self._misread = True
            self.parity.clear()
            sample, name = self._sample(self.plan), name_of(self.study.model.name)
            with limited_threads(self.threads):
                probe = not_written_out(probe, sample, self.low, name)
            return self._compared(probe)
        if why:
            probe = replace(probe, why_alone=why, is_mlp=False, image_layers=())
            if ALONE not in self.parity:
                self._compare(probe.template, {ALONE: replace(stacks, low=None).alone})
        return probe

    def _stacks_of(self, probe: NetworkProbe) -> Stacks:
        row = taken(self.first_split.x_train, 0)
        return Stacks(probe, row, self.device, self.dtype, self.low, self.threads)

    def _differs_when_traced(self, probe: NetworkProbe) -> bool:
        rows, n = moved(self.first_split.x_train, self.device), self.plan.batch_size
        with guarded("model.name", name_of(self.study.model.name), ModelError):
            template = copied(probe.template).to(self.device)
            return differs_when_traced(template, rows, n, probe.noise)

    def _compare(self, template: nn.Module, ways: Mapping[str, StackedModuleMaker]) -> None:
        """Notes how far training in these ways is from plain PyTorch; raises where it is alone."""
        name = name_of(self.study.model.name)
        with guarded("model.name", name, ModelError), limited_threads(self.threads):
            self.parity |= compare(
                self.plan,
                template,
                self.build,
                self.first_split,
                ways,
                name,
                self.study_data.part_sizes(),
            )
        if ALONE in ways and (difference := self.parity[ALONE].difference):
            raise ModelError(
                f"model.name: {name} must train here as in a loop of its own, found that "
                f"{difference}; look for what it keeps between batches, or for random numbers that "
                "no generator of torch gives"
            )

    def _check(self, first: bool) -> None:
        """Raises for what can be known before training; axes and metrics only the first time."""
        study, probe = self.study, self.probe
        check_network(study, probe, self.layer_report, self.penalties)
        check_training(study, self.plan, probe.template)
        if first and study.search.sweeps(ALL_DROPOUTS):
            check_layers_of_dropout(study.search.axes, probe.dropouts)
        check_augmentations(study, self.plan, self.first_split)
        if first:
            tried = probe.template, self.first_split, name_of(study.model.name)
            warn_of_shares(self.plan, *tried)
            try_metrics_on(self.study_data.judges, *tried)

    def try_axes(self) -> None:
        """Raises ModelError or StudyError where the network cannot be trained all along an axis."""
        try_axes(self.study, self.study_data, self.plan, self.penalties)

    def variant(self, shape: Shape) -> TrainingContext:
        """The context for runs of this shape; raises for a network that cannot be built."""
        if not shape:
            return self
        if shape not in self._variants:
            study = with_shape(self.study, shape)
            other = any(name in MODEL for name, _ in shape)
            parity = None if other else self.parity_for_others
            self._variants[shape] = TrainingContext(study, None, self.study_data, parity)
        return self._variants[shape]

    def layers_of(self, params: Mapping[str, float | int | str]) -> tuple[str, ...]:
        """The penalized layers of a trial's network."""
        return self._of_network(params).layers

    def _of_network(self, params: Mapping[str, float | int | str]) -> TrainingContext:
        return self.variant(tuple((name, v) for name, v in sorted(params.items()) if name in MODEL))

    def layers_acted_on(self, trial: Trial) -> tuple[str, ...]:
        """The layers of a trial's network that its penalty acts on: of some, matrices alone."""
        own, penalty = self._of_network(trial.params), self.penalties[trial.penalty]
        parameters = own.layer_report.parameters.items()
        shapes = own.probe.parameters
        return tuple(layer for layer, name in parameters if penalty.acts_on(len(shapes[name])))

    def split_of(self, run: Run, with_test: bool) -> tuple[object, Split]:
        """The split of a run, and its key among all splits."""
        draw = run.draw
        return (draw.split_seed, draw.fold, with_test), self.splits.get(draw, with_test)

    @property
    def training_settings(self) -> dict[str, Any]:
        """How runs are trained that have nothing of their own, by key of ``[training]``."""
        return training_settings(self.study, self.plan)

    @property
    def update(self) -> str:
        """What updates weights: ``compiled``, or ``torch``, and why."""
        why = why_by_torch(self.plan, self.threads)
        return f"torch, since the compiled step {why}" if why else "compiled"

    @property
    def most_lanes(self) -> int:
        """One for every core, or for as many cores as a lane has threads."""
        return max(1, self.study_data.n_cores // self.threads) if self.device.type == "cpu" else 1

    def population(self, width: int, batched: bool = True) -> Population:
        """A population of this width for runs of this context's shape.

        ``batched`` says whether vmap trains runs that can be batched at once, where the network is
        neither written out nor compiled.
        """
        compiled = self.study.hardware.compile and not self.probe.why_alone
        stack = self.stacks.compiled(self._kernels) if compiled else self.stacks.maker(batched)
        plan = replace(self.plan, loss=self.plan.loss.for_runs())
        return self._population(plan, width, stack)

    def short_population(self, width: int, batched: bool, most_steps: int) -> Population:
        """A population to be timed: never compiled, with at most so many steps in an epoch."""
        plan = replace(self.plan, steps_per_epoch=min(most_steps, self.plan.steps_per_epoch))
        return self._population(plan, width, self.stacks.maker(batched))

    def _population(self, plan: TrainingPlan, width: int, stack: StackedModuleMaker) -> Population:
        return Population(plan, width, self.build, self.split_of, stack, self.penalties)
