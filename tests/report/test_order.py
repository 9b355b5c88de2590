"""The sections of a page: which are shown, in what order, and what each holds."""

from __future__ import annotations

import pandas as pd

from dashboards.sections.answers import answers
from tests.support.report_frames import (
    LAYERS,
    PENALTIES,
    make_frames,
    make_regression_frames,
    whole,
)
from tests.support.report_parts import sections_of


def test_every_section_has_charts_with_labels_and_data(frames: dict[str, pd.DataFrame]) -> None:
    sections = sections_of(whole(frames))
    anchors = [s.anchor for s in sections]
    assert anchors == [
        "regimes", "penalties", "test", "layers", "curves", "weights",
        "trials-of-search", "explore", "pruning", "occupancy",
    ]  # fmt: skip
    for section in sections:
        for chart in section.charts:
            assert chart.label
            assert chart.table.rows
            for name in ("xaxis", "yaxis"):
                title = chart.figure.layout[name].title.text
                assert title or chart.figure.layout[name].ticktext, f"{chart.title}: {name}"
    assert len(sections[anchors.index("layers")].charts) == len(PENALTIES)
    assert len(LAYERS) == 3


def test_without_a_path_the_search_is_still_shown(frames: dict[str, pd.DataFrame]) -> None:
    explore = frames["trials"]["phase"] == "explore"
    frames["trials"] = frames["trials"][explore]
    kept = frames["runs"]["trial"].isin(frames["trials"]["trial"])
    frames["runs"] = frames["runs"][kept]
    for name in ("boundaries", "curves", "layers"):
        frames[name] = frames[name].head(0)
    known = whole(frames, finished_at=None)
    assert [s.anchor for s in sections_of(known)] == ["trials-of-search", "explore", "occupancy"]
    assert answers(known) == []


def test_names_cannot_put_markup_into_a_figure() -> None:
    frames = make_frames()
    frames["layers"]["layer"] = "<a href='x'>" + frames["layers"]["layer"]
    known = whole(frames, layers_mode="free")
    layers = next(s for s in sections_of(known) if s.anchor == "layers")
    text = "".join(chart.figure.to_json() for chart in layers.charts)
    assert "<a" not in text.replace("\\u003c", "<")
    assert "&lt;a" in text.replace("\\u0026", "&")
    assert len(layers.charts) == 2 * len(PENALTIES), "strengths and norms where layers differ"


def test_a_regression_shows_no_accuracy_anywhere() -> None:
    sections = sections_of(whole(make_regression_frames(), name="diabetes", task="regression"))
    assert sections[0].choices == ["loss"]
    for section in sections:
        for chart in section.charts:
            assert not any("accuracy" in name for name in chart.table.names)
            assert "accuracy" not in chart.figure.to_json()
    assert "mean squared error" in sections[0].charts[0].figure.to_json()
