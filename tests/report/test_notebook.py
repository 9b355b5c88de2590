"""What a notebook shows of studies, stores and boundaries, and the page of one figure."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sweep
from dashboards import plot_boundary
from sweep.statistics.number_words import two_digits
from tests.support.pages import EVIL, Reader, wait_until
from tests.support.report_frames import fill_store, make_small_frames, make_study

STRENGTHS = np.logspace(-3, 3, 7)
LOSSES = 1 + np.log10(STRENGTHS / 2)[:, None] ** 2 / 9 + np.array([0.0, 0.01, -0.01, 0.02])
NUMBERS = (STRENGTHS, LOSSES, 0.5 + LOSSES, np.full(4, 2.0))


def test_a_store_lists_its_studies(tmp_path: Path) -> None:
    with closing(sweep.open_store(f"sqlite:///{tmp_path}/sweep.db")) as store:
        fill_store(store, make_small_frames(EVIL), make_study(EVIL))
        shown = Reader(store._repr_html_())
    assert shown.text_of("th") == [EVIL]
    (state,) = shown.text_of("td")
    assert state.startswith("finished 20")


def test_a_database_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "sweep.db").write_text("not a database")
    shown = Reader(sweep.open_store(f"sqlite:///{tmp_path}/sweep.db")._repr_html_())
    assert shown.text_of("th") == ["not readable"]


def test_a_study_shows_its_question_and_its_file() -> None:
    data = (np.zeros((40, 2), np.float32), np.arange(40) % 2)
    question = {"name": "mine", "question": "Is a < b & c?"}
    study = sweep.Study(study=question, data=data, search={"penalties": ["l1"]})
    shown = Reader(study._repr_html_())
    assert shown.text_of("strong") == ["study mine"]
    assert shown.text_of("p") == [question["question"]]
    assert study.text.strip() in shown.text_of("pre")


def test_a_boundary_shows_its_numbers_with_their_intervals() -> None:
    boundary = sweep.estimate_boundary(*NUMBERS, design="holdout", draws=100)
    shown = Reader(boundary._repr_html_())
    cells = dict(zip(shown.text_of("th"), shown.text_of("td"), strict=True))
    assert cells["verdict"] == boundary.verdict
    ends = [two_digits(end) for end in (boundary.best_low, boundary.best_high)]
    assert cells["best"] == f"{two_digits(boundary.best)} [{ends[0]}, {ends[1]}]"
    sentence = sweep.describe_boundary(boundary, "penalty", "loss")
    assert cells["underfitting starts"] in sentence


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("figure") / "figure.html"
    plot_boundary(*NUMBERS, design="holdout", draws=100, name=EVIL).write_html(path)
    return path


def test_the_page_of_a_figure_is_small_and_whole(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert len(text.encode()) < 600_000
    page = Reader(text)
    assert not page.all("b"), "markup in a name stays text"
    assert not [t for t in page.tags if t[1].get("src") or t[1].get("href") not in (None, "data:,")]


def test_the_page_of_a_figure_draws_it_without_a_network(browser: Any, written: Path) -> None:
    page, heard = browser.new_page(), []
    page.on("request", lambda request: heard.append(request.url))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(written.as_uri())
    wait_until(page, "document.querySelector('[data-drawn] .main-svg') !== null")
    assert heard == [written.as_uri()]
    page.close()


def test_with_options_a_figure_is_written_by_plotly() -> None:
    figure = plot_boundary(*NUMBERS, design="holdout", draws=100)
    text = figure.to_html(include_plotlyjs=False, full_html=False)
    assert "plotly-gzip" not in text
    assert text.lstrip().startswith("<div")
