"""The answer in words."""

from __future__ import annotations

import pandas as pd

from dashboards.sections.answers import answers, headline
from tests.support.report_frames import (
    PENALTIES,
    whole,
)


def test_the_answer_says_what_each_boundary_means(frames: dict[str, pd.DataFrame]) -> None:
    found = {answer.penalty: answer for answer in answers(whole(frames))}
    assert list(found) == list(PENALTIES)
    assert "it overfits" in found["decay"].meaning
    assert "it underfits" in found["decay"].meaning
    assert "factor of 21" in found["decay"].meaning
    assert "epochs" in found["decay"].meaning
    assert "exactly zero" in found["l1"].meaning
    assert found["l2"].sentence == frames["boundaries"]["sentence"].iloc[0]


def test_a_gain_within_the_noise_is_called_that(frames: dict[str, pd.DataFrame]) -> None:
    known = whole(frames)
    assert "lower" in headline(known)
    known.best_losses["change_high"] = 0.1
    assert "noise could explain" in headline(known)
