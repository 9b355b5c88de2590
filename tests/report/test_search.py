"""The section that shows every trial of the search."""

from __future__ import annotations

import pandas as pd

from dashboards.gather.numbers import measured, strength_text
from dashboards.sections.search import DIVERGED, explore_figure, explore_table
from tests.support.report_frames import whole


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


def test_a_trials_numbers_on_hover_are_those_of_its_row(frames: dict[str, pd.DataFrame]) -> None:
    """Also at a strength of 0, which the axis has no place for."""
    first = frames["trials"].query("phase == 'explore' and penalty == 'decay'").index[0]
    frames["trials"].loc[first, "strength"] = 0.0
    said = {
        own[0]: own[1:]
        for trace in explore_figure(whole(frames)).data
        for own in (trace.customdata if trace.customdata is not None else ())
    }
    for row in explore_table(frames["trials"]).to_dict("records"):
        strength = strength_text(row["strength"])
        assert list(said[row["trial"]][1:]) == [
            measured(row["val_loss"]), strength_text(row["lr"]), strength
        ]  # fmt: skip
    assert said[frames["trials"].loc[first, "trial"]][3] == "0"
