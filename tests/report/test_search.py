"""The section that shows every trial of the search."""

from __future__ import annotations

import pandas as pd

from dashboards.sections.search import DIVERGED, explore_figure, explore_table
from tests.support.report_frames import (
    whole,
)


def test_explore_marks_pruned_trials(frames: dict[str, pd.DataFrame]) -> None:
    figure = explore_figure(whole(frames))
    shown = explore_table(frames["trials"])
    hollow = sum(
        symbol.endswith("-open") and symbol != DIVERGED
        for t in figure.data
        if isinstance(t.marker.symbol, (list, tuple))
        for symbol in t.marker.symbol
    )
    assert hollow == (shown["state"] == "pruned").sum() > 0
