"""Each penalty at its best strength against no regularization: means, and paired differences.

Differences are paired: the same resamples, seeds and batch order on both sides. Where the anchor
has fewer resamples than the best, both are on all of these (``sweep.checks.uneven``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboards.gather.columns import change_of, unregularized_of
from dashboards.gather.estimates import estimate_columns
from dashboards.gather.facts import objective_of
from dashboards.gather.metric_format import judged
from dashboards.gather.numbers import least_loss
from dashboards.gather.tables import best_point
from sweep.checks.uneven import difference_of, levelled, mean_of
from sweep.metrics.metric import LOSS
from sweep.records.facts import StudyFacts


def best_table(
    tables: Mapping[str, pd.DataFrame],
    units: Mapping[str, pd.DataFrame],
    paths: Mapping[str, pd.DataFrame],
    facts: StudyFacts,
) -> pd.DataFrame:
    """One row per penalty: its best ladder point and its anchor, and their paired difference.

    ``tables`` holds ``path_table``, ``units`` holds ``units_of`` and ``paths`` the trials of every
    path by penalty.

    Columns ``penalty``, ``strength``, ``val_loss`` and ``unregularized`` with ``_low`` and
    ``_high`` (95 %), ``change`` (best - unregularized) with its interval, and ``val_<metric>``
    and ``unregularized_<metric>`` for the accuracy and the study's own metric if there is one.
    """
    rows, least = [], least_loss(facts)
    for penalty, table in tables.items():
        if "val_loss" not in table:
            continue
        path, metrics = paths[penalty], judged(facts)
        strength = best_point(table, path, objective_of(facts))
        own = levelled(units[penalty], path, [metric.validation for metric in metrics])
        best, anchor = own[own["strength"] == strength], own[own["strength"] == 0]
        pair = _trial_at(path, strength), _trial_at(path, 0.0)
        compared = (units[penalty], path)
        best_mean, anchor_mean = (mean_of(*compared, n, "val_loss", facts) for n in pair)
        row: dict[str, Any] = {"penalty": penalty, "strength": strength}
        row |= estimate_columns("val_loss", best_mean, least)
        row |= estimate_columns(unregularized_of(LOSS.name), anchor_mean, least)
        row |= estimate_columns(
            change_of(LOSS.name), difference_of(*compared, pair, "val_loss", facts)
        )
        for metric in metrics[1:]:
            if metric.validation in best and best[metric.validation].notna().any():
                row[metric.validation] = best[metric.validation].mean()
                row[unregularized_of(metric.name)] = anchor[metric.validation].mean()
        rows.append(row)
    return pd.DataFrame(rows)


def _trial_at(path: pd.DataFrame, strength: float) -> int:
    """The trial of a path at a strength; -1 where it has none there."""
    found = path.loc[path["strength"] == strength, "trial"]
    return int(found.iloc[0]) if len(found) else -1
