"""The facts of a study: read back as they were written, from every version, or refused."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

import sweep
from dashboards.pages.render import render_study
from dashboards.pages.report import gather
from sweep.errors import StoreError
from sweep.launchers.context import TrainingContext
from sweep.phases.facts import collect_facts
from sweep.records.facts import StudyFacts
from sweep.store.store import open_store
from tests.store.test_migrate import kept_file
from tests.store.test_store import filled
from tests.support.facts import FACTS, make_facts
from tests.support.long_cases import long

PUBLISHED = """
question objective maximize seed design folder penalties cocktail layers_mode optimizer pruner rungs
versions git_commit task data_fingerprint n_train n_validation n_test n_folds n_outputs n_parameters
layers layer_groups profile profile_factors same_weights scale_invariant zeroing_strengths timescale
copied_rows missing_classes epochs batch_size steps_per_epoch precision stacked why_alone hardware
idle_parameters parity unpruned_fingerprint
"""
ADDED = (
    "timescale_unit accumulate schedule schedule_numbers milestones factors metrics "
    "divided_by n_groups overlap weighted loss loss_weighted target_scaled loop "
    "source no_path null_from_strongest ignored_checks own_dropout"
)
KEYS = [*PUBLISHED.split(), *ADDED.split()]
"""The keys that schema 5 was published with, in their order, and those that came later."""


def collected(**search: Any) -> StudyFacts:
    study = sweep.Study(
        study={"name": "small", "question": "Is all of it kept?", "seed": 3},
        data={"name": "digits", "design": "kfold", "n_folds": 4},
        model={"name": "mlp", "hidden": [4]},
        training={"epochs": 4},
        search={"penalties": ["decay", "l1"], **search},
        path={"resamples": 4},
        report={"ignore": ["RS301", "RS104", "RS301"]},
    )
    return collect_facts(TrainingContext(study))


def test_what_is_collected_is_read_back_the_same() -> None:
    facts = collected(layers={"first": ["hidden1"]}, timescale={"low": 0.1, "high": 2.0})
    text = json.dumps(facts.as_json())
    assert list(json.loads(text)) == KEYS
    assert StudyFacts.read(json.loads(text)) == facts
    assert (facts.n_folds, facts.rungs, facts.layers) == (4, (2, 3), ("hidden1", "output"))
    assert facts.layer_groups["first"] == ("hidden1",)
    assert facts.ignored_checks == ("RS301", "RS104")
    assert (facts.timescale, facts.timescale_unit) == ((0.1, 2.0), "run")
    assert (facts.schedule, facts.factors) == ("constant", 4 * facts.steps_per_epoch)
    assert facts.n_parameters == 64 * 4 + 4 + 4 * 10 + 10
    assert facts.steps_per_epoch == facts.n_train // facts.batch_size


def test_a_file_keeps_them_as_they_are(tmp_path: Path) -> None:
    store, facts = open_store(f"sqlite:///{tmp_path}/sweep.db"), make_facts(rungs=[2], n_test=7)
    store.start_study("one", "f" * 64, "text = 1", facts)
    stored, values = store.read_study("one"), sweep.read_study(store, "one")
    store.close()
    assert stored.as_json() == facts.as_json()
    assert {key: values[key] for key in KEYS} == facts.as_json()
    beside = ["name", "text", "winner", "created_at", "finished_at", "database"]
    assert list(values) == [*KEYS, *beside]
    assert [values[key] for key in beside] == [getattr(stored, key) for key in beside]


def test_those_without_a_schedule_are_of_a_constant_one() -> None:
    stored = {key: value for key, value in make_facts().as_json().items() if key not in ADDED}
    facts = StudyFacts.read(stored)
    assert (facts.schedule, facts.factors, facts.accumulate) == ("constant", None, 1)
    assert facts == make_facts()


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_those_of_every_version_are_read(tmp_path: Path, version: int) -> None:
    store = open_store(f"sqlite:///{kept_file(tmp_path / 'kept.db', version)}")
    store.migrate()
    stored, values = store.read_study("kept"), sweep.read_study(store, "kept")
    missing = {own.name for own in fields(stored)} - set(values)
    for own in fields(stored):
        default = own.default_factory() if callable(own.default_factory) else own.default
        assert (own.name in values) or (default is not MISSING)
        if own.name in missing:
            assert getattr(stored, own.name) == default
    assert {key: stored.as_json()[key] for key in KEYS if key in values} == {
        key: values[key] for key in KEYS if key in values
    }
    assert ("rungs" in missing) == (stored.rungs is None) == (version == 1)
    store.close()


@pytest.mark.parametrize("version", [1, long(2), long(3), 4])
def test_those_of_the_first_and_of_a_later_version_are_shown(tmp_path: Path, version: int) -> None:
    store = open_store(f"sqlite:///{kept_file(tmp_path / 'kept.db', version)}")
    store.migrate()
    assert "kept" in render_study(gather(store, "kept"))
    store.close()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("epochs", "many", "epochs: a whole number must be given, found 'many'"),
        ("epochs", True, "epochs: a whole number must be given, found True"),
        ("n_train", 0, "n_train: at least 1 must be given, found 0"),
        ("stacked", 1, "stacked: true or false must be given, found 1"),
        ("layers", "hidden", "layers: a list must be given, found 'hidden'"),
        ("rungs", [1, None], "rungs: a whole number must be given, found None"),
        ("timescale", [0.1], "timescale: 2 values must be given, found 1"),
        ("hardware", [], "hardware: an object must be given, found []"),
        ("layer_groups", {"a": "b"}, "layer_groups: a list must be given, found 'b'"),
        ("parity", {"alone": "0"}, "parity: a number must be given, found '0'"),
        ("question", "\n" * 100, None),
        ("question", "\ud800", r"question: a text must be given, found '\ud800'"),
        ("folder", ["\n" * 100], "folder: a text must be given, found ['\\n"),
        ("design", MISSING, "design: a value must be given, found none"),
    ],
)
def test_an_odd_value_is_refused_in_one_line(
    tmp_path: Path, key: str, value: object, words: str | None
) -> None:
    filled(f"sqlite:///{tmp_path}/sweep.db").close()
    odd = {k: v for k, v in (FACTS | {key: value}).items() if v is not MISSING}
    store = written(tmp_path, json.dumps(odd))
    if words is None:
        assert store.read_study("one").question == value
        return
    with pytest.raises(StoreError) as caught:
        store.read_study("one")
    assert words in str(caught.value)
    assert "values of their columns' types must be found" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("content", ["[]", "3", "null", '"text"', "[" * 20_000])
def test_facts_that_are_no_object_are_refused(tmp_path: Path, content: str) -> None:
    filled(f"sqlite:///{tmp_path}/sweep.db").close()
    store = written(tmp_path, content)
    for read in (store.read_study, store.study_values):
        with pytest.raises(StoreError, match="types must be found"):
            read("one")


def test_names_that_only_another_version_knows_are_ignored_and_given_to_users(
    tmp_path: Path,
) -> None:
    filled(f"sqlite:///{tmp_path}/sweep.db").close()
    store = written(tmp_path, json.dumps(FACTS | {"moon": "full", "name": "another"}))
    assert not hasattr(store.read_study("one"), "moon")
    values = sweep.read_study(store, "one")
    assert (values["moon"], values["name"], store.read_study("one").name) == ("full", "one", "one")


def written(folder: Path, facts: str) -> sweep.Store:
    """The store of a file whose studies have this text for facts."""
    with sqlite3.connect(folder / "sweep.db") as connection:
        connection.execute("UPDATE regsweep_study SET facts = ?", (facts,))
    connection.close()
    return open_store(f"sqlite:///{folder}/sweep.db")
