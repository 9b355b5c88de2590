"""Studies: from Python as from a file, frozen, and with a fingerprint of what decides results."""

from __future__ import annotations

import math
import pickle
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.study.settings import TABLES
from sweep.study.study import Study
from tests.support.studies import LEAST, faults_from_python, faults_of, parse


def make_model(n_inputs: int, n_outputs: int) -> None:
    """A function that can be found again."""


def test_a_study_cannot_be_changed_afterwards() -> None:
    study = parse(LEAST)
    with pytest.raises(ValueError, match="frozen"):
        study.training.lr = 1.0


def test_a_study_survives_pickling() -> None:
    study = parse(LEAST, Path("/somewhere"))
    again = pickle.loads(pickle.dumps(study))
    assert (again.fingerprint, again.text, again.folder) == (
        study.fingerprint,
        study.text,
        study.folder,
    )


def test_what_decides_nothing_leaves_the_fingerprint() -> None:
    one = parse(
        LEAST + "[training]\nlr = 1\nepochs = 3\n"
        "[search]\ntrials = 8\naxes.lr = { low = 1, high = 2 }\n"
    )
    two = parse(
        "# a comment\n[search]\naxes = { lr = { scale = 'log', high = 2.0, low = 1.0 } }\n"
        "trials = 0x8\n[training]\nepochs = 3\nlr = 1.0\nbatch_size = 64\n[hardware]\n"
        "device = 'cpu'\npopulation = 2\n[report]\nignore = ['RS104']\n"
        "[data]\nname = 'digits'\ndesign = 'resample'\n"
        "[study]\nquestion = 'Why?'\nname = \"mine\"\n"
    )
    assert one.fingerprint == two.fingerprint
    assert len(one.fingerprint) == 64


def test_axes_are_sorted_by_name() -> None:
    sgd = LEAST + '[training]\noptimizer = "sgd"\n[search.axes]\n'
    axes = ["momentum = { choices = [0.1, 0.9] }", "lr = { low = 1e-3, high = 1 }"]
    one, two = parse(sgd + "\n".join(axes)), parse(sgd + "\n".join(reversed(axes)))
    assert list(one.search.axes) == list(two.search.axes) == ["lr", "momentum"]
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        "[training]\nlr = 0.5",
        "[training]\noptimizer = 'sgd'",
        "[search]\ntrials = 3",
        "[search]\npenalties = ['decay', 'l2', 'l1']",
        "[search]\nstrength.l1 = { low = 1, high = 2 }",
        "[search]\naxes.lr = { low = 1, high = 2 }",
        "[path]\npoints = 5",
        "[model]\nhidden = [100]",
        "standardize = false",
    ],
)
def test_deciding_settings_change_the_fingerprint(change: str) -> None:
    assert parse(LEAST + change).fingerprint != parse(LEAST).fingerprint


def test_other_numbers_have_another_fingerprint() -> None:
    x, y = np.arange(6.0).reshape(3, 2), np.arange(3)
    prints = {
        Study(study={"name": "a"}, data=data).fingerprint
        for data in (
            (x, y),
            (x + 1, y),
            (x, y + 1),
            (x.astype("float32"), y),
            (x.reshape(3, 1, 2), y),
        )
    }
    assert len(prints) == 5
    assert Study(study={"name": "a"}, data=(x.copy(), y)).fingerprint in prints
    assert Study(study={"name": "a"}, data=(x[:, ::-1][:, ::-1], y)).fingerprint in prints


def test_a_study_from_python_equals_the_same_file() -> None:
    study = Study(
        study={"name": "mine", "seed": 3},
        data={"name": "mnist1d", "design": "fresh", "args": {"num_samples": 100}},
        model={"hidden": [8, 8]},
        search={
            "penalties": ["l1"],
            "strength": {"low": 1e-3, "high": 1, "l1": {"low": 1e-4, "high": 0.5}},
            "axes": {"lr": {"low": 1e-3, "high": 1e-1}},
        },
        path={"points": 0},
    )
    again = parse(study.text)
    assert again.fingerprint == study.fingerprint
    assert {name: getattr(again, name) for name in TABLES} == {
        name: getattr(study, name) for name in TABLES
    }
    assert again.model_fields_set == study.model_fields_set
    assert study.folder == Path.cwd()


def test_arrays_and_functions_are_kept_as_given() -> None:
    x, y = np.zeros((4, 2)), np.arange(4)
    study = Study(study={"name": "mine"}, data=(x, y), model=make_model)
    assert study.data.x is x
    assert study.data.y is y
    assert study.model.name is make_model
    same = Study(study={"name": "mine"}, data={"x": x, "y": y}, model={"name": make_model})
    assert same.fingerprint == study.fingerprint
    drawn = Study(study={"name": "mine"}, data=make_model)
    assert drawn.data.name is make_model


def test_the_text_names_functions_and_arrays() -> None:
    study = Study(study={"name": "mine"}, data=(np.zeros((4, 2)), np.arange(4)), model=make_model)
    tables = tomllib.loads(study.text)
    assert tables == {
        "study": {"name": "mine"},
        "data": {"name": "arrays"},
        "model": {"name": f"{__name__}:make_model"},
    }
    assert "# x: float64 (4, 2) from Python, sha256 " in study.text
    (fault,) = faults_of(study.text)
    assert fault.startswith("s.toml: data.name: 'arrays' stands for x and y given from Python")


def test_a_function_and_its_name_are_one_setting() -> None:
    given = Study(study={"name": "a"}, data={"name": "digits"}, model=make_model)
    name = f"{__name__}:make_model"
    named = Study(study={"name": "a"}, data={"name": "digits"}, model={"name": name})
    assert given.fingerprint == named.fingerprint


def test_a_lambda_is_refused_when_read_again() -> None:
    study = Study(study={"name": "a"}, data={"name": "digits"}, model=lambda: None)
    (fault,) = faults_of(study.text)
    assert "model.name: a function that can be found again must be given" in fault


class Network:
    """What looks like a network: it can be called and names its parameters."""

    def named_parameters(self) -> None: ...

    def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("tables", "fault"),
    [
        (
            {"data": "x"},
            "data: a table must be given, found 'x'; pass (x, y), a function or a dict",
        ),
        ({"model": 3}, "model: a table must be given, found 3; pass a function or a dict of its"),
        ({"model": Network()}, "model.name: a function that makes a network must be given"),
        ({"serach": {}}, "serach: unknown key; did you mean search?"),
        ({"data": (np.zeros((3, 1)), np.zeros(2))}, "data.y: x and y must have equally many rows"),
        ({"data": {"x": np.zeros((3, 1))}}, "data.name: 'arrays' stands for x and y given from"),
        ({"data": {"x": [1], "y": [1], "name": "digits"}}, "data.name: either x and y or a name"),
        (
            {"data": {"x": [1], "y": [1], "design": "fresh"}},
            "data.design: fresh needs data that can be drawn anew, found arrays",
        ),
        ({"training": {"lr": math.nan}}, "training.lr: a finite number must be given, found nan"),
        ({"training": {3: 4}}, "training[3]: "),
        ({"search": {"axes": {3: {}}}}, "search.axes[3]"),
        ({"data": {"name": make_model, "args": {"f": make_model}}}, "data.args: numbers, text,"),
    ],
)
def test_faults_from_python_name_the_call(tables: dict[str, Any], fault: str) -> None:
    found = faults_from_python(**{"study": {"name": "a"}, "data": {"name": "digits"}, **tables})
    assert found[0].startswith(f"Study(...): {fault}")


def test_a_study_needs_its_tables_from_python_too() -> None:
    assert [fault.split(": ")[1] for fault in faults_from_python()] == ["study.name", "data.name"]
