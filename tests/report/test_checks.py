"""The checks on a page: rows with code, state, number and what to do, and their file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

import sweep
from dashboards.gather.frames import Frames
from dashboards.pages.checks_file import FILE, write_checks
from dashboards.pages.report import build_report
from dashboards.sections.checks import MARKS, checks_shown
from sweep.checks.catalogue import CHECKS
from sweep.checks.results import CheckState
from tests.support.pages import Reader
from tests.support.report_frames import whole


def lost(frames: dict[str, pd.DataFrame], **facts: object) -> Frames:
    """A study of which eight runs diverged."""
    path = frames["trials"].query("phase == 'path' and penalty == 'l1' and strength > 0.05")
    frames["runs"].loc[frames["runs"]["trial"].isin(path["trial"]), "state"] = "diverged"
    return whole(frames, **facts)


def test_rows_have_marks_numbers_and_what_to_do(frames: dict[str, pd.DataFrame]) -> None:
    shown = checks_shown(lost(frames, copied_rows=40, ignored_checks=["RS404"]))
    rows = {row.code: row for row in shown.rows}
    assert set(rows) == set(CHECKS)
    copies, runs = rows["RS104"], rows["RS301"]
    assert (copies.mark, copies.word, copies.number) == (
        "!",
        "attention",
        "5 % of the validation rows",
    )
    assert copies.action.startswith("Remove copies")
    assert runs.number == f"{100 * 8 / len(frames['runs']):.1f} % of the runs"
    assert rows["RS404"].word == "switched off"
    assert rows["RS505"].number.startswith("+1.18")
    assert rows["RS501"].number == "8 repetitions"
    assert not rows["RS501"].action


def test_counts_and_choices_are_those_of_the_rows(frames: dict[str, pd.DataFrame]) -> None:
    shown = checks_shown(lost(frames, ignored_checks=["RS404"]))
    pressing = [row for row in shown.rows if row.state.pressing]
    assert shown.rows[: len(pressing)] == pressing == shown.found
    assert shown.title == f"{len(pressing)} checks to look at, {shown.n_passed} passed"
    numbers = {choice.key: choice.n for choice in shown.filters}
    assert next(iter(numbers)) == "pressing"
    assert numbers["all"] == len(CHECKS) == sum(n for key, n in numbers.items() if key != "all")
    assert numbers["ignored"] == 1


def test_a_row_leads_to_the_section_that_shows_it(frames: dict[str, pd.DataFrame]) -> None:
    study = whole(frames)
    linked = {row.code: row.shown_in for row in checks_shown(study, ["curves"]).rows}
    assert linked["RS304"] == "curves"
    assert linked["RS303"] == "", "the page has no such section"
    assert linked["RS501"] == "answers"


def test_every_state_has_a_mark_and_a_word_of_its_own() -> None:
    assert set(MARKS) == set(CheckState)
    assert len(set(MARKS.values())) == len({mark for mark, _ in MARKS.values()}) == len(MARKS)


def test_the_page_lists_every_check_and_its_links_have_targets(page: str, parsed: Reader) -> None:
    ids = {tag["id"] for _, tag in parsed.tags if "id" in tag}
    assert {f"check-{code}" for code in CHECKS} <= ids
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= ids
    assert len(parsed.all("input")) >= 3


def test_checks_json_is_written_beside_the_pages(store: sweep.Store, tmp_path: Path) -> None:
    build_report(store, ["diabetes"], tmp_path)
    studies = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))["studies"]
    assert {name: [row["code"] for row in rows] for name, rows in studies.items()} == {
        "diabetes": list(CHECKS)
    }


def test_studies_that_are_not_written_again_keep_their_checks(tmp_path: Path) -> None:
    path = tmp_path / FILE
    write_checks(tmp_path, {"one": [{"code": "RS101"}], "gone": []}, ["one", "two", "gone"])
    write_checks(tmp_path, {"two": []}, ["one", "two"])
    studies = json.loads(path.read_text(encoding="utf-8"))["studies"]
    assert studies == {"one": [{"code": "RS101"}], "two": []}
    path.write_text("no JSON", encoding="utf-8")
    write_checks(tmp_path, {"two": []}, ["one", "two"])
    assert json.loads(path.read_text(encoding="utf-8")) == {"studies": {"two": []}}


def test_searches_and_spreads_are_drawn(frames: dict[str, pd.DataFrame]) -> None:
    rows = {row.code: row for row in checks_shown(whole(frames)).rows}
    drawn = {code: row.drawing for code, row in rows.items() if row.drawing}
    assert set(drawn) == {"RS404", "RS504"}
    search = ElementTree.fromstring(drawn["RS404"])
    lines = [e for e in search.iter() if e.get("class") == "curve"]
    assert len(lines) == 3, "one for each penalty"
    for curve in lines:
        heights = [float(point.split(",")[1]) for point in str(curve.get("points")).split()]
        assert heights == sorted(heights), "more trials are never worse, and lower is drawn lower"
    bars = [e for e in ElementTree.fromstring(drawn["RS504"]).iter("rect")]
    lengths = [float(str(bar.get("width"))) for bar in bars]
    numbers = {one.check.code: one.result.numbers for one in whole(frames).checked}["RS504"]
    ratio = numbers["resampling"] / numbers["search"]
    assert lengths[0] / lengths[1] == pytest.approx(ratio, rel=0.01)
