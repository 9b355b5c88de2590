"""The plan of training that all runs of a study share: batches, steps and rates."""

from __future__ import annotations

import logging
import math

from sweep.launchers.study_data import StudyData
from sweep.networks.selection import Selection
from sweep.records.parameters import ALL_DROPOUTS
from sweep.study.study import Study
from sweep.training.jobs import TrainingPlan

logger = logging.getLogger("sweep")


def make_training_plan(study: Study, study_data: StudyData) -> TrainingPlan:
    """The plan of training; a warning where batches leave many rows out of an epoch."""
    training = study.training
    rows = fewest_training_rows(study, study_data)
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
        task=study_data.data.task,
        optimizer=training.optimizer,
        lr=training.lr,
        momentum=training.momentum,
        epochs=training.epochs,
        batch_size=batch,
        steps_per_epoch=rows // batch,
        selection=Selection.of(study.search),
        device=study_data.device,
        dtype=study_data.dtype,
        n_outputs=study_data.data.n_outputs,
        own=study_data.own,
        dropout=_usual_dropout(study) if study.search.sweeps(ALL_DROPOUTS) else None,
        input_noise=training.input_noise,
        label_smoothing=training.label_smoothing,
        mixup=training.mixup,
        patience=training.patience,
        swept=study.search.swept,
    )


def _usual_dropout(study: Study) -> float:
    """The rate of runs that do not sweep it: nan stands for those of the network itself."""
    return study.model.dropout if study.model.sets_dropout else math.nan


def fewest_training_rows(study: Study, study_data: StudyData) -> int:
    """The rows of the smallest training split.

    Folds may differ by a row or two, but every run takes the same number of steps.
    """
    if study.data.design != "kfold":
        return len(study_data.first_split.x_train)
    draws = {(d.split_seed, d.fold): d for ds in study_data.draws.values() for d in ds}
    return min(len(study_data.splits.rows(draw)[0]) for draw in draws.values())
