"""The test split in numbers: the unregularized model, the best of each penalty and the baselines.

Differences are paired over retrainings: the same seed and rows with the penalty and without. The
test rows are the same for every retraining, so intervals are conditional on them.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from dashboards.gather.columns import change_of
from dashboards.gather.estimates import estimate_columns
from sweep.checks.estimates import Estimate, estimate_mean, paired_difference
from sweep.checks.tables import units_of
from sweep.metrics.columns import Part, read_column
from sweep.records.facts import StoredStudy
from sweep.records.trial import Role
from sweep.regularizers.catalogue import NONE, regularizes

SETTINGS = {Role.DEFAULT: "the usual default", Role.BOOSTING: "boosted trees"}
"""What baselines are called, by their roles."""


def confirm_table(trials: pd.DataFrame, runs: pd.DataFrame, study: StoredStudy) -> pd.DataFrame:
    """One row per confirmed setting: test loss, and paired difference from no regularization.

    Columns ``setting``, ``penalty``, ``strength``, ``lr``, ``runs``, ``test_loss``, ``change`` with
    ``_low`` and ``_high`` (95 %), ``test_accuracy`` and ``accuracy_change`` where there are
    classes, the like of the study's own metric, and ``winner``. Empty when nothing was confirmed.
    Intervals are over retrainings on the same test rows.
    """
    mine = trials[trials["phase"].isin(["confirm", "baseline"]) & (trials["state"] == "complete")]
    units = units_of(mine, runs, "holdout")
    is_none = mine["penalty"] == NONE
    plain_trials = mine.loc[is_none, "trial"]
    reference = units[units["trial"].isin(plain_trials.head(1))]
    rows = []
    ordered = pd.concat([mine[is_none], mine[~is_none]])
    for trial in ordered.to_dict("records"):
        own = units[units["trial"] == trial["trial"]]
        if not own["test_loss"].notna().any():
            continue
        is_plain = not regularizes(trial["penalty"])
        setting = SETTINGS.get(trial["path"], str(trial["penalty"]))
        row: dict[str, Any] = {
            "setting": "no regularization" if is_plain else setting,
            "penalty": str(trial["penalty"]),
            "strength": float(trial["strength"]),
            "lr": float(trial["lr"]),
            **test_columns(own, None if is_plain else reference),
        }
        row["winner"] = trial["trial"] == study.winner
        rows.append(row)
    return pd.DataFrame(rows)


def test_columns(own: pd.DataFrame, reference: pd.DataFrame | None) -> dict[str, Any]:
    """Means on the test split over a setting's retrainings, and paired differences from others."""
    row: dict[str, Any] = {"runs": len(own)}
    for column in map(str, own.columns):
        read = read_column(column)
        if read is None or read.part is not Part.TEST or not own[column].notna().any():
            continue
        row |= estimate_columns(column, estimate_mean(own[column].to_numpy()))
        nothing = Estimate(math.nan, math.nan, math.nan, 0)
        paired = nothing if reference is None else paired_difference(own, reference, column)
        row |= estimate_columns(change_of(read.metric), paired)
    return row
