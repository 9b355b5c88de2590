"""Drawings that need no script: in place, in words, and well formed."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from dashboards.figures.static_axes import Place
from dashboards.gather.outcome import Outcome
from dashboards.sections.first_screen import (
    SIZES,
    first_screen,
    forest,
    forest_rows,
    path_panels,
)
from tests.support.report_frames import PENALTIES, copied, set_boundary, whole

Tables = dict[str, pd.DataFrame]


@pytest.fixture
def frames(few_frames: Tables) -> Tables:
    return copied(few_frames)


def drawn(frames: Tables) -> list[ET.Element]:
    return [ET.fromstring(panel.wide) for panel in path_panels(Outcome(whole(frames)))]


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [part for part in root.iter() if name in part.get("class", "").split()]


def test_places_are_logarithmic_in_strength_and_linear_in_the_value() -> None:
    place = Place(10, 0, 110, 100, low=1e-2, high=1e2, least=0.0, most=2.0)
    assert [place.x(s) for s in (1e-2, 1, 1e2, 1e5)] == pytest.approx([10, 60, 110, 110])
    assert [place.y(v) for v in (0, 0.5, 2, 9)] == pytest.approx([100, 75, 0, 0])
    decades = Place(0, 0, 1, 100, 1, 10, least=0.01, most=1.0, log=True)
    assert decades.y(0.1) == pytest.approx(50)


def test_panels_share_the_axis_of_the_loss(frames: Tables) -> None:
    roots = drawn(frames)
    assert len(roots) == len(PENALTIES)
    lines = [[(g.get("y1"), g.get("y2")) for g in of_class(root, "grid")] for root in roots]
    assert lines[0] == lines[1] == lines[2]
    words = [[t.text for t in root.iter("text")] for root in roots]
    assert words[0][0] == "decay · recommended"
    assert words[0][1] == "good 0.098 to 2.1 · best 0.41"


def test_boundaries_stand_where_they_were_found(frames: Tables) -> None:
    (root,) = [r for r in drawn(frames) if "decay" in str(r.find("title").text)]  # type: ignore[union-attr]
    left, right = (float(str(b.get("x1"))) for b in of_class(root, "boundary"))
    ticks = {t.text: float(str(t.get("x"))) for t in root.iter("text")}
    decade = ticks["1"] - ticks["0.1"] if "0.1" in ticks else (ticks["1"] - ticks["0.01"]) / 2
    assert (right - left) / decade == pytest.approx(np.log10(4.2 * 5.1), abs=0.02)
    assert len(of_class(root, "strip")) == 2
    assert len(of_class(root, "zone-good")) == 1


def test_nothing_is_shaded_that_was_not_found(frames: Tables) -> None:
    undefined = {"overfitting_verdict": "undefined", "underfitting_verdict": "undefined"}
    set_boundary(frames, "decay", verdict="no_signal", **undefined)
    set_boundary(frames, "l2", overfitting_verdict="inconclusive", overfitting_ends=np.nan)
    by_name = {str(r.find("title").text).split()[0]: r for r in drawn(frames)}  # type: ignore[union-attr]
    assert not of_class(by_name["decay"], "zone-good")
    assert not of_class(by_name["decay"], "strip")
    assert not of_class(by_name["L2"], "zone-over")
    assert len(of_class(by_name["L2"], "boundary")) == 1


def test_a_drawing_says_in_words_what_it_shows(frames: Tables) -> None:
    for root in drawn(frames):
        assert root.get("role") == "img"
        ids = str(root.get("aria-labelledby")).split()
        assert [part.get("id") for part in list(root)[:2]] == ids
        assert all(part.text for part in list(root)[:2])


def test_hostile_names_stay_text(frames: Tables) -> None:
    evil = "<script>alert(1)</script>"
    for name in ("trials", "boundaries"):
        frames[name]["penalty"] = frames[name]["penalty"].replace("l1", evil)
    known = whole(frames, penalties=["l2", "decay", evil])
    for panel in path_panels(Outcome(known)):
        assert "<script" not in panel.wide
        ET.fromstring(panel.wide)


def test_the_forest_has_a_row_for_every_boundary(frames: Tables) -> None:
    outcome = Outcome(whole(frames))
    assert len(forest_rows(outcome)) == len(frames["boundaries"])
    shown = forest(outcome)
    assert shown is not None
    for text in (shown.wide, shown.narrow):
        root = ET.fromstring(text)
        assert len(of_class(root, "good-bar")) == len(frames["boundaries"])


def test_more_panels_than_fit_are_folded(frames: Tables) -> None:
    screen = first_screen(Outcome(whole(frames)))
    assert (len(screen.panels), len(screen.more)) == (3, 0)


@pytest.mark.parametrize("kept", [("decay",), ("decay", "l2")])
def test_fewer_panels_are_wider(frames: Tables, kept: tuple[str, ...]) -> None:
    for name in ("trials", "boundaries"):
        frames[name] = frames[name][frames[name]["penalty"].isin([*kept, "none"])]
    panels = path_panels(Outcome(whole(frames, penalties=list(kept))))
    widths = [float(str(ET.fromstring(p.wide).get("viewBox")).split()[2]) for p in panels]
    assert widths == [SIZES[len(kept)][0]] * len(kept)
