"""What a split gives away before anything trains: copies and groups across it, missing classes."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np

from sweep.data._near_rows import SUSPICIOUS, nearness
from sweep.data.rows import as_table
from sweep.data.splits import Split
from sweep.metrics.tasks import CLASSIFICATION, REGRESSION
from sweep.runtime.trees import leaves, n_values

logger = logging.getLogger("sweep")

MOST_NUMBERS = 50_000_000
"""Inputs of larger splits are not compared: sorting them would take longer than a minute."""
LARGEST_TARGET, SMALLEST_SPREAD = 1e3, 1e-3
"""Beyond these a network spends its training on reaching the target's scale alone."""


@dataclass(frozen=True)
class Leakage:
    """What a split gives away, and what it lacks."""

    copied_rows: int | None
    """Validation rows with the inputs and target of a training row; None where there are too many
    to compare.
    """
    missing_classes: tuple[int, ...]
    """The classes without a training row."""


def find_leakage(split: Split, task: str, n_outputs: int, near_one: bool = True) -> Leakage:
    """The copies and the missing classes of a split; a warning in the log says so too.

    ``near_one`` says whether a target of numbers should be of about 1.
    """
    copied = _copies(split) if n_values(split.x_train) <= MOST_NUMBERS else None
    missing: list[int] = []
    if task == CLASSIFICATION:
        missing = np.setdiff1d(np.arange(n_outputs), split.y_train.numpy()).tolist()
    if copied:
        logger.warning(
            "data: %d of %d validation rows are also training rows, inputs and target; where they "
            "are copies of one record, losses are too low: remove copies first",
            copied,
            len(split.y_validation),
        )
    elif copied == 0 and (share := _nearness(split, task)) < SUSPICIOUS:
        logger.warning(
            "data: rows must be independent of each other, found validation rows at %.2f of the "
            "distance from training rows that independent rows have; if several rows come from one "
            "patient, device or source, losses are too low: name the source in data.groups",
            share,
        )
    large = _far_from_one(split) if task == REGRESSION and near_one else ""
    if large:
        logger.warning(
            "data.standardize: a target of about 1 must be given where it is not scaled, found %s; "
            "scale it, or set standardize = true",
            large,
        )
    if missing:
        logger.warning(
            "data: every class needs training rows, found none of class %s in the first split; "
            "give more rows, or leave the class out",
            ", ".join(map(str, missing)),
        )
    return Leakage(copied, tuple(missing))


def _copies(split: Split) -> int:
    """How many validation rows equal a training row in every number."""
    parts = ((split.x_train, split.y_train), (split.x_validation, split.y_validation))
    train, validation = (np.hstack([as_table(x), as_table(y)]) for x, y in parts)
    whole = np.dtype((np.void, train.dtype.itemsize * train.shape[1]))
    rows, others = (np.ascontiguousarray(p + 0.0).view(whole)[:, 0] for p in (train, validation))
    return int(np.isin(others, rows).sum())


def _nearness(split: Split, task: str) -> float:
    """See ``nearness``; nan for rows that a network looks up, whose numbers are names."""
    if not all(leaf.is_floating_point() for leaf in leaves(split.x_train)):
        return math.nan
    x_train, x_validation = as_table(split.x_train), as_table(split.x_validation)
    targets = split.y_train.numpy(), split.y_validation.numpy()
    by_class = task == CLASSIFICATION
    return nearness(x_train, targets[0], x_validation, targets[1], by_class=by_class)


def _far_from_one(split: Split) -> str:
    """What is wrong with the size of a target; "" where a network that starts near 0 reaches it."""
    y = split.y_train.double()
    spread, size = y.std(0).min().item(), y.abs().max().item()
    if size > LARGEST_TARGET:
        return f"values up to {size:.3g}"
    return f"values that differ by {spread:.3g}" if spread < SMALLEST_SPREAD else ""
