"""Studies whose trials have epochs of their own: run, pruned, interrupted, and drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest

import sweep
from dashboards.gather.pruning import Pruning
from dashboards.pages.render import setting_words
from dashboards.pages.report import gather
from dashboards.sections.pruning import section
from sweep.records.trial import Progress
from sweep.search.rungs import stages
from tests.support.long_cases import long

LONGEST = 9


def study(**hardware: object) -> sweep.Study:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 5))
    y = (x[:, 0] + rng.normal(size=120) > 0).astype(int)
    return sweep.Study(
        study={"name": "lengths", "seed": 1},
        data={"x": x, "y": y, "validation_fraction": 0.4},
        model={"hidden": [6]},
        training={"lr": 0.06, "epochs": 4, "batch_size": 32, "schedule": "cosine"},
        search={
            "penalties": ["decay", "l1"],
            "strength": {"low": 1e-3, "high": 30.0},
            "trials": 24,
            "round": 8,
            "axes": {"epochs": {"low": 1, "high": LONGEST, "scale": "linear", "integer": True}},
            "baselines": ["default"],
        },
        path={"points": 5, "resamples": 2, "ladder": "even"},
        hardware={"precision": "float64", **hardware},
    )


def run(folder: Path, one: sweep.Study, stops: tuple[float, ...] = ()) -> sweep.Store:
    """The store after the study ran, interrupted at these shares and launched again."""
    store = sweep.open_store(f"sqlite:///{folder}/lengths.db")
    for stop in stops:

        def observe(progress: Progress, stop: float = stop) -> None:
            if progress.share > stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sweep.run_study(one, store, observer=observe)
    sweep.run_study(one, store)
    return store


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    return run(tmp_path_factory.mktemp("whole"), study())


def tables(store: sweep.Store) -> tuple[pd.DataFrame, pd.DataFrame]:
    trials, runs = (f(store, "lengths") for f in (sweep.trials_frame, sweep.runs_frame))
    return trials.drop(columns="seconds"), runs.drop(columns="seconds")


def test_each_run_has_the_epochs_of_its_trial_and_stops_at_its_own_rungs(
    whole: sweep.Store,
) -> None:
    trials, runs = tables(whole)
    trials = trials.set_index("trial")
    own = trials["max_epochs"].fillna(4).astype(int)
    assert own[trials["phase"] == "explore"].between(1, LONGEST).all()
    assert own[trials["phase"] == "explore"].nunique() > 4
    done = runs[runs["state"] == "complete"]
    assert (done["epochs"] == own[done["trial"]].to_numpy()).all()
    stopped = runs[runs["state"] == "pruned"]
    assert len(stopped) > 2
    for row in stopped.itertuples():
        assert row.epochs in stages("halving", own[row.trial])[:-1]


def test_paths_anchors_and_confirmed_settings_have_the_epochs_of_their_trial(
    whole: sweep.Store,
) -> None:
    trials, _ = tables(whole)
    for penalty in ("decay", "l1"):
        own = trials[trials["penalty"] == penalty]
        path = own[(own["phase"] == "path") & (own["path"] == "all")]
        assert 0 in path["strength"].to_numpy()
        confirmed = own[own["phase"] == "confirm"]
        assert path["max_epochs"].nunique() == 1
        assert set(confirmed["max_epochs"]) == set(path["max_epochs"])
    baseline = trials[trials["phase"] == "baseline"]
    assert set(baseline["epochs"]) == {4}


@pytest.mark.parametrize(("population", "stops"), [long(1, ()), (8, (0.1, 0.3, 0.7))])
def test_the_same_trials_at_any_width_interrupted_or_not(
    whole: sweep.Store, tmp_path: Path, population: int, stops: tuple[float, ...]
) -> None:
    store = run(tmp_path, study(population=population), stops)
    for mine, theirs in zip(tables(store), tables(whole), strict=True):
        pd.testing.assert_frame_equal(mine, theirs, rtol=1e-8, atol=1e-10)


def test_progress_counts_the_epochs_of_every_run(tmp_path: Path) -> None:
    shares: list[float] = []
    store = sweep.open_store(f"sqlite:///{tmp_path}/lengths.db")
    sweep.run_study(study(), store, observer=lambda progress: shares.append(progress.share))
    assert shares[-1] == pytest.approx(1.0, abs=1e-9)
    assert shares[0] < 0.1


def test_optuna_has_the_axis_and_the_epochs_that_were_trained(whole: sweep.Store) -> None:
    found = optuna.load_study(study_name="lengths", storage=whole.optuna_url).trials
    trials = tables(whole)[0].set_index("trial")
    explored = [t for t in found if t.user_attrs["phase"] == "explore"]
    for trial in explored:
        row = trials.loc[trial.user_attrs["regsweep_trial"]]
        assert trial.params["epochs"] == row["max_epochs"]
        assert list(trial.intermediate_values) == [row["epochs"]]


def test_the_report_counts_what_was_stopped_where_in_its_own_run(whole: sweep.Store) -> None:
    frames = gather(whole, "lengths")
    assert " to 9 epochs of adam" in setting_words(frames.study, frames.trials)
    pruning, found = Pruning(frames), section(frames)
    assert found is not None
    assert "half of the run and three quarters of the run" in found.intro
    n_stopped = sum(
        int(row[f"stopped at {words}"])
        for row in found.rows
        for words in ("half of the run", "three quarters of the run")
    )
    assert n_stopped == pruning.n_stopped > 0
    trials, runs = tables(whole)
    explored = trials[trials["phase"] == "explore"].set_index("trial")
    own = runs[runs["trial"].isin(explored.index)]
    full = explored["max_epochs"].to_numpy().sum()
    assert pruning.saved() == (full - own["epochs"].sum(), full)
