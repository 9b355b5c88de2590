"""Cocktails: a conditional search, paths of single ingredients, and the ablation afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from sklearn.datasets import load_digits

import sweep
from dashboards.gather.cocktail import recipe
from dashboards.sections.ablation import ablation_table
from sweep.errors import StudyError
from sweep.phases.paths import ablated, with_ingredient
from sweep.records.trial import FinishedTrial, Phase, State, Trial
from sweep.search.sampler import Search
from sweep.search.strengths import Strengths
from sweep.study.study import Study
from tests.cli.test_app import call

COCKTAIL: dict[str, Any] = {
    "penalties": ["cocktail", "l1"],
    "cocktail": ["decay", "l1", "dropout"],
    "trials": 24,
    "round": 8,
    "strength": {"low": 1e-4, "high": 1e-1, "decay": {"low": 0.1, "high": 10.0}},
}
SEED = 4
DIGITS = load_digits()
ROWS = (DIGITS.data[:600] / 16, DIGITS.target[:600])
WEAK = {
    "strength": {
        "low": 1e-6,
        "high": 1e-5,
        "decay": {"low": 1e-3, "high": 1e-2},
        "dropout": {"low": 1e-2, "high": 5e-2},
    }
}
"""So weak that a cocktail is as good with them as without."""


def study_of(seed: int = 0, **search: Any) -> Study:
    return Study(
        study={"name": "mixed", "seed": seed},
        data=ROWS,
        model={"hidden": [16, 16]},
        training={"epochs": 4, "lr": 5e-3},
        search={**COCKTAIL, **search},
        path={"points": 5, "ladder": "even", "resamples": 2},
        hardware={"precision": "float64"},
    )


def search_of(layers: tuple[str, ...], **search: Any) -> Search:
    study = study_of(**search)
    return Search(study, Strengths(study.search, layers))


def ended(trial: Trial, value: float) -> FinishedTrial:
    return FinishedTrial(trial, State.COMPLETE, value, 4)


@pytest.mark.parametrize("sampler", ["tpe", "qmc", "random"])
def test_a_strength_is_asked_for_where_its_ingredient_is_used_and_nowhere_else(
    sampler: str,
) -> None:
    search = search_of(("a", "b"), sampler=sampler, trials=64, round=16, startup=16)
    known: list[FinishedTrial] = []
    used = dict.fromkeys(COCKTAIL["cocktail"], 0)
    for round_ in range(4):
        trials = search.ask(round_, known, [])
        for trial in trials:
            if trial.penalty == "cocktail":
                for name in used:
                    assert (name in trial.params) == (trial.params[f"use.{name}"] == 1)
                    used[name] += name in trial.params
                    low, high = search.study.search.range(name)
                    assert low <= float(trial.params.get(name, low)) <= high
                assert trial.strengths == {}
                assert "l1" not in trial.ingredients or trial.strength_of("l1", "a") > 0
            else:
                assert trial.params == {}
        known += [ended(t, float(t.strength + len(t.ingredients))) for t in trials]
    assert all(0 < n < 32 for n in used.values())


def test_tpe_finds_out_which_ingredients_are_worth_it() -> None:
    """The loss falls with decay near 1 and rises with anything else that is used."""
    search = search_of(("a",), penalties=["cocktail"], trials=96, round=8, startup=24)
    known: list[FinishedTrial] = []
    for round_ in range(12):
        for trial in search.ask(round_, known, []):
            loss = 1.0 + 0.3 * ("l1" in trial.ingredients) + 0.3 * ("dropout" in trial.ingredients)
            if "decay" in trial.ingredients:
                loss -= 0.5 - abs(np.log10(float(trial.params["decay"])))
            known.append(ended(trial, loss))
    last = [t.trial.ingredients for t in known[-32:]]
    assert sum(names == ("decay",) for names in last) >= 16


def test_an_ingredient_is_left_out_and_tried_alone() -> None:
    params = {
        "use.decay": 1,
        "decay": 2.0,
        "use.l1": 0,
        "use.dropout": 1,
        "dropout": 0.3,
        "lr": 0.1,
    }
    trial = Trial(7, Phase.CONFIRM, 0, "cocktail", 1.0, {}, params)
    assert [f"{t.role} {t.layer}" for t in ablated(trial)] == [
        "without decay",
        "without dropout",
    ]
    three = replace(trial, params=params | {"use.l1": 1, "l1": 0.1})
    found = {f"{t.role} {t.layer}": t for t in ablated(three)}
    names = ("decay", "l1", "dropout")
    assert set(found) == {f"{start} {name}" for start in ("without", "only") for name in names}
    assert found["without decay"].params == {
        "use.decay": 0, "use.l1": 1, "l1": 0.1, "use.dropout": 1, "dropout": 0.3, "lr": 0.1,
    }  # fmt: skip
    assert found["only decay"].ingredients == ("decay",)
    assert found["only decay"].strength_of("decay", "any") == 2.0
    assert found["only decay"].strength_in_run("dropout", 0.5) == 0.5
    assert ablated(with_ingredient(trial, "decay", 0.0)) == []


def run(study: Study, folder: Path, name: str) -> sweep.Store:
    store = sweep.open_store(f"sqlite:///{folder}/{name}.db")
    sweep.run_study(study, store)
    return store


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    return run(study_of(SEED, **WEAK), tmp_path_factory.mktemp("cocktail"), "whole")


def test_every_ingredient_of_the_best_cocktail_gets_a_path(finished: sweep.Store) -> None:
    trials = sweep.trials_frame(finished, "mixed")
    mine = trials[trials["penalty"] == "cocktail"]
    explored = mine[(mine["phase"] == "explore") & (mine["state"] == "complete")]
    best = explored.loc[explored["val_loss"].idxmin()]
    used = {name for name in COCKTAIL["cocktail"] if best[f"use.{name}"] == 1}
    assert used
    path = mine[mine["phase"] == "path"]
    assert set(path["path"]) == used
    for name, points in path.groupby("path"):
        assert len(points) == 6
        assert (points[str(name)].fillna(0) == points["strength"]).all()
        for other in used - {str(name)}:
            assert (points[other] == best[other]).all()
    rows = sweep.boundaries_frame(finished, "mixed")
    assert set(rows.loc[rows["penalty"] == "cocktail", "layer"]) == used


def records(store: sweep.Store) -> dict[int, Trial]:
    return {stored.trial.number: stored.trial for stored in store.read_trials("mixed")}


def test_the_ablation_is_paired_with_the_confirmed_cocktail(finished: sweep.Store) -> None:
    trials = sweep.trials_frame(finished, "mixed")
    runs = sweep.runs_frame(finished, "mixed")
    parts = trials[trials["phase"] == "ablation"]
    table = ablation_table(trials, runs, records(finished))
    said = call("status", "mixed", "--database", str(finished.url)).stdout
    assert f"  ablation: {len(parts)} complete\n" in said
    used = recipe(trials).count(" at ")
    assert len(parts) == (2 if used == 2 else 2 * used)
    assert sum(table["setting"].str.startswith("only")) == used >= 2
    whole = trials[(trials["phase"] == "confirm") & (trials["penalty"] == "cocktail")]["trial"]
    mean = runs[runs["trial"].isin(whole)].set_index("resample")["test_loss"]
    for row in table[table["setting"].str.startswith("without")].to_dict("records"):
        own = parts.loc[parts["path"] == row["setting"], "trial"]
        losses = runs[runs["trial"].isin(own)].set_index("resample")["test_loss"]
        assert row["change"] == pytest.approx(float((losses - mean).mean()))


def test_each_of_two_ingredients_alone_is_the_cocktail_without_the_other(
    finished: sweep.Store,
) -> None:
    trials, runs = (read(finished, "mixed") for read in (sweep.trials_frame, sweep.runs_frame))
    without = trials["path"].str.startswith("without")
    two = trials[(trials["phase"] != "ablation") | (without & (without.cumsum() <= 2))]
    table = ablation_table(two, runs, records(finished)).set_index("setting")
    one, other = (name for name in table.index if name.startswith("without"))
    for left_out, alone in ((one, other), (other, one)):
        row = table.loc[alone.replace("without", "only")]
        assert row["test_loss"] == table.loc[left_out, "test_loss"]
        plain = table.loc["none of them", "test_loss"]
        assert row["change"] == pytest.approx(row["test_loss"] - plain)


def test_a_cocktail_is_the_same_at_any_width_and_opens_in_optuna(
    finished: sweep.Store, tmp_path: Path
) -> None:
    narrow = Study(
        study={"name": "mixed", "seed": SEED},
        data=ROWS,
        model={"hidden": [16, 16]},
        training={"epochs": 4, "lr": 5e-3},
        search={**COCKTAIL, **WEAK},
        path={"points": 5, "ladder": "even", "resamples": 2},
        hardware={"precision": "float64", "population": 3},
    )
    assert narrow.fingerprint == study_of(SEED, **WEAK).fingerprint
    other = run(narrow, tmp_path, "narrow")
    first, second = (sweep.trials_frame(store, "mixed") for store in (finished, other))
    columns = [c for c in first.columns if c not in ("seconds",)]
    pd.testing.assert_frame_equal(first[columns], second[columns], rtol=1e-9)
    seen = optuna.load_study(study_name="mixed", storage=f"sqlite:///{tmp_path}/narrow.db")
    mixed = [t for t in seen.get_trials(deepcopy=False) if t.params["penalty"] == "cocktail"]
    assert len(mixed) == int((first["penalty"] == "cocktail").sum())
    assert all((t.params["use.l1"] == 1) == ("l1" in t.params) for t in mixed)


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ({"sampler": "grid"}, "search.sampler: a grid of whether and how strongly has too many"),
        (
            {"cocktail": [], "strength": {}},
            "search.cocktail: at least one regularizer must be given for the",
        ),
        ({"penalties": ["l1"]}, "search.cocktail: cocktail must be one of search.penalties, found"),
        ({"cocktail": ["dekay"]}, "search.cocktail[0]: one of l2, decay, decay_independent"),
        (
            {"axes": {"dropout": {"low": 0.1, "high": 0.5}}},
            "search.axes.dropout: dropout must be swept once, found it in search.penalties or",
        ),
        (
            {"strength": {"dropout": {"low": 0.1, "high": 1.0}}},
            "search.strength.dropout: high < 1 must hold, got 1.0; lower it",
        ),
    ],
)
def test_a_cocktail_that_cannot_be_mixed_is_one_line(search: dict[str, Any], said: str) -> None:
    with pytest.raises(StudyError) as refused:
        study_of(**search)
    assert str(refused.value).startswith(f"Study(...): {said}")
