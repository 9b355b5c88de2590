"""The winner of a study with its weights, and what is looked at before and after it is trained."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from sweep.errors import DataError, StoreError
from sweep.launchers.own_run import LoopJob
from sweep.records.facts import StoredStudy
from sweep.records.trial import Run, Trial
from sweep.store.store import Store
from sweep.study.study import Study

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
    run: Run
    """The one training that all of this is of."""
    job: LoopJob | None = None
    """What a loop or a command of the user's was handed to train it."""

    @property
    def of_one_run(self) -> str:
        """That the metrics are of a single run, and of which."""
        draw = self.run.draw
        return (
            f"of one run, number {self.run.number} of trial {self.trial.number} (seed {draw.seed}, "
            f"resample {draw.resample}); trials_frame and the report have the means over all"
        )


def winner_of(store: Store, stored: StoredStudy) -> Trial:
    """The best trial of a study; StoreError where it has none."""
    number = _number_of(stored, store.masked_url)
    return next(s.trial for s in store.read_trials(stored.name) if s.trial.number == number)


def check_rows(study: Study, stored: StoredStudy, fingerprint: str) -> None:
    """DataError where the rows at hand are others than those of the stored study."""
    if fingerprint != stored.data_fingerprint:
        raise DataError(
            f"data.name: {study.data.name} must give the rows that study {stored.name!r} was run "
            "on, found others; put them back, or run it anew under another name"
        )


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


def compare_losses(val_loss: float, store: Store, study: str, winner: int) -> None:
    """Warns where the same training gave another loss: the network, or the machine, changed."""
    recorded = next(
        run.metrics["val_loss"]
        for run in store.read_runs(study)
        if (run.trial, run.number) == (winner, 0)
    )
    if not math.isclose(val_loss, recorded, rel_tol=CLOSE):
        logger.warning(
            "the winner has a validation loss of %.4g now, and had %.4g in the study: it trains "
            "alone here and among others there, which rounds otherwise and which long trainings "
            "with convolutions or norms magnify, or the network or the machine is another one",
            val_loss,
            recorded,
        )
