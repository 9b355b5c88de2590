"""What to change next: lines that a study file takes, each with how long it takes."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

from dashboards.gather.outcome import Outcome
from dashboards.sections.next_ranges import may_grow, range_line, wider
from dashboards.sections.next_steps import POINTS, UNITS, NextStep, next_steps
from sweep.study.study import default_of
from tests.support.report_frames import PENALTIES, copied, set_boundary, whole

Tables = dict[str, pd.DataFrame]
UNDEFINED = {"overfitting_verdict": "undefined", "underfitting_verdict": "undefined"}


@pytest.fixture
def frames(few_frames: Tables) -> Tables:
    return copied(few_frames)


def seconds_of(frames: Tables, phase: str, each: float) -> float:
    """Makes every run of a phase take so long; how many there are."""
    frames["occupancy"] = frames["occupancy"][frames["occupancy"]["phase"] == phase]
    trials = frames["trials"]
    n = frames["runs"]["trial"].isin(trials.loc[trials["phase"] == phase, "trial"]).sum()
    frames["occupancy"]["seconds"] = each * n / len(frames["occupancy"])
    return float(n)


def test_more_resamples_take_as_long_as_those_that_were_trained(frames: Tables) -> None:
    """Five were, ten are asked for: as many runs again."""
    n = seconds_of(frames, "path", 6.0)
    steps = {step.line: step for step in next_steps(Outcome(whole(frames)))}
    assert steps["path.resamples = 10"].minutes == pytest.approx(6.0 * n / 60)
    assert all(tomllib.loads(line) for line in steps)
    for line, step in steps.items():
        assert tomllib.loads(f"[{step.table}]\n{step.key}") == tomllib.loads(line)


def test_a_study_that_says_how_many_runs_a_path_has_is_advised_more_of_them(frames: Tables) -> None:
    for kind in ("none", "strengths_inside"):
        set_boundary(frames, "decay", advice_kind=kind)
        n = seconds_of(frames, "path", 6.0)
        outcome = Outcome(whole(frames, text="[path]\nruns = 70", design="fresh"))
        steps = {step.line: step for step in next_steps(outcome)}
        assert steps["path.runs = 140"].minutes == pytest.approx(6.0 * n / 60)
        assert not [line for line in steps if line.startswith(("path.resamples", "path.points"))]


def test_a_wider_range_takes_no_longer(frames: Tables) -> None:
    set_boundary(frames, "decay", verdict="extend_stronger", **UNDEFINED)
    steps = {step.line: step for step in next_steps(Outcome(whole(frames)))}
    (line,) = [line for line in steps if line.startswith("search.strength =")]
    assert tomllib.loads(line)["search"]["strength"]["decay"] == {"low": 1e-4, "high": 100.0}
    assert steps[line].cost == "about as long as now"


def test_a_rate_grows_half_of_the_way_to_one_and_the_other_ranges_stay() -> None:
    assert wider("dropout", 0.1, 0.8, ("high",)) == pytest.approx((0.1, 0.9))
    assert wider("l2", 1e-4, 10.0, ("low", "high")) == pytest.approx((1e-5, 100.0))
    assert not may_grow("dropout", 0.95)
    text = "[search]\nstrength = { low = 1e-5, high = 3.0, l1 = { low = 0.1, high = 1.0 } }"
    line = range_line(text, {"dropout": (0.1, 0.9)})
    found = tomllib.loads(line)["search"]["strength"]
    own = {"l1": {"low": 0.1, "high": 1.0}, "dropout": {"low": 0.1, "high": 0.9}}
    assert found == {"low": 1e-5, "high": 3.0, **own}


def test_a_path_without_underfitting_is_advised_stronger_strengths(frames: Tables) -> None:
    flat = {"verdict": "no_effect", **UNDEFINED}
    set_boundary(frames, "decay", advice_kind="extend_stronger", **flat)
    steps = next_steps(Outcome(whole(frames)))
    assert [step for step in steps if step.why.endswith("shows no underfitting by decay")]


def test_a_path_takes_as_long_as_its_runs_would_in_the_search(frames: Tables) -> None:
    frames["trials"] = frames["trials"].query("phase == 'explore'")
    frames["runs"] = frames["runs"][frames["runs"]["trial"].isin(frames["trials"]["trial"])]
    frames["boundaries"] = frames["boundaries"].head(0)
    seconds_of(frames, "explore", 6.0)
    study = whole(frames, text="[path]\npoints = 0\nresamples = 4", penalties=tuple(PENALTIES))
    (step,) = next_steps(Outcome(study))
    assert step.line == "path.points = 13"
    assert step.minutes == pytest.approx(13 * 4 * len(PENALTIES) * 6.0 / 60)


def test_the_defaults_are_those_of_a_study_file() -> None:
    assert (default_of("path.points"), default_of("path.resamples")) == (POINTS, UNITS)


@pytest.mark.parametrize(
    "kinds",
    [
        {"ending_kind": "strengths_spent"},
        {"advice_kind": "strengths_inside"},
        {"advice_kind": "strengths_at_ends"},
    ],
)
def test_a_ladder_with_too_few_strengths_is_given_more(
    frames: Tables, kinds: dict[str, str]
) -> None:
    n = seconds_of(frames, "path", 6.0)
    study = {"text": "[path]\npoints = 7", "penalties": tuple(PENALTIES)}
    before = next_steps(Outcome(whole(frames, **study)))
    assert not any(step.line.startswith("path.points") for step in before)
    set_boundary(frames, "decay", **kinds)
    steps = {step.line: step for step in next_steps(Outcome(whole(frames, **study)))}
    assert steps["path.points = 13"].minutes == pytest.approx(6 * UNITS * 6.0 / 60), n
    set_boundary(frames, "decay", verdict="extend_stronger", **UNDEFINED)
    steps = {step.line: step for step in next_steps(Outcome(whole(frames, **study)))}
    assert "path.points = 13" not in steps


def test_nothing_learned_needs_no_narrower_intervals(frames: Tables) -> None:
    for penalty in PENALTIES:
        set_boundary(frames, penalty, verdict="no_signal", **UNDEFINED)
    assert not any("resamples" in s.line for s in next_steps(Outcome(whole(frames))))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(float("nan"), ""), (0.0, "about as long as now"), (0.4, "under a minute more"),
     (3.2, "about 3 min more")],
)  # fmt: skip
def test_a_step_says_its_time(minutes: float, words: str) -> None:
    assert NextStep("a = 1", "so", minutes).cost == words
