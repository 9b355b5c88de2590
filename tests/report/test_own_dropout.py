"""A network with dropout of its own: the page says what is compared with what."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from dashboards.pages.render import render_study
from dashboards.sections.answers import summary_table
from tests.support.report_frames import make_frames, whole

STAYS = "The network has dropout of its own (0.1 in drop), which stays on "
RATE_0 = r"(from|with|at) rate 0\b"
MADE_AS = {"dropout": "l1"}


def page_and_changes(penalties: tuple[str, ...], **facts: Any) -> tuple[str, dict[str, str]]:
    """The text of the page, and the summary's change of each penalty; the numbers of one are made
    as those of another, which does not matter here.
    """
    made = tuple(MADE_AS.get(name, name) for name in penalties)
    frames = make_frames("own", penalties=made, n_resamples=2)
    for table in frames.values():
        if "penalty" in table:
            table["penalty"] = table["penalty"].replace({m: p for p, m in MADE_AS.items()})
    found = whole(frames, name="own", penalties=penalties, **facts)
    page = re.sub(r"<[^>]+>", "", unescape(render_study(found)))
    changes = {row["penalty"]: row["change from no regularization"] for row in summary_table(found)}
    return page, changes


@pytest.fixture
def page() -> tuple[str, dict[str, str]]:
    return page_and_changes(("l2", "dropout"), own_dropout={"drop": 0.1})


def test_the_path_of_dropout_is_compared_with_rate_0_and_the_page_says_so(
    page: tuple[str, dict[str, str]],
) -> None:
    text, changes = page
    alone = "the path of dropout alone is compared with rate 0."
    assert text.count(STAYS) == text.count(alone) == 2, "in validation, and on the test split"
    assert "dropout of the network's own, 0.1 in drop" in text
    assert changes["dropout"].endswith(", from rate 0")
    assert "rate 0" not in changes["l2"]


def test_without_a_path_of_dropout_it_is_said_that_it_stays_on() -> None:
    text, changes = page_and_changes(("l2",), own_dropout={"drop": 0.1})
    assert f"{STAYS}without regularization, too." in text
    assert not re.search(RATE_0, text + changes["l2"])


def test_a_network_without_dropout_of_its_own_is_compared_as_ever() -> None:
    text, changes = page_and_changes(("dropout",))
    assert "dropout of" not in text
    assert not re.search(RATE_0, text + changes["dropout"])
