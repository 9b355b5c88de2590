"""Everything it takes to train the runs of one study: data, splits, model, plan, population.

It is made from the study alone, so whoever trains, this process or another, makes the same one.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor, nn

from sweep.data.leakage import leakage_facts
from sweep.data.splits import Split
from sweep.errors import ModelError, StudyError
from sweep.inspection.layer_report import LayerReport
from sweep.launchers.sizing import choose_lanes, choose_width
from sweep.launchers.study_data import StudyData
from sweep.metrics.custom import OwnMetric, try_metric
from sweep.networks.alone import SeparateModules
from sweep.networks.builders import build_model
from sweep.networks.compiled import Compiled, Kernels
from sweep.networks.counter_rng import Noise
from sweep.networks.mlp import FusedMLP, linear_blocks_of
from sweep.networks.probe import Drawn, check_memory, check_outputs, noise_of
from sweep.networks.selection import Selection
from sweep.networks.stacked import StackedModule, saved_bytes, why_not_batched
from sweep.records.parameters import DROPOUT_OF, Shape
from sweep.records.trial import Phase, Run, Trial
from sweep.regularizers.custom import penalties_by_name, try_penalty
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.timescale import Timescale
from sweep.runtime.device import MOST_ON_GPU, describe_hardware, free_bytes
from sweep.runtime.torch_state import limited_threads
from sweep.runtime.user_code import guarded, last_line, name_of
from sweep.study.settings import ModelSettings
from sweep.study.study import Study
from sweep.study.variants import with_shape
from sweep.training.jobs import Segment, TrainingPlan
from sweep.training.pool import PopulationPool, lane_threads
from sweep.training.population import Population

logger = logging.getLogger("sweep")

StackedModuleMaker = Callable[[nn.Module, torch.device], StackedModule]
MOST_ELEMENTS = 2**31 - 1
"""Numbers that a population may keep for its backward pass on a GPU, whose kernels count in 32
bits."""
PROBE_STEPS = 8
"""Steps of one timing when the width of a population is chosen."""
SWEPT_DROPOUT = 0.5
"""Stands where a network has dropout for the sake of a swept rate alone."""
TRIED_ROWS = 256
"""Rows that an untrained network gets at once when a metric is tried on it."""
COMPARED_RUNS = 8
"""Runs of a population when vmap is timed against one run after the other."""


class TrainingContext:
    """The study's data and model on one device.

    Runs that differ in an axis which a population shares are trained by a context of their own,
    its ``variant`` for their shape, from the same data.
    """

    def __init__(
        self, study: Study, device: str | None = None, study_data: StudyData | None = None
    ):
        self.study = study
        self.threads = study.hardware.threads
        """Threads of every lane, on whatever machine: numbers in float32 depend on it."""
        self.study_data = study_data or StudyData(study, device)
        self._settings = self._model_settings()
        if study_data is None and self.study_data.data.whole:
            self._choose_rows()
        self.device, self.dtype = self.study_data.device, self.study_data.dtype
        self.low, self.data = self.study_data.low, self.study_data.data
        self.splits, self.draws = self.study_data.splits, self.study_data.draws
        self.first_split = self.study_data.first_split
        self.plan = self._training_plan()
        draw = self.draws[Phase.EXPLORE][0]
        self.penalties = penalties_by_name(study.search.penalties, study.folder)
        parts = (self.build, self.first_split, self.plan, draw.seed, self.penalties)
        self.layer_report = LayerReport(study, *parts)
        self.layers = self.layer_report.layers
        self._try_penalties()
        self._check_network()
        self._kernels = Kernels()
        self._variants: dict[Shape, TrainingContext] = {}
        if study.search.sweeps("dropout"):
            self._check_dropout()
            if study_data is None:
                self._check_layers_of_dropout()
            if any(axis.startswith(DROPOUT_OF) for axis in study.search.axes):
                self.plan = replace(self.plan, dropouts=self._noise.dropouts)
        self._check_augmentations()
        if study_data is None and self.study_data.own is not None:
            self._try_metric(self.study_data.own)

    def variant(self, shape: Shape) -> TrainingContext:
        """The context for runs of this shape; raises for a network that cannot be built."""
        if not shape:
            return self
        if shape not in self._variants:
            study = with_shape(self.study, shape)
            self._variants[shape] = TrainingContext(study, study_data=self.study_data)
        return self._variants[shape]

    def layers_of(self, params: Mapping[str, float | int | str]) -> tuple[str, ...]:
        """The penalized layers of a trial's network."""
        own = tuple((name, v) for name, v in sorted(params.items()) if name.startswith("model."))
        return self.variant(own).layers if own else self.layers

    def _model_settings(self) -> ModelSettings:
        """With dropout where only an axis asks for it: the rate is each run's own."""
        study = self.study
        swept = study.search.sweeps("dropout") and study.model.name in ("mlp", "cnn")
        if not swept or study.model.dropout:
            return study.model
        return study.model.model_copy(update={"dropout": SWEPT_DROPOUT})

    def _try_metric(self, own: OwnMetric) -> None:
        """Calls the person's metric with what an untrained network says of all validation rows."""
        split, model = self.first_split, self.build(0).eval()
        with torch.no_grad(), guarded("model.name", name_of(self.study.model.name), ModelError):
            output = torch.cat(list(map(model, torch.split(split.x_validation, TRIED_ROWS))))
        try_metric(own, output, split.y_validation)

    def _check_dropout(self) -> None:
        name = name_of(self.study.model.name)
        if self._noise.strange or not self._noise.dropouts:
            found = f"one that draws {self._noise.strange}" if self._noise.strange else "none"
            raise StudyError(
                f"search: dropout is swept, so {name} must have dropout, and no other random "
                f"numbers than dropout's, found {found}; put nn.Dropout into it with a rate above "
                "0, or sweep something else"
            )
        alpha = (nn.AlphaDropout, nn.FeatureAlphaDropout)
        if any(isinstance(module, alpha) for module in self.build(0).modules()):
            raise StudyError(
                f"search: dropout is swept, so {name} must have plain dropout, found "
                "AlphaDropout; use nn.Dropout or sweep something else"
            )

    def _check_layers_of_dropout(self) -> None:
        for axis in self.study.search.axes:
            layer = axis.removeprefix(DROPOUT_OF)
            if layer != axis and layer not in self._noise.dropouts:
                names = ", ".join(dict.fromkeys(self._noise.dropouts))
                raise StudyError(
                    f"search.axes.{axis}: a module of the network that drops must be named, "
                    f"found {layer!r}; choose from {names}"
                )

    def _check_augmentations(self) -> None:
        """What only the data tell: rows to be looked up take no noise, numbers no smoothing."""
        faults = {
            "input_noise": self.splits.row_dtype == torch.int64,
            "mixup": self.splits.row_dtype == torch.int64,
            "label_smoothing": self.data.task == "regression",
        }
        for name in (name for name, faulty in faults.items() if faulty and self.plan.uses(name)):
            table = "search.axes" if name in self.study.search.axes else "training"
            table = "search" if self.study.search.regularizes_with(name) else table
            needs, has = "rows of any numbers", "whole numbers that the network looks up"
            if name == "label_smoothing":
                needs, has = "classes", "a regression"
            raise StudyError(f"{table}.{name}: {needs} must be given, found {has}; leave it out")

    def _try_penalties(self) -> None:
        """Those of the person's own, on the network's weights."""
        own = {name: p for name, p in self.penalties.items() if name not in PENALTIES}
        weights = dict(self.build(0).named_parameters()) if own else {}
        for name, penalty in own.items():
            places = self.layer_report.parameters.values()
            try_penalty(name, penalty, (weights[place].detach() for place in places))

    def _training_plan(self) -> TrainingPlan:
        training = self.study.training
        rows = self._fewest_training_rows()
        batch = min(training.batch_size, rows)
        if rows % batch > rows / 10:
            logger.warning(
                "training.batch_size: steps of %d leave %d of %d training rows out of every epoch "
                "(others each time); a smaller batch_size wastes fewer",
                batch,
                rows % batch,
                rows,
            )
        return TrainingPlan(
            task=self.data.task,
            optimizer=training.optimizer,
            lr=training.lr,
            momentum=training.momentum,
            epochs=training.epochs,
            batch_size=batch,
            steps_per_epoch=rows // batch,
            selection=Selection.of(self.study.search),
            device=self.device,
            dtype=self.dtype,
            n_outputs=self.data.n_outputs,
            own=self.study_data.own,
            dropout=self._usual_dropout() if self.study.search.sweeps("dropout") else None,
            input_noise=training.input_noise,
            label_smoothing=training.label_smoothing,
            mixup=training.mixup,
            patience=training.patience,
            swept=self.study.search.swept,
        )

    def _usual_dropout(self) -> float:
        """The rate of runs that do not sweep it: nan stands for those of the network itself."""
        model = self.study.model
        return model.dropout if model.name in ("mlp", "cnn") else math.nan

    def _fewest_training_rows(self) -> int:
        """Folds may differ by a row or two, but every run takes the same number of steps."""
        if self.study.data.design != "kfold":
            return len(self.first_split.x_train)
        draws = {(d.split_seed, d.fold): d for ds in self.draws.values() for d in ds}
        return min(len(self.splits.rows(draw)[0]) for draw in draws.values())

    def build(self, seed: int) -> nn.Module:
        """The study's model with the initial weights of this seed."""
        data, x = self.study_data.data, self.study_data.first_split.x_train
        row_shape = tuple(x.shape[1:])
        return build_model(
            self._settings,
            n_inputs=math.prod(row_shape),
            n_outputs=data.n_outputs,
            input_shape=data.input_shape,
            row_shape=row_shape,
            seed=seed,
            folder=self.study.folder,
            dtype=self.study_data.dtype,
            row_dtype=x.dtype,
        )

    def _choose_rows(self) -> None:
        """Whole numbers reach the network as they are if it takes them, or else as floats."""
        try:
            self.build(0)
        except ModelError as as_whole:
            self.study_data.take_floats()
            try:
                self.build(0)
            except ModelError as error:
                cause = as_whole.__cause__
                reason = last_line(cause if isinstance(cause, Exception) else as_whole)
                raise ModelError(f"{error} (as whole numbers: {reason})") from error
        told = str(self.study_data.splits.row_dtype).removeprefix("torch.")
        logger.info("rows of whole numbers reach the network as %s", told)

    def split_of(self, run: Run, with_test: bool) -> tuple[object, Split]:
        """The split of a run, and what tells it from others."""
        draw = run.draw
        return (draw.split_seed, draw.fold, with_test), self.splits.get(draw, with_test)

    @property
    def timescale(self) -> Timescale | None:
        """The range of decay as a timescale, where the study gives one."""
        wanted, training = self.study.search.timescale, self.study.training
        if wanted is None:
            return None
        sizes = (training.lr, training.batch_size, training.epochs)
        return Timescale(wanted.low, wanted.high, self._fewest_training_rows(), *sizes)

    # ---- the population ------------------------------------------------------------------------

    @cached_property
    def why_alone(self) -> str:
        """Why the model cannot be stacked; "" when it can."""
        noise, strange, _ = self._noise
        if noise is Noise.OWN:
            return (
                f"it draws or seeds random numbers itself ({strange}), which would not be the same "
                "at another width"
            )
        with guarded("model.name", name_of(self.study.model.name), ModelError):
            return why_not_batched(self.build(0).to(self.device), self._sample, self.low, noise)

    def _check_network(self) -> None:
        """Tries it in training; raises for one that remembers what no run could have to itself."""
        name, model = name_of(self.study.model.name), self.build(0).to(self.device)
        with guarded("model.name", name, ModelError):
            self._noise: Drawn = noise_of(model, self._sample)
            check_outputs(model, self._sample, self.data.n_outputs, name)
            check_memory(model, self._sample, self._noise.noise, name)

    @property
    def _sample(self) -> Tensor:
        """The rows of a first batch (B, ...)."""
        return self.first_split.x_train[: self.plan.batch_size].to(self.device)

    @cached_property
    def width(self) -> int:
        """How many runs train together in a lane: as the study says, or as a probe finds best."""
        wanted = self.study.hardware.population
        if self.noisy:
            return 1
        if wanted != "auto":
            return math.ceil(int(wanted) / self.n_lanes)
        most = min(math.ceil(self._most_runs() / self._most_lanes), self._most_in_memory())
        if self.device.type == "cuda":
            return min(most, MOST_ON_GPU)
        with limited_threads(self.threads):
            width, measured = choose_width(self._seconds_per_step, most)
        told = ", ".join(f"{1e3 * seconds:.2f} at {w}" for w, seconds in measured.items())
        logger.info("%d runs share a population (milliseconds per run and step: %s)", width, told)
        return width

    @cached_property
    def batched(self) -> bool:
        """Whether vmap trains a population's runs at once, or one after the other is faster."""
        if self.why_alone:
            logger.warning("training one run at a time: %s", self.why_alone)
            return False
        if self.is_mlp or self.study.hardware.compile or self.device.type != "cpu":
            return True
        n = min(COMPARED_RUNS, self._most_runs(), self._most_in_memory())
        with limited_threads(self.threads):
            kinds = (StackedModule, SeparateModules)
            ways = (partial(kind, low=self.low, noise=self._noise.noise) for kind in kinds)
            together, apart = (self._seconds_per_step(n, way) / n for way in ways)
        if apart < together:
            logger.info(
                "training one run at a time, which is faster: %.2f milliseconds per run and "
                "step, by vmap %.2f",
                1e3 * apart,
                1e3 * together,
            )
        return together <= apart

    @cached_property
    def is_mlp(self) -> bool:
        """Whether the model is an MLP, whose forward and backward are written out."""
        blocks = linear_blocks_of(self.build(0))
        row_shape = self.first_split.x_train.shape[1:]
        return bool(blocks) and blocks[0].n_inputs == math.prod(row_shape)

    @property
    def noisy(self) -> bool:
        """Whether the model draws from torch's generator, of which there is one for all threads."""
        return self._noise.noise is Noise.OWN

    @cached_property
    def n_lanes(self) -> int:
        """How many populations train side by side, each in a thread of its own."""
        wanted = self.study.hardware.population
        if self.noisy or self._most_lanes == 1:
            return 1
        if wanted != "auto":
            return min(int(wanted), self._most_lanes)
        lanes, measured = choose_lanes(self._seconds_in_lanes, self._most_lanes)
        told = ", ".join(f"{1e3 * seconds:.2f} in {n}" for n, seconds in measured.items())
        logger.info("%d populations side by side (milliseconds per run and step: %s)", lanes, told)
        return lanes

    @property
    def _most_lanes(self) -> int:
        """One for every core, or for as many cores as a lane has threads."""
        return max(1, self.study_data.n_cores // self.threads) if self.device.type == "cpu" else 1

    def set_sizes(self, width: int, n_lanes: int, batched: bool | None = None) -> None:
        """Takes over what another process measured, as far as this one's cores go."""
        self.__dict__["width"] = width
        self.__dict__["n_lanes"] = min(n_lanes, self._most_lanes)
        if batched is not None:
            self.__dict__["batched"] = batched

    @property
    def n_processes(self) -> int:
        """How many processes of one lane each could suit its runs better than this one; 1 for
        runs that are stacked, and where the study says how they train.
        """
        hardware = self.study.hardware
        if hardware.compile or hardware.population != "auto" or self.is_mlp:
            return 1
        return 1 if self.batched and not self.noisy else self._most_lanes

    @cached_property
    def seconds_apart(self) -> tuple[float, float]:
        """What a run's step costs in the lanes of this process, and in processes of one lane."""
        with limited_threads(self.threads):
            one = self._seconds_per_step(self.width) / self.width
        here = one if self.n_lanes == 1 else self._seconds_in_lanes(self.n_lanes)
        return here, one / self.n_processes

    def _most_runs(self) -> int:
        """The most runs that can wait at once: two rounds of the explore phase, or all paths."""
        search, path = self.study.search, self.study.path
        explore = min(search.trials, 2 * search.round) * search.resamples
        return max(explore, len(search.names) * (path.points + 1) * path.resamples)

    def _most_in_memory(self) -> int:
        """How many runs every lane can hold in half of the memory that is free."""
        sample, model = self._sample, self.build(0).to(self.device)
        n_copies = 7 if self.plan.uses("patience") else 6
        # weights, gradients, moments, ...
        states = n_copies * self.layer_report.n_parameters * self.dtype.itemsize
        saved = saved_bytes(model, sample)
        each = states + 3 * sample.nbytes + 2 * saved
        most = int(free_bytes(self.device) / 2 / self._most_lanes / each)
        if self.device.type == "cuda" and not self.is_mlp:
            most = min(most, MOST_ELEMENTS // max(1, saved // self.dtype.itemsize))
        return max(1, most)

    def lanes(self) -> PopulationPool:
        """Populations of the width and number that suit this machine."""
        compiled = self.study.hardware.compile
        return PopulationPool(
            self.population, self.n_lanes, self.width, self.threads, fixed=compiled
        )

    def population(self, width: int, shape: Shape = ()) -> Population:
        """A population of this width for runs of this shape."""
        if shape:
            return self.variant(shape).population(width)
        stack = self._compiled if self.study.hardware.compile else self._stack
        return self._population(self.plan, width, stack)

    def _population(self, plan: TrainingPlan, width: int, stack: StackedModuleMaker) -> Population:
        return Population(plan, width, self.build, self.split_of, stack, self.penalties)

    def _stack(self, model: nn.Module, device: torch.device) -> StackedModule:
        """What computes many copies of the model: written out, by vmap, or one after the other."""
        if self.is_mlp:
            return FusedMLP(model, device, self.low)
        kind = StackedModule if self.batched else SeparateModules
        return kind(model, device, self.low, self._noise.noise)

    def _compiled(self, model: nn.Module, device: torch.device) -> StackedModule:
        if self.why_alone:
            return self._stack(model, device)
        return Compiled(model, device, self.low, self._noise.noise, self._kernels)

    def _seconds_per_step(self, width: int, stack: StackedModuleMaker | None = None) -> float:
        population = self._probe(width, stack)
        return population.seconds_per_epoch(self._probes(width)) / population.plan.steps_per_epoch

    def _seconds_in_lanes(self, n_lanes: int) -> float:
        """What a run's step costs when so many lanes train at the same time."""
        populations = [self._probe(self.width) for _ in range(n_lanes)]
        runs = self._probes(self.width)
        with lane_threads(n_lanes, self.threads) as pool:
            seconds: list[float] = list(pool.map(lambda p: p.seconds_per_epoch(runs), populations))
        return max(seconds) / populations[0].plan.steps_per_epoch / (n_lanes * self.width)

    def _probe(self, width: int, stack: StackedModuleMaker | None = None) -> Population:
        steps = min(PROBE_STEPS, self.plan.steps_per_epoch)
        plan = replace(self.plan, steps_per_epoch=steps)
        return self._population(plan, width, stack or self._stack)

    def _probes(self, n: int) -> list[Segment]:
        """Runs without a penalty, to be timed."""
        draw = self.draws[Phase.EXPLORE][0]
        trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
        return [Segment(Run(0, i, draw), trial, self.plan.epochs) for i in range(n)]

    def facts(self) -> Mapping[str, Any]:
        """What the report says about data, model and machine."""
        study, split = self.study, self.first_split
        return {
            "task": self.data.task,
            "data_fingerprint": self.data.fingerprint,
            "n_train": len(split.x_train),
            "n_validation": len(split.x_validation),
            "n_test": None if self.splits.pool is None else len(self.splits.test_rows),
            "n_folds": study.data.n_folds if study.data.design == "kfold" else None,
            "n_outputs": self.data.n_outputs,
            "n_parameters": self.layer_report.n_parameters,
            **self.layer_report.facts(),
            "timescale": [self.timescale.low, self.timescale.high] if self.timescale else None,
            **leakage_facts(split, self.data.task, self.data.n_outputs),
            "epochs": self.plan.epochs,
            "batch_size": self.plan.batch_size,
            "steps_per_epoch": self.plan.steps_per_epoch,
            "precision": study.hardware.precision,
            "stacked": not self.why_alone,
            "why_alone": self.why_alone,
            "hardware": describe_hardware(self.device),
        }
