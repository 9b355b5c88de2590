"""How many runs a study may take, and what the meter says of them."""

from __future__ import annotations

import math

import pytest

import sweep
from sweep.phases._progress_meter import ProgressMeter
from sweep.phases.budget import planned_runs
from sweep.phases.history import StudyHistory
from sweep.records.trial import Phase, Progress, Trial
from tests.support.training import plan


def study_of(path: dict[str, object], **search: object) -> sweep.Study:
    table = {"penalties": ["none", "l2", "dropout"], "trials": 10, "resamples": 3}
    return sweep.Study(
        study={"name": "one"},
        data={"name": "digits"},
        search=table | search,
        path={"points": 5, "resamples": 4} | path,
    )


@pytest.mark.parametrize(("layers", "n_paths"), [("none", 2), ("best", 4), ("all", 4)])
def test_paths_count_their_anchors_and_those_of_layers_where_a_penalty_acts_on_them(
    layers: str, n_paths: int
) -> None:
    assert planned_runs(study_of({"layers": layers}), n_layers=2) == {
        Phase.EXPLORE: 30,
        Phase.SELECT: 0,
        Phase.PATH: n_paths * 6 * 4,
        Phase.CONFIRM: 3 * 4,
        Phase.ABLATION: 0,
        Phase.BASELINE: 0,
    }


def test_a_cocktail_has_a_path_of_each_ingredient_and_an_ablation() -> None:
    search = {"penalties": ["cocktail", "l1"], "cocktail": ["l1", "decay"]}
    planned = planned_runs(study_of({}, **search, baselines=["default"]), n_layers=2)
    assert planned[Phase.PATH] == 3 * 6 * 4
    assert planned[Phase.ABLATION] == 4 * 4
    assert planned[Phase.BASELINE] == 4


def test_no_path_is_planned_without_points() -> None:
    assert planned_runs(study_of({"points": 0}), n_layers=2)[Phase.PATH] == 0


def test_the_meter_counts_what_was_trained_and_what_was_saved() -> None:
    seen: list[Progress] = []
    history = StudyHistory(study_of({}).study.metric, {})
    meter = ProgressMeter(history, {Phase.EXPLORE: 10, Phase.PATH: 10}, plan(epochs=5), seen.append)
    meter.report(Phase.EXPLORE)
    meter.trained_epochs, meter.saved_epochs = 20.0, 5.0
    meter.report(Phase.EXPLORE)
    meter.planned[Phase.PATH] = 0
    meter.report(Phase.PATH)
    assert [p.share for p in seen] == [0.0, 0.25, 0.5]
    assert [p.total_runs for p in seen] == [20, 20, 10]
    assert math.isnan(seen[0].seconds_left)
    assert seen[1].seconds_left >= 0
    assert seen[2].phase == "path"


def test_trials_that_are_not_known_yet_count_with_the_mean_epochs_of_the_others() -> None:
    history = StudyHistory(study_of({}).study.metric, {Phase.EXPLORE: 2, Phase.CONTROL: 1})
    meter = ProgressMeter(history, {Phase.EXPLORE: 10}, plan(epochs=5))
    assert meter.total_epochs() == 10 * 5
    for number, epochs in enumerate((2, 4, 9)):
        own = {"epochs": epochs}
        history.add_trials([Trial(number, Phase.EXPLORE, 0, "none", 0.0, {}, own)])
        assert meter.total_epochs() == 10 * (2, 3, 5)[number]
    meter.planned[Phase.CONTROL] = 1
    history.add_trials([Trial(3, Phase.CONTROL, 0, "none", 0.0, {}, {"epochs": 12})])
    assert meter.total_epochs() == 2 * (2 + 4 + 9) + 12 + 4 * 42 / 7
