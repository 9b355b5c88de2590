"""The section of learning curves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboards.sections.learning_curves import learning_figure, learning_table, three_settings
from tests.support.report_frames import (
    PENALTIES,
    path_runs,
    whole,
)


def test_learning_curves_are_means_of_three_settings(
    frames: dict[str, pd.DataFrame],
) -> None:
    known = whole(frames)
    settings = three_settings(known, "l2")
    strong = PENALTIES["l2"] * 5.1
    assert settings["no regularization"] == 0
    assert strong < settings["too strong"] <= 10.01 * strong
    table = learning_table(known, settings, "l2")
    runs = path_runs(frames, "l2")
    best = runs.loc[runs["strength"] == settings["best"], "trial"].iloc[0]
    mine = frames["curves"].query(f"trial == {best} and metric == 'val_loss'")
    ours = table.query("setting == 'best' and metric == 'val_loss'")
    np.testing.assert_allclose(ours["mean"], mine.groupby("epoch")["value"].mean())
    figure = learning_figure(table, known.study, "l2")
    dashes = {t.line.dash for t in figure.data if t.name == "training"}
    assert dashes == {"dash"}
