"""The page in a real browser, from the disk."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.gather.frames import Frames
from dashboards.pages.render import render_study
from dashboards.pages.study_pages import write_page
from tests.support.databases import HANG_SECONDS
from tests.support.long_cases import long
from tests.support.pages import DRAWN, EVIL, OVERLAPS, UNFOLD, open_page, wait_until
from tests.support.report_frames import (
    PENALTIES,
    make_frames,
    make_small_frames,
    make_study,
    set_boundary,
)


@pytest.fixture(scope="module")
def hard_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a hostile name, a narrow zone, an open side and an undefined path."""
    frames = make_frames(EVIL)
    best = frames["boundaries"]["best"].iloc[0]
    set_boundary(frames, "l2", overfitting_ends=best / 1.7, underfitting_starts=best * 1.8)
    set_boundary(frames, "decay", underfitting_verdict="inconclusive", underfitting_starts=None)
    undefined = {"overfitting_verdict": "undefined", "underfitting_verdict": "undefined"}
    set_boundary(frames, "l1", verdict="no_signal", **undefined)
    path = tmp_path_factory.mktemp("page") / "hard.html"
    write_page(path, render_study(Frames(study=make_study(EVIL), **frames)))
    return path


@pytest.fixture(scope="module")
def wide(browser: Any, hard_page: Path) -> Iterator[Any]:
    """The hard page, open."""
    page = open_page(browser, hard_page)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def light(browser: Any, small_page: Path) -> Iterator[Any]:
    """The small page, open in light colours."""
    page = open_page(browser, small_page)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def dark(browser: Any, small_page: Path) -> Iterator[Any]:
    """The small page, open in dark colours; who changes them puts them back."""
    page = open_page(browser, small_page, scheme="dark")
    yield page
    page.context.close()


def assert_tidy(page: Any, width: int) -> None:
    """No labels overlap, and nothing sticks out."""
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_draws_charts_and_asks_for_nothing(wide: Any, hard_page: Path) -> None:
    page = wide
    assert_tidy(page, 1200)
    charts = page.locator(".chart").count()
    assert charts >= 12
    assert page.locator(".chart[data-drawn] .main-svg").count() >= charts - len(PENALTIES)
    page.mouse.move(600, 900)
    page.mouse.wheel(0, 4000)
    page.locator("details").first.evaluate("d => d.open = true")
    page.wait_for_timeout(200)
    assert page.heard == {"requests": [hard_page.as_uri()], "errors": []}
    assert page.locator("[data-title*='hare']").count() == 0, "no button shares the chart"
    assert page.evaluate("document.title").startswith(EVIL)


@pytest.mark.long
def test_on_a_phone_no_labels_overlap_and_nothing_sticks_out(browser: Any, hard_page: Path) -> None:
    page = open_page(browser, hard_page, 400)
    assert_tidy(page, 400)
    page.context.close()


TOUCHING = """() => {
  const found = [];
  for (const chart of document.querySelectorAll('[id^=regimes-].chart')) {
    const texts = [...chart.querySelectorAll('.annotation-text')].filter(t => t.textContent);
    texts.forEach((a, i) => texts.slice(i + 1).forEach(b => {
      const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
      const x = Math.max(p.left, q.left) - Math.min(p.right, q.right);
      const y = Math.max(p.top, q.top) - Math.min(p.bottom, q.bottom);
      if (Math.max(x, y) < 3) found.push(`${chart.id}: ${a.textContent} / ${b.textContent}`);
    }));
  }
  return found;
}"""


@pytest.mark.long
@pytest.mark.parametrize("width", [long(700), 400])
def test_names_of_zones_keep_clear_of_their_numbers(
    browser: Any, tmp_path: Path, width: int
) -> None:
    """Also in zones wide enough for the numbers and too narrow for the name."""
    frames = make_small_frames()
    start = {700: 1.46, 400: 0.12}[width]
    names = ("underfitting_starts", "underfitting_starts_low", "underfitting_starts_high")
    values = (start, 0.9 * start, 1.1 * start)
    set_boundary(frames, "decay", **dict(zip(names, values, strict=True)))
    path = tmp_path / "zones.html"
    write_page(path, render_study(Frames(study=make_study(), **frames)))
    page = open_page(browser, path, width)
    assert page.evaluate(TOUCHING) == []
    page.context.close()


@pytest.mark.long
def test_dark_pages_have_dark_paper_and_light_lines(dark: Any) -> None:
    page = dark
    colour = "getComputedStyle(document.body).backgroundColor"
    assert sum(map(int, re.findall(r"\d+", page.evaluate(colour)))) < 120
    figures = page.evaluate("document.getElementById('regimes-1').data.map(t => t.line?.color)")
    assert "#5bb5f0" in figures
    page.emulate_media(color_scheme="light")
    wait_until(
        page, "document.getElementById('regimes-1').data.some(t => t.line?.color === '#0072b2')"
    )
    page.emulate_media(color_scheme="dark")
    wait_until(
        page, "document.getElementById('regimes-1').data.some(t => t.line?.color === '#5bb5f0')"
    )


def column(page: Any, name: str) -> list[str]:
    script = """name => {
      const table = document.getElementById('trials-table');
      const place = [...table.tHead.rows[0].cells].findIndex(c => c.dataset.name === name);
      return [...table.tBodies[0].rows].filter(r => !r.hidden)
        .map(r => r.cells[place].dataset.v ?? r.cells[place].textContent);
    }"""
    return list(page.evaluate(script, name))


def test_the_table_sorts_filters_and_saves(light: Any) -> None:
    page, trials = light, make_small_frames(EVIL)["trials"]
    head = page.locator("th[data-name='val_loss'] button")
    head.click()
    losses = [float(text) for text in column(page, "val_loss")]
    assert losses == sorted(losses)
    assert losses == pytest.approx(sorted(trials["val_loss"]))
    head.click()
    assert [float(text) for text in column(page, "val_loss")] == losses[::-1]
    page.locator("#trials .columns summary").click()
    page.get_by_label("test loss", exact=True).check()
    page.locator("#trials-table th[data-name='test_loss'] button").click()
    assert column(page, "test_loss")[-1] == "", "what is missing comes last"
    page.select_option("#filter-phase", "path")
    page.select_option("#filter-penalty", "decay")
    assert len(column(page, "trial")) == 14
    assert (
        page.locator("#trials .controls [aria-live]").inner_text() == f"14 of {len(trials)} trials"
    )
    page.select_option("#filter-phase", "")
    page.select_option("#filter-penalty", "")
    with page.expect_download() as saved:
        page.locator("#trials .save-csv").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(trials)
    assert next(r for r in rows if r["trial"] == "0")["optimizer"] == "'=HYPERLINK(1)"
    by_number = {int(r["trial"]): float(r["strength"]) for r in rows}
    assert [by_number[n] for n in trials["trial"]] == pytest.approx(list(trials["strength"]))
    assert page.heard["errors"] == []


@pytest.mark.long
def test_the_page_prints_in_light_colours(dark: Any) -> None:
    page = dark
    assert page.pdf()[:5] == b"%PDF-"
    page.emulate_media(media="print")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")


def test_without_decompression_the_tables_still_hold_the_numbers(
    browser: Any, small_page: Path
) -> None:
    page = browser.new_page()
    page.set_default_timeout(1000 * HANG_SECONDS)
    page.add_init_script("delete window.DecompressionStream")
    page.goto(small_page.as_uri())
    page.evaluate(UNFOLD)
    assert "cannot draw it" in page.locator(".chart").first.inner_text()
    page.locator("th[data-name='val_loss'] button").click()
    losses = [float(text) for text in column(page, "val_loss")]
    assert losses == sorted(losses)
    page.close()


def test_the_page_passes_an_accessibility_check(light: Any, dark: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe checks access")
    outside = {"exclude": [[".chart"], ["#trials-table tbody"]]}
    contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for page, options in ((light, None), (dark, contrast)):
        found = axe.Axe().run(page, context=outside, options=options).response["violations"]
        failed = [(v["id"], v["nodes"][0]["html"][:120]) for v in found]
        assert failed == []


def test_the_answer_shows_without_a_script(browser: Any, small_page: Path) -> None:
    """On the first screen of a desk and of a phone: the verdict and the figure, drawn."""
    for width, height in ((1200, 800), (390, 844)):
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=False
        )
        page = context.new_page()
        page.set_default_timeout(1000 * HANG_SECONDS)
        page.goto(small_page.as_uri())
        verdict, figure = page.locator("h1"), page.locator(".panel:visible svg").first
        assert verdict.bounding_box()["y"] < height / 4
        box = figure.bounding_box()
        assert box["y"] < height * 0.7
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        room = page.locator(".shown .scroll").evaluate("e => e.clientWidth - e.scrollWidth")
        assert width < 800 or room >= 0, "the table is not cut off"
        context.close()


def test_a_link_into_a_folded_section_opens_it(browser: Any, small_page: Path) -> None:
    page = browser.new_page()
    page.set_default_timeout(1000 * HANG_SECONDS)
    page.goto(f"{small_page.as_uri()}#trials-table")
    wait_until(page, "document.getElementById('trials').open")
    assert not page.evaluate("document.getElementById('source').open")
    page.close()


@pytest.mark.long
def test_one_switch_shows_the_paths_by_another_metric(browser: Any, hard_page: Path) -> None:
    page = open_page(browser, hard_page, 700)
    shown = "[...document.querySelectorAll('#regimes figure')].filter(f => f.offsetParent)"
    titles = f"{shown}.map(f => f.querySelector('h4').textContent)"
    assert all("loss against" in title for title in page.evaluate(titles))
    page.locator(".choice input[value=accuracy]").check()
    wait_until(page, DRAWN)
    assert len(page.evaluate(titles)) == len(PENALTIES)
    assert all("accuracy against" in title for title in page.evaluate(titles))
    assert page.evaluate(f"{shown}.every(f => f.querySelector('.main-svg'))")
    page.context.close()


@pytest.mark.long
def test_tables_show_the_columns_that_fit_and_save_all(browser: Any, small_page: Path) -> None:
    page = open_page(browser, small_page, 390)
    heads = page.locator("#trials-table th:visible")
    shown = [head.get_attribute("data-name") for head in heads.all()]
    assert shown[:2] == ["trial", "phase"]
    assert "val_loss" in shown[:4]
    fits = "e => e.scrollWidth <= e.clientWidth"
    assert page.locator(".scroll:has(#trials-table)").evaluate(fits)
    page.locator("#trials .columns summary").click()
    page.get_by_label("strength", exact=True).first.check()
    page.locator("#trials input[type=search]").fill("confirm")
    assert 0 < page.locator("#trials-table tbody tr:visible").count() < 20
    page.locator("#regimes details.data summary").first.click()
    wait_until(page, "document.querySelector('#regimes .unpacked table') !== null")
    with page.expect_download() as saved:
        page.locator("#regimes .save-csv").first.click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("strength,")
    assert len(lines) == 1 + page.locator("#regimes .unpacked").first.locator("tbody tr").count()
    page.context.close()


def test_links_lead_to_a_trial_and_to_a_penalty(browser: Any, small_page: Path) -> None:
    page = browser.new_page()
    page.set_default_timeout(1000 * HANG_SECONDS)
    page.goto(f"{small_page.as_uri()}#trial-3")
    wait_until(page, "document.getElementById('trials').open")
    assert page.locator("tr:target").first.is_visible()
    page.goto(f"{small_page.as_uri()}#penalty-decay")
    wait_until(page, "document.getElementById('regimes').open")
    wait_until(page, "document.querySelector('#penalty-decay .main-svg') !== null")
    assert page.evaluate("document.querySelectorAll('.main-svg').length") < 20, "the rest waits"
    page.close()


def test_the_first_table_is_whole_at_every_width(browser: Any, hard_page: Path) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.goto(hard_page.as_uri())
    beyond = "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)"
    for width in (320, 700, 768, 830, 1024, 1100, 1151):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(f"{beyond}(document.querySelector('.shown .scroll'))") <= 0, width
    context.close()
