"""Tables of runs that were trained elsewhere: the same boundaries, or a reason for none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sweep
from sweep.cli.app import app
from sweep.errors import DataError, StoreError, StudyError
from sweep.imports.from_frame import import_frame
from sweep.store import whole_study
from tests.support.imported import NULL, STRENGTHS, add_runs, empty_store, make_runs, pivoted

NUMBERS = [
    "best", "best_low", "best_high", "overfitting_ends", "overfitting_ends_low",
    "overfitting_ends_high", "underfitting_starts", "underfitting_starts_low",
    "underfitting_starts_high", "best_loss", "threshold_loss", "null_loss", "strength_min",
    "strength_1se",
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> sweep.Store:
    return empty_store(tmp_path)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"design": "holdout"}, {"design": "holdout"}),
        ({"design": "kfold", "n_folds": 3}, {"design": "kfold", "n_folds": 3}),
        (
            {"design": "resample", "n_train": 80, "n_validation": 20},
            {"design": "resample", "validation_ratio": 0.25},
        ),
    ],
)
def test_boundaries_are_those_of_the_pivoted_arrays(
    store: sweep.Store, given: dict[str, Any], meant: dict[str, Any]
) -> None:
    runs = make_runs()
    shuffled = runs.sample(frac=1, random_state=1)
    (sentence,) = add_runs(store, shuffled, **given)
    tables = pivoted(runs, "val_loss"), pivoted(runs, "train_loss")
    boundary = sweep.estimate_boundary(STRENGTHS, *tables, NULL, **meant)
    assert boundary.verdict == "found"
    assert sentence == sweep.describe_boundary(boundary, "wd")
    row = sweep.boundaries_frame(store, "mine").iloc[0]
    assert [row[n] for n in NUMBERS] == [getattr(boundary, n) for n in NUMBERS]
    assert (row["penalty"], row["layer"], row["design"]) == ("wd", "all", given["design"])
    assert (row["n_strengths"], row["n_resamples"]) == (9, 6)


def test_strengths_of_fresh_data_may_have_the_first_seeds_alone(store: sweep.Store) -> None:
    runs = make_runs()
    outer = (runs["wd"] < 1e-3) | (runs["wd"] > 10)
    uneven = runs[~(outer & (runs["seed"] >= 3))]
    add_runs(store, uneven, design="fresh")
    counts = [3 if s < 1e-3 or s > 10 else 6 for s in STRENGTHS]
    tables = pivoted(runs, "val_loss"), pivoted(runs, "train_loss")
    boundary = sweep.estimate_boundary(STRENGTHS, *tables, NULL, counts=counts)
    row = sweep.boundaries_frame(store, "mine").iloc[0]
    assert [row[n] for n in NUMBERS] == [getattr(boundary, n) for n in NUMBERS]
    trials = sweep.trials_frame(store, "mine").sort_values("strength")
    assert trials["n_runs"].tolist() == counts
    later = runs[~(outer & (runs["seed"] < 3))]
    for table, design in ((later, "fresh"), (uneven, "holdout")):
        with pytest.raises(DataError, match="every strength must have the same seed, found no run"):
            add_runs(store, table, name="other", design=design)


def test_a_study_of_our_own_has_the_same_boundaries_when_it_is_imported(tmp_path: Path) -> None:
    ours = empty_store(tmp_path)
    study = sweep.Study(
        study={"name": "ours"},
        data={"name": "diabetes", "design": "kfold", "n_folds": 2},
        model={"name": "linear"},
        training={"epochs": 2, "optimizer": "sgd", "lr": 0.05},
        search={"penalties": ["l2"], "trials": 2, "pruner": "none"},
        path={"points": 5, "resamples": 4, "ladder": "even", "row_losses": 0},
    )
    sweep.run_study(study, ours)
    trials = sweep.trials_frame(ours, "ours").query("phase == 'path' and path == 'all'")
    runs = sweep.runs_frame(ours, "ours").merge(
        trials[["trial", "penalty", "strength"]], on="trial"
    )
    import_frame(
        runs, ours, name="theirs", strength="strength", penalty="penalty", seed="run",
        null_loss="null_loss", design="kfold", n_folds=2,
    )  # fmt: skip
    expected, found = (sweep.boundaries_frame(ours, name) for name in ("ours", "theirs"))
    assert set(found["ending_kind"]) == {"none"}, "ours alone laid a ladder"
    own = ["study", "ending_kind", "ending"]
    pd.testing.assert_frame_equal(expected.drop(columns=own), found.drop(columns=own))


def test_several_penalties_layers_and_metrics_have_boundaries_of_their_own(
    store: sweep.Store,
) -> None:
    runs = make_runs(null_loss=NULL, val_accuracy=0.5, train_accuracy=0.9, null_accuracy=0.1)
    runs["val_accuracy"] = 0.9 - 0.2 * (runs["val_loss"] - 1)
    runs["val_f1"] = 1 - runs["val_loss"]
    both = pd.concat([runs.assign(kind="l1", part="all"), runs.assign(kind="l2", part="fc")])
    sentences = add_runs(
        store, both, null_loss="null_loss", penalty="kind", layer="part", n_validation=500,
        metrics={"accuracy": True, "f1": True},
    )  # fmt: skip
    assert [s.split(":")[0] for s in sentences] == ["l1", "l2 on fc"]
    frame = sweep.boundaries_frame(store, "mine")
    assert [tuple(r) for r in frame[["penalty", "layer", "metric"]].to_numpy()] == [
        ("l1", "all", "val_accuracy"),
        ("l1", "all", "val_loss"),
        ("l2", "fc", "val_accuracy"),
        ("l2", "fc", "val_loss"),
    ]  # f1 has no null_f1, so nothing says how much of it there is to lose
    own = sweep.runs_frame(store, "mine")
    np.testing.assert_array_equal(own["val_f1"][:60], runs["val_f1"])


def test_without_training_losses_no_cause_is_claimed(store: sweep.Store) -> None:
    add_runs(store, make_runs().drop(columns="train_loss"), training=None)
    row = sweep.boundaries_frame(store, "mine").iloc[0]
    assert row["verdict"] == "found"
    assert {row["overfitting_cause"], row["underfitting_cause"]} == {"undetermined"}


def test_the_strongest_strength_is_the_constant_predictor_where_that_is_said(
    store: sweep.Store,
) -> None:
    runs = make_runs()
    add_runs(store, runs, null_loss=None, strongest_is_null=True)
    row = sweep.boundaries_frame(store, "mine").iloc[0]
    assert row["null_loss"] == pytest.approx(pivoted(runs, "val_loss")[-1].mean())
    assert store.read_study("mine").null_from_strongest


def test_a_run_without_a_loss_diverged_and_its_strength_is_left_out(store: sweep.Store) -> None:
    runs = make_runs()
    runs.loc[runs["wd"] == STRENGTHS[-1], "val_loss"] = [math.nan, math.inf, 3.0, 3.0, 3.0, 3.0]
    add_runs(store, runs)
    states = sweep.runs_frame(store, "mine")["state"].value_counts()
    assert dict(states) == {"complete": 58, "diverged": 2}
    row = sweep.boundaries_frame(store, "mine").iloc[0]
    assert row["n_strengths"] == 8


def test_epochs_become_curves_and_the_last_one_counts(store: sweep.Store) -> None:
    runs = make_runs()
    early = runs.assign(epoch=1, val_loss=runs["val_loss"] + 1)
    add_runs(store, pd.concat([runs.assign(epoch=5), early]), epoch="epoch")
    add_runs(store, runs, name="last")
    curves = sweep.curves_frame(store, "mine").query("metric == 'val_loss' and trial == 0")
    assert curves["epoch"].tolist() == [1, 5] * 6
    own = sweep.runs_frame(store, "mine")
    assert set(own["epochs"]) == {5}
    assert (own["best_val_loss"] == own["val_loss"]).all()
    ends = [sweep.boundaries_frame(store, name)["overfitting_ends"] for name in ("mine", "last")]
    assert ends[0].tolist() == ends[1].tolist()


def searches() -> dict[str, tuple[pd.DataFrame, dict[str, Any], str]]:
    runs = make_runs()
    single = runs.query("seed == 0")
    apart = runs.assign(seed=np.arange(len(runs)))
    few = runs[runs["wd"].isin(STRENGTHS[:4])]
    return {
        "no seed": (runs, {"seed": None}, "no column of seeds"),
        "once": (single, {}, "every strength was trained once"),
        "unpaired": (apart, {}, "no two strengths share a seed"),
        "moved": (runs.assign(lr=1e-3 * (1 + runs["wd"])), {"settings": ["lr"]}, "lr differs"),
        "few": (few, {}, "3 strengths above 0"),
    }


@pytest.mark.parametrize("kind", sorted(searches()))
def test_trials_of_a_search_are_kept_and_get_no_boundary(store: sweep.Store, kind: str) -> None:
    runs, changes, why = searches()[kind]
    (sentence,) = add_runs(store, runs, null_loss=None, design=None, **changes)
    assert sentence.startswith("wd: no boundaries: ")
    assert why in sentence
    assert sweep.boundaries_frame(store, "mine").empty
    trials = sweep.trials_frame(store, "mine")
    assert set(trials["phase"]) == {"explore"}
    assert trials["n_runs"].sum() == len(runs)
    assert store.read_study("mine").no_path == {"wd": sentence.removeprefix("wd: no boundaries: ")}
    if kind == "moved":
        np.testing.assert_allclose(trials["lr"], 1e-3 * (1 + trials["strength"]))


def with_cell(column: str, value: Any) -> pd.DataFrame:
    runs = make_runs().astype({column: object})
    runs.loc[7, column] = value
    return runs


def refused() -> dict[str, tuple[pd.DataFrame, dict[str, Any], type[Exception], str]]:
    runs = make_runs()
    nulls = runs.assign(null_loss=NULL + 0.1 * (runs["wd"] > 1))
    return {
        "hole": (runs.drop(index=40), {}, DataError, "no run of wd 0.562341 with seed 4"),
        "twice": (pd.concat([runs, runs[7:8]]), {}, DataError, "wd 0.0001, seed 1 of wd in row 7"),
        "text": (with_cell("wd", "big"), {}, DataError, "row 7: wd: a number .* found 'big'"),
        "truth": (with_cell("wd", True), {}, DataError, "row 7: wd: a number .* found True"),
        "negative": (with_cell("wd", -1.0), {}, DataError, "row 7: wd: .* at least 0, found -1"),
        "empty": (with_cell("wd", None), {}, DataError, "row 7: wd: .* at least 0, found nan"),
        "infinite": (with_cell("wd", math.inf), {}, DataError, "row 7: wd: .* found inf"),
        "no seed": (with_cell("seed", None), {}, DataError, "row 7: seed: a seed must be given"),
        "word": (with_cell("val_loss", "low"), {}, DataError, "row 7: val_loss: .* 'low'"),
        "column": (runs, {"strength": "decay"}, DataError, "one column 'decay', found none"),
        "columns": (runs, {"seed": "wd"}, DataError, "found 'wd' named for two"),
        "no rows": (runs[:0], {}, DataError, "must have runs, found no row"),
        "null": (runs, {"null_loss": None}, DataError, "null_loss: .* found none of wd"),
        "nulls": (nulls, {"null_loss": "null_loss"}, DataError, "the same constant predictor"),
        "nan null": (runs, {"null_loss": math.nan}, StudyError, "a finite number"),
        "both": (runs, {"strongest_is_null": True}, StudyError, "found both; leave one out"),
        "percent": (
            runs.assign(val_accuracy=91.0), {"metrics": {"accuracy": True}}, DataError,
            "a share from 0 to 1, found 91",
        ),
        "steps": (
            runs.assign(val_accuracy=0.9, null_accuracy=0.1), {"metrics": {"accuracy": True}},
            DataError, "n_validation: the number of validation rows",
        ),
        "less accurate": (runs, {"metrics": {"accuracy": False}}, StudyError, "more accuracy"),
        "no design": (runs, {"design": None}, StudyError, "what a seed stands for, found nothing"),
        "design": (runs, {"design": "folds"}, StudyError, "found 'folds'"),
        "rows": (runs, {"design": "resample"}, StudyError, "resample needs the numbers of rows"),
        "folds": (runs, {"design": "kfold", "n_folds": 4}, StudyError, "found 4 for 6 runs"),
        "none": (runs, {"penalty": "none"}, DataError, "a penalty with a strength .* 'none'"),
        "name": (runs, {"name": " x"}, StudyError, "name: 1 to 200 printable characters"),
        "setting": (
            runs.assign(state=1), {"settings": ["state"]}, StudyError, "found 'state'; rename",
        ),
        "rate": (runs.assign(lr=0.0), {"settings": ["lr"]}, DataError, "lr: a number above 0"),
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(refused()))
def test_what_cannot_be_meant_is_refused_in_one_line_and_nothing_is_written(
    store: sweep.Store, kind: str
) -> None:
    runs, changes, error, words = refused()[kind]
    with pytest.raises(error, match=words) as caught:
        add_runs(store, runs, **changes)
    assert str(caught.value).startswith("import: ")
    assert "\n" not in str(caught.value)
    assert not Path(str(store.url.database)).exists()


def test_text_that_reads_as_a_number_is_one(store: sweep.Store) -> None:
    runs = make_runs()
    add_runs(store, runs)
    add_runs(store, runs.astype({"wd": str, "val_loss": str}), name="text")
    frames = [
        sweep.boundaries_frame(store, name).drop(columns="study") for name in ("mine", "text")
    ]
    pd.testing.assert_frame_equal(*frames)


def test_the_same_import_changes_nothing_and_another_asks_first(database: str) -> None:
    store, runs = sweep.open_store(database), make_runs()
    sentences = add_runs(store, runs)
    created = store.read_study("mine").created_at
    assert add_runs(store, runs.sample(frac=1, random_state=2)) == sentences
    assert store.read_study("mine").created_at == created
    with pytest.raises(StoreError, match="found one of other runs; give another name, or say rep"):
        add_runs(store, runs.query("seed < 5"))
    add_runs(store, runs.query("seed < 5"), replace=True)
    assert len(sweep.runs_frame(store, "mine")) == 50
    assert len(sweep.runs_frame(store)) == 50
    store.close()


def test_nothing_is_half_written(store: sweep.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_runs(store, make_runs())

    def fail(*_: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(whole_study._writes, "replace_boundaries", fail)
    for name in ("mine", "other"):
        with pytest.raises(RuntimeError, match="power"):
            add_runs(store, make_runs().query("seed < 5"), name=name, replace=True)
    assert store.study_names() == ["mine"]
    assert len(sweep.runs_frame(store, "mine")) == 60


def test_a_trained_study_is_never_replaced_and_an_imported_one_has_no_best(
    store: sweep.Store,
) -> None:
    from tests.store.test_store import filled

    trained = filled(str(store.url))
    with pytest.raises(StoreError, match=r"found one that was trained here; give another name$"):
        add_runs(trained, make_runs(), name="one", replace=True)
    trained.close()


def test_the_command_takes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_runs().to_csv(tmp_path / "runs.csv", index=False)
    database = f"sqlite:///{tmp_path}/sweep.db"
    command = ["import", str(tmp_path / "runs.csv"), "--name", "mine", "--strength", "wd"]
    command += ["--null-loss", str(NULL), "--design", "holdout", "--database", database]
    assert not app(command, standalone_mode=False)
    printed = capsys.readouterr().out
    store = sweep.open_store(database)
    assert printed.strip() == sweep.boundaries_frame(store, "mine")["sentence"].iloc[0]
    assert store.read_study("mine").source == "a table, runs.csv"
    with pytest.raises(StoreError, match=r"'mine', imported from a table, runs\.csv"):
        app(["best", "mine", "--database", database], standalone_mode=False)
    with pytest.raises(DataError, match=r"none\.csv: a table in csv or parquet must be given"):
        import_frame(tmp_path / "none.csv", store, name="x", strength="wd")
