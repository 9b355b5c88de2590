"""The report's exploratory pictures: what they show, and in a line why one is not shown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboards.gather.frames import Frames
from dashboards.gather.searched import Searched
from dashboards.pages.render import render_study
from dashboards.sections.search_importance import importance_figure, importance_table
from dashboards.sections.search_map import RateMap, gain_lost, rate_figure, rate_map, rate_table
from dashboards.sections.search_profile import profile_figure, search_profile
from dashboards.sections.searched import section
from sweep.statistics.strength_profile import PER_AXIS, StrengthProfile
from tests.support.report_frames import NULL_LOSS, PENALTIES, RANGES, make_frames, make_study

N_EXPLORE = 60


def make(n: int = N_EXPLORE, **changes: Any) -> Frames:
    """Frames whose explore trials have a valley: the best learning rate is 1e-3 / strength^0.2."""
    frames = make_frames()
    keep = frames["trials"]["phase"] != "explore"
    template = frames["trials"][~keep].iloc[0].to_dict()
    run = frames["runs"][frames["runs"]["trial"] == template["trial"]].iloc[0].to_dict()
    rng = np.random.default_rng(1)
    trials, runs = [], []
    for penalty, best in PENALTIES.items():
        low, high = np.log10(RANGES[penalty])
        for i in range(n):
            number = 1000 + len(trials)
            strength, lr = 10 ** rng.uniform(low, high), 10 ** rng.uniform(-4, -2)
            away = math.log10(strength / best)
            loss = 1 + 0.3 * away**2 + 0.6 * (math.log10(lr) + 3 + 0.2 * away) ** 2
            known = {"trial": number, "val_loss": min(loss, 2.4) * math.exp(0.01 * rng.normal())}
            known |= {"state": "pruned" if i % 5 == 4 else "complete"}
            trials.append({**template, **known, "penalty": penalty, "strength": strength, "lr": lr})
            runs.append({**run, **known, "run": 0})
    frames["trials"] = pd.concat([pd.DataFrame(trials), frames["trials"][keep]])
    kept_runs = frames["runs"][frames["runs"]["trial"].isin(frames["trials"]["trial"])]
    frames["runs"] = pd.concat([pd.DataFrame(runs), kept_runs])
    return Frames(study=make_study(**changes), **frames)


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make()


def test_the_axes_are_what_differs_between_the_trials(frames: Frames) -> None:
    searched = Searched(frames, "l2")
    assert searched.axes == ["lr"]
    assert len(searched.trials) == N_EXPLORE
    assert len(searched.complete) == N_EXPLORE * 4 // 5
    columns = searched.columns(searched.complete)
    assert columns.shape == (48, 1)
    assert (columns.min(), columns.max()) == (0, 1)
    rates = searched.complete["lr"].to_numpy()
    places = np.log(rates / rates.min()) / np.log(rates.max() / rates.min())
    np.testing.assert_allclose(columns[:, 0], places)


def test_which_columns_are_axes() -> None:
    frames = make()
    trials = frames.trials
    explore = trials["phase"] == "explore"
    trials.loc[explore, "optimizer"] = np.where(np.arange(explore.sum()) % 2, "sgd", "adam")
    trials["model.width"] = np.where(np.arange(len(trials)) % 3, 32, 64)
    trials["momentum"] = np.where(np.arange(len(trials)) % 2, 0.9, np.nan)
    trials["tau"] = 1 / (trials["lr"] * (trials["strength"] + 1))
    searched = Searched(frames, "decay")
    assert searched.axes == ["lr", "optimizer", "model.width"], "tau is the strength again"
    columns = searched.columns(searched.complete)
    assert columns.shape == (48, 3)
    np.testing.assert_array_equal(columns[:, 1], searched.complete["optimizer"] == "sgd")


def test_noise_is_what_seeds_do(frames: Frames) -> None:
    """The path's runs have 1 % of noise of their own and 5 % that a resample shares."""
    assert Searched(frames, "l2").noise == pytest.approx(0.01, rel=0.2)


def test_the_profile_finds_the_valley_and_draws_it(frames: Frames) -> None:
    searched = Searched(frames, "decay")
    profile = search_profile(searched)
    assert isinstance(profile, StrengthProfile)
    half = math.sqrt(0.05 * (NULL_LOSS - 1) / 0.3)
    for side, sign in ((profile.ends, -1), (profile.starts, 1)):
        assert side.verdict == "found"
        assert side.low < PENALTIES["decay"] * 10 ** (sign * half) < side.high
    figure = profile_figure(searched, profile)
    (crossings,) = [t for t in figure.data if t.name == "where it crosses, 95 %"]
    assert list(crossings.x) == [profile.ends.value, profile.starts.value]
    reach = crossings.x - crossings.error_x.arrayminus
    np.testing.assert_allclose(reach, [profile.ends.low, profile.starts.low])
    boundary = frames.boundary("decay", "val_loss")
    assert boundary is not None
    lines = [s.x0 for s in figure.layout.shapes]
    assert lines == [boundary["overfitting_ends"], boundary["underfitting_starts"]]


def test_a_cell_is_its_finished_trials_median(frames: Frames) -> None:
    searched = Searched(frames, "l2")
    cells = rate_map(searched)
    assert isinstance(cells, RateMap)
    assert cells.finished.sum() == len(searched.complete)
    assert cells.lost.sum() == len(searched.trials) - len(searched.complete)
    y, x = np.argwhere(cells.finished == cells.finished.max())[0]
    done = searched.complete
    inside = done["strength"].between(cells.strengths[x], cells.strengths[x + 1])
    inside &= done["lr"].between(cells.rates[y], cells.rates[y + 1])
    assert cells.loss[y, x] == done.loc[inside, "val_loss"].median()
    share = gain_lost(cells, 1.0, 2.0)
    figure = rate_figure(cells, share, 100.0)
    places = [(int(row), int(column)) for row, column in np.argwhere(cells.finished > 0)]
    known = dict(zip(places, figure.data[0].marker.color, strict=True))
    assert known[y, x] == pytest.approx(100 * (cells.loss[y, x] - 1))
    assert len(figure.layout.shapes) == len(places)
    assert (np.isnan(cells.loss) == (cells.finished == 0)).all()
    assert len(rate_table(cells)) == ((cells.finished + cells.lost) > 0).sum()


def test_importances_come_with_and_without_underfitting(
    frames: Frames,
) -> None:
    table = importance_table(Searched(frames, "l2"))
    assert isinstance(table, pd.DataFrame)
    assert set(table["axis"]) == {"strength", "lr"}
    for column in ("importance", "without_underfitting"):
        assert table[column].sum() == pytest.approx(1)
    figure = importance_figure(table, "#d55e00")
    bars = {t.name: t for t in figure.data if t.type == "bar"}
    assert set(bars) == {"all trials", "without the underfitting strengths"}
    assert bars["all trials"].y[-1] == "strength", "the largest stands on top"
    unsettled = make()
    unsettled.boundaries["underfitting_verdict"] = "inconclusive"
    table = importance_table(Searched(unsettled, "l2"))
    assert isinstance(table, pd.DataFrame)
    assert table["without_underfitting"].isna().all()
    assert "not settled" in table["why"].iloc[0]


def test_the_section_shows_profiles_maps_and_importances(frames: Frames) -> None:
    shown = section(frames)
    assert shown is not None
    titles = [chart.title for chart in shown.charts]
    assert sum("exploratory" in title for title in titles) == 3
    maps = [titles.index(f"{p}: learning rate by strength") for p in ("l2", "decay")]
    assert maps[1] == maps[0] + 1
    assert "l1: learning rate by strength" not in titles
    scales = {
        chart.figure.data[0].marker.cmax for chart in shown.charts if "rate by" in chart.title
    }
    assert len(scales) == 1
    assert titles[-3:] == [f"{p}: which axis decides" for p in PENALTIES]
    assert shown.rows == []
    assert shown.intro.startswith("Exploratory")


def test_too_few_trials_are_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = section(make(10))
    assert shown is not None
    assert shown.charts == []
    assert shown.rows == []
    assert f"profile of l1 (8 trials finished on 2 axes; {2 * PER_AXIS} are" in shown.intro
    assert "learning rate by strength of decay (8 trials finished; 12 are" in shown.intro
    assert "importances under l1 (10 trials ended; 20 are needed" in shown.intro
    parts = dict.fromkeys(["Evidence", "Training", "Machine"], ())
    monkeypatch.setattr("dashboards.sections.order.SECTIONS", {**parts, "Search": (section,)})
    page = render_study(make(10))
    assert "8 trials finished on 2 axes" in page


def test_without_replicates_there_is_no_profile() -> None:
    frames = make()
    alone = Frames(
        study=frames.study,
        trials=frames.trials[frames.trials["phase"] == "explore"],
        runs=frames.runs,
        curves=frames.curves,
        layers=frames.layers,
        boundaries=frames.boundaries.iloc[:0],
    )
    reason = search_profile(Searched(alone, "l2"))
    assert isinstance(reason, str)
    assert "twice" in reason


def test_a_search_over_strength_alone_shows_nothing() -> None:
    frames = make()
    frames.trials["lr"] = 1e-3
    assert section(frames) is None


def test_a_study_under_way_has_what_costs_little() -> None:
    """What needs a second for libraries alone is drawn when the study has ended."""
    under_way = section(make(finished_at=None))
    assert under_way is not None
    assert all("learning rate" in chart.title for chart in under_way.charts)
    assert "profiles and importances (they are estimated when" in under_way.intro
