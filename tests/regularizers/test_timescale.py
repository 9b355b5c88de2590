"""Decay as a timescale: what tau means, that trials follow it, and that reports tell it."""

from __future__ import annotations

import math

import numpy as np
import optuna
import pandas as pd
import pytest
import torch

import sweep
from dashboards.gather.frames import Frames
from dashboards.sections.answers import answers, summary_table
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import Layer
from sweep.regularizers.timescale import Timescale
from tests.support.report_frames import make_frames, make_study

N_TRAIN = 120


def timescale(**changes: float) -> Timescale:
    numbers = {"lr": 0.01, "batch_size": 16, "epochs": 5, **changes}
    return Timescale(0.1, 10.0, N_TRAIN, **numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{}, {"lr": 0.003}, {"batch_size": 50}, {"epochs": 20}])
def test_a_run_without_gradients_shrinks_weights_to_exp_of_minus_1_over_tau(
    changes: dict[str, float],
) -> None:
    """What tau promises at any learning rate, batch size and epochs: (1 - 1/n)^n is near 1/e."""
    times, tau = timescale(epochs=200), 0.7
    lr = float(changes.get("lr", times.lr))
    strength = torch.tensor([times.other(tau, changes)], dtype=torch.float64)
    weight = torch.ones(1, 1, dtype=torch.float64)
    steps = int(changes.get("epochs", 200)) * (N_TRAIN // int(changes.get("batch_size", 16)))
    for _ in range(steps):
        PENALTIES["decay"].shrink(Layer(weight, strength), torch.tensor([lr], dtype=torch.float64))
    assert float(weight) == pytest.approx(math.exp(-1 / tau), rel=1.5 / steps / tau**2)


def test_a_batch_larger_than_the_training_rows_is_all_of_them() -> None:
    assert timescale(batch_size=1000).steps({}) == timescale(batch_size=N_TRAIN).steps({}) == 5


def study(**changes: dict[str, object]) -> sweep.Study:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(200, 6, generator=random)
    tables: dict[str, dict[str, object]] = {
        "training": {"epochs": 4, "batch_size": 24, "lr": 0.01},
        "search": {
            "penalties": ["decay", "l2"],
            "timescale": {"low": 0.05, "high": 20.0},
            "trials": 12,
            "axes": {
                "lr": {"low": 3e-3, "high": 3e-2},
                "batch_size": {"choices": [12, 40]},
            },
        },
    }
    return sweep.Study(
        study={"name": "timed"},
        data=(x, (x[:, 0] > 0).long()),
        model={"hidden": [4]},
        path={"points": 5, "resamples": 2, "layers": "all"},
        hardware={"population": 4},
        **{name: {**table, **changes.get(name, {})} for name, table in tables.items()},
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    store = sweep.open_store(f"sqlite:///{tmp_path_factory.mktemp('timed')}/timed.db")
    sweep.run_study(study(), store)
    return store


def test_every_decay_trial_has_the_strength_of_its_tau_at_its_own_lr_and_batch_size(
    store: sweep.Store,
) -> None:
    trials = sweep.trials_frame(store, "timed")
    decay = trials[(trials["penalty"] == "decay") & (trials["strength"] > 0)]
    assert {"explore", "path", "confirm"} == set(decay["phase"])
    assert {"all", "hidden1", "output"} <= set(decay["path"])
    steps = 4 * (N_TRAIN // decay["batch_size"].astype(int))
    np.testing.assert_allclose(decay["strength"], 1 / (decay["lr"] * steps * decay["tau"]))
    explored = decay[decay["phase"] == "explore"]
    assert explored["batch_size"].nunique() == 2
    assert explored["tau"].between(0.05, 20.0).all()
    rest = trials[(trials["penalty"] != "decay") | (trials["strength"] == 0)]
    assert rest["tau"].isna().all()


def test_the_ladder_of_decay_spans_taus_range_at_the_best_trials_learning_rate(
    store: sweep.Store,
) -> None:
    trials = sweep.trials_frame(store, "timed")
    path = trials[(trials["phase"] == "path") & (trials["path"] == "all")]
    tau = path.loc[(path["penalty"] == "decay") & (path["strength"] > 0), "tau"]
    first = np.sort(tau.to_numpy())
    assert first.min() <= 0.05 * (1 + 1e-9)
    assert first.max() >= 20.0 * (1 - 1e-9)


def test_optuna_sees_tau_as_the_axis_of_decay_and_strength_as_that_of_others(
    store: sweep.Store,
) -> None:
    found = optuna.load_study(study_name="timed", storage=store.optuna_url).trials
    trials = sweep.trials_frame(store, "timed").set_index("trial")
    for trial in found:
        row = trials.loc[trial.user_attrs["regsweep_trial"]]
        timed = row["penalty"] == "decay" and row["strength"] > 0
        assert ("tau" in trial.params) == timed
        assert ("strength" in trial.params) == (row["penalty"] == "l2" and row["strength"] > 0)
        if timed:
            assert trial.params["tau"] == row["tau"]
            assert trial.user_attrs["strength"] == row["strength"]


@pytest.mark.parametrize(
    ("training", "factor"),
    [({"batch_size": 12}, 5 / 10), ({"epochs": 8}, 1 / 2), ({"lr": 0.02}, 1 / 2)],
)
def test_other_batch_sizes_epochs_and_learning_rates_rescale_the_strengths_by_themselves(
    training: dict[str, object], factor: float
) -> None:
    from sweep.launchers.context import TrainingContext
    from sweep.search.sampler import Search
    from sweep.search.strengths import Strengths

    asked = []
    for changes in ({}, training):
        shop = TrainingContext(study(training=changes, search={"axes": {}}))
        strengths = Strengths(shop.study.search, shop.layers, timescale=shop.timescale)
        trials = Search(shop.study, strengths).ask(0, [], [])
        asked.append([t for t in trials if t.penalty == "decay"])
    for before, after in zip(*asked, strict=True):
        assert after.params["tau"] == before.params["tau"]
        assert after.strength == pytest.approx(factor * before.strength)


def test_the_report_tells_tau_beside_the_strengths_of_decay_and_of_no_other() -> None:
    frames = Frames(study=make_study(), **make_frames())
    study_, boundaries = frames.study, frames.boundaries
    lr = frames.trials.loc[frames.trials["phase"] == "path", "lr"].mean()
    row = boundaries[(boundaries["penalty"] == "decay") & (boundaries["metric"] == "val_loss")]
    steps = study_.epochs * study_.steps_per_epoch
    tau = 1 / (lr * steps * float(row["underfitting_starts"].iloc[0]))
    meanings = {answer.penalty: answer.meaning for answer in answers(frames)}
    assert f"underfitting starts at {tau:.2g}" in meanings["decay"]
    assert "tau" not in meanings["l2"]
    table = pd.DataFrame(summary_table(frames))
    table = table.set_index("penalty")
    assert table.loc["decay", "underfitting starts"].endswith(f", tau {tau:.2g}")
    assert "tau" in table.loc["decay", "overfitting ends"]
    assert "tau" in table.loc["decay", "best strength (estimate)"]
    assert not any("tau" in cell for cell in table.loc["l1"].astype(str))


def test_the_timescale_of_a_swept_batch_size_is_that_of_the_paths_own() -> None:
    frames = make_frames()
    one = Frames(study=make_study(), **frames)
    batches = frames["trials"].assign(batch_size=640.0)
    other = Frames(study=make_study(), **{**frames, "trials": batches})
    by_words = [
        next(a.meaning for a in answers(f) if a.penalty == "decay").split("the best lies at ")[1]
        for f in (one, other)
    ]
    taus = [float(words.split(",")[0]) for words in by_words]
    assert taus[1] == pytest.approx(10 * taus[0], rel=0.06), "a tenth of the steps, in two digits"
