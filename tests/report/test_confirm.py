"""The section on the test split."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboards.sections.confirm import confirm_rows
from tests.support.report_frames import (
    PENALTIES,
    whole,
)


def test_differences_are_paired_with_no_regularization(
    frames: dict[str, pd.DataFrame],
) -> None:
    table = whole(frames).confirmed
    trials = frames["trials"][frames["trials"]["phase"] == "confirm"]
    runs = frames["runs"].merge(trials[["trial", "penalty"]], on="trial")
    wide = runs.pivot(index="run", columns="penalty", values="test_loss")
    assert list(table["setting"]) == ["no regularization", "l2", "decay", "l1"]
    for penalty in PENALTIES:
        row = table.set_index("penalty").loc[penalty]
        assert row["change"] == pytest.approx((wide[penalty] - wide["none"]).mean())
        assert row["change_low"] < row["change"] < row["change_high"]
    assert [r["setting"] for r in confirm_rows(table)][-1] == "l1 (best in validation)"


def test_a_difference_of_rounding_alone_is_written_as_none(
    frames: dict[str, pd.DataFrame],
) -> None:
    table = whole(frames).confirmed.tail(1)
    changes = {"": -1.49e-8, "_low": -0.0325, "_high": 0.0325}
    table = table.assign(**{f"accuracy_change{end}": value for end, value in changes.items()})
    (row,) = confirm_rows(table)
    assert row["difference, percentage points"] == "0.0 [−3.2, 3.2]"
