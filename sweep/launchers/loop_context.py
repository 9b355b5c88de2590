"""What phases need to know of a study whose runs a loop of the user's trains.

It stands in the place of ``TrainingContext``: there may be data, for the numbers of their rows;
there is no network before a run has returned one, so strengths are those of whole runs.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweep.errors import ModelError
from sweep.launchers.context import TrainingContext
from sweep.launchers.own_run import NEEDED, LoopJob, RunRows
from sweep.launchers.study_data import Repetitions, StudyData, draws_of
from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.records.parameters import EPOCHS, USE, number_of
from sweep.records.trial import Draw, Trial
from sweep.regularizers.catalogue import REGULARIZERS, is_mixture, regularizes
from sweep.runtime.device import resolve_device
from sweep.runtime.user_code import name_of, resolve_function
from sweep.study.study import Study
from sweep.study.validators import NO_DATA
from sweep.training.jobs import Segment

SEEDS = 2**31
"""Seeds that a loop gets are below: NumPy and scikit-learn take no larger ones."""
GIVEN = ("lr", "batch_size")
"""Settings that a loop is handed where the study gives them."""


@dataclass(frozen=True)
class LoopLengths:
    """How many epochs runs have."""

    epochs: int
    """Of runs whose trial has no own."""

    def epochs_of(self, trial: Trial) -> int:
        """The epochs of the trial's runs."""
        return int(trial.params.get(EPOCHS, self.epochs))


class LoopContext:
    """A study with a loop of the user's, on one device."""

    layers: tuple[str, ...] = ()
    """The penalized layers, of which nothing is known before a run."""

    def __init__(self, study: Study, device: str | None = None):
        self.study = study
        self.threads = study.hardware.threads
        self.n_cores = os.cpu_count() or 1
        self.device = resolve_device(device or study.hardware.device)
        self.name = name_of(study.training.loop or "")
        """How the loop is called in messages."""
        self.function = _checked_function(study)
        self.study_data = None if study.data.name == NO_DATA else StudyData(study, device)
        self.draws = self.study_data.draws if self.study_data else draws_of(study)
        self.plan = LoopLengths(study.training.epochs)

    def try_axes(self) -> None:
        """Nothing: what an axis means is known to the loop alone."""

    def layers_acted_on(self, trial: Trial) -> tuple[str, ...]:
        """None: strengths are those of whole runs."""
        return ()

    @property
    def repetitions(self) -> Repetitions:
        """What phases know of the repetitions of a setting."""
        if self.study_data is not None:
            return self.study_data.repetitions._replace(metrics=self.metrics)
        data = self.study.data
        left = 1 - data.validation_fraction - data.test_fraction
        ratio = data.validation_fraction / left if left > 0 else 1.0
        overlap = ratio if data.design == "resample" else None
        return Repetitions(None, ratio, overlap, self.metrics)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What runs may be judged by: loss, accuracy, and those that the study names."""
        named = (one.metric for one in self.study.study.named_metrics)
        return tuple(dict.fromkeys((LOSS, ACCURACY, *named)))

    # ---- runs ----------------------------------------------------------------------------------

    def job_of(self, segment: Segment) -> LoopJob:
        """What the process of a run gets."""
        trial, draw = segment.trial, segment.run.draw
        metric = self.study.study.metric
        strengths = strengths_of(trial)
        numbers = [number_of(p, name) for p in strengths for name in REGULARIZERS[p].numbers]
        return LoopJob(
            seed=draw.seed % SEEDS,
            split_seed=draw.split_seed % SEEDS,
            fold=draw.fold,
            penalty=trial.penalty,
            strength=0.0 if is_mixture(trial.penalty) else sum(strengths.values()),
            strengths=strengths,
            params=self._params(trial),
            numbers={n: float(trial.params[n]) for n in numbers if n in trial.params},
            epochs=self.plan.epochs_of(trial),
            stop=segment.stop,
            device=str(self.device),
            is_final=segment.with_test,
            rows=self._rows(draw, segment.with_test),
            metrics=tuple(column for one in self.metrics for column in one.columns),
            needed=tuple(dict.fromkeys((*NEEDED, metric.training, metric.validation))),
        )

    def _params(self, trial: Trial) -> dict[str, Any]:
        """The axes of a trial by name, and the settings that the study gives beside them."""
        training = self.study.training
        given = {n: getattr(training, n) for n in GIVEN if n in training.model_fields_set}
        ours = {EPOCHS, *trial.ingredients}
        own = {n: v for n, v in trial.params.items() if n not in ours and n not in USE}
        return {**given, **own}

    def _rows(self, draw: Draw, with_test: bool) -> RunRows | None:
        if self.study_data is None:
            return None
        splits = self.study_data.splits
        train, validation = (splits.pool_rows[part] for part in splits.rows(draw))
        return RunRows(train, validation, splits.test_rows if with_test else None)


AnyContext = TrainingContext | LoopContext


def make_context(study: Study, device: str | None = None) -> AnyContext:
    """The context of a study; raises for what is wrong with its data, its network or its loop."""
    return (LoopContext if study.training.loop_kind else TrainingContext)(study, device)


def strengths_of(trial: Trial) -> Mapping[str, float]:
    """The strength of every regularizer of a trial by name."""
    if is_mixture(trial.penalty):
        return {name: float(trial.params[name]) for name in trial.ingredients}
    return {trial.penalty: trial.strength} if regularizes(trial.penalty) else {}


def _checked_function(study: Study) -> Any:
    """The loop's function, None for a command; ModelError where it cannot be called or run."""
    training = study.training
    if training.command is not None:
        program = training.command[0]
        known = shutil.which(program, path=_path()) or (study.folder / program).is_file()
        if "{" not in program and not known:
            raise ModelError(
                f"training.command: a program must be named, found no {program!r} on the path "
                f"or in {study.folder}; check its name"
            )
        return None
    where = "training.function"
    assert training.function is not None
    function = resolve_function(training.function, study.folder, where, ModelError)
    try:
        inspect.signature(function).bind(None)
    except TypeError as error:
        raise ModelError(
            f"{where}: {name_of(training.function)} must be called as train(run), found that it "
            f"cannot: {error}; give it one parameter"
        ) from error
    except ValueError:  # some builtins have no signature
        pass
    return function


def _path() -> str:
    return os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)])
