"""The finalists of the search: the best few settings of a penalty, trained on other resamples."""

from __future__ import annotations

import pandas as pd

from sweep.checks.tables import ENDED
from sweep.records.trial import Phase, State


def lost_finalists(trials: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Those of every penalty of which all have ended and none has completed."""
    mine = trials[trials["phase"] == str(Phase.SELECT)]
    return {
        str(penalty): own
        for penalty, own in mine.groupby("penalty", sort=False)
        if own["state"].isin(ENDED).all() and not (own["state"] == str(State.COMPLETE)).any()
    }
