"""The store's contract, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from sweep.errors import StoreError
from sweep.metrics.metric import LOSS, averaged_columns
from sweep.records.execution import ExecutionPlan, PlanKey
from sweep.records.row_losses import SplitRows, pack_losses, pack_rows, unpack_losses
from sweep.records.summary import summarize
from sweep.records.trial import Curve, Draw, LayerReading, Phase, Run, RunResult, State, Trial
from sweep.store import frames
from sweep.store._reference import TARGET, render_tables
from sweep.store._rows import summary_row
from sweep.store.execution_plans import read_plan, write_plan
from sweep.store.schema import metadata
from sweep.store.store import Store, open_store
from sweep.store.views import VIEWS
from tests.support.facts import make_facts

AVERAGED = averaged_columns(LOSS)
FRAMES = ("trials", "runs", "curves", "layers", "row_losses", "boundaries")
DEFAULTS = {"lr": 0.01, "optimizer": "sgd"}


def trial(number: int, strength: float = 0.1) -> Trial:
    layers = {"hidden": strength, "output": strength / 2}
    return Trial(number, Phase.EXPLORE, 0, "l2", strength, layers, {"lr": 0.003})


def result(
    number: int, run: int, val_loss: float = 1.0, state: State = State.COMPLETE
) -> RunResult:
    return RunResult(
        Run(number, run, Draw(run, 0, 0, 2**62, 2**61 + run)),
        state,
        3,
        {"val_loss": val_loss, "train_loss": val_loss / 2, "zeros": 2, "null_accuracy": math.nan},
        (Curve("val_loss", (1, 2, 3), (3.0, math.nan, val_loss)),),
        (LayerReading("hidden", 0.1, 2.5, 2, 12), LayerReading("output", 0.05, 1.5, 0, 4)),
        0.5,
        row_losses={
            "val_loss": pack_losses(np.array([0.25, 1e9, run])),
            "val_accuracy": pack_losses(np.array([0, 1, 1])),
        },
    )


def filled(database: str) -> Store:
    store = open_store(database)
    store.start_study("one", "f" * 64, "text = 1", make_facts())
    store.add_trials("one", [trial(0), trial(1, 0.2)], DEFAULTS)
    results = [result(0, 0, 1.0), result(0, 1, 2.0)]
    metrics = [{**r.metrics, "epochs": r.epochs, "seconds": r.seconds} for r in results]
    store.record("one", results, [summarize(0, [r.state for r in results], metrics, AVERAGED)])
    store.record_split_rows("one", [SplitRows(2**62, 0, pack_rows(np.array([3, 4, 10**6])))])
    return store


def test_what_is_recorded_is_read_back_the_same(database: str) -> None:
    store = filled(database)
    stored = store.read_trials("one")
    assert [s.trial for s in stored] == [trial(0), trial(1, 0.2)]
    assert [s.state for s in stored] == [State.COMPLETE, State.WAITING]
    runs = store.read_runs("one")
    assert [(r.trial, r.number, r.metrics["val_loss"]) for r in runs] == [(0, 0, 1.0), (0, 1, 2.0)]
    assert store.read_points("one", "val_loss", [3]) == {(0, 0, 3): 1.0, (0, 1, 3): 2.0}
    assert math.isnan(store.read_points("one", "val_loss", [2])[(0, 1, 2)])
    losses = [{m: unpack_losses(p).tolist() for m, p in r.row_losses.items()} for r in runs]
    wrong = {"val_accuracy": [0.0, 1.0, 1.0]}
    assert losses == [{"val_loss": [0.25, 1e9, run]} | wrong for run in (0.0, 1.0)]
    assert store.counts("one") == {("explore", "complete"): 1, ("explore", "waiting"): 1}


def test_frames_are_tidy_and_summaries_are_means_and_standard_errors(database: str) -> None:
    store = filled(database)
    trials = frames.trials_frame(store, "one")
    assert trials["strength.output"].tolist() == [0.05, 0.1]
    assert trials["lr"].tolist() == [0.003, 0.003]
    row = trials.iloc[0]
    assert (row["val_loss"], row["n_runs"], row["gap"]) == (1.5, 2, 0.75)
    assert row["val_loss_se"] == pytest.approx(0.5)
    assert math.isnan(trials.iloc[1]["val_loss"])
    runs = frames.runs_frame(store, "one")
    assert runs["seed"].tolist() == [2**61, 2**61 + 1]
    assert frames.curves_frame(store, "one").shape == (6, 6)
    layers = frames.layers_frame(store, "one")
    assert layers["layer"].tolist() == ["hidden", "output"] * 2
    kept = frames.row_losses_frame(store, "one")
    assert kept["metric"].tolist() == (["val_accuracy"] * 3 + ["val_loss"] * 3) * 2
    losses = kept[kept["metric"] == "val_loss"]
    assert losses["run"].tolist() == [0, 0, 0, 1, 1, 1]
    assert losses["row"].tolist() == [3, 4, 10**6] * 2
    assert losses["loss"].tolist() == [0.25, 1e9, 0.0, 0.25, 1e9, 1.0]


def test_a_trial_with_a_diverged_run_has_the_same_summary_after_a_restart(database: str) -> None:
    """In memory a diverged run's loss is NaN; what is read back has none."""
    store = filled(database)
    results = [result(1, 0, 1.0), result(1, 1, 2.0), result(1, 2, math.nan, State.DIVERGED)]
    store.record("one", results, [])
    fresh = [{**r.metrics, "epochs": r.epochs, "seconds": r.seconds} for r in results]
    stored = [
        {**run.metrics, "epochs": run.epochs} for run in store.read_runs("one") if run.trial == 1
    ]
    states = [r.state for r in results]
    rows = [summary_row(1, summarize(1, states, runs, AVERAGED)) for runs in (fresh, stored)]
    assert rows[0] == rows[1]
    assert rows[0]["val_loss"] is rows[0]["val_loss_se"] is None
    store.close()


@pytest.mark.parametrize("name", FRAMES)
def test_every_column_of_a_frame_is_described(database: str, name: str) -> None:
    frame = getattr(frames, f"{name}_frame")(filled(database), "one")
    described = set(frames.describe_frame(f"{name}_frame")["column"])
    assert {c for c in frame.columns if not c.startswith("strength.")} <= described
    assert described - {"strength.<layer>", "<axis>", "val_<metric>"} <= set(frame.columns)


def test_views_are_named_like_the_frames_and_need_nothing_but_sql(database: str) -> None:
    filled(database)
    engine = sa.create_engine(open_store(database).url)
    for view in VIEWS:
        frame = pd.read_sql(sa.text(f"SELECT * FROM {view}"), engine)
        n_rows = {"t": 2, "ru": 2, "ro": 4, "c": 6, "l": 4, "b": 0, "o": 0}
        assert len(frame) == n_rows.get(view[0], n_rows.get(view[:2]))
    engine.dispose()


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_takes_as_many_statements_whatever_its_rows(database: str, name: str) -> None:
    counts = []
    store = filled(database)
    for _ in range(2):
        reader, statements = open_store(database), list[str]()
        sa.event.listen(
            reader.database.engines.reader,
            "before_cursor_execute",
            lambda *a, s=statements: s.append(a[2]),
        )
        getattr(frames, f"{name}_frame")(reader, "one")
        counts.append(len(statements))
        new = [trial(10 + i) for i in range(20)]
        if not counts[1:]:
            store.add_trials("one", new, DEFAULTS)
            store.record("one", [result(t.number, 0) for t in new], [])
        reader.close()
    assert counts[0] == counts[1] < 20
    store.close()


def test_the_page_of_the_tables_is_current_and_every_table_says_what_a_row_is() -> None:
    assert TARGET.read_text(encoding="utf-8") == render_tables()
    for table in metadata.sorted_tables:
        assert str(table.comment).startswith(("one row per ", "one row: "))


def test_a_batch_is_recorded_whole_or_not_at_all(database: str) -> None:
    store = filled(database)
    with pytest.raises(StoreError):
        store.record("one", [result(1, 0), result(0, 0)], [])
    assert {(r.trial, r.number) for r in store.read_runs("one")} == {(0, 0), (0, 1)}


def test_a_changed_study_must_take_a_new_name(database: str) -> None:
    store = filled(database)
    store.start_study("one", "f" * 64, "text = 1  # same settings", make_facts())
    with pytest.raises(StoreError, match="found others; give the changed study a new name"):
        store.start_study("one", "0" * 64, "text = 2", make_facts())


def test_an_unknown_study_is_reported_with_the_known_ones(database: str) -> None:
    with pytest.raises(StoreError, match=r"'two' must be in it, found one"):
        frames.trials_frame(filled(database), "two")


def test_boundaries_are_replaced(database: str) -> None:
    from sweep.store.schema import BOUNDARY_NUMBERS, BOUNDARY_WORDS

    store = filled(database)
    row = {name: math.nan for name in BOUNDARY_NUMBERS} | {name: "" for name in BOUNDARY_WORDS}
    row |= {"penalty": "l2", "layer": "all", "metric": "val_loss"}
    row |= {"n_strengths": 13, "n_resamples": 5}
    store.record_boundaries("one", [{**row, "best": 0.3}])
    store.record_boundaries("one", [{**row, "best": 0.4}])
    found = frames.boundaries_frame(store, "one")
    assert found["best"].tolist() == [0.4]
    assert found["overfitting_ends"].isna().all()


def test_the_last_plan_of_a_machine_network_and_version_is_kept(database: str) -> None:
    store = filled(database)
    first, second = ExecutionPlan(16, 2, batched=True), ExecutionPlan(1, 1, batched=False)
    key = PlanKey("cpu, two lanes", "f" * 64, "regsweep 1, torch 2")
    others = [replace(key, **{name: "other"}) for name in ("machine", "network", "version")]
    assert read_plan(store, key) is None
    for plan in (first, second):
        write_plan(store, key, plan)
        assert read_plan(store, key) == plan
    assert [read_plan(store, other) for other in others] == [None, None, None]


def test_a_reading_connection_cannot_write(database: str) -> None:
    store = filled(database)
    for again in (store, open_store(database)):
        with pytest.raises(StoreError, match=r"read-?only"), again.reading() as connection:
            connection.execute(sa.delete(metadata.tables["regsweep_run"]))
        assert len(again.read_runs("one")) == 2
    store.add_trials("one", [trial(7)], DEFAULTS)  # and the next writer can
    store.close()
    again.close()


def test_a_snapshot_is_of_one_moment_whatever_is_written_meanwhile(database: str) -> None:
    writer, reader = filled(database), open_store(database)
    with reader.snapshot():
        before = len(frames.trials_frame(reader, "one"))
        writer.add_trials("one", [trial(7)], DEFAULTS)
        writer.record("one", [result(7, 0)], [])
        assert len(frames.trials_frame(reader, "one")) == before
        assert 7 not in set(frames.runs_frame(reader, "one")["trial"])
        assert reader.counts("one") == {("explore", "complete"): 1, ("explore", "waiting"): 1}
        with pytest.raises(StoreError, match="a study named 'two' must be in it"):
            reader.check_study("two")
    assert 7 in set(frames.runs_frame(reader, "one")["trial"])
    with reader.snapshot():
        assert 7 in set(frames.runs_frame(reader, "one")["trial"])
    reader.close()
    writer.close()


@pytest.mark.parametrize("read", ["study_names", "counts", "schema_version"])
def test_reading_never_creates_a_database(tmp_path: Path, read: str) -> None:
    store = open_store(f"sqlite:///{tmp_path}/mistyped.db")
    with pytest.raises(StoreError, match="found no file"):
        getattr(store, read)(*(("one",) if read == "counts" else ()))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("driver", ["", "+psycopg2", "+asyncpg"])
def test_postgresql_is_always_reached_through_psycopg_3(driver: str) -> None:
    assert open_store(f"postgresql{driver}://host/db").url.drivername == "postgresql+psycopg"


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(b"these are my notes, not a database" * 100)
    store = open_store(f"sqlite:///{path}")
    for call in (store.study_names, lambda: store.start_study("one", "f", "", make_facts())):
        with pytest.raises(StoreError, match="file is not a database"):
            call()
    assert path.read_bytes() == b"these are my notes, not a database" * 100


@pytest.mark.parametrize("name", ["x" * 300, "x" * 250, "a%00b"])
def test_a_path_that_the_system_does_not_take_is_reported(name: str) -> None:
    with pytest.raises(StoreError, match="a path that the system takes must be given"):
        open_store(f"sqlite:///{name}")


def test_a_relative_path_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model or a data function of the user's may go to another folder."""
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///sweep.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store.start_study("one", "f" * 64, "", make_facts())
    assert store.study_names() == ["one"]
    assert store.masked_url == "sqlite:///sweep.db"
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "sweep.db"]
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loop.db").symlink_to("loop.db")
    with pytest.raises(StoreError, match="a path that the system takes"):
        open_store(f"sqlite:///{tmp_path}/loop.db")
    (tmp_path / "gone.db").symlink_to(tmp_path / "nofolder" / "x.db")
    store = open_store(f"sqlite:///{tmp_path}/gone.db")
    with pytest.raises(StoreError, match="unable to open database file"):
        store.start_study("one", "f" * 64, "", make_facts())
    store.close()


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/nowhere/sweep.db")
    with pytest.raises(StoreError, match="folder must exist"):
        store.start_study("one", "f", "", make_facts())
