"""The checks as a frame, as values for JSON, and in the documents."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import sweep
from sweep.checks._reference import TARGET, render_checks
from sweep.checks.catalogue import CHECKS
from sweep.checks.frame import as_json
from sweep.checks.judging import run_checks
from sweep.checks.results import CheckState
from sweep.store._columns import COLUMNS, MADE
from tests.checks.conftest import Spoiled
from tests.checks.test_rules import lose
from tests.support.report_frames import fill_store, make_small_frames, make_study


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sweep.Store]:
    folder = tmp_path_factory.mktemp("checks")
    opened = sweep.open_store(f"sqlite:///{folder}/sweep.db")
    for name, ignored in (("one", ["RS501"]), ("two", [])):
        study = make_study(name, penalties=["decay"], ignored_checks=ignored)
        fill_store(opened, make_small_frames(name), study)
    yield opened
    opened.close()


def test_the_frame_has_a_row_for_every_check_and_the_described_columns(store: sweep.Store) -> None:
    frame = sweep.checks_frame(store, "one")
    assert list(frame["code"]) == list(CHECKS)
    assert list(frame.columns) == list(sweep.describe_frame("checks_frame")["column"])
    assert not set(MADE) & set(COLUMNS)
    states = frame.set_index("code")["state"]
    assert states["RS501"] == "ignored"
    assert set(states) <= {str(state) for state in CheckState}
    said = MADE["checks_frame"]["state"]
    assert all(str(state) in said for state in CheckState)


def test_the_frame_of_all_studies_has_the_checks_of_each(store: sweep.Store) -> None:
    frame = sweep.checks_frame(store)
    assert list(frame["study"].value_counts()) == [len(CHECKS)] * 2
    assert list(frame[frame["state"] == "ignored"]["study"]) == ["one"]
    with pytest.raises(sweep.StoreError, match="three"):
        sweep.checks_frame(store, "three")


def test_json_has_numbers_in_full_precision(spoiled: Spoiled) -> None:
    lose(spoiled)
    spoiled.facts["copied_rows"] = None
    rows = as_json("mine", run_checks(spoiled.tables))
    again = {row["code"]: row for row in json.loads(json.dumps(rows, allow_nan=False))}
    assert list(again) == list(CHECKS)
    assert again["RS301"]["value"] == 8 / 424
    assert again["RS104"]["value"] is None
    numbers = again["RS507"]["numbers"]
    assert numbers["low"] < again["RS507"]["value"] < numbers["high"]
    assert math.isclose(numbers["n"], 8)


def test_the_page_of_all_checks_is_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == render_checks(), (
        "run: python -m sweep.checks._reference"
    )
    assert all(f"| {code} |" in render_checks() for code in CHECKS)


def test_codes_are_in_order_and_every_text_says_something() -> None:
    assert list(CHECKS) == sorted(CHECKS)
    for check in CHECKS.values():
        for text in (check.how, check.why, check.action):
            assert text.endswith(".")
        for title in (check.claim, check.concern):
            assert title[0].isupper()
            assert not title.endswith(".")


def test_the_readme_links_to_the_page() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "(sweep/checks/CHECKS.md)" in readme
