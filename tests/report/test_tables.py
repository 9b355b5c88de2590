"""The tables of a path against the runs that they summarize."""

from __future__ import annotations

from dashboards.gather.tables import path_table
from tests.support.report_frames import (
    make_frames,
    make_study,
)


def test_seeds_on_one_split_are_averaged_first() -> None:
    frames, study = make_frames(), make_study()
    runs = frames["runs"]
    runs["resample"], runs["replicate"] = runs["run"] // 2, runs["run"] % 2
    table = path_table(frames["trials"], runs, "l2", study)
    assert set(table["units"]) == {4}
    seeds = path_table(frames["trials"], runs, "l2", make_study(design="holdout"))
    assert set(seeds["units"]) == {8}
