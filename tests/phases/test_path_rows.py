"""Paths whose runs keep what each validation row loses, and the boundaries that rest on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

import sweep
from sweep.data.splits import null_losses
from sweep.launchers.context import TrainingContext
from sweep.metrics.metric import ACCURACY, LOSS
from sweep.phases._path_rows import path_rows_of
from sweep.phases.history import EndedRun, StudyHistory
from sweep.records.trial import Phase, Progress, State
from sweep.statistics.boundary import Boundary

N_ROWS = 105


class Stop(Exception):
    """Ends a launch early."""


def arrays(n: int = N_ROWS) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((n, 8))
    return x, x[:, :3].sum(1) + rng.standard_normal(n)


def study(data: dict[str, Any] | None = None, **tables: dict[str, Any]) -> sweep.Study:
    """A few epochs of a linear model on parts that differ in size by a row."""
    x, y = arrays()
    return sweep.Study(
        study={"name": "rows"},
        data={"x": x, "y": y, "design": "kfold", "n_folds": 3, "test_fraction": 0.1} | (data or {}),
        model={"name": "linear"},
        training={"optimizer": "sgd", "lr": 0.05, "epochs": 4, "batch_size": 16}
        | tables.get("training", {}),
        search={
            "penalties": ["l2"],
            "trials": 2,
            "round": 2,
            "pruner": "none",
            "strength": {"low": 1e-3, "high": 10.0},
        },
        path={"points": 5, "ladder": "even", "resamples": 6} | tables.get("path", {}),
        hardware={"device": "cpu"} | tables.get("hardware", {}),
    )


def stored(study: sweep.Study, path: Path, stops: tuple[float, ...] = ()) -> sweep.Store:
    """The store after the study ran, stopped at these shares and launched again."""
    store = sweep.open_store(f"sqlite:///{path}")
    for stop in stops:

        def observe(progress: Progress, stop: float = stop) -> None:
            if progress.share > stop:
                raise Stop

        with pytest.raises(Stop):
            sweep.run_study(study, store, observer=observe)
    sweep.run_study(study, store)
    return store


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    return stored(study(), tmp_path_factory.mktemp("rows") / "sweep.db")


def test_every_row_is_held_out_once_in_each_repetition_and_its_losses_make_the_runs(
    whole: sweep.Store,
) -> None:
    rows, runs = sweep.row_losses_frame(whole), sweep.runs_frame(whole)
    trials = sweep.trials_frame(whole)
    assert set(rows["trial"]) == set(trials.loc[trials["phase"] == "path", "trial"])
    n_known = rows["row"].nunique()
    assert n_known == N_ROWS - round(N_ROWS * 0.1)
    assert (rows.groupby(["trial", "row"]).size() == 2).all()
    means = rows.groupby(["trial", "run"])["loss"].mean()
    losses = runs.set_index(["trial", "run"])["val_loss"].reindex(means.index)
    np.testing.assert_allclose(means, losses, rtol=1e-6)
    assert rows.groupby(["trial", "run"]).size().nunique() == 2


def estimated(
    store: sweep.Store, metric: str, x: np.ndarray, y: np.ndarray, dummy: Any, **options: Any
) -> Boundary:
    """The estimate from the frames; ``dummy`` is scikit-learn's constant predictor."""
    losses, runs = sweep.row_losses_frame(store), sweep.runs_frame(store)
    losses = losses[losses["metric"] == f"val_{metric}"]
    trials = sweep.trials_frame(store).query("phase == 'path'").sort_values("strength")
    by_run = runs.pivot(index="trial", columns="run").loc[trials["trial"]]
    size = losses.groupby(["trial", "run"])["loss"].transform("size")
    weighted = losses.assign(weight=1 / size, loss=losses["loss"] / size)
    sums = weighted.groupby(["trial", "row"])[["weight", "loss"]].sum().unstack("row")
    table = (sums["loss"] / sums["weight"]).loc[trials["trial"]]
    null, counts = np.zeros(N_ROWS), np.zeros(N_ROWS)
    for _, own in losses[losses["trial"] == trials["trial"].iloc[0]].groupby("run"):
        held_out = own["row"].to_numpy()
        train = np.setdiff1d(table.columns, held_out)
        predicted = dummy.fit(x[train], y[train]).predict(x[held_out])
        lost = predicted != y[held_out] if y.dtype == int else (predicted - y[held_out]) ** 2
        null[held_out] += lost / len(held_out)
        counts[held_out] += 1 / len(held_out)
    as_loss = (lambda value: 1 - value) if metric == "accuracy" else (lambda value: value)
    return sweep.estimate_boundary(
        trials["strength"].to_numpy(),
        as_loss(by_run[f"val_{metric}"].to_numpy()),
        as_loss(by_run[f"train_{metric}"].to_numpy()),
        as_loss(by_run[f"null_{metric}"].to_numpy()[0]),
        design="kfold",
        n_folds=3,
        validation_rows=table.to_numpy(),
        null_rows=(null / np.maximum(counts, 1e-9))[table.columns],
        row_counts=counts[table.columns],
        **options,
    )


def check_boundary(store: sweep.Store, metric: str, expected: Boundary) -> None:
    frame = sweep.boundaries_frame(store)
    (row,) = frame[frame["metric"] == f"val_{metric}"].to_dict("records")
    assert row["n_rows"] == expected.n_rows == N_ROWS - round(N_ROWS * 0.1)
    assert row["overfitting_verdict"] == str(expected.overfitting_verdict)
    for name in ("best_low", "overfitting_ends_high", "underfitting_starts_low"):
        assert row[name] == pytest.approx(getattr(expected, name), rel=1e-3, nan_ok=True), name
    assert f"from {expected.n_rows} rows" in row["sentence"]


def test_the_boundary_is_that_of_estimate_boundary_with_these_rows(whole: sweep.Store) -> None:
    check_boundary(whole, "loss", estimated(whole, "loss", *arrays(), DummyRegressor()))


def test_the_boundary_by_accuracy_is_that_of_the_rows_that_are_wrong(tmp_path: Path) -> None:
    x, y = arrays()
    y = (y > 0).astype(int)
    data = {"x": x, "y": y, "task": "classification"}
    store = stored(study(data, training={"lr": 0.5}), tmp_path / "sweep.db")
    resolution = 1 / sweep.open_store(store.url).read_study("rows").n_validation
    expected = estimated(store, "accuracy", x, y, DummyClassifier(), resolution=resolution)
    check_boundary(store, "accuracy", expected)


@pytest.mark.long
def test_rows_are_the_same_alone_or_stacked_and_resumed(whole: sweep.Store, tmp_path: Path) -> None:
    alone = stored(study(hardware={"population": 1}), tmp_path / "alone.db")
    resumed = stored(study(), tmp_path / "resumed.db", (0.5, 0.8))
    for store in (alone, resumed):
        for frame in (sweep.row_losses_frame, sweep.boundaries_frame):
            pd.testing.assert_frame_equal(frame(store), frame(whole), rtol=1e-5)


def context(data: dict[str, Any] | None = None, **tables: dict[str, Any]) -> TrainingContext:
    return TrainingContext(study(data, **tables), "cpu")


def test_groups_of_rows_and_null_losses_are_those_of_the_data() -> None:
    _, y = arrays()
    groups = np.arange(N_ROWS) // 3
    made = context({"groups": groups, "standardize": True})
    rows = path_rows_of(made)
    assert rows is not None
    assert rows.groups is not None
    own = rows.groups[rows.known]
    assert (own[:, None] == own).tolist() == (
        groups[rows.known][:, None] == groups[rows.known]
    ).tolist()
    for draw, held_out in zip(made.draws[Phase.PATH], rows.numbers, strict=True):
        null = null_losses(made.splits, draw)[LOSS]
        assert null.mean() == pytest.approx(made.splits.get(draw).null["loss"])
        assert np.corrcoef(null, (y[held_out] - y[rows.known].mean()) ** 2)[0, 1] > 0.95
    means = [made.splits.get(draw).null["loss"] for draw in made.draws[Phase.PATH]]
    assert rows.null[LOSS] @ rows.weights / rows.weights.sum() == pytest.approx(np.mean(means))


@pytest.mark.parametrize(
    ("data", "tables"),
    [
        ({"weight": np.linspace(1, 2, N_ROWS)}, {}),
        ({"time": np.arange(N_ROWS)}, {"path": {"resamples": 3}}),
        ({}, {"path": {"row_losses": 10}}),
    ],
)
def test_rows_are_not_kept_where_they_do_not_count_alike_or_are_too_many(
    data: dict[str, Any], tables: dict[str, Any]
) -> None:
    assert path_rows_of(context(data, **tables)) is None


def test_rows_with_weights_by_class_are_kept_by_accuracy_alone() -> None:
    data = {"y": np.arange(N_ROWS) % 3, "task": "classification"}
    rows = path_rows_of(context(data, training={"class_weight": "balanced"}))
    assert rows is not None
    assert rows.metrics == (ACCURACY,)


def test_a_run_that_kept_no_rows_leaves_the_path_to_its_columns(whole: sweep.Store) -> None:
    rows = path_rows_of(context())
    assert rows is not None
    history = StudyHistory(LOSS, {Phase.PATH: 6, Phase.EXPLORE: 1, Phase.CONFIRM: 6})
    history.add_trials(stored.trial for stored in whole.read_trials("rows"))
    for run in whole.read_runs("rows"):
        ended = EndedRun(run.state, {**run.metrics, "epochs": 4})
        history.restore_run((run.trial, run.number), ended, run.row_losses)
    trials = history.of_phase(Phase.PATH)
    assert np.isfinite(rows.losses(history, trials, LOSS)["validation_rows"]).all()
    diverged = (trials[1].number, 2)
    history.runs[diverged] = EndedRun(State.DIVERGED, {})
    del history.row_losses[diverged]
    finite = np.isfinite(rows.losses(history, trials, LOSS)["validation_rows"]).all(1)
    assert finite.tolist() == [place != 1 for place in range(len(trials))]
    del history.row_losses[(trials[0].number, 0)]
    assert rows.losses(history, trials, LOSS) == {}


@pytest.mark.long
def test_rows_are_the_same_in_processes_of_their_own(whole: sweep.Store, tmp_path: Path) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/workers.db")
    sweep.run_study(study(), store, workers=2)
    pd.testing.assert_frame_equal(
        sweep.row_losses_frame(store), sweep.row_losses_frame(whole), rtol=1e-5
    )
