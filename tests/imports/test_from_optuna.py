"""Optuna studies that were run without this program: a grid is a path, a search is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

import sweep
from sweep.errors import DataError, StudyError
from sweep.imports.from_optuna import import_optuna
from tests.support.imported import NULL, add_runs, empty_store, make_runs

SPACE = {"wd": FloatDistribution(0, 100), "seed": IntDistribution(0, 10)}
DONE = {"null_loss": NULL, "design": "holdout"}


@pytest.fixture
def store(tmp_path: Path) -> sweep.Store:
    return empty_store(tmp_path)


@pytest.fixture
def grid() -> optuna.Study:
    """One trial for each strength and seed, and one that still runs."""
    study = optuna.create_study(study_name="grid")
    runs = make_runs().to_dict("records")
    study.add_trials(
        [
            create_trial(
                params={"wd": run["wd"], "seed": int(run["seed"])},
                distributions=SPACE,
                value=run["val_loss"],
                user_attrs={"train": run["train_loss"], "val": run["val_loss"]},
            )
            for run in runs
        ]
    )
    study.add_trial(create_trial(state=TrialState.RUNNING))
    return study


def test_a_grid_of_strengths_and_seeds_has_the_boundaries_of_its_table(
    store: sweep.Store, grid: optuna.Study
) -> None:
    sentences = import_optuna(grid, store, strength="wd", seed="seed", training="train", **DONE)
    assert sentences == add_runs(store, make_runs())
    assert store.read_study("grid").source == "an Optuna study, grid"
    assert len(sweep.runs_frame(store, "grid")) == 60


def test_a_search_of_several_axes_is_kept_as_a_search(store: sweep.Store) -> None:
    study = optuna.create_study(study_name="tpe")
    space = {
        "wd": FloatDistribution(1e-4, 1, log=True),
        "lr": FloatDistribution(1e-4, 1, log=True),
        "epochs": IntDistribution(1, 9),
        "path": CategoricalDistribution(["a", "b"]),
    }
    states = [TrialState.COMPLETE] * 5 + [TrialState.PRUNED, TrialState.FAIL]
    for number, state in enumerate(states):
        params = {"wd": 10.0**-number / 1, "lr": 0.1, "epochs": 3, "path": "a"}
        params |= {"wd": max(params["wd"], 1e-4), "lr": 0.1 / (number + 1)}
        value = None if state is TrialState.FAIL else 1.0 + number
        trial = create_trial(state=state, params=params, distributions=space, value=value)
        study.add_trial(trial)
    (sentence,) = import_optuna(study, store, strength="wd")
    assert sentence.startswith("wd: no boundaries: no column of seeds")
    trials = sweep.trials_frame(store, "tpe")
    assert trials["state"].tolist() == ["complete"] * 5 + ["pruned", "failed"]
    np.testing.assert_allclose(trials["lr"], 0.1 / np.arange(1, 8))
    assert set(trials["max_epochs"]) == {3}
    assert set(trials["optuna.path"]) == {"a"}  # tables have a column "path" of their own


def test_what_is_maximized_is_no_loss(store: sweep.Store, grid: optuna.Study) -> None:
    study = optuna.create_study(study_name="up", direction="maximize")
    study.add_trials(grid.get_trials(states=[TrialState.COMPLETE]))
    with pytest.raises(StudyError, match="makes its values maximize; name the user attribute"):
        import_optuna(study, store, strength="wd", seed="seed", training="train", **DONE)
    names = {"validation": "val", "training": "train", "seed": "seed"}
    assert import_optuna(study, store, strength="wd", **names, **DONE) == add_runs(
        store, make_runs()
    )
    with pytest.raises(DataError, match="must have trials that ended, found none"):
        import_optuna(optuna.create_study(study_name="none"), store, strength="wd")


def test_what_trials_reported_on_their_way_is_their_curve(store: sweep.Store) -> None:
    study = optuna.create_study(study_name="curves")
    for number, points in enumerate([{0: 3.0, 1: 1.5, 2: 2.0}, {0: 4.0, 1: float("inf")}, {}]):
        state = TrialState.PRUNED if number == 1 else TrialState.COMPLETE
        study.add_trial(
            create_trial(
                state=state,
                params={"wd": float(number)},
                distributions={"wd": SPACE["wd"]},
                value=2.0,
                intermediate_values=points,
            )
        )
    import_optuna(study, store, strength="wd")
    curves = sweep.curves_frame(store, "curves")
    assert set(curves["metric"]) == {"val_loss"}
    found = {
        trial: dict(zip(own["epoch"], own["value"], strict=True))
        for trial, own in curves.groupby("trial")
    }
    assert found == {0: {0: 3.0, 1: 1.5, 2: 2.0}, 1: {0: 4.0}}
    assert list(sweep.runs_frame(store, "curves")["epochs"]) == [2, 0, 0]


def test_what_was_reported_is_no_curve_of_another_loss(
    store: sweep.Store, grid: optuna.Study
) -> None:
    import_optuna(grid, store, strength="wd", seed="seed", validation="val", **DONE)
    assert sweep.curves_frame(store, "grid").empty
