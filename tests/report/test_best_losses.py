"""Each penalty's best against no regularization."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from tests.support.report_frames import (
    path_runs,
    whole,
)


def test_the_gain_over_no_regularization_is_paired(frames: dict[str, pd.DataFrame]) -> None:
    table = whole(frames).best_losses.set_index("penalty")
    runs = path_runs(frames, "decay")
    wide = runs.pivot(index="resample", columns="strength", values="val_loss")
    best = wide.drop(columns=0.0).mean().idxmin()
    gain = wide[best] - wide[0.0]
    low, high = stats.t.interval(0.95, len(gain) - 1, gain.mean(), stats.sem(gain))
    row = table.loc["decay"]
    assert row["strength"] == best
    found = (row["change"], row["change_low"], row["change_high"])
    assert found == pytest.approx((gain.mean(), low, high))
