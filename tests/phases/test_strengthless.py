"""A penalty without a strength: it is searched and confirmed, and has no path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sweep
from dashboards import build_report
from sweep.phases.driver import run_study
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
    assert set(own.phase) == {"explore", "confirm"}
    assert (own.strength == 1).all()
    assert own.lr.nunique() > 1
    assert set(boundaries.penalty) == {"decay"}
    searched = own[own.phase == "explore"].trial  # all from one seed
    held = layers[layers.trial.isin(searched)].groupby("layer").norm
    assert np.allclose(held.max(), held.min(), rtol=1e-5)


def test_a_second_launch_finds_nothing_to_do(database: str) -> None:
    store = sweep.open_store(database)
    before = sweep.runs_frame(store, "held")
    run_study(study(), store)
    assert sweep.runs_frame(store, "held").equals(before)


def test_its_page_renders(database: str, tmp_path: Path) -> None:
    build_report(sweep.open_store(database), out=tmp_path)
    assert "fixed_norm" in next(tmp_path.glob("held*")).read_text(encoding="utf-8")
