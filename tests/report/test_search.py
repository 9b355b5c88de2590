"""The section that shows every trial of the search."""

from __future__ import annotations

import pandas as pd

from dashboards.gather.numbers import measured, strength_text
from dashboards.gather.outcome import Outcome
from dashboards.sections.next_steps import next_steps
from dashboards.sections.search import DIVERGED, explore_figure, explore_table, section
from tests.support.report_frames import copied, whole


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


def test_finalists_of_which_none_completed_are_told_with_what_to_do(
    frames: dict[str, pd.DataFrame],
) -> None:
    found = copied(frames)
    trials = found["trials"]
    lost = trials.query("phase == 'explore' and penalty == 'l2' and state == 'complete'").head(2)
    lost = lost.assign(phase="select", state="diverged", lr=[0.02, 0.01], trial=[9001, 9002])
    found["trials"] = pd.concat([trials, lost], ignore_index=True)
    shown = section(whole(found))
    assert shown is not None
    assert shown.open
    assert shown.intro.startswith("None of the 2 finalists of L2 completed on other resamples")
    (step,) = [s for s in next_steps(Outcome(whole(found))) if "finalist" in s.why]
    assert step.line == 'search.axes.lr = { low = 0.002, high = 0.01, scale = "log" }'
    done = lost.assign(state=["complete", "diverged"])
    found["trials"] = pd.concat([trials, done], ignore_index=True)
    other = section(whole(found))
    assert other is not None
    assert other.intro == ""
