"""A penalty without a strength: it is searched and confirmed, and has no path."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sweep
from dashboards import build_report
from dashboards.gather.searched import Searched
from dashboards.pages.report import gather
from dashboards.sections.search import explore_figure, explore_table
from dashboards.sections.search_profile import search_profile
from sweep.metrics.metric import LOSS
from sweep.phases._confirm import comparable_trials
from sweep.phases.driver import run_study
from sweep.phases.history import StudyHistory
from sweep.records.trial import Draw, Phase, Run, RunResult, State, Trial
from sweep.study.study import Study


def study(**search: object) -> Study:
    return Study(
        study={"name": "held"},
        data={"name": "digits"},
        model={"hidden": [6], "batch_norm": True},
        training={"epochs": 2, "recipe": "sgd_cosine"},
        search={
            "penalties": ["decay", "fixed_norm"],
            "trials": 4,
            "round": 2,
            "axes": {"lr": {"low": 0.01, "high": 0.1}},
            **search,
        },
        path={"points": 5, "ladder": "even", "resamples": 2},
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('held')}/sweep.db"
    run_study(study(), sweep.open_store(url))
    return url


def test_it_is_searched_and_confirmed_and_has_no_path(database: str) -> None:
    store = sweep.open_store(database)
    trials = sweep.trials_frame(store, "held")
    boundaries = sweep.boundaries_frame(store, "held")
    layers = sweep.layers_frame(store, "held")
    own = trials[trials.penalty == "fixed_norm"]
    assert set(own.phase) == {"explore", "select", "confirm"}
    assert (own.strength == 1).all()
    assert own.lr.nunique() > 1
    assert set(boundaries.penalty) == {"decay"}
    searched = own[own.phase == "explore"].trial  # all from one seed
    held = layers[layers.trial.isin(searched)].groupby("layer").norm
    assert np.allclose(held.max(), held.min(), rtol=1e-5)


@pytest.mark.parametrize("pathless", ["fixed_norm", "none"])
@pytest.mark.parametrize(("held", "decay_wins"), [(0.4, False), (0.6, True)])
def test_penalties_are_compared_on_the_same_rows(
    held: float, decay_wins: bool, pathless: str
) -> None:
    """By the search's where one has no path, whose rows may be harder or easier than a path's."""
    history = StudyHistory(LOSS, {Phase.EXPLORE: 1, Phase.PATH: 1})
    decay = Trial(0, Phase.EXPLORE, 0, "decay", 0.1, {"first": 0.1}, {})
    own = replace(decay, number=1, penalty=pathless, strength=1.0)
    path = replace(decay, number=2, phase=Phase.PATH)
    costs = (0.5, held, 0.5 + 2 * (held - 0.5))  # by the path's the other one would win
    history.add_trials((decay, own, path))
    for number, cost in enumerate(costs):
        run = Run(number, 0, Draw(0, 0, 0, 0, 0))
        history.end_run(RunResult(run, State.COMPLETE, 1, {"val_loss": cost}, seconds=0.1))
    judged = comparable_trials(history, {"decay": path, pathless: own})
    best = min(judged, key=lambda penalty: history.cost(judged[penalty].number))
    assert best == ("decay" if decay_wins else pathless)
    assert comparable_trials(history, {"decay": path}) == {"decay": path}


def test_penalties_without_paths_are_compared_on_the_resamples_of_their_finalists() -> None:
    """One resample flatters a setting; with ``path.points = 0`` nothing else has the study's."""
    history = StudyHistory(LOSS, {Phase.EXPLORE: 1, Phase.SELECT: 2})
    l2 = Trial(0, Phase.EXPLORE, 0, "l2", 0.1, {"first": 0.1}, {})
    l1 = replace(l2, number=1, penalty="l1")
    again = [replace(t, number=2 + i, phase=Phase.SELECT, parent=i) for i, t in enumerate((l2, l1))]
    history.add_trials((l2, l1, *again))
    for number, costs in enumerate([(0.4,), (0.5,), (0.7, 0.8), (0.5, 0.6)]):
        for i, cost in enumerate(costs):
            run = Run(number, i, Draw(i, 0, 0, 0, 0))
            history.end_run(RunResult(run, State.COMPLETE, 1, {"val_loss": cost}, seconds=0.1))
    judged = comparable_trials(history, {"l2": l2, "l1": l1})
    assert judged == {"l2": again[0], "l1": again[1]}


def test_a_second_launch_finds_nothing_to_do(database: str) -> None:
    store = sweep.open_store(database)
    before = sweep.runs_frame(store, "held")
    run_study(study(), store)
    assert sweep.runs_frame(store, "held").equals(before)


def test_its_page_renders(database: str, tmp_path: Path) -> None:
    build_report(sweep.open_store(database), out=tmp_path)
    assert "acts, without a strength" in next(tmp_path.glob("held*")).read_text(encoding="utf-8")


def test_no_strength_is_shown_for_it(database: str) -> None:
    frames = gather(sweep.open_store(database), "held")
    figure, table = explore_figure(frames), explore_table(frames.trials)
    own = table[table["penalty"] == "fixed_norm"]
    assert len(own) > 0
    assert own["strength"].isna().all()
    drawn = [trace for trace in figure.data if trace.name == "fixed_norm" and trace.x[0]]
    others = [trace for trace in figure.data if trace.name == "decay"]
    beyond = max(place for trace in others for place in trace.x if place)
    assert {place for trace in drawn for place in trace.x} == {figure.layout.xaxis.tickvals[-1]}
    assert figure.layout.xaxis.tickvals[-1] > beyond
    assert figure.layout.xaxis.ticktext[-1] == "no one strength"
    assert "strength" not in drawn[0].hovertemplate
    assert search_profile(Searched(frames, "fixed_norm")) == "no one number is its strength"
