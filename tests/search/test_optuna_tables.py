"""Optuna's own tables: what is inserted there is what Optuna itself would have written."""

from __future__ import annotations

import datetime as dt
import locale
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import sqlalchemy as sa

import sweep
from sweep.errors import StoreError
from sweep.records.trial import FinishedTrial, Phase, Role, State, Trial
from sweep.search.optuna_tables import IN_UTC, TABLES_VERSION, TRIAL_ATTRIBUTE, OptunaTables
from sweep.search.sampler import Search
from sweep.search.strengths import Strengths
from sweep.store._engines import Engines
from tests.support.databases import away, locked, opened
from tests.support.facts import make_facts

ASKED = dt.datetime(2026, 1, 2, 3, 4, 5)


def study(name: str) -> sweep.Study:
    axes = {
        "lr": {"low": 1e-3, "high": 1e-1, "scale": "log"},
        "momentum": {"choices": [0.0, 0.9]},
    }
    x = np.arange(20.0).reshape(10, 2)
    return sweep.Study(
        study={"name": name},
        data=(x, x[:, 0]),
        training={"optimizer": "sgd"},
        search={"penalties": ["l2", "l1"], "layers": "depth", "axes": axes},
    )


def finished() -> list[FinishedTrial]:
    params = {"lr": 0.02, "momentum": 0.9, "ratio": 2.0}
    layers = {"a": 1e-3, "b": 2e-3}
    one = Trial(0, Phase.EXPLORE, 0, "l2", 1e-3, layers, params)
    anchor = replace(one, number=2, phase=Phase.PATH, strength=0.0, role=Role.POINT, layer="all")
    outside = replace(one, number=3, penalty="l1", strength=1e6)
    plain = replace(one, number=4, phase=Phase.CONFIRM, penalty="none", strength=0.0)
    return [
        FinishedTrial(one, State.COMPLETE, 0.25, 6),
        FinishedTrial(replace(one, number=1), State.PRUNED, 0.75, 3),
        FinishedTrial(anchor, State.COMPLETE, 1 / 3, 6),
        FinishedTrial(outside, State.DIVERGED, math.nan, 1),
        FinishedTrial(plain, State.COMPLETE, 1e300, 6),
    ]


def written(database: str, name: str, by_rows: bool) -> list[optuna.trial.FrozenTrial]:
    mine = study(name)
    optuna_tables = OptunaTables(sweep.open_store(database).database, mine)
    assert optuna_tables.by_rows
    optuna_tables.by_rows = by_rows
    axes = Search(mine, Strengths(mine.search, ("a", "b"))).space
    optuna_tables.write(finished()[:2], axes, {1: ASKED})
    optuna_tables.write([], axes)
    optuna_tables.write(finished(), axes)
    optuna_tables.close()
    again = OptunaTables(sweep.open_store(database).database, mine)
    again.write(finished(), axes)
    again.close()
    with opened(database, name) as found:
        return found.trials  # type: ignore[no-any-return]


def test_inserted_rows_are_those_that_optuna_writes(database: str) -> None:
    inserted, added = (written(database, f"by rows {way}", way) for way in (True, False))
    assert len(inserted) == len(finished())
    for mine, theirs in zip(inserted, added, strict=True):
        assert mine.params == theirs.params
        assert mine.distributions == theirs.distributions
        assert mine.user_attrs == theirs.user_attrs
        assert mine.intermediate_values == theirs.intermediate_values
        assert (mine.number, mine.state) == (theirs.number, theirs.state)
        assert mine.values == theirs.values
        for trial in (mine, theirs):
            assert trial.datetime_complete is not None
            assert (trial.datetime_start == ASKED) == (trial.number == 1)


@pytest.mark.parametrize("zone", ["EST5EDT,M3.2.0,M11.1.0", "IST-5:30"])
def test_times_are_those_that_optuna_writes_in_every_time_zone(
    database: str, zone: str, in_zone: Callable[[str], None]
) -> None:
    """Read by Optuna they are local, and in its tables they stand alike."""
    in_zone(zone)
    before = dt.datetime.now()
    for way in (True, False):
        trials = written(database, f"by rows {way}", way)
        assert trials[1].datetime_start == ASKED
        ends = [trial.datetime_complete for trial in trials]
        assert all(end is not None and before <= end <= dt.datetime.now() for end in ends)
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        query = "SELECT datetime_start FROM trials WHERE number = 1"
        found = [str(time)[:19] for time in connection.exec_driver_sql(query).scalars()]
    engine.dispose()
    kept = ASKED.astimezone(dt.UTC) if IN_UTC else ASKED
    assert found == [f"{kept:%Y-%m-%d %H:%M:%S}"] * 2


@pytest.fixture
def in_zone() -> Iterator[Callable[[str], None]]:
    """Changes the time zone of this process until the test ends."""

    def change(zone: str) -> None:
        patch.setenv("TZ", zone)
        time.tzset()

    with pytest.MonkeyPatch.context() as patch:
        yield change
    time.tzset()


def note_in(database: str, name: str) -> str:
    """The note of a study as ``optuna_dashboard.get_note`` puts it together."""
    with opened(database, name) as found:
        stored = found._storage.get_study_system_attrs(found._study_id)
    assert stored["dashboard:note_ver"] >= 1
    pieces = {key: value for key, value in stored.items() if key.startswith("dashboard:note_str:")}
    return "".join(pieces[f"dashboard:note_str:{i}"] for i in range(len(pieces)))


def test_optuna_dashboard_shows_the_question_and_what_was_found(database: str) -> None:
    """The longer note is of several pieces, the later one of fewer; another's note is left."""
    optuna_tables = OptunaTables(sweep.open_store(database).database, study("noted"))
    optuna_tables.write_note()
    assert note_in(database, "noted").startswith("**noted**\n\nUnder way")
    long = [f"{letter}{'x' * 3000}" for letter in "ab"]
    for sentences in (long, ["l2: so"], ["l2: so"]):
        optuna_tables.write_note(sentences)
        text = note_in(database, "noted")
        assert all(f"- {sentence}\n" in text for sentence in sentences)
        optuna_tables.write_note()
        assert note_in(database, "noted") == text
    optuna_tables.close()
    with opened(database, "noted") as found:
        storage, own = found._storage, found._study_id
        version = storage.get_study_system_attrs(own)["dashboard:note_ver"]
        assert version == 3
        storage.set_study_system_attr(own, "dashboard:note_ver", version + 1)
        storage.set_study_system_attr(own, "dashboard:note_str:0", "mine")
    again = OptunaTables(sweep.open_store(database).database, study("noted"))
    again.write_note(["l2: other"])
    again.close()
    assert note_in(database, "noted").startswith("mine")


def test_trials_that_somebody_else_added_keep_their_numbers(database: str) -> None:
    mine = study("shared")
    optuna_tables = OptunaTables(sweep.open_store(database).database, mine)
    axes = Search(mine, Strengths(mine.search, ("a", "b"))).space
    optuna_tables.write(finished()[:1], axes)
    with opened(database, "shared") as guest:
        guest.add_trial(optuna.create_trial(value=9.0))
    optuna_tables.write(finished()[1:], axes)
    optuna_tables.close()
    with opened(database, "shared") as study_:
        found = study_.trials
        assert study_.metric_names == ["val_loss"]
    assert [trial.number for trial in found] == list(range(6))
    assert [trial.user_attrs.get("regsweep_trial") for trial in found] == [0, None, 1, 2, 3, 4]


def test_tables_of_another_version_are_written_by_optuna(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.search.optuna_tables.TABLES_VERSION", "v0")
    mine = study("older")
    optuna_tables = OptunaTables(sweep.open_store(f"sqlite:///{tmp_path}/sweep.db").database, mine)
    assert not optuna_tables.by_rows
    optuna_tables.write(finished(), Search(mine, Strengths(mine.search, ("a", "b"))).space)
    assert len(optuna_tables.optuna_study.trials) == len(finished())
    optuna_tables.close()


@pytest.mark.parametrize("version", [TABLES_VERSION, "v0"], ids=["by rows", "by Optuna"])
def test_a_locked_file_is_waited_for_at_the_opening_and_at_a_batch(
    tmp_path: Path,
    version: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("sweep.search.optuna_tables.CREATION_SECONDS", 0.0)
    monkeypatch.setattr("sweep.search.optuna_tables.TABLES_VERSION", version)
    monkeypatch.setattr("sweep.store._engines.BUSY_SECONDS", 0.05)
    path, mine = tmp_path / "sweep.db", study("one")
    database = sweep.open_store(f"sqlite:///{path}").database
    OptunaTables(database, study("other")).close()
    with locked(path), caplog.at_level("WARNING", logger="sweep"):
        optuna_tables = OptunaTables(database, mine)
    assert "trying again" in caplog.text
    with locked(path, refusals=2), caplog.at_level("WARNING", logger="sweep"):
        optuna_tables.write(finished(), Search(mine, Strengths(mine.search, ("a", "b"))).space)
    assert caplog.text.count("going on") >= 1 + optuna_tables.by_rows  # Optuna waits by itself, too
    optuna_tables.close()
    with opened(f"sqlite:///{path}", "one") as found:
        numbers = [trial.user_attrs["regsweep_trial"] for trial in found.trials]
    assert numbers == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("version", ["v2.6.0.a", "v99"])
def test_tables_of_a_version_that_optuna_does_not_take_are_reported_in_one_line(
    database: str, version: str
) -> None:
    written(database, "before", True)
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    engine.dispose()
    store = sweep.open_store(database)
    with pytest.raises(sweep.StoreError, match="must be of version") as caught:
        OptunaTables(store.database, study("after"))
    todo = "run `optuna storage upgrade" if version == "v2.6.0.a" else "update Optuna"
    assert f"found {version}; {todo}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert store.masked_url in str(caught.value)
    store.close()


def test_a_server_that_comes_back_finds_the_mirror_waiting(
    stoppable: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At the opening, and at a batch; every trial is there once."""
    monkeypatch.setattr("sweep.search.optuna_tables.CREATION_SECONDS", 0.0)
    store, mine = sweep.open_store(stoppable.get_uri()), study("away")
    store.start_study("away", "f" * 64, "", make_facts())
    with away(stoppable), caplog.at_level("WARNING", logger="sweep"):
        optuna_tables = OptunaTables(store.database, mine)
    with away(stoppable), caplog.at_level("WARNING", logger="sweep"):
        optuna_tables.write(finished(), Search(mine, Strengths(mine.search, ("a", "b"))).space)
    assert caplog.text.count("trying again") == caplog.text.count("going on") == 2
    numbers = [t.user_attrs["regsweep_trial"] for t in optuna_tables.optuna_study.trials]
    assert numbers == [0, 1, 2, 3, 4]
    optuna_tables.close()
    store.close()


@pytest.mark.parametrize(
    ("directions", "n_trials", "words"),
    [
        (["maximize"], 0, "found one to maximize; give this study another name"),
        (["minimize", "maximize"], 0, "found one to minimize and maximize; give"),
        (["minimize"], 2, "found trials of somebody else's in it; give"),
        (["minimize"], 0, ""),
    ],
)
def test_somebody_elses_study_of_that_name_is_named_and_left_alone(
    database: str, directions: list[str], n_trials: int, words: str
) -> None:
    """Its best trial would be none of ours, or the worst."""
    store = sweep.open_store(database)
    url = store.database.optuna_url
    theirs = optuna.create_study(study_name="theirs", storage=url, directions=directions)
    theirs.add_trials([optuna.create_trial(value=0.5) for _ in range(n_trials)])
    if words:
        with pytest.raises(sweep.StoreError, match=words) as caught:
            OptunaTables(store.database, study("theirs"))
        assert "\n" not in str(caught.value)
        assert len(theirs.get_trials()) == n_trials
        assert theirs.metric_names is None
    else:
        OptunaTables(store.database, study("theirs")).close()
        assert theirs.metric_names == ["val_loss"]
    theirs._storage.remove_session()
    theirs._storage._backend.engine.dispose()
    store.close()


def test_a_trial_begins_before_it_ends_also_where_the_clock_was_set_back(database: str) -> None:
    store = sweep.open_store(database)
    optuna_tables = OptunaTables(store.database, study("one"))
    one = finished()[:2]
    hour = dt.timedelta(hours=1)
    asked = {0: dt.datetime.now() + hour, 1: dt.datetime.now() - hour}
    axes = Search(study("one"), Strengths(study("one").search, ("a", "b"))).space
    optuna_tables.write(one, axes, asked)
    optuna_tables.close()
    with opened(store.database.optuna_url, "one") as found:
        first, second = found.trials
    assert first.datetime_start == first.datetime_complete
    assert second.datetime_start == asked[1]
    store.close()


@pytest.fixture(params=["tr_TR.UTF-8", "none begun by Python"])
def no_begin(request: pytest.FixtureRequest) -> Iterator[None]:
    """Python's sqlite3 does not begin a transaction at ``INSERT``, as in a Turkish locale."""
    before = locale.setlocale(locale.LC_CTYPE)
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "tr_TR.UTF-8":
            try:
                locale.setlocale(locale.LC_CTYPE, request.param)
            except locale.Error:
                pytest.skip(f"this machine has no locale {request.param}")
        else:
            arguments = {"connect_args": {"timeout": 5, "isolation_level": None}}
            patch.setattr(Engines, "options", lambda _: arguments)
        yield
    locale.setlocale(locale.LC_CTYPE, before)


@pytest.mark.usefixtures("no_begin")
@pytest.mark.parametrize("by_rows", [True, False])
def test_a_batch_that_fails_half_way_leaves_nothing_in_any_locale(
    tmp_path: Path, by_rows: bool
) -> None:
    database, mine = f"sqlite:///{tmp_path / 'sweep.db'}", study("half")
    tables = OptunaTables(sweep.open_store(database).database, mine)
    tables.by_rows = by_rows
    axes = Search(mine, Strengths(mine.search, ("a", "b"))).space
    tables.write(finished()[:1], axes)
    with closing(sqlite3.connect(tmp_path / "sweep.db")) as other:
        other.execute(
            "CREATE TRIGGER refuses BEFORE INSERT ON trial_user_attributes "
            "BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
        with pytest.raises(StoreError, match="no more"):
            tables.write(finished(), axes)
        other.execute("DROP TRIGGER refuses")
        other.commit()
    tables.write(finished(), axes)
    tables.close()
    with opened(database, "half") as found:
        numbers = [trial.user_attrs[TRIAL_ATTRIBUTE] for trial in found.trials]
    assert numbers == [t.trial.number for t in finished()]
