"""Bars of good strengths: their numbers and words beside each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboards.sections.penalties import zones_figure
from tests.support.report_frames import copied, set_boundary, whole


@pytest.mark.parametrize("open_right", [True, False])
def test_what_is_said_of_both_ends_never_stands_on_one_line(
    few_frames: dict[str, pd.DataFrame], open_right: bool
) -> None:
    """A bar may be narrower than its words."""
    frames = copied(few_frames)
    nothing = {"overfitting_verdict": "inconclusive", "overfitting_ends": np.nan}
    if open_right:
        nothing |= {"underfitting_verdict": "none", "underfitting_starts": np.nan}
    for penalty in ("l2", "decay", "l1"):
        set_boundary(frames, penalty, **nothing)
    notes = zones_figure(whole(frames)).layout.annotations
    for row in range(3):
        heights = [note.yshift for note in notes if note.y == row]
        assert len(set(heights)) == len(heights) == 2
