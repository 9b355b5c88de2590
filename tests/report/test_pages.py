"""The report's pages: parsed as HTML, and opened in a real browser from the disk."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sweep
from dashboards import build_report
from dashboards.__main__ import main
from dashboards.gather.tables import Frames
from dashboards.pages.embed import (
    LICENSE_FILE,
    PLOT_CONFIG,
    PLOTLY_VERSION,
    escape_json,
    mask_secrets,
    plotly_script,
    static_text,
)
from dashboards.pages.report import page_name, render_study, write_page
from tests.support.databases import HANG_SECONDS
from tests.support.report_frames import (
    fill_store,
    make_frames,
    make_regression_frames,
    make_small_frames,
    make_study,
    set_boundary,
)

CHROMIUM = next(
    (p for p in ("/usr/bin/chromium", shutil.which("chromium"), shutil.which("google-chrome"))
     if p and os.path.exists(p)),
    None,
)  # fmt: skip
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVIL = "</script><b onmouseover=alert(1)>\"q\" & 'r'</b>"
"""A study's name that would run if it were not escaped."""


class Reader(HTMLParser):
    """Tags with their attributes, and the text of the body by the tag around it."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append((self.tags[-1][0], data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def text_of(self, tag: str) -> list[str]:
        return [words for name, words in self.words if name == tag]


@pytest.fixture(scope="module")
def page(store: sweep.Store) -> str:
    study = make_study(database=str(store.url))
    return render_study(Frames(study=study, **make_frames()))


@pytest.fixture(scope="module")
def parsed(page: str) -> Reader:
    return Reader(page)


@pytest.fixture(scope="module")
def small() -> str:
    """A page of one penalty, hostile words, a cell that a spreadsheet would run and a secret."""
    frames = make_small_frames(EVIL)
    frames["trials"].loc[0, "optimizer"] = "=HYPERLINK(1)"
    set_boundary(frames, "decay", strength_min=0.123, strength_1se=0.456)
    study = make_study(
        EVIL,
        question=f"{EVIL}?",
        text=f'name = "{EVIL}"\nurl = "postgresql://me:hunter2@host/db"',
        finished_at=dt.datetime(2026, 11, 1, 12, 4, tzinfo=dt.UTC),
    )
    return render_study(Frames(study=study, **frames))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sweep.Store]:
    """A real database with a classification and a regression."""
    folder = tmp_path_factory.mktemp("store")
    opened = sweep.open_store(f"sqlite:///{folder}/sweep.db")
    fill_store(opened, make_frames(), make_study())
    regression = make_study("diabetes", task="regression", text="[study]\nname = 'diabetes'\n")
    fill_store(opened, make_regression_frames(), regression)
    yield opened
    opened.close()


# ---- the page as HTML --------------------------------------------------------------------------


def test_the_question_and_the_answer_come_first(parsed: Reader) -> None:
    headings = parsed.text_of("h2")
    assert headings[0] == "The answer"
    assert headings[1] == "Where overfitting ends and underfitting starts"
    assert any("How much decay" in words for words in parsed.text_of("p"))
    sentences = make_frames()["boundaries"].query("metric == 'val_loss'")["sentence"]
    whole = " ".join(words for _, words in parsed.words)
    for sentence in sentences:
        assert sentence in whole


def test_glmnets_choices_stand_beside_the_boundaries_and_are_said_to_be_none(small: str) -> None:
    parsed = Reader(small)
    heading = parsed.text_of("th").index("lambda.min, lambda.1se")
    assert heading > parsed.text_of("th").index("underfitting starts")
    assert "0.123, 0.456" in parsed.text_of("td")
    (line,) = [words for words in parsed.text_of("p") if "1-SE rule" in words]
    assert "Neither is a boundary" in line


def test_nothing_on_the_page_points_outside(parsed: Reader) -> None:
    for tag, attributes in parsed.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            target = attributes.get(name)
            assert target is None or target in ("index.html", "data:,"), f"{tag} {name}={target}"
    assert not parsed.all("iframe")


def test_the_policy_lets_nothing_in_and_scripts_only_by_nonce(parsed: Reader, small: str) -> None:
    policies = [m for m in parsed.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    policy = str(policies[0]["content"])
    assert policy.startswith("default-src 'none'; script-src 'nonce-")
    nonce = policy.split("'nonce-")[1].split("'")[0]
    scripts = parsed.all("script")
    assert [s["nonce"] for s in scripts if "type" not in s] == [nonce]
    assert {s.get("type") for s in scripts if "type" in s} == {"application/json", "text/plain"}
    assert "nonce-none" not in policy
    assert nonce not in small, "a nonce serves one page"


def test_charts_are_labelled_figures_with_their_data_beneath(parsed: Reader) -> None:
    figures = parsed.all("figure")
    assert len(figures) >= 12
    assert all(len(str(f["aria-label"])) > 20 for f in figures)
    tables = [d for d in parsed.all("div") if str(d.get("aria-label", "")).startswith("Data of")]
    assert len(tables) == len(figures)


def test_sharing_charts_is_turned_off() -> None:
    assert PLOT_CONFIG["showSendToCloud"] is False
    assert PLOT_CONFIG["plotlyServerURL"] == ""
    assert PLOT_CONFIG["displaylogo"] is False


def test_the_page_is_small_enough_to_mail(page: str) -> None:
    assert len(page.encode()) < 1_500_000


def test_markup_in_names_stays_text(small: str) -> None:
    reader = Reader(small)
    assert EVIL in reader.text_of("h1")
    assert not any("onmouseover" in attributes for _, attributes in reader.tags)
    assert not reader.all("b")
    assert small.count("</script>") == len(reader.all("script"))


def test_json_in_a_script_cannot_end_it() -> None:
    assert "<" not in escape_json('{"a": "</script><!--"}')
    assert "\u2028" not in escape_json("\u2028")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@host/db",
        'password = "hunter2"',
        "args = { api_key = 'hunter2', rows = 3 }",
        "AUTH_TOKEN=hunter2",
        '"secret": "hunter2"',
        "https://host/data?token=hunter2&x=1",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    assert "hunter2" not in mask_secrets(text)
    assert "***" in mask_secrets(text)


def test_a_studys_text_without_secrets_is_shown_as_it_is(parsed: Reader) -> None:
    text = make_study()["text"]
    assert mask_secrets(text) == text
    assert text.strip() in parsed.text_of("code")


def test_secrets_in_a_study_do_not_reach_its_page(small: str) -> None:
    assert "@host/db" in small
    assert "hunter2" not in small


def test_provenance_names_versions_seed_hardware_and_commit(parsed: Reader) -> None:
    terms = dict(zip(parsed.text_of("dt"), parsed.text_of("dd"), strict=True))
    assert "torch 2.13.0" in terms["versions"]
    assert terms["seed"] == "0"
    assert "x86_64" in terms["hardware"]
    assert terms["git commit"] == "0123456789ab"
    assert terms["swept in the search"].startswith("strength, lr")


def test_the_pandas_example_on_the_page_gives_the_pages_numbers(parsed: Reader) -> None:
    code = next(c for c in parsed.text_of("code") if c.startswith("import sweep"))
    *lines, last = code.splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    table = eval(last, names)
    frames = make_frames()
    path = frames["trials"].query("phase == 'path'")[["trial", "penalty", "strength"]]
    expected = frames["runs"].merge(path, on="trial")
    means = expected.groupby(["penalty", "strength"])["val_loss"].mean()
    pd.testing.assert_series_equal(table["val_loss"]["mean"], means, check_names=False)


def test_an_unfinished_study_without_results_has_a_page() -> None:
    frames = {name: frame.head(0) for name, frame in make_frames().items()}
    text = render_study(Frames(study=make_study(finished_at=None), **frames))
    assert "have not been trained yet" in text


def test_a_large_study_keeps_its_best_trials_and_says_so() -> None:
    frames = make_small_frames()
    explore = frames["trials"].query("phase == 'explore'")
    many = pd.concat([explore] * 60, ignore_index=True)
    many["trial"] = range(1000, 1000 + len(many))
    frames["trials"] = pd.concat([frames["trials"], many], ignore_index=True)
    text = render_study(Frames(study=make_study(), **frames))
    assert len(text.encode()) < 2_200_000
    assert "every one of them is in the database" in text


def test_the_vendored_plotly_is_the_documented_one_with_its_license() -> None:
    import base64
    import gzip

    script = gzip.decompress(base64.b64decode(plotly_script()))
    assert f"plotly.js (cartesian - minified) v{PLOTLY_VERSION}".encode() in script[:200]
    assert hashlib.sha256(script).hexdigest() in static_text("README.md")
    assert static_text(LICENSE_FILE).startswith("MIT License")


# ---- writing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mnist1d", "mnist1d.html"), ("a.b_c-1", "a.b_c-1.html")],
)
def test_a_plain_name_is_its_pages_name(name: str, expected: str) -> None:
    assert page_name(name) == expected


def test_page_names_are_safe_and_differ_where_names_differ() -> None:
    given = ["index", "A", "a", "a/b", "a b", "..", "../x", "é", "ß", EVIL, "x" * 200, "x" * 199]
    found = [page_name(name) for name in given]
    assert len({name.lower() for name in found}) == len(given)
    for name in found:
        assert re.fullmatch(r"[a-z0-9_-][a-z0-9._-]{0,95}\.html", name)
        assert name != "index.html"


def test_a_page_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    write_page(path, "old")

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_page(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(scope="module")
def index(store: sweep.Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report of the real store."""
    folder = tmp_path_factory.mktemp("out") / "reports"
    written = build_report(store, out=folder)
    assert written == folder / "index.html"
    return written


def test_the_report_of_a_real_store_has_an_index_that_links_every_page(index: Path) -> None:
    reader = Reader(index.read_text(encoding="utf-8"))
    links = [str(a["href"]) for a in reader.all("a")]
    assert links == ["mnist1d.html", "diabetes.html"]
    for link in links:
        assert (index.parent / link).is_file()
    items = reader.text_of("li")
    assert [item.split(":")[0] for item in items] == ["l2", "decay", "l1", "decay"]
    assert items[1].startswith("decay: overfitting ends at")


def test_stored_frames_and_given_frames_make_the_same_page(index: Path, parsed: Reader) -> None:
    stored = Reader((index.parent / "mnist1d.html").read_text(encoding="utf-8"))
    assert stored.text_of("td")[:400] == parsed.text_of("td")[:400]


def run_main(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    return (code, *capsys.readouterr())


def test_naming_a_study_writes_only_its_page_and_the_command_prints_the_indexs_path(
    store: sweep.Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = str(store.url)
    code, out, err = run_main(capsys, "diabetes", "--database", url, "--out", str(tmp_path))
    assert (code, out.strip(), err) == (0, str(tmp_path / "index.html"), "")
    assert {p.name for p in tmp_path.iterdir()} == {"index.html", "diabetes.html"}
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "no page was written" in text
    assert (
        "accuracy"
        not in (tmp_path / "diabetes.html")
        .read_text(encoding="utf-8")
        .split('<script type="text/plain"')[0]
        .split("<main>")[1]
        .split('id="provenance"')[0]
    )


def test_an_unknown_study_gets_one_line_with_the_known_ones(
    store: sweep.Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, out_folder = str(store.url), tmp_path / "reports"
    code, _, err = run_main(capsys, "minst", "--database", url, "--out", str(out_folder))
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "'minst'" in err
    assert "mnist1d, diabetes" in err
    assert not out_folder.exists()


def test_a_missing_and_an_empty_database_say_so_and_are_not_created(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.db"
    code, _, err = run_main(capsys, "--database", f"sqlite:///{path}", "--out", str(tmp_path))
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert not path.exists()
    empty = sweep.open_store(f"sqlite:///{tmp_path}/empty.db")
    fill_store(empty, make_small_frames(), make_study())
    with empty.database._writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM regsweep_study")
    with pytest.raises(sweep.StoreError, match="at least one study, found none"):
        build_report(empty, out=tmp_path / "reports")
    empty.close()


def test_a_folder_that_cannot_be_written_gets_one_line(
    store: sweep.Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run_main(
        capsys, "--database", str(store.url), "--out", str(tmp_path / "file" / "reports")
    )
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert err.startswith("--out:")


# ---- the page in a browser ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: the report was not opened in a browser")
    api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def hard_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a hostile name, a narrow zone, an open side and an undefined path."""
    frames = make_frames(EVIL)
    best = frames["boundaries"]["best"].iloc[0]
    set_boundary(frames, "l2", overfitting_ends=best / 1.7, underfitting_starts=best * 1.8)
    set_boundary(frames, "decay", underfitting_verdict="inconclusive", underfitting_starts=None)
    undefined = {"overfitting_verdict": "undefined", "underfitting_verdict": "undefined"}
    set_boundary(frames, "l1", verdict="no learnable signal", **undefined)
    path = tmp_path_factory.mktemp("page") / "hard.html"
    write_page(path, render_study(Frames(study=make_study(EVIL), **frames)))
    return path


@pytest.fixture(scope="module")
def small_page(small: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "small.html"
    write_page(path, small)
    return path


DRAWN = "document.querySelectorAll('.chart:not([data-drawn])').length === 0"


def wait_until(page: Any, condition: str) -> None:
    """Asks again and again from outside, since the page's policy forbids evaluating in it."""
    for _ in range(12_000):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def open_page(browser: Any, path: Path, width: int = 1200, scheme: str = "light") -> Any:
    """The page after its charts are drawn; ``page.told`` holds requests, errors and dialogs."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
    )
    context.set_default_timeout(1000 * HANG_SECONDS)
    page = context.new_page()
    told: dict[str, list[str]] = {"requests": [], "errors": []}
    page.on("request", lambda request: told["requests"].append(request.url))
    page.on("pageerror", lambda error: told["errors"].append(str(error)))
    page.on("console", lambda line: told["errors"].append(line.text))
    page.on("dialog", lambda dialog: (told["errors"].append("dialog"), dialog.dismiss()))
    page.told = told
    page.goto(path.as_uri())
    wait_until(page, DRAWN)
    return page


def test_the_page_draws_every_chart_and_asks_nobody_for_anything(
    browser: Any, hard_page: Path
) -> None:
    page = open_page(browser, hard_page)
    charts = page.locator(".chart").count()
    assert charts >= 12
    assert page.locator(".chart .main-svg").count() >= charts
    page.mouse.move(600, 900)
    page.mouse.wheel(0, 4000)
    page.locator("details").first.evaluate("d => d.open = true")
    page.wait_for_timeout(200)
    assert page.told == {"requests": [hard_page.as_uri()], "errors": []}
    assert page.locator("[data-title*='hare']").count() == 0, "no button shares the chart"
    assert page.evaluate("document.title").startswith(EVIL)
    page.context.close()


OVERLAPS = """() => {
  const found = [];
  for (const chart of document.querySelectorAll('.chart')) {
    const groups = [
      ['.annotation-text', '.annotation-text, .ytitle, .xtitle, .x2title'],
      ['.xtick text', '.xtick text, .xtitle, .legend text'],
      ['.ytick text', '.ytick text, .ytitle'],
      ['.legend text', '.legend text, .xtitle'],
    ];
    for (const [first, second] of groups) {
      for (const a of chart.querySelectorAll(first)) {
        for (const b of chart.querySelectorAll(second)) {
          if (a === b || !a.textContent.trim() || !b.textContent.trim()) continue;
          const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
          const x = Math.min(p.right, q.right) - Math.max(p.left, q.left);
          const y = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
          if (x > 1 && y > 3) found.push(`${chart.id}: ${a.textContent} / ${b.textContent}`);
        }
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("width", [1200, 400])
def test_no_labels_overlap_and_nothing_sticks_out(
    browser: Any, hard_page: Path, width: int
) -> None:
    page = open_page(browser, hard_page, width)
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


TOUCHING = """() => {
  const found = [];
  for (const chart of document.querySelectorAll('[id^=regimes-].chart, [id^=accuracy-].chart')) {
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


@pytest.mark.parametrize("width", [700, 400])
def test_names_of_zones_keep_clear_of_their_numbers(
    browser: Any, tmp_path: Path, width: int
) -> None:
    """Also in zones wide enough for the numbers and too narrow for the name."""
    frames = make_frames()
    start = {700: 1.46, 400: 0.12}[width]
    names = ("underfitting_starts", "underfitting_starts_low", "underfitting_starts_high")
    values = (start, 0.9 * start, 1.1 * start)
    set_boundary(frames, "decay", **dict(zip(names, values, strict=True)))
    path = tmp_path / "zones.html"
    write_page(path, render_study(Frames(study=make_study(), **frames)))
    page = open_page(browser, path, width)
    assert page.evaluate(TOUCHING) == []
    page.context.close()


def test_a_dark_page_has_dark_paper_and_light_lines(browser: Any, small_page: Path) -> None:
    page = open_page(browser, small_page, scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert sum(map(int, re.findall(r"\d+", page.evaluate(colour)))) < 120
    figures = page.evaluate("document.getElementById('regimes-1').data.map(t => t.line?.color)")
    assert "#5bb5f0" in figures
    page.emulate_media(color_scheme="light")
    wait_until(
        page, "document.getElementById('regimes-1').data.some(t => t.line?.color === '#0072b2')"
    )
    page.context.close()


def column(page: Any, name: str) -> list[str]:
    script = """name => {
      const table = document.getElementById('trials-table');
      const place = [...table.tHead.rows[0].cells].findIndex(c => c.dataset.name === name);
      return [...table.tBodies[0].rows].filter(r => !r.hidden)
        .map(r => r.cells[place].dataset.v ?? r.cells[place].textContent);
    }"""
    return list(page.evaluate(script, name))


def test_the_table_sorts_filters_and_saves_what_is_shown(
    browser: Any, small_page: Path, tmp_path: Path
) -> None:
    page, trials = open_page(browser, small_page), make_small_frames(EVIL)["trials"]
    head = page.locator("th[data-name='val_loss'] button")
    head.click()
    losses = [float(text) for text in column(page, "val_loss")]
    assert losses == sorted(losses)
    assert losses == pytest.approx(sorted(trials["val_loss"]))
    head.click()
    assert [float(text) for text in column(page, "val_loss")] == losses[::-1]
    page.locator("th[data-name='test_loss'] button").click()
    assert column(page, "test_loss")[-1] == "", "what is missing comes last"
    page.select_option("#filter-phase", "path")
    page.select_option("#filter-penalty", "decay")
    assert len(column(page, "trial")) == 14
    assert page.locator("#trials-count").inner_text() == f"14 of {len(trials)} trials"
    page.select_option("#filter-phase", "")
    page.select_option("#filter-penalty", "")
    with page.expect_download() as saved:
        page.locator("#download-csv").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(trials)
    assert next(r for r in rows if r["trial"] == "0")["optimizer"] == "'=HYPERLINK(1)"
    by_number = {int(r["trial"]): float(r["strength"]) for r in rows}
    assert [by_number[n] for n in trials["trial"]] == pytest.approx(list(trials["strength"]))
    assert page.told["errors"] == []
    page.context.close()


def test_the_page_prints_in_light_colours(browser: Any, small_page: Path) -> None:
    page = open_page(browser, small_page, scheme="dark")
    assert page.pdf()[:5] == b"%PDF-"
    page.emulate_media(media="print")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    page.context.close()


def test_without_decompression_the_tables_still_hold_the_numbers(
    browser: Any, small_page: Path
) -> None:
    page = browser.new_page()
    page.set_default_timeout(1000 * HANG_SECONDS)
    page.add_init_script("delete window.DecompressionStream")
    page.goto(small_page.as_uri())
    assert "numbers are in the table" in page.locator(".chart").first.inner_text()
    page.locator("th[data-name='val_loss'] button").click()
    losses = [float(text) for text in column(page, "val_loss")]
    assert losses == sorted(losses)
    page.close()


def test_the_page_passes_an_accessibility_check(browser: Any, small_page: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe checks access")
    outside = {"exclude": [[".chart"], ["#trials-table tbody"]]}
    contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for scheme, options in (("light", None), ("dark", contrast)):
        page = open_page(browser, small_page, scheme=scheme)
        found = axe.Axe().run(page, context=outside, options=options).response["violations"]
        told = [(v["id"], v["nodes"][0]["html"][:120]) for v in found]
        assert told == []
        page.context.close()


def test_dates_are_written_in_utc(small: str) -> None:
    assert "2026-11-01 12:04 UTC" in small
