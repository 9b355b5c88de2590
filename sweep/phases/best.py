"""The winner of a finished study, trained once more for its weights."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from sweep.errors import DataError, ModelError, StoreError
from sweep.launchers.context import TrainingContext
from sweep.launchers.sizing import measure_batched
from sweep.launchers.study_data import StudyData
from sweep.phases._stored_regularizer import stored_regularizer
from sweep.records.facts import StoredStudy
from sweep.records.trial import Phase, Run, State, Trial, shape_of
from sweep.regularizers.usage import usage_lines
from sweep.runtime.torch_state import limited_threads, plain_defaults
from sweep.runtime.trees import is_tree, mapped, shapes
from sweep.runtime.user_code import name_of
from sweep.store.store import Store
from sweep.study.study import Study
from sweep.training.augmentation import AUGMENTATIONS
from sweep.training.jobs import Segment

logger = logging.getLogger("sweep")

CLOSE = 1e-3
"""Relative difference of two losses of the same training on two machines, at most."""


class BestModel(NamedTuple):
    """What ``best`` writes."""

    weights: dict[str, Tensor]
    trial: Trial
    metrics: dict[str, float]
    data: dict[str, Any]
    """How rows are prepared for the model, and what its outputs mean: ``task``, ``input_shape``
    (of several inputs that of each), ``features`` and ``classes`` (names, in the order of its
    inputs and outputs), and where rows were scaled ``x_mean``, ``x_scale`` and of a regression
    ``y_mean``, ``y_scale``: the model takes (x - x_mean) / x_scale and gives
    (y - y_mean) / y_scale.
    """
    settings: Mapping[str, Any]
    """How it was trained, by key of ``[training]``, where its trial says nothing of its own."""
    regularizer: Mapping[str, Any]
    """What ``Regularizer.of`` needs: strengths by penalty and layer, and what is regularized."""


def retrain_best(study: Study, store: Store) -> BestModel:
    """Trains the study's winner as the confirm phase did in its run 0.

    Raises StoreError before the study finished, DataError where the data are not the study's any
    more.
    """
    if study.training.loop_kind:
        raise ModelError(
            f"training.{study.training.loop_kind}: best retrains networks of this package, found a "
            "loop of your own; train it with the strength of the confirmed trial of trials_frame"
        )
    stored = store.read_study(study.study.name)
    winner = _number_of(stored, store.masked_url)
    trial = next(s.trial for s in store.read_trials(stored.name) if s.trial.number == winner)
    with plain_defaults():
        context = TrainingContext(study)
        if context.data.fingerprint != stored.data_fingerprint:
            raise DataError(
                f"data.name: {study.data.name} must give the rows that study {stored.name!r} was "
                "run on, found others; put them back, or run it anew under another name"
            )
        own = (tuple(context.layers), context.probe.n_parameters)
        if own != (stored.layers, stored.n_parameters):
            raise ModelError(
                f"model.name: {name_of(study.model.name)} must be the network that study "
                f"{stored.name!r} was run with, found other layers or sizes; put it back, or run "
                "it anew under another name"
            )
        draw = context.draws[Phase.CONFIRM][0]
        run = Run(winner, 0, draw)
        stop = context.plan.epochs_of(trial)
        segment = Segment(run, trial, stop, with_test=True, keep_weights=True)
        with limited_threads(context.threads):
            own_context = context.variant(shape_of(trial))
            alone = own_context.population(1, measure_batched(own_context))
            outcomes = [outcome for batch in alone.train(deque([segment])) for outcome in batch]
        data = _preparation(context.study_data)
    weights = outcomes[0].weights
    if weights is None or outcomes[0].result.state is not State.COMPLETE:
        raise ModelError(f"trial {winner}: the winner diverged when it was trained again")
    metrics = dict(outcomes[0].result.metrics)
    _compare(metrics["val_loss"], store, stored.name, winner)
    regularizer = stored_regularizer(own_context, trial)
    settings = own_context.training_settings
    return BestModel(dict(weights), trial, metrics, data, settings, regularizer)


def content_of(study: Study, winner: BestModel) -> dict[str, Any]:
    """The content of ``best.pt``."""
    trial, training = winner.trial, study.training
    return {
        "study": study.study.name,
        "trial": trial.number,
        "state_dict": winner.weights,
        "hyperparameters": {
            "penalty": trial.penalty,
            "strength": trial.strength,
            "strengths": dict(trial.strengths),
            **winner.settings,
            **{name: getattr(training, name) for name in (*AUGMENTATIONS, "patience")},
            **trial.params,
        },
        "metrics": winner.metrics,
        "data": winner.data,
        "regularizer": dict(winner.regularizer),
    }


def lines_to_paste(winner: BestModel, out: str) -> tuple[str, ...]:
    """The lines that train in one's own code as the winner was, by the file ``out``."""
    trial, own = winner.trial, winner.regularizer
    return usage_lines(
        trial.penalty,
        trial.strengths or trial.strength,
        own["optimizer"],
        own["lr"],
        settings={**winner.settings, **own["elsewhere"], **trial.params},
        source=out if own["penalties"] else "",
    )


def train_best(study: Study, store: Store) -> tuple[dict[str, Tensor], Trial, dict[str, float]]:
    """The best model of a finished study, retrained as the confirm phase did in its run 0.

    Args:
        study: The study, with the data and the network that it was run with.
        store: The store that holds its results.

    Returns:
        The weights by name, as ``state_dict`` has them; the trial; and the metrics of its last
        epoch by name, ``test_loss`` among them (losses in the unit of the study's loss).

    Raises:
        StoreError: The study is not in the store, has not finished, or has no completed trial.
        DataError: The data are others than those that the study was run on.
        ModelError: The network is another, or diverged.
    """
    return retrain_best(study, store)[:3]


def _number_of(stored: StoredStudy, masked_url: str) -> int:
    if stored.source:
        raise StoreError(
            f"{masked_url}: a study that was trained here must be named, found {stored.name!r}, "
            f"imported from {stored.source}; its networks are where they were trained"
        )
    if stored.winner is None and stored.finished_at:
        raise StoreError(
            f"{masked_url}: a trial of study {stored.name!r} must have completed to be the best, "
            "found none; lower the learning rate or the strengths, under a new name"
        )
    if stored.winner is None:
        raise StoreError(
            f"{masked_url}: study {stored.name!r} must have finished to have a winner, found it "
            "under way; run it to its end"
        )
    return stored.winner


def _compare(val_loss: float, store: Store, study: str, winner: int) -> None:
    """Warns where the same training gave another loss: the network, or the machine, changed."""
    recorded = next(
        run.metrics["val_loss"]
        for run in store.read_runs(study)
        if (run.trial, run.number) == (winner, 0)
    )
    if not math.isclose(val_loss, recorded, rel_tol=CLOSE):
        logger.warning(
            "the winner has a validation loss of %.4g now, and had %.4g in the study: the network, "
            "or the machine, is another one",
            val_loss,
            recorded,
        )


def _preparation(study_data: StudyData) -> dict[str, Any]:
    data, x = study_data.data, study_data.first_split.x_train
    return {
        "task": data.task,
        "input_shape": mapped(list, shapes(x)) if is_tree(x) else list(data.input_shape),
        "features": list(data.feature_names),
        "classes": list(data.class_names),
        **study_data.splits.scaling(study_data.draws[Phase.CONFIRM][0]),
    }
