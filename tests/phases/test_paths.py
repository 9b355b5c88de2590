"""Paths through whole studies: what a ladder adds, interrupted or not, and layer by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import sweep
from dashboards.gather.provisional import provisional_boundaries
from sweep.records.trial import Progress


class Stop(Exception):
    """Ends a launch early."""


def rows(n: int = 240, p: int = 60) -> tuple[Tensor, Tensor]:
    """A linear problem with noise, so few rows that a linear model overfits."""
    random = torch.Generator().manual_seed(3)
    x = torch.randn(n, p, generator=random)
    return x, x[:, :10].sum(1, keepdim=True) / 2 + torch.randn(n, 1, generator=random)


def study(data: object = None, **path: object) -> sweep.Study:
    return sweep.Study(
        study={"name": "paths"},
        data=rows() if data is None else data,
        model={"name": "linear"},
        training={"optimizer": "sgd", "lr": 0.02, "epochs": 20, "batch_size": 36},
        search={
            "penalties": ["l2"],
            "trials": 4,
            "round": 4,
            "pruner": "none",
            "strength": {"low": 1e-4, "high": 3.0},
        },
        path={"points": 12, "resamples": 4, **path},
        hardware={"precision": "float64"},
    )


def run(study: sweep.Study, url: str, stops: tuple[float, ...] = ()) -> sweep.Store:
    """The store after the study ran, stopped at these shares and launched again."""
    store = sweep.open_store(url)
    for stop in stops:

        def observe(progress: Progress, stop: float = stop) -> None:
            if progress.share > stop:
                raise Stop

        with pytest.raises(Stop):
            sweep.run_study(study, store, observer=observe)
    sweep.run_study(study, store)
    return store


def test_a_ladder_is_the_same_interrupted_or_not_and_says_why_it_ended(tmp_path: Path) -> None:
    frames = []
    for stops in ((), (0.3, 0.5, 0.7)):
        store = run(study(), f"sqlite:///{tmp_path}/{len(stops)}.db", stops)
        frames.append(sweep.trials_frame(store, "paths").drop(columns="seconds"))
        boundaries = sweep.boundaries_frame(store, "paths")
        ended = boundaries["ending_kind"] != "none"
        assert (ended == (boundaries["ending"] != "")).all()
        assert ended.tolist() == (boundaries["metric"] == "val_loss").tolist()
    path = frames[0][frames[0]["phase"] == "path"]
    assert 8 < len(path) <= 13, "more than it began with, no more than it may"
    assert path["strength"].is_unique
    first = np.r_[0, np.geomspace(1e-4, 3.0, 7)]
    np.testing.assert_allclose(np.sort(path["strength"].to_numpy()[:8]), first, rtol=1e-9)
    pd.testing.assert_frame_equal(*frames)


def generate(seed: int) -> tuple[Tensor, Tensor]:
    """A new draw of a linear problem with noise, which a linear model overfits."""
    random = torch.Generator().manual_seed(seed % 2**31)
    x = torch.randn(400, 200, generator=random)
    return x, x[:, :10].sum(1, keepdim=True) / 2 + torch.randn(400, 1, generator=random)


def test_runs_of_a_budget_go_where_they_count_interrupted_or_not(tmp_path: Path) -> None:
    data = {"name": generate, "design": "fresh"}
    budget = study(data, runs=60)
    faster = {"lr": 0.05, "batch_size": 100}
    budget = budget.model_copy(
        update={"training": budget.training.model_copy(update=faster)},
    )
    tables = []
    for stops in ((), (0.6,)):
        store = run(budget, f"sqlite:///{tmp_path}/{len(stops)}.db", stops)
        tables.append(
            [
                sweep.trials_frame(store, "paths").drop(columns="seconds"),
                sweep.boundaries_frame(store, "paths"),
            ]
        )
    for frames in zip(*tables, strict=True):
        pd.testing.assert_frame_equal(*frames)
    trials, boundaries = tables[0]
    path = trials[trials["phase"] == "path"].sort_values("strength")
    assert (path["state"] == "complete").all()
    assert 50 < path["n_runs"].sum() <= 60
    counts = path["n_runs"].to_numpy()
    assert counts.min() == 3 < counts.max()
    assert set(boundaries["n_resamples"]) == {counts.max()}
    assert (trials.loc[trials["phase"] == "confirm", "n_runs"] == 4).all()
    facts, runs = store.read_study("paths"), sweep.runs_frame(store, "paths")
    (live,) = provisional_boundaries(facts, trials, runs, list(boundaries)).to_dict("records")
    numbers = boundaries.select_dtypes("number").columns
    assert [live[name] for name in numbers] == pytest.approx(
        boundaries[numbers].iloc[0].tolist(), rel=1e-12, nan_ok=True
    )
    best = trials[(trials["phase"] == "confirm") & (trials["penalty"] == "l2")].iloc[0]
    assert counts[path["strength"] == best["strength"]] == counts.max()


def test_an_even_ladder_takes_all_its_strengths_at_once(tmp_path: Path) -> None:
    store = run(study(ladder="even"), f"sqlite:///{tmp_path}/even.db")
    trials = sweep.trials_frame(store, "paths")
    path = trials[trials["phase"] == "path"]["strength"].to_numpy()
    np.testing.assert_allclose(path, np.r_[0, np.geomspace(1e-4, 3.0, 12)], rtol=1e-9)


class TwoBranches(nn.Module):
    """A branch that learns, and one whose weights nothing depends on."""

    def __init__(self, n_inputs: int, n_outputs: int) -> None:
        super().__init__()
        self.used = nn.Linear(n_inputs, n_outputs)
        self.idle = nn.Linear(n_inputs, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.used(x) + 0 * self.idle(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize("metric", ["val_loss"])
def test_every_layer_has_a_path_with_the_others_held_and_one_without_effect_is_named(
    metric: str, tmp_path: Path
) -> None:
    layered = study(layers="best", points=5, resamples=3).model_copy(
        update={"model": sweep.Study(study={"name": "x"}, data=rows(), model=TwoBranches).model}
    )
    store = run(layered, f"sqlite:///{tmp_path}/layers.db")
    trials = sweep.trials_frame(store, "paths")
    path = trials[trials["phase"] == "path"]
    assert set(path["path"]) == {"all", "used", "idle"}
    together = path[path["path"] == "all"]
    best = together[together["strength"] > 0].sort_values("val_loss").iloc[0]
    for layer, other in (("used", "idle"), ("idle", "used")):
        mine = path[path["path"] == layer]
        assert (mine[f"strength.{layer}"] == mine["strength"]).all()
        assert (mine[f"strength.{other}"] == best[f"strength.{other}"]).all()
        assert (mine["lr"] == best["lr"]).all()
    boundaries = sweep.boundaries_frame(store, "paths").set_index(["layer", "metric"])
    verdicts = boundaries["verdict"].xs(metric, level="metric")
    assert verdicts["idle"] == "no_effect"
    assert verdicts["used"] != verdicts["idle"]
    assert "l2 on idle: no measurable effect" in boundaries.loc[("idle", metric), "sentence"]
    confirmed = trials[trials["phase"] == "confirm"]
    winner = confirmed[confirmed["penalty"] == "l2"].iloc[0]
    assert winner["strength.used"] == winner["strength.idle"] == best["strength"]
