"""What a split gives away before anything trains: copies across it, classes without rows."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from sweep.data.splits import Split

logger = logging.getLogger("sweep")

MOST_NUMBERS = 50_000_000
"""Inputs of larger splits are not compared: sorting them would take longer than a minute."""


def leakage_facts(split: Split, task: str, n_outputs: int) -> Mapping[str, Any]:
    """``copied_rows``, validation rows with the inputs and target of a training row (None where
    there are too many to compare), and ``missing_classes``, those without a training row.

    Told in the log too.
    """
    copied = _copies(split) if split.x_train.numel() <= MOST_NUMBERS else None
    missing: list[int] = []
    if task == "classification":
        missing = np.setdiff1d(np.arange(n_outputs), split.y_train.numpy()).tolist()
    if copied:
        logger.warning(
            "data: %d of %d validation rows are also training rows, inputs and target; where they "
            "are copies of one record, losses are too low: remove copies first",
            copied,
            len(split.x_validation),
        )
    if missing:
        logger.warning(
            "data: every class needs training rows, found none of class %s in the first split; "
            "give more rows, or leave the class out",
            ", ".join(map(str, missing)),
        )
    return {"copied_rows": copied, "missing_classes": missing}


def _copies(split: Split) -> int:
    """How many validation rows equal a training row in every number."""
    parts = ((split.x_train, split.y_train), (split.x_validation, split.y_validation))
    train, validation = (
        np.hstack([x.flatten(1).double().numpy(), y.reshape(len(y), -1).double().numpy()])
        for x, y in parts
    )
    whole = np.dtype((np.void, train.dtype.itemsize * train.shape[1]))
    rows, others = (np.ascontiguousarray(p + 0.0).view(whole)[:, 0] for p in (train, validation))
    return int(np.isin(others, rows).sum())
