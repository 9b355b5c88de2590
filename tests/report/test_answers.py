"""The answer in words."""

from __future__ import annotations

import pandas as pd

from dashboards.sections.answers import answers
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


def test_weights_that_are_zero_without_regularization_are_not_the_penalty_s(
    frames: dict[str, pd.DataFrame],
) -> None:
    known = whole(frames)
    table = known.paths["l1"]
    best = float(table.loc[table["strength"] == known.best("l1"), "zeros_share"].iloc[0])
    for plain, said in ((0.02, ", 2 % without regularization."), (best, None)):
        table.loc[table["strength"] == 0, "zeros_share"] = plain
        (meaning,) = [a.meaning for a in answers(known) if a.penalty == "l1"]
        assert meaning.endswith(said) if said else "exactly zero" not in meaning
