"""The page of an imported study: whole, with where its numbers are from, and no word too many."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sweep
from dashboards import build_report
from dashboards.pages.render import render_study
from dashboards.pages.report import gather
from tests.support.imported import add_runs, empty_store, make_runs
from tests.support.pages import Reader

Pages = dict[str, tuple[str, str]]

UNKNOWN = (
    "epochs of", "0 parameters", "0 training", "path.points", "path.resamples", "search.axes",
    "search.strength", "training.epochs", "best trial", "test split",
    "seconds of training", "trained together", "in nats", "The search, the paths", "upper axis",
    "right axis", "where it did well",
)  # fmt: skip
"""Words that claim what no table says, or ask for a key of a study file that is not there."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    """A path with accuracies and curves, a search, and both in one study."""
    opened = empty_store(tmp_path_factory.mktemp("imported"))
    runs = make_runs(val_accuracy=0.9, train_accuracy=0.95, null_accuracy=0.1)
    runs["val_accuracy"] = 0.9 - 0.2 * (runs["val_loss"] - 1)
    early = runs.assign(epoch=1, val_loss=runs["val_loss"] + 1)
    whole = pd.concat([early, runs.assign(epoch=5)])
    add_runs(
        opened, whole, name="path", epoch="epoch", metrics={"accuracy": True}, n_validation=500,
        penalty="decay", question="How much?",
    )  # fmt: skip
    searched = runs.query("seed == 0").assign(lr=np.logspace(-3, -1, 10), depth=[1, 2] * 5)
    add_runs(opened, searched, name="search", settings=["lr", "depth"], null_loss=None)
    both = pd.concat([runs.assign(kind="l1"), runs.query("seed == 0").assign(kind="l2")])
    add_runs(opened, both, name="both", penalty="kind", null_loss=None, strongest_is_null=True)
    return opened


@pytest.fixture(scope="module")
def pages(store: sweep.Store) -> dict[str, tuple[str, str]]:
    """The page of every study, and its words."""
    found = {}
    for name in store.study_names():
        page = render_study(gather(store, name))
        words = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
        found[name] = page, " ".join(words.split())
    return found


@pytest.mark.parametrize("name", ["path", "search", "both"])
def test_a_page_says_where_its_numbers_are_from_and_claims_nothing_else(
    store: sweep.Store, pages: Pages, name: str
) -> None:
    _, words = pages[name]
    n_runs = len(sweep.runs_frame(store, name))
    assert f"{n_runs} runs that were trained elsewhere, imported from a table" in words
    assert not [claim for claim in UNKNOWN if claim in words]


def ids_of(page: str) -> set[str | None]:
    reader = Reader(page)
    return {tag.get("id") for name in ("section", "details") for tag in reader.all(name)}


def test_a_path_has_the_answer_the_figures_and_the_curves(store: sweep.Store, pages: Pages) -> None:
    page, words = pages["path"]
    sentence = sweep.boundaries_frame(store, "path").query("metric == 'val_loss'")["sentence"]
    assert sentence.iloc[0] in words
    assert {"regimes", "curves", "penalties"} <= ids_of(page)
    assert "How much?" in words
    assert "tau =" not in words
    assert ", tau " not in words  # decay's timescale takes a learning rate, which no table gave


def test_a_search_is_shown_with_the_reason_why_it_has_no_boundaries(pages: Pages) -> None:
    page, words = pages["search"]
    assert "search" in ids_of(page)
    assert "lr, depth differ between its runs" in words
    _, words = pages["both"]
    assert "The runs of l2 are no path, so there are no boundaries: every strength" in words
    assert "taken from the strongest strength" in words


def test_the_index_lists_imported_studies(store: sweep.Store, tmp_path: Path) -> None:
    index = build_report(store, ["search"], tmp_path).read_text(encoding="utf-8")
    assert index.count('<td class="verdict"') == len(store.study_names())
    assert "not finished" not in index


def test_a_constant_that_was_taken_from_the_strongest_strength_is_called_so(pages: Pages) -> None:
    _, words = pages["both"]
    assert "strongest strength, taken for a constant" in words
    assert "within 5 % of the gain over the strongest strength" in words
    assert "The constant predictor was not measured" in words
    assert "taken for a constant" not in pages["path"][1]


def test_lines_to_paste_do_not_make_a_regularizer_of_a_column(tmp_path: Path) -> None:
    store = empty_store(tmp_path)
    add_runs(store, make_runs(), name="mine")
    page = render_study(gather(store, "mine"))
    assert "in the code that trained these runs" in page
    assert "sweep.Regularizer(" not in page
