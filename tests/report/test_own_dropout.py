"""A network with dropout of its own: the page says what is compared with what."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.gather.facts import own_dropout_words
from dashboards.gather.frames import Frames
from dashboards.pages.render import setting_words
from dashboards.sections import confirm, penalties
from dashboards.sections.answers import summary_table
from tests.support.report_frames import make_frames, make_study, whole

STAYS = "The network has dropout of its own (0.1 in drop), which stays on "
MADE_AS = {"dropout": "l1"}
"""Whose numbers a penalty has here, where the words alone matter."""


def frames_of(*names: str, **facts: Any) -> Frames:
    """A finished study of these penalties."""
    made = tuple(MADE_AS.get(name, name) for name in names)
    frames = make_frames("own", penalties=made, n_resamples=2)
    for table in frames.values():
        if "penalty" in table:
            table["penalty"] = table["penalty"].replace({m: p for p, m in MADE_AS.items()})
    return whole(frames, name="own", penalties=names, **facts)


def changes_of(frames: Frames) -> dict[str, str]:
    """The summary's change of each penalty."""
    return {row["penalty"]: row["change from no regularization"] for row in summary_table(frames)}


def test_the_path_of_dropout_is_compared_with_rate_0_and_the_page_says_so() -> None:
    frames = frames_of("l2", "dropout", own_dropout={"drop": 0.1})
    tested, compared = confirm.section(frames), penalties.section(frames)
    assert tested is not None
    assert compared is not None
    captions = [tested.intro, *(chart.caption for chart in compared.charts)]
    ends = f"{STAYS}under the other penalties and in the model without regularization, on the test "
    ends += "split too; the path of dropout alone is compared with rate 0."
    assert [ends in words for words in captions] == [True, False, True]
    assert "dropout of the network's own, 0.1 in drop" in setting_words(frames.study, frames.trials)
    changes = changes_of(frames)
    assert changes["dropout"].endswith(", from rate 0")
    assert "rate 0" not in changes["l2"]


def test_a_network_without_dropout_of_its_own_is_compared_as_ever() -> None:
    frames = frames_of("dropout")
    assert not own_dropout_words(frames.study)
    assert "rate 0" not in changes_of(frames)["dropout"]


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ({"drop": 0.1}, "0.1 in drop"),
        ({"a": 0.1, "": 0.5, "b": 0.1}, "0.1 in a, b, 0.5 in its forward"),
        (dict.fromkeys("abcd", 0.25), "0.25 in 4 modules"),
    ],
)
def test_rates_are_named_with_their_modules(rates: dict[str, float], words: str) -> None:
    said = own_dropout_words(make_study(penalties=("l2",), own_dropout=rates))
    assert said == (
        f"The network has dropout of its own ({words}), which stays on without regularization, too."
    )
