"""Frames that a test may change, pages made of them, and a browser to open them in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sweep
from dashboards.gather.frames import Frames
from dashboards.pages.render import render_study
from dashboards.pages.study_pages import write_page
from tests.support.pages import EVIL, Reader, chromium
from tests.support.report_frames import (
    copied,
    fill_store,
    make_frames,
    make_regression_frames,
    make_small_frames,
    make_study,
    set_boundary,
)

KEPT_STRENGTHS = 3
"""Every so many strengths of a path are in the few."""


@pytest.fixture(scope="package")
def plain_frames() -> dict[str, pd.DataFrame]:
    return make_frames()


@pytest.fixture(scope="package")
def few_frames() -> dict[str, pd.DataFrame]:
    """Five retrainings, and paths of few strengths: the words follow from their ends."""
    frames = make_frames(n_resamples=5)
    trials = frames["trials"]
    path = trials[trials["phase"] == "path"]
    dropped = path[(path.groupby("penalty").cumcount() + 2) % KEPT_STRENGTHS > 0]
    dropped = dropped[dropped["strength"] > 0]
    frames["trials"] = trials[~trials["trial"].isin(dropped["trial"])]
    for name in ("runs", "curves", "layers"):
        frames[name] = frames[name][~frames[name]["trial"].isin(dropped["trial"])]
    return frames


@pytest.fixture
def frames(plain_frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Frames that a test may change."""
    return copied(plain_frames)


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sweep.Store]:
    """A real database with a classification and a regression."""
    folder = tmp_path_factory.mktemp("store")
    opened = sweep.open_store(f"sqlite:///{folder}/sweep.db")
    fill_store(opened, make_frames(), make_study())
    regression = make_study("diabetes", task="regression", text="[study]\nname = 'diabetes'\n")
    fill_store(opened, make_regression_frames(), regression)
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def page(store: sweep.Store) -> str:
    study = make_study(database=str(store.url))
    return render_study(Frames(study=study, **make_frames()))


@pytest.fixture(scope="package")
def parsed(page: str) -> Reader:
    return Reader(page)


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def small_page(small: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "small.html"
    write_page(path, small)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from chromium()
