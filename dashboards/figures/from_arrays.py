"""The main figure from plain arrays: anybody's strengths and losses, from any tool.

The same numbers that ``sweep.estimate_boundary`` takes, drawn by the report's own figure.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

import sweep
from dashboards.figures.path import plot_path
from dashboards.figures.path_labels import PathLabels
from dashboards.figures.standalone import StandaloneFigure
from dashboards.figures.style import colour_of
from dashboards.gather.facts import unit_word
from dashboards.gather.numbers import plain
from dashboards.gather.tables import HIGH_SHARE, LOW_SHARE
from sweep.metrics.metric import LOSS

LINE_LENGTH = 105
"""Characters of the verdict's sentence in a line above the figure."""


def plot_boundary(
    strengths: ArrayLike,
    validation: ArrayLike,
    training: ArrayLike,
    null_loss: ArrayLike,
    *,
    name: str = "penalty",
    loss: str = "loss",
    rho: float = 0.05,
    design: str = "fresh",
    n_folds: int | None = None,
    validation_ratio: float | None = None,
    seed: int = 0,
    draws: int = 2000,
    resolution: float = 0.0,
) -> StandaloneFigure:
    """The figure of both losses against strength, with both boundaries and what they come to.

    Lines are means over the R columns and bands their middle 80 %.

    Args:
        strengths: (K,), ascending, in the penalty's unit; may begin with an exact 0, the anchor.
        validation: (K, R) losses on validation rows without the penalty, lower being better; the
            columns are the same resamples at every strength.
        training: (K, R) losses on training rows without the penalty, of the same columns.
        null_loss: () or (R,): the validation loss of the constant predictor.
        name: What the penalty is called.
        loss: What the losses are called, with their unit.
        rho: Share of the learnable skill (null loss minus lowest loss) that may be lost inside the
            good zone.
        design: What the R columns are: ``fresh`` draws of the data, random re-splits
            (``resample``), ``kfold`` parts (R = folds x repetitions), or seeds on one ``holdout``
            split, whose interval is conditional on that split.
        n_folds: Parts of the cross-validation, under ``kfold``.
        validation_ratio: n_validation / n_training, under ``resample``.
        seed: Of the draws.
        draws: How many curves are drawn, at least 100.
        resolution: The smallest step of one loss: 1 / n_validation for an error rate, 0 for what
            can be any number.

    Returns:
        A plotly figure. Its ``write_html(path)`` writes a page that needs no network, of 0.5 MB.

    Raises:
        DataError: The arrays do not fit together, or an option is out of its range.
    """
    boundary = sweep.estimate_boundary(
        strengths,
        validation,
        training,
        null_loss,
        rho=rho,
        design=design,
        n_folds=n_folds,
        validation_ratio=validation_ratio,
        seed=seed,
        draws=draws,
        resolution=resolution,
    )
    table = arrays_table(strengths, validation, training, null_loss)
    shown = plain(name)
    colour = colour_of(shown, (name,))
    labels = PathLabels(shown, LOSS, plain(loss), unit_word(design), colour)
    figure = StandaloneFigure(plot_path(table, asdict(boundary), labels))
    sentence = plain(sweep.describe_boundary(boundary, name, loss))
    lines = textwrap.wrap(sentence, LINE_LENGTH)
    room = 22 * len(lines)
    figure.update_layout(
        title={
            "text": "<br>".join(lines),
            "font": {"size": 14},
            "x": 0,
            "xref": "paper",
            "yref": "container",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 12},
        },
        height=figure.layout.height + room,
        margin={"t": figure.layout.margin.t + room},
    )
    return figure


def arrays_table(
    strengths: ArrayLike, validation: ArrayLike, training: ArrayLike, null_loss: ArrayLike
) -> pd.DataFrame:
    """The columns of ``gather.tables.path_table`` that a figure of losses needs, from plain arrays.

    A column of either array that is not finite at a strength counts as diverged there.
    """
    losses = {
        "val_loss": np.asarray(validation, dtype=np.float64),
        "train_loss": np.asarray(training, dtype=np.float64),
    }
    ended = np.logical_and.reduce([np.isfinite(values) for values in losses.values()])
    table = pd.DataFrame({"strength": np.asarray(strengths, dtype=np.float64)})
    table["units"] = ended.sum(1)
    table["diverged"] = (~ended).sum(1)
    for metric, values in losses.items():
        kept = [row[seen] for row, seen in zip(values, ended, strict=True)]
        table[metric] = [row.mean() if len(row) else math.nan for row in kept]
        for end, share in (("low", LOW_SHARE), ("high", HIGH_SHARE)):
            table[f"{metric}_{end}"] = [
                np.quantile(row, share) if len(row) else math.nan for row in kept
            ]
    table["null_loss"] = float(np.asarray(null_loss, dtype=np.float64).mean())
    return table
