"""A study has a page wherever it was stopped: after any trial, in any state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboards.gather.frames import Frames
from dashboards.gather.outcome import Outcome
from dashboards.sections.answers import answers, summary_table
from dashboards.sections.checks import checks_shown
from dashboards.sections.first_screen import first_screen, forest
from dashboards.sections.order import groups_of
from tests.support.report_frames import make_small_frames, make_study

ENDS = ["val_loss", "val_accuracy", "train_loss", "train_accuracy", "val_loss_se", "test_loss",
        "test_accuracy", "gap"]  # fmt: skip
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def plain() -> Tables:
    return make_small_frames()


def stopped(plain: Tables, n_ended: int, n_asked: int, state: str = "") -> Frames:
    """The study after its first trials, of which some have ended; all in one state if named."""
    trials = plain["trials"].head(n_asked).copy()
    waiting = trials["trial"] >= n_ended
    trials.loc[waiting, "state"] = "waiting"
    trials.loc[waiting, ENDS] = np.nan
    ended = trials.loc[~waiting, "trial"]
    tables: dict[str, Any] = {"trials": trials}
    for name in ("runs", "curves", "layers"):
        tables[name] = plain[name][plain[name]["trial"].isin(ended)].copy()
    if state:
        trials.loc[~waiting, "state"] = state
        tables["runs"]["state"] = state
    for name in ("boundaries", "occupancy"):
        tables[name] = plain[name].head(0)
    return Frames(study=make_study(finished_at=None, winner=None), **tables)


def draw_all(frames: Frames) -> str:
    """All that a page is made of; its headline."""
    outcome = Outcome(frames)
    screen = first_screen(outcome)
    forest(outcome)
    checks_shown(frames)
    answers(frames)
    summary_table(frames)
    groups_of(frames)
    return screen.headline


def cuts(plain: Tables) -> list[int]:
    """After no and one trial of the search, around every phase's ends, and in the path."""
    phases = plain["trials"]["phase"].to_numpy()
    starts = np.flatnonzero(phases[1:] != phases[:-1]) + 1
    near = [int(s) + step for s in starts for step in (0, 1)]
    return sorted({0, 1, *near})


def assert_drawn(plain: Tables, n: int) -> None:
    words = draw_all(stopped(plain, n, min(n + 4, len(plain["trials"]))))
    assert words.startswith("So far: ") or (n == 0 and words.startswith("No result yet"))


@pytest.mark.long
def test_a_study_has_a_page_around_every_phase(plain: Tables) -> None:
    for n in cuts(plain):
        assert_drawn(plain, n)


@pytest.mark.long
def test_a_study_has_a_page_after_every_trial(plain: Tables) -> None:
    for n in range(len(plain["trials"]) + 1):
        assert_drawn(plain, n)


@pytest.mark.parametrize(
    ("state", "said"), [("pruned", "o result yet"), ("diverged", "Every run diverged"),
                        ("failed", "Every run diverged")],
)  # fmt: skip
def test_runs_that_all_ended_badly_have_a_page(plain: Tables, state: str, said: str) -> None:
    frames = stopped(plain, 6, 8, state)
    for name in ("trials", "runs"):
        table = getattr(frames, name)
        table[[c for c in ENDS if c in table]] = np.nan
    assert said in draw_all(frames)
