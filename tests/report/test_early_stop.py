"""What stopping the unregularized network early gets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sweep.checks.early_stop import stop_early
from tests.support.report_frames import copied, whole

Tables = dict[str, pd.DataFrame]


@pytest.fixture
def frames(few_frames: Tables) -> Tables:
    return copied(few_frames)


def anchor_curves(frames: Tables) -> pd.Series:
    """Which points are of validation losses of the unregularized runs of decay's path."""
    trials = frames["trials"].query("phase == 'path' and penalty == 'decay' and strength == 0")
    curves = frames["curves"]
    return curves["trial"].isin(trials["trial"]) & (curves["metric"] == "val_loss")


def test_the_epoch_is_that_of_the_best_mean(frames: Tables) -> None:
    known = whole(frames)
    stop = stop_early(known, "decay")
    assert stop is not None
    mine = frames["curves"][anchor_curves(frames)]
    means = mine.groupby("epoch")["value"].mean()
    assert (stop.epoch, stop.value) == (means.idxmin(), pytest.approx(means.min()))
    table = known.paths["decay"]
    best, anchor = table["val_loss"].min(), means.iloc[-1]
    assert stop.share == pytest.approx((anchor - means.min()) / (anchor - best))
    assert not stop.beats_strength


def test_stopping_may_beat_every_strength(frames: Tables) -> None:
    curves = frames["curves"]
    curves.loc[anchor_curves(frames) & (curves["epoch"] == 7), "value"] = 0.5
    stop = stop_early(whole(frames), "decay")
    assert stop is not None
    assert stop.epoch == 7
    assert stop.beats_strength


def test_a_run_without_that_epoch_leaves_it_out(frames: Tables) -> None:
    curves = frames["curves"]
    mine = anchor_curves(frames)
    curves.loc[mine & (curves["epoch"] == 7) & (curves["run"] == 0), "value"] = np.nan
    curves.loc[mine & (curves["epoch"] == 7) & (curves["run"] > 0), "value"] = 0.5
    stop = stop_early(whole(frames), "decay")
    assert stop is not None
    assert stop.epoch != 7


def test_without_curves_nothing_is_said(frames: Tables) -> None:
    frames["curves"] = frames["curves"].head(0)
    assert stop_early(whole(frames), "decay") is None
