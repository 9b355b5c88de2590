"""The winner of a finished study, trained once more for its weights."""

from __future__ import annotations

import logging
from collections import deque
from typing import Any

from torch import Tensor

from sweep.errors import ModelError
from sweep.launchers.context import TrainingContext
from sweep.launchers.sizing import measure_batched
from sweep.launchers.study_data import StudyData
from sweep.phases._best_loop import lines_of_loop, retrain_loop
from sweep.phases._best_model import BestModel, check_rows, compare_losses, winner_of
from sweep.phases._stored_regularizer import stored_regularizer
from sweep.records.trial import Phase, Run, State, Trial, shape_of
from sweep.regularizers.usage import usage_lines
from sweep.runtime.torch_state import limited_threads, plain_defaults
from sweep.runtime.trees import is_tree, mapped, shapes
from sweep.runtime.user_code import name_of
from sweep.store.store import Store, check_store
from sweep.study.study import Study, check_given
from sweep.training.augmentation import AUGMENTATIONS
from sweep.training.jobs import Segment

logger = logging.getLogger("sweep")


def retrain_best(study: Study, store: Store) -> BestModel:
    """Trains the study's winner as the confirm phase did in its run 0.

    Raises StoreError before the study finished, DataError where the data are not the study's any
    more.
    """
    if study.training.loop_kind:
        return retrain_loop(study, store)
    stored = store.read_study(study.study.name)
    trial = winner_of(store, stored)
    with plain_defaults():
        context = TrainingContext(study)
        check_rows(study, stored, context.data.fingerprint)
        own = (tuple(context.layers), context.probe.n_parameters)
        if own != (stored.layers, stored.n_parameters):
            raise ModelError(
                f"model.name: {name_of(study.model.name)} must be the network that study "
                f"{stored.name!r} was run with, found other layers or sizes; put it back, or run "
                "it anew under another name"
            )
        draw = context.draws[Phase.CONFIRM][0]
        run = Run(trial.number, 0, draw)
        stop = context.plan.epochs_of(trial)
        segment = Segment(run, trial, stop, with_test=True, keep_weights=True)
        with limited_threads(context.threads):
            own_context = context.variant(shape_of(trial))
            alone = own_context.population(1, measure_batched(own_context))
            outcomes = [outcome for batch in alone.train(deque([segment])) for outcome in batch]
        data = _preparation(context.study_data)
    weights = outcomes[0].weights
    if weights is None or outcomes[0].result.state is not State.COMPLETE:
        raise ModelError(f"trial {trial.number}: the winner diverged when it was trained again")
    metrics = dict(outcomes[0].result.metrics)
    compare_losses(metrics["val_loss"], store, stored.name, trial.number)
    regularizer = stored_regularizer(own_context, trial)
    settings = own_context.training_settings
    return BestModel(dict(weights), trial, metrics, data, settings, regularizer, run)


def content_of(study: Study, winner: BestModel) -> dict[str, Any]:
    """The content of ``best.pt``."""
    trial, training = winner.trial, study.training
    ours = () if training.loop_kind else (*AUGMENTATIONS, "patience")
    return {
        "study": study.study.name,
        "trial": trial.number,
        "state_dict": winner.weights,
        "hyperparameters": {
            "penalty": trial.penalty,
            "strength": trial.strength,
            "strengths": dict(trial.strengths),
            **winner.settings,
            **{name: getattr(training, name) for name in ours},
            **trial.params,
        },
        "metrics": winner.metrics,
        "data": winner.data,
        "regularizer": dict(winner.regularizer),
    }


def lines_to_paste(study: Study, winner: BestModel, out: str) -> tuple[str, ...]:
    """The lines that train in one's own code as the winner was, by the file ``out``."""
    if study.training.loop_kind:
        return lines_of_loop(study, winner, out)
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
    check_given(study)
    check_store(store)
    return retrain_best(study, store)[:3]


def _preparation(study_data: StudyData) -> dict[str, Any]:
    data, x = study_data.data, study_data.first_split.x_train
    return {
        "task": data.task,
        "input_shape": mapped(list, shapes(x)) if is_tree(x) else list(data.input_shape),
        "features": list(data.feature_names),
        "classes": list(data.class_names),
        **study_data.splits.scaling(study_data.draws[Phase.CONFIRM][0]),
    }
