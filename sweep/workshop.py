"""Everything it takes to train the runs of one study: data, splits, model, plan, population.

It is made from the study alone, so whoever trains - this process or a worker elsewhere - makes the
same one.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from torch import nn

from sweep.callables import guarded, name_of
from sweep.data import Data, load_data
from sweep.errors import ModelError, StudyError
from sweep.hardware import (
    choose_width,
    describe_hardware,
    resolve_device,
    resolve_dtype,
    single_thread,
)
from sweep.models import build_model
from sweep.penalties import layer_name, penalized_parameters
from sweep.population import Population, Segment, TrainingPlan
from sweep.records import Draw, Phase, Run, Trial
from sweep.resampling import plan_draws
from sweep.splits import Split, Splits
from sweep.stacking import why_not_batched
from sweep.study import Study

logger = logging.getLogger("sweep")


class Workshop:
    """The study's data and model on one device."""

    def __init__(self, study: Study, device: str | None = None):
        self.study = study
        self.device = resolve_device(device or study.hardware.device)
        self.dtype = resolve_dtype(study.hardware.precision, self.device)
        self.data: Data = load_data(study.data, study.folder)
        if study.study.objective == "val_accuracy" and self.data.task == "regression":
            raise StudyError(
                "study.objective: accuracy needs classes, found a regression; use val_loss"
            )
        self.splits = Splits(self.data, study.data, study.study.seed, self.dtype)
        n_draws = {
            Phase.EXPLORE: study.search.resamples,
            Phase.PATH: study.path.resamples,
            Phase.CONFIRM: study.path.resamples,
        }
        self.draws = {phase: self._plan_draws(phase, n) for phase, n in n_draws.items()}
        self.first_split = self.splits.get(self.draws[Phase.EXPLORE][0])
        self.plan = self._training_plan()
        parameters = penalized_parameters(self.build(0), study.search.scope)
        if not parameters:
            raise ModelError(
                f"model {study.model.name}: a weight that a penalty can act on must be there, "
                'found none; set search.scope = "all" or use another model'
            )
        self.layers = tuple(layer_name(name) for name in parameters)

    def _plan_draws(self, phase: Phase, n: int) -> tuple[Draw, ...]:
        data, seed = self.study.data, self.study.study.seed
        return plan_draws(data.design, phase, n, study_seed=seed, n_folds=data.n_folds)

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
            scope=self.study.search.scope,
            device=self.device,
            dtype=self.dtype,
        )

    def _fewest_training_rows(self) -> int:
        """Folds may differ by a row or two, but every run takes the same number of steps."""
        if self.study.data.design != "kfold":
            return len(self.first_split.x_train)
        draws = {(d.split_seed, d.fold): d for ds in self.draws.values() for d in ds}
        return min(len(self.splits.rows(draw)[0]) for draw in draws.values())

    def build(self, seed: int) -> nn.Module:
        """The study's model with the initial weights of this seed."""
        row_shape = tuple(self.first_split.x_train.shape[1:])
        return build_model(
            self.study.model,
            n_inputs=math.prod(row_shape),
            n_outputs=self.data.n_outputs,
            input_shape=self.data.input_shape,
            row_shape=row_shape,
            seed=seed,
            folder=self.study.folder,
            dtype=self.dtype,
        )

    def split_of(self, run: Run, with_test: bool) -> tuple[object, Split]:
        """The split of a run, and what tells it from others."""
        draw = run.draw
        return (draw.split_seed, draw.fold, with_test), self.splits.get(draw, with_test)

    # ---- the population ------------------------------------------------------------------------

    @cached_property
    def why_alone(self) -> str:
        """Why the model cannot be stacked; "" when it can."""
        sample = self.first_split.x_train[: self.plan.batch_size].to(self.device)
        with guarded("model.name", name_of(self.study.model.name), ModelError):
            return why_not_batched(self.build(0).to(self.device), sample)

    @cached_property
    def width(self) -> int:
        """How many runs train together: as the study says, or as a short probe finds best."""
        wanted = self.study.hardware.population
        if self.why_alone:
            logger.warning("training one run at a time: %s", self.why_alone)
            return 1
        if wanted != "auto":
            return int(wanted)
        with single_thread():
            width, measured = choose_width(self._seconds_per_step, self._most_runs())
        told = ", ".join(f"{1e3 * seconds:.2f} at {w}" for w, seconds in measured.items())
        logger.info("%d runs train together (milliseconds per run and step: %s)", width, told)
        return width

    def _most_runs(self) -> int:
        """The most runs that can wait at once: two rounds of the explore phase, or all paths."""
        search, path = self.study.search, self.study.path
        explore = min(search.trials, 2 * search.round) * search.resamples
        return max(explore, len(search.penalties) * (path.points + 1) * path.resamples)

    def population(self, n_runs: int) -> Population:
        """A population for this many runs: never wider than they are."""
        width = min(self.width, max(n_runs, 1))
        return self._population(self.plan, width)

    def _population(self, plan: TrainingPlan, width: int) -> Population:
        return Population(plan, width, self.build, self.split_of, not self.why_alone)

    def _seconds_per_step(self, width: int) -> float:
        plan = replace(self.plan, steps_per_epoch=min(8, self.plan.steps_per_epoch))
        draw = self.draws[Phase.EXPLORE][0]
        trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
        segments = [Segment(Run(0, i, draw), trial, plan.epochs) for i in range(width)]
        return self._population(plan, width).seconds_per_epoch(segments) / plan.steps_per_epoch

    def facts(self) -> Mapping[str, Any]:
        """What the report says about data, model and machine."""
        study, split = self.study, self.first_split
        return {
            "task": self.data.task,
            "data_fingerprint": self.data.fingerprint,
            "n_train": len(split.x_train),
            "n_validation": len(split.x_validation),
            "n_test": None if self.splits.pool is None else len(self.splits.test_rows),
            "n_outputs": self.data.n_outputs,
            "n_parameters": sum(p.numel() for p in self.build(0).parameters()),
            "layers": list(self.layers),
            "epochs": self.plan.epochs,
            "batch_size": self.plan.batch_size,
            "steps_per_epoch": self.plan.steps_per_epoch,
            "precision": study.hardware.precision,
            "stacked": not self.why_alone,
            "why_alone": self.why_alone,
            "hardware": describe_hardware(self.device),
        }
