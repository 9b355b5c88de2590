"""Decay as a timescale: what tau means, that trials follow it, and that reports tell it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest
import torch

import sweep
from dashboards.gather.decay_timescale import tau_of
from dashboards.gather.frames import Frames
from dashboards.sections.answers import answers, summary_table
from sweep.launchers.context import TrainingContext
from sweep.launchers.run_lengths import timescale_of
from sweep.regularizers.timescale import RunRates
from tests.support.report_frames import make_frames, make_small_frames, make_study

N_TRAIN = 120


def of_zeros(**changes: dict[str, object]) -> sweep.Study:
    """Rows of zeros, from which a weight gets no gradient: it only shrinks."""
    labels = torch.randint(0, 2, (200,), generator=torch.Generator().manual_seed(0))
    tables: dict[str, dict[str, object]] = {
        "training": {"epochs": 12, "batch_size": 10, "lr": 0.01},
        "search": {
            "penalties": ["none", "decay", "decay_independent"],
            "timescale": {"low": 1.0, "high": 20.0},
            "trials": 9,
            "sampler": "random",
            "pruner": "none",
        },
    }
    return sweep.Study(
        study={"name": "zeros"},
        data=(torch.zeros(200, 3), labels),
        model={"name": "linear"},
        path={"points": 0},
        hardware={"population": 9},
        **{name: {**table, **changes.get(name, {})} for name, table in tables.items()},
    )


@pytest.mark.parametrize(
    ("training", "axes", "unit"),
    [
        ({}, {}, "run"),
        ({"accumulate": 2, "optimizer": "sgd"}, {"batch_size": {"choices": [5, 12]}}, "epochs"),
        (
            {"schedule": "cosine", "warmup": 0.1, "optimizer": "lion", "lr_of": {"*.bias": 0.5}},
            {"lr": {"low": 3e-3, "high": 3e-2}, "final_lr": {"low": 0.01, "high": 0.5}},
            "run",
        ),
        (
            {"schedule": "wsd", "penalty_from": 0.25, "penalty_until": 0.75},
            {"epochs": {"choices": [10, 20]}, "warmup": {"low": 0.1, "high": 0.5}},
            "epochs",
        ),
    ],
)
def test_a_run_without_gradients_shrinks_weights_to_exp_of_minus_1_over_tau(
    tmp_path: Path, training: dict[str, object], axes: dict[str, object], unit: str
) -> None:
    """What tau promises of every schedule, however long a run is: (1 - 1/n)^n is near 1/e."""
    of_unit = {"low": 12.0, "high": 240.0, "unit": unit} if unit == "epochs" else {}
    search = {"axes": axes} | ({"timescale": of_unit} if of_unit else {})
    store = sweep.open_store(f"sqlite:///{tmp_path}/zeros.db")
    sweep.run_study(of_zeros(training=training, search=search), store)
    trials = sweep.trials_frame(store, "zeros")
    norms = sweep.runs_frame(store, "zeros").set_index("trial")["weight_norm"]
    explored = trials[trials["phase"] == "explore"].set_index("trial")
    start = norms[explored.index[explored["penalty"] == "none"]].unique()
    assert len(start) == 1, "no gradient"
    decays = explored[explored["penalty"] != "none"]
    tau = decays["tau"] / (decays.get("max_epochs", 12) if unit == "epochs" else 1)
    assert decays["penalty"].nunique() == 2 < len(decays)
    np.testing.assert_allclose(norms[decays.index] / start[0], np.exp(-1 / tau), rtol=0.03)


def test_a_penalty_that_never_acts_in_a_run_counts_as_one_step() -> None:
    study_ = of_zeros(training={"epochs": 1, "penalty_from": 0.999})
    times = timescale_of(TrainingContext(study_))
    assert times is not None
    assert times.other("decay", 0.5, {}) == pytest.approx(1 / (0.01 * 0.5))


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
    assert {"explore", "select", "path", "confirm"} == set(decay["phase"])
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
    from sweep.search.sampler import Search
    from sweep.search.strengths import Strengths

    asked = []
    for changes in ({}, training):
        shop = TrainingContext(study(training=changes, search={"axes": {}}))
        strengths = Strengths(shop.study.search, shop.layers, timescale=timescale_of(shop))
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
    assert "tau" not in meanings["l2"]
    table = pd.DataFrame(summary_table(frames))
    table = table.set_index("penalty")
    both = f"{tau:.2g} of the run, {tau * study_.epochs:.2g} epochs"
    assert f"underfitting starts at {both}" in meanings["decay"]
    assert table.loc["decay", "underfitting starts"].endswith(f", tau {both}")
    assert "tau" in table.loc["decay", "overfitting ends"]
    assert "tau" in table.loc["decay", "best strength (estimate)"]
    assert not any("tau" in cell for cell in table.loc["l1"].astype(str))


def tau_of_one(own: dict[str, float], **facts: object) -> tuple[float, float]:
    """The tau of strength 1 in a report whose path has its ``own`` numbers."""
    frames = make_small_frames()
    frames["trials"] = frames["trials"].assign(lr=0.01, **own)
    tau = tau_of(Frames(study=make_study(**facts), **frames), "decay", 1.0)
    return tau.share, tau.epochs


COSINE = {
    "schedule": "cosine",
    "schedule_numbers": {"warmup": 0.0, "final_lr": 0.0, "penalty_from": 0.0, "penalty_until": 1.0},
    "factors": 1000.5,
}


@pytest.mark.parametrize(
    ("own", "facts", "factors", "epochs"),
    [
        ({}, {}, 2000, 40),
        ({"batch_size": 640}, {}, 200, 40),
        ({"batch_size": 640}, {"accumulate": 5}, 40, 40),
        ({"max_epochs": 20}, {}, 1000, 20),
        ({}, COSINE, 1000.5, 40),
        ({"final_lr": 0.5}, COSINE, 1000.5 + 0.5 * 999.5, 40),
        ({"max_epochs": 20}, COSINE, 500.5, 20),
        ({"warmup": 100.0}, COSINE, 50.5 + 950.5, 40),
        ({"penalty_from": 0.5}, COSINE, 1000.5 - 818.56, 40),
        ({"max_epochs": 20}, COSINE | {"schedule": ""}, 500.25, 20),
    ],
)
def test_the_report_knows_tau_by_the_steps_and_the_schedule_of_the_paths_own_trials(
    own: dict[str, float], facts: dict[str, object], factors: float, epochs: float
) -> None:
    """By hand: 50 steps of an epoch; factors of a cosine over T steps sum to (T + 1) / 2."""
    share, in_epochs = tau_of_one(own, **facts)
    assert share == pytest.approx(1 / (0.01 * factors), rel=1e-4)
    assert in_epochs == pytest.approx(epochs * share)


def test_the_tau_of_a_users_schedule_with_numbers_of_its_own_is_not_known() -> None:
    found = tau_of_one({"warmup": 0.3}, **{**COSINE, "schedule": ""})
    assert np.isnan(found).all()


def test_the_tau_of_decay_independent_knows_no_learning_rate() -> None:
    rates = RunRates(0.01, 500.0, 40.0)
    assert rates.tau("decay_independent", 0.1) == pytest.approx(1 / 50)
    assert rates.tau("decay", 0.1) == pytest.approx(2.0)
    assert rates.tau_epochs("decay", 0.1) == pytest.approx(80.0)
