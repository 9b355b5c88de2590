"""The index: a row per study that sorts, is searched, and leads to comparisons; live reloading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sweep
from dashboards.figures.bundle import static_text
from dashboards.gather.outcome import Outcome
from dashboards.pages.comparison import comparison_name, render_comparison
from dashboards.pages.index import Comparison, render_index
from dashboards.pages.live import Launch, Standing
from dashboards.pages.page_record import read_record, record_block
from dashboards.pages.render import breakable
from dashboards.pages.report import comparisons_in
from dashboards.pages.study_pages import StudyPages, write_page
from dashboards.pages.study_row import StudyRow, checks_words, study_row
from dashboards.sections.checks import ChecksShown, checks_shown
from sweep.study.settings import ModelSettings
from tests.support.databases import HANG_SECONDS
from tests.support.pages import EVIL, wait_until
from tests.support.report_frames import fill_store, make_small_frames, make_study, whole
from tests.support.stopped_store import first_trials, stop_after

ROWS = [
    StudyRow(name="first", verdict="Decay between 1 and 2", gain="0.5", gain_number=0.5, href="#a"),
    StudyRow(name="second", verdict="No regularization needed", to_look_at=2, passed=10),
    StudyRow(name=EVIL, verdict="L1 up to 3", gain="12", gain_number=12.0, question=EVIL),
    StudyRow(name="broken", fault="no page was written for it: KeyError: 'trial'"),
]
PAIR = ("first", "second")
LAUNCH = Launch("path", 1, 2, 0.5, 3.0)


@pytest.fixture(scope="module")
def frames_of_two() -> list[Any]:
    """Two studies of the same rows that differ in a key."""
    texts = ["[study]\nname='first'\n[training]\nlr=0.1", "[study]\nname='second'"]
    return [
        whole(make_small_frames(name), name=name, text=text)
        for name, text in zip(PAIR, texts, strict=True)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, frames_of_two: list[Any]) -> Path:
    """An index, a comparison of its first two studies, and a page that loads itself anew."""
    home = tmp_path_factory.mktemp("pages")
    write_page(home / comparison_name(PAIR), render_comparison(frames_of_two))
    text = render_index(ROWS, "sqlite:///a.db", comparisons=comparisons_in(home, PAIR))
    write_page(home / "index.html", text)
    folds = "".join(f"<details><summary>fold {i}</summary><p>text</p></details>" for i in range(9))
    tall = '<div style="height:3000px"></div><h2 id="middle">middle</h2>' + folds
    script = f'<script data-written="0">{static_text("live.js")}</script>'
    search = '<input type="search" id="search" aria-label="search">'
    write_page(home / "live.html", f"<!doctype html>{search}{tall}{tall}{script}")
    return home


def test_a_row_is_read_back_from_its_page(tmp_path: Path) -> None:
    row = ROWS[2]
    page = tmp_path / "page.html"
    block = record_block({"fingerprint": "f", "row": row.as_json()})
    page.write_text(f'<script type="application/json" id="page-record">{block}</script>')
    record = read_record(page)
    assert record["fingerprint"] == "f"
    assert StudyRow.read(record["row"]) == row
    for odd in ("", '<script type="application/json" id="page-record">[1]</script>', "{"):
        page.write_text(odd)
        assert read_record(page) == {}
    assert read_record(tmp_path / "none.html") == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("share", "much"),
        ("runs", None),
        ("thumbnail", "<svg><script>alert(1)</script></svg>"),
        ("thumbnail", '<svg onload="alert(1)"></svg>'),
        ("else", 1),
    ],
)
def test_a_row_that_this_program_did_not_write_is_refused(name: str, value: object) -> None:
    with pytest.raises(TypeError):
        StudyRow.read({**ROWS[0].as_json(), name: value})


def test_a_row_says_what_the_page_says(frames_of_two: list[Any]) -> None:
    outcome = Outcome(frames_of_two[0])
    passed = [row for row in checks_shown(frames_of_two[0]).rows if row.word == "passed"][:2]
    row = study_row(outcome, ChecksShown(passed), Standing(finished=True), "finished")
    confirmed = outcome.frames.confirmed.set_index("setting").loc["decay"]
    assert row.gain_number == pytest.approx(-confirmed["change"])
    assert row.accuracy_number == pytest.approx(confirmed["test_accuracy"])
    assert row.setting.startswith("decay ")
    assert row.runs == len(outcome.frames.runs)
    assert checks_words(row) == "all 2 checks passed"
    assert row.thumbnail.startswith("<svg")
    assert StudyRow.read(json.loads(json.dumps(row.as_json()))) == row
    assert not row.under_way


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[StudyPages]:
    """The pages of a store with one young study."""
    store = sweep.open_store(f"sqlite:///{tmp_path}/one.db")
    fill_store(store, first_trials("one"), make_study("one"))
    yield StudyPages(store, tmp_path)
    store.close()


def test_an_unchanged_study_is_not_written_again(
    pages: StudyPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def render(self: StudyPages, name: str, fingerprint: str) -> str:
        written.append(fingerprint)
        row = StudyRow(name=name, verdict="so")
        own = {"fingerprint": fingerprint, "database": self.store.masked_url}
        block = record_block({**own, "row": row.as_json()})
        title = "<title>Regularization study: one</title>"
        return f'{title}<script type="application/json" id="page-record">{block}</script>'

    monkeypatch.setattr(StudyPages, "_render", render)
    for _ in range(2):
        pages.write("one")
    assert pages.row("one") == StudyRow(name="one", verdict="so", href="one.html")
    forced = StudyPages(pages.store, pages.folder, force=True)
    beside_a_launch = StudyPages(pages.store, pages.folder, launch=LAUNCH)
    for other in (forced, beside_a_launch, pages):
        other.write("one")
    assert len(written) == 4
    assert len(set(written)) == 2
    stop_after(pages.store, "one", 2)
    pages.write("one")
    assert len(set(written)) == 3
    assert not pages.faults


def test_the_bug_of_one_page_is_its_row(pages: StudyPages, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: StudyPages, name: str, fingerprint: str) -> str:
        raise KeyError("trial")

    monkeypatch.setattr(StudyPages, "_render", fail)
    assert pages.row("one").verdict == "no page was written for it"
    pages.write("one")
    assert pages.row("one").fault == "no page was written for it: KeyError: 'trial'"


def test_comparisons_are_found_by_what_they_hold(folder: Path) -> None:
    (folder / "compare-x.html").write_text("no record")
    assert comparisons_in(folder, PAIR) == [Comparison(comparison_name(PAIR), PAIR)]
    assert comparisons_in(folder, ["first", "third"]) == []
    (folder / "compare-x.html").unlink()
    assert comparison_name(PAIR) != comparison_name(PAIR[::-1])
    assert "/" not in comparison_name(["../x", EVIL])


# ---- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(browser: Any, folder: Path) -> Iterator[Any]:
    """The index, open."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.set_default_timeout(1000 * HANG_SECONDS)
    opened = context.new_page()
    opened.asked = []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("console", lambda line: opened.asked.append(line.text))
    opened.goto((folder / "index.html").as_uri())
    yield opened
    context.close()


def names_shown(page: Any) -> list[str]:
    return list(
        page.evaluate(
            "[...document.querySelectorAll('#studies tbody tr')].filter(r => !r.hidden)"
            ".map(r => r.dataset.name)"
        )
    )


def test_the_table_sorts_and_is_searched(page: Any, folder: Path) -> None:
    gain = page.locator("#studies thead button", has_text="gain")
    gain.click()
    assert names_shown(page)[:2] == ["first", EVIL], "numbers are sorted as numbers"
    gain.click()
    assert names_shown(page)[:2] == [EVIL, "first"]
    page.locator("#studies thead button").first.click()
    page.fill("#search", "REGULARIZATION second")
    assert names_shown(page) == ["second"]
    assert page.locator("#shown").inner_text() == "1 of 4 studies"
    page.fill("#search", "KeyError")
    assert names_shown(page) == ["broken"]
    page.fill("#search", "")
    assert page.asked == [(folder / "index.html").as_uri()]


def test_selected_studies_lead_to_their_page_or_to_its_command(page: Any, folder: Path) -> None:
    button = page.locator("#compare")
    assert button.is_disabled()
    page.locator("tr[data-name=first] .pick input").check()
    page.locator("tr[data-name=broken] .pick input").check()
    button.click()
    assert page.locator("#comparison code").inner_text() == "python -m dashboards first broken"
    page.locator("tr[data-name=broken] .pick input").uncheck()
    page.locator("tr[data-name=second] .pick input").check()
    with page.expect_navigation():
        button.click()
    assert page.url == (folder / comparison_name(PAIR)).as_uri()
    page.go_back()


WORDS_CUT = """() => [...document.querySelectorAll('#studies td.data, #studies tbody a')]
  .flatMap((cell) => [...cell.childNodes]).filter((node) => node.nodeType === Node.TEXT_NODE)
  .filter((node) => {
    const range = document.createRange();
    range.selectNode(node);
    return range.getClientRects().length > 1;
  }).map((node) => node.textContent)"""
"""Pieces of names that stand on several lines."""


@pytest.mark.parametrize("width", [1161, 1200])
def test_a_wide_row_fits_and_names_break_between_their_words(
    page: Any, tmp_path: Path, width: int
) -> None:
    row = StudyRow(
        name="a_long_name_of_words", href="#a", data="breast_cancer", model="package.module:linear",
        objective="val_balanced_accuracy",
        state="under way: explore, 1,234 of 12,345 trials asked so far ended",
        verdict="Label smoothing between 0.00020 and 0.69 (best 0.35, at learning rate 0.0045)",
        setting="label smoothing 0.35 (tested at 0.31), learning rate 0.0045", date="2026-11-29",
        gain="12.34 [10.12, 14.51] points", accuracy="100.0 %", to_look_at=12, passed=22,
        runs=123456,
    )  # fmt: skip
    write_page(tmp_path / "index.html", render_index([row], "sqlite:///a.db"))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((tmp_path / "index.html").as_uri())
    inside, room = page.evaluate(
        "(({scrollWidth, clientWidth}) => [scrollWidth, clientWidth])"
        "(document.querySelector('.studies-scroll'))"
    )
    assert inside <= room
    assert page.evaluate(WORDS_CUT) == []
    assert page.locator("#studies td.data").inner_text() == "breast_cancer"


def test_a_name_breaks_after_its_separators_and_is_escaped() -> None:
    assert breakable("a_b/<i>.py:f") == "a_<wbr>b/<wbr>&lt;i&gt;.<wbr>py:<wbr>f"
    assert breakable("") == ""
    assert breakable("mnist1d") == "mnist1d"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_index_and_comparison_fit_and_are_accessible(page: Any, folder: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe checks access")
    contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    page.emulate_media(color_scheme=scheme)
    for name in ("index.html", comparison_name(PAIR)):
        page.goto((folder / name).as_uri())
        for width in (1200, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        options = contrast if scheme == "dark" else None
        violations = axe.Axe().run(page, options=options).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in violations] == []


def test_a_page_that_loads_itself_anew_keeps_the_readers_place(browser: Any, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 600})
    context.set_default_timeout(1000 * HANG_SECONDS)
    page = context.new_page()
    page.clock.install(time=0)
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    page.goto((folder / "live.html").as_uri())
    page.fill("#search", "decay")
    page.evaluate("document.querySelectorAll('details')[12].open = true")
    page.evaluate("scrollTo(0, 3400)")
    page.clock.fast_forward(14_000)
    assert len(loads) == 1
    with page.expect_event("load"):
        page.clock.fast_forward(2_000)
    wait_until(page, "document.querySelectorAll('details')[12]?.open === true && scrollY === 3400")
    assert len(loads) == 2
    assert page.input_value("#search") == "decay"
    page.evaluate("getSelection().selectAllChildren(document.getElementById('middle'))")
    page.clock.fast_forward(16_000)
    assert len(loads) == 2, "nobody who is reading closely is disturbed"
    context.close()


def test_what_the_script_looks_up_cannot_end_its_block() -> None:
    text = render_index(ROWS, "sqlite:///a.db")
    block = text.split('id="known">')[1].split("</script>")[0]
    assert json.loads(block)["quoted"][EVIL].startswith("'")
    assert "<b onmouseover" not in text


def test_a_study_file_without_a_network_has_the_usual_one() -> None:
    outcome = Outcome(whole(make_small_frames()))
    row = study_row(outcome, checks_shown(outcome.frames), Standing(finished=True), "finished")
    assert row.model == ModelSettings().name
