"""Whole studies with a loop of the user's: the same numbers however their runs are trained."""

from __future__ import annotations

import json
import math
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sweep
from dashboards.pages.report import build_report
from sweep.launchers.own_run import OwnRun
from sweep.metrics.metric import ACCURACY, LOSS
from sweep.phases._numbers import TrialNumbers
from sweep.phases.best import lines_to_paste, retrain_best
from sweep.phases.history import StudyHistory
from sweep.phases.path_boundaries import Resamples, conclude, strongest_losses
from sweep.phases.paths import Paths
from sweep.records.parameters import ALL_LAYERS
from sweep.records.trial import Draw, Phase, Role, Run, RunResult, State, Trial
from sweep.search.strengths import Strengths
from tests.support.own_loops import COMMAND, FUNCTION, losses, write_study

EXACT = ["trial", "run", "state", "epochs", "val_loss", "train_loss", "test_loss"]


def ran(folder: Path, loop: str = FUNCTION, workers: int = 1) -> sweep.Store:
    """The store of a study that ran to its end."""
    store = sweep.open_store(f"sqlite:///{folder}/own.db")
    sweep.run_study(sweep.load_study(write_study(folder, loop)), store, workers=workers)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    """A study with a function, two runs at a time."""
    return ran(tmp_path_factory.mktemp("function"), workers=2)


def test_every_number_is_what_the_loop_reported(store: sweep.Store) -> None:
    runs = sweep.runs_frame(store, "own").merge(
        sweep.trials_frame(store, "own")[["trial", "phase", "penalty", "strength", "lr"]],
        on="trial",
    )
    assert set(runs["state"]) == {"complete", "pruned"}
    assert set(runs["phase"]) == {"explore", "path", "confirm"}
    assert runs["lr"].isna().all()
    for run in runs.itertuples():
        wanted = losses(run.penalty, run.strength, run.seed % 2**31, run.epochs)
        assert run.val_loss == pytest.approx(wanted["val_loss"], rel=1e-15)
        assert run.train_loss == pytest.approx(wanted["train_loss"], rel=1e-15)
    final = runs["phase"] == "confirm"
    assert (runs.loc[final, "test_loss"] == 0.5 + runs.loc[final, "strength"]).all()
    assert runs.loc[~final, "test_loss"].isna().all()
    assert (runs.loc[runs["state"] == "complete", "epochs"] == 4).all()
    assert set(runs.loc[runs["state"] == "pruned", "epochs"]) <= {2, 3}


@pytest.mark.long
def test_a_study_comes_to_the_same_in_postgresql(
    store: sweep.Store, postgres: str, tmp_path: Path
) -> None:
    theirs = sweep.open_store(postgres)
    sweep.run_study(sweep.load_study(write_study(tmp_path)), theirs)
    for frame in (sweep.runs_frame, sweep.boundaries_frame):
        found = [
            frame(one, "own").drop(columns="seconds", errors="ignore") for one in (store, theirs)
        ]
        pd.testing.assert_frame_equal(*found, rtol=1e-12)
    theirs.close()


def test_curves_have_a_point_for_every_epoch(store: sweep.Store) -> None:
    curves = sweep.curves_frame(store, "own").groupby(["trial", "run", "metric"])["epoch"]
    lasts = sweep.runs_frame(store, "own").set_index(["trial", "run"])["epochs"]
    for (trial, run, metric), epochs in curves:
        assert metric in ("train_loss", "val_loss")
        assert list(epochs) == list(range(1, lasts[trial, run] + 1))


def test_boundaries_enclose_the_best_strength_that_is_known(store: sweep.Store) -> None:
    found = sweep.boundaries_frame(store, "own").set_index(["penalty", "metric"])
    for penalty, best in (("l2", 1e-2), ("l1", 1e-1)):
        row = found.loc[penalty, "val_loss"]
        assert row["null_loss"] == 2.0
        assert row["overfitting_ends"] < best < row["underfitting_starts"]
    assert sweep.read_study(store, "own")["winner"] is not None


def test_the_report_of_such_a_study_is_written(store: sweep.Store, tmp_path: Path) -> None:
    text = build_report(store, ["own"], tmp_path).with_name("own.html").read_text()
    assert "4 epochs of the user&#39;s function" in text
    assert "None" not in text.split("<script")[0]


def test_the_best_of_a_loop_without_a_model_has_settings_and_lines_alone(
    store: sweep.Store, tmp_path: Path
) -> None:
    study = sweep.load_study(write_study(tmp_path))
    winner = retrain_best(study, store)
    assert winner.weights == winner.regularizer == {}
    wanted = losses(winner.trial.penalty, winner.trial.strength, winner.settings["seed"], 4)
    assert winner.metrics["val_loss"] == pytest.approx(wanted["val_loss"], rel=1e-15)
    assert winner.metrics["test_loss"] == 0.5 + winner.trial.strength
    lines = lines_to_paste(study, winner, "best.pt")
    assert f"strength = {winner.trial.strength!r}  # run.strength, of l2" in lines


def check_best_command(folder: Path, store: sweep.Store) -> None:
    """The line that ``best`` prints gives the losses that the confirm phase had."""
    study = sweep.load_study(folder / "own.toml")
    winner = retrain_best(study, store)
    *_, line = lines_to_paste(study, winner, "best.pt")
    assert line.split()[0] == "python"
    words = [sys.executable, *shlex.split(line)[1:]]
    said = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout
    last = json.loads(said.splitlines()[-1])
    assert last["val_loss"] == winner.metrics["val_loss"]
    assert last["test_loss"] == winner.metrics["test_loss"]


def test_a_study_comes_to_the_same_by_a_command_and_with_any_workers(
    store: sweep.Store, tmp_path: Path
) -> None:
    other = ran(tmp_path, COMMAND, workers=1)
    check_best_command(tmp_path, other)
    for frame in (sweep.runs_frame, sweep.trials_frame):
        mine, theirs = frame(store, "own"), frame(other, "own")
        columns = [c for c in mine.columns if c != "seconds"]
        pd.testing.assert_frame_equal(mine[columns], theirs[columns], rtol=1e-15)


def test_a_function_from_python_needs_neither_data_nor_a_name(tmp_path: Path) -> None:
    offset = 0.25

    def fit(run: OwnRun) -> None:
        assert run.rows is None
        for _ in range(run.epochs):
            run.report(train_loss=run.params["width"], val_loss=run.params["width"] + offset)

    study = sweep.Study(
        train=fit,
        training={"epochs": 2},
        search={
            "penalties": ["none"],
            "trials": 2,
            "axes": {"width": {"choices": [3, 4]}},
            "sampler": "grid",
        },
        path={"points": 0, "resamples": 1},
    )
    store = sweep.open_store(f"sqlite:///{tmp_path}/python.db")
    sweep.run_study(study, store)
    trials = sweep.trials_frame(store, "fit").query("phase == 'explore'")
    assert dict(zip(trials["width"], trials["val_loss"], strict=True)) == {3: 3.25, 4: 4.25}


def test_the_strongest_strength_is_the_last_that_ended() -> None:
    validation = np.array([[0.1, 0.2, 0.3, np.nan], [0.4, 0.5, np.nan, np.nan]])
    np.testing.assert_array_equal(strongest_losses(validation), [0.4, 0.5, 0.3, np.nan])


def test_without_a_constant_predictor_one_stands_for_it_in_all_paths() -> None:
    """The loss at the strongest strength of the penalty that has the highest there."""

    def fit(run: OwnRun) -> None: ...

    study = sweep.Study(train=fit, search={"penalties": ["l2", "l1"]}, path={"resamples": 2})
    history = StudyHistory(LOSS, {Phase.PATH: 2})
    for number, (penalty, strength, loss) in enumerate(
        [("l2", s, 0.5 + s) for s in (0.0, 0.1, 0.2, 0.3, 0.4)]
        + [("l1", s, 0.5 + 2 * s) for s in (0.0, 0.1, 0.2, 0.3, 0.4)]
    ):
        trial = Trial(number, Phase.PATH, 0, penalty, strength, {}, {}, Role.POINT, ALL_LAYERS)
        history.add_trials([trial])
        for i in range(2):
            metrics = {"val_loss": loss + 0.01 * i, "train_loss": loss}
            run = Run(number, i, Draw(i, 0, 0, i, i))
            history.end_run(RunResult(run, State.COMPLETE, 1, metrics))
    rows = conclude(history, Resamples(study, 2, None, 0.25), [LOSS], {})
    assert [row["penalty"] for row in rows] == ["l2", "l1"]
    assert [row["null_loss"] for row in rows] == pytest.approx([1.305] * 2)


def test_a_ladder_of_a_loop_grows_towards_a_best_at_its_end() -> None:
    """What decay's strongest strength leaves is its best, and no constant predictor's loss: that
    is of l1, whose strongest leaves nothing. Between few strengths noise is as large as the gain.
    """

    def fit(run: OwnRun) -> None: ...

    study = sweep.Study(
        train=fit,
        search={"penalties": ["decay", "l1"], "strength": {"low": 1e-3, "high": 1e1}},
        path={"resamples": 3},
    )
    history = StudyHistory(LOSS, {Phase.PATH: 3, Phase.EXPLORE: 1})
    resamples, numbers = Resamples(study, 3, None, 0.25), TrialNumbers(study, history)
    paths = Paths(study, history, Strengths(study.search, ()), resamples, numbers)
    for n, penalty in enumerate(["decay", "l1"]):
        base = Trial(n, Phase.EXPLORE, 0, penalty, 1.0, {}, {}, Role.POINT, ALL_LAYERS)
        history.add_trials([base])
        run = Run(n, 0, Draw(0, 0, 0, 0, 0))
        history.end_run(RunResult(run, State.COMPLETE, 1, {"val_loss": 1.0, "train_loss": 1.0}))
    plans = [*paths.of_penalty("decay"), *paths.of_penalty("l1")]
    first = [trial for plan in plans for trial in paths.next_trials(plan)]
    assert len(first) == 2 * 8
    history.add_trials(first)
    for trial in first:
        x = math.log10(max(trial.strength, 1e-9))
        kept = max(0.0, x + 2) / 3 if trial.penalty == "decay" else min(1.0, max(0.0, x + 2))
        loss = 0.8 - 0.1 * kept if trial.penalty == "decay" else 0.8 + 0.4 * kept
        for i in range(3):
            metrics = {"val_loss": loss + 0.03 * (i - 1) * (1 - kept), "train_loss": 0.1 + kept}
            run = Run(trial.number, i, Draw(i, 0, 0, i, i))
            history.end_run(RunResult(run, State.COMPLETE, 1, metrics))
    grown = [t.strength for t in paths.next_trials(plans[0])]
    assert max(grown) == pytest.approx(10 ** (1 + 4 / 6))


def test_a_metric_without_its_training_values_has_boundaries_without_a_cause() -> None:
    def fit(run: OwnRun) -> None: ...

    study = sweep.Study(train=fit, search={"penalties": ["l2"]}, path={"resamples": 3})
    history = StudyHistory(LOSS, {Phase.PATH: 3})
    for number, strength in enumerate((0.0, 1e-3, 1e-2, 1e-1, 1.0, 10.0)):
        trial = Trial(number, Phase.PATH, 0, "l2", strength, {}, {}, Role.POINT, ALL_LAYERS)
        history.add_trials([trial])
        for i in range(3):
            metrics = {"val_loss": 1.0, "train_loss": 0.5, "null_accuracy": 0.1}
            metrics["val_accuracy"] = 0.9 - 0.2 * (strength >= 1.0) + 0.01 * i
            run = Run(number, i, Draw(i, 0, 0, i, i))
            history.end_run(RunResult(run, State.COMPLETE, 1, metrics))
    (row,) = conclude(history, Resamples(study, 3, None, 0.25), [ACCURACY], {})
    assert row["n_strengths"] == 5
    assert row["underfitting_verdict"] == "found"
    assert row["underfitting_cause"] == "undetermined"


def test_a_constant_predictor_that_moves_with_the_strength_is_refused() -> None:
    def fit(run: OwnRun) -> None: ...

    study = sweep.Study(train=fit, search={"penalties": ["l2"]}, path={"resamples": 2})
    history = StudyHistory(LOSS, {Phase.PATH: 2})
    for number, strength in enumerate((0.0, 1e-3, 1e-2, 1e-1)):
        trial = Trial(number, Phase.PATH, 0, "l2", strength, {}, {}, Role.POINT, ALL_LAYERS)
        history.add_trials([trial])
        for i in range(2):
            metrics = {"val_loss": 1.0, "train_loss": 0.5, "null_loss": 2.0 + i * (1 + strength)}
            run = Run(number, i, Draw(i, 0, 0, i, i))
            history.end_run(RunResult(run, State.COMPLETE, 1, metrics))
    with pytest.raises(sweep.DataError, match=r"found 3 and 3\.001 on resample 1 of l2"):
        conclude(history, Resamples(study, 2, None, 0.25), [LOSS], {})
