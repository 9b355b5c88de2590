"""Study files: every fault is told, all of them at once, each at its place; sound files mean one
thing however they are written."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweep.errors import StudyError
from sweep.study._reference import STUDIES, example, render_reference
from sweep.study._toml_writer import toml_value
from sweep.study.axes import RangeAxis
from sweep.study.loading import LARGEST_FILE, load_study, parse_study
from sweep.study.settings import TABLES
from sweep.study.study import Study

ROOT = Path(__file__).parents[2]
LEAST = '[study]\nname = "mine"\n[data]\nname = "digits"\n'


def parse(text: str, folder: Path = ROOT) -> Study:
    return parse_study(text, folder, "s.toml")


def faults_of(text: str, folder: Path = ROOT) -> list[str]:
    with pytest.raises(StudyError) as error:
        parse(text, folder)
    return str(error.value).splitlines()


def faults_from_python(**tables: Any) -> list[str]:
    with pytest.raises(StudyError) as error:
        Study(**tables)
    return str(error.value).splitlines()


def make_model(n_inputs: int, n_outputs: int) -> None:
    """A function that can be found again."""


# ---- sound studies -----------------------------------------------------------------------------


def test_two_names_are_a_study_and_the_rest_has_the_documented_defaults() -> None:
    study = parse(LEAST)
    assert (study.study.name, study.study.seed, study.study.objective) == ("mine", 0, "val_loss")
    assert (study.data.design, study.data.n_folds, study.data.standardize) == (
        "resample",
        5,
        "auto",
    )
    assert (study.data.test_fraction, study.data.validation_fraction) == (0.2, 0.2)
    assert (study.model.name, study.model.hidden, study.model.channels) == (
        "mlp",
        (100, 100),
        (16, 32),
    )
    assert (study.training.optimizer, study.training.lr, study.training.momentum) == (
        "adamw",
        1e-3,
        0.9,
    )
    assert (study.training.epochs, study.training.batch_size) == (40, 64)
    assert study.search.penalties == ("l2", "decay", "l1")
    assert (study.search.trials, study.search.resamples, study.search.round) == (64, 1, 16)
    assert (study.search.startup, study.search.sampler, study.search.pruner) == (
        None,
        "tpe",
        "halving",
    )
    assert study.search.axes == {}
    assert (study.path.points, study.path.resamples) == (13, 5)
    assert (study.hardware.device, study.hardware.population) == ("auto", "auto")


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_study_is_sound_and_named_like_its_file(path: Path) -> None:
    study = load_study(path)
    assert study.study.name == path.stem
    assert study.study.question.endswith("?")
    assert study.text == path.read_text(encoding="utf-8")
    assert study.folder == STUDIES.resolve()


def test_these_studies_are_shipped() -> None:
    names = {path.stem for path in STUDIES.glob("*.toml")}
    tables = {"diabetes", "tabular", "tabular_regression"}
    assert names == {"mnist1d", "cocktail_mnist1d", "digits", "quick", *tables}


def test_the_study_of_the_design_document_is_sound() -> None:
    study = parse(
        """
        [study]
        name = "mnist1d"
        question = "How much decay does a small MLP on MNIST-1D need, and on which layers?"
        seed = 0
        objective = "val_loss"
        [data]
        name = "mnist1d"
        design = "fresh"
        test_fraction = 0.2
        [model]
        name = "mlp"
        hidden = [100, 100]
        [training]
        optimizer = "adamw"
        lr = 2e-3
        epochs = 40
        batch_size = 64
        [search]
        penalties = ["l2", "decay", "l1"]
        strength = { low = 1e-6, high = 1e1 }
        layers = "shared"
        trials = 64
        sampler = "tpe"
        pruner = "halving"
        axes.lr = { low = 3e-4, high = 1e-2, scale = "log" }
        [path]
        points = 13
        resamples = 5
        [hardware]
        device = "auto"
        population = "auto"
        precision = "float32"
        """
    )
    axis = study.search.axes["lr"]
    assert isinstance(axis, RangeAxis)
    assert (axis.choices, axis.low, axis.high, axis.scale) == (None, 3e-4, 1e-2, "log")
    assert study.search.range("l1") == (1e-6, 10.0)


@pytest.mark.parametrize(
    "text",
    [
        "[search.strength]\nlow = 1e-4\nhigh = 1\nl1 = { low = 1e-5, high = 1e-1 }",
        "[search]\nstrength.low = 1e-4\nstrength.high = 1\nstrength.l1 = {low = 1e-5, high = 0.1}",
        "[search]\nstrength = { high = 1, low = 1e-4, l1 = { high = 0.1, low = 1e-5 } }",
    ],
)
def test_a_penalty_has_its_own_range_or_the_shared_one(text: str) -> None:
    study = parse(LEAST + text)
    assert study.search.range("l1") == (1e-5, 0.1)
    assert study.search.range("decay") == (1e-4, 1.0)


def test_no_range_is_given_for_what_has_no_strength() -> None:
    with pytest.raises(ValueError, match="'none' has no strength"):
        parse(LEAST).search.range("none")


def test_whole_numbers_stand_for_numbers() -> None:
    study = parse(LEAST + "[training]\nlr = 1\n[search.strength]\nlow = 1\nhigh = 2")
    assert type(study.training.lr) is float
    assert study.search.range("l2") == (1.0, 2.0)


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


# ---- faults are told together, with suggestions ------------------------------------------------


def test_three_mistakes_are_told_together() -> None:
    assert faults_of(
        '[study]\nname = "l1"\n[data]\nname = "digits"\n[training]\nlrr = 1e-3\n'
        "[search]\nstrength = { low = 0.0, high = 0.1 }\n[path]\npoints = 13\nresamples = 1\n"
    ) == [
        "s.toml: training.lrr: unknown key; did you mean lr?",
        "s.toml: search.strength: 0 < low < high must hold, got low=0.0, high=0.1; "
        "zero strength is tried anyway, so begin above it",
        "s.toml: path.resamples: a path needs at least 2 for its error bars, found 1; "
        "5 is the floor for a usable interval",
    ]


def test_a_fault_between_tables_is_told_beside_a_simple_one_in_the_same_table() -> None:
    faults = faults_of(LEAST + '[search]\ntrials = "x"\npruner = "wilcoxon"\nlayers = "deep"\n')
    assert [fault.split(": ")[1] for fault in faults] == [
        "search.layers",
        "search.trials",
        "search.resamples",
    ]


def test_a_rule_is_silent_where_what_it_needs_is_at_fault_itself() -> None:
    faults = faults_of(LEAST + '[search]\ntrials = "x"\nstartup = 100\n')
    assert len(faults) == 1
    assert faults[0].startswith("s.toml: search.trials: a whole number must be given, found 'x'")


def test_an_empty_file_lacks_two_names() -> None:
    assert faults_of("") == [
        's.toml: study.name: it must be given, found nothing; write for example name = "mine"',
        's.toml: data.name: it must be given, found nothing; write for example name = "mnist1d"',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[trainig]\nlr = 1", "trainig: unknown key; did you mean training?"),
        ("[training]\nLR = 1", "training.LR: unknown key; did you mean lr?"),
        ("[training]\ntrials = 1", "training.trials: unknown key; did you mean search.trials?"),
        (
            "[path]\nzzz = 1",
            "path.zzz: unknown key; known here: points, ladder, width, layers, resamples",
        ),
        (
            "[search.strength]\nlow = 1\nhigh = 2\nl3 = 1",
            "search.strength.l3: unknown key; known here: low, high, <regularizer>",
        ),
        (
            "[search]\naxes.lr = { low = 1e-3, hihg = 1e-1, high = 1 }",
            "search.axes.lr.hihg: unknown key; did you mean high?",
        ),
        ('[data]\n"a\\nb" = 1', None),
    ],
)
def test_unknown_keys_are_refused_with_a_suggestion(text: str, fault: str | None) -> None:
    if fault is None:
        lines = faults_of('[study]\nname = "mine"\n[data]\nname = "digits"\n"a\\nb" = 1')
        assert lines == [lines[0]]
        assert lines[0].startswith('s.toml: data."a\\nb": unknown key; known here: name, path')
        assert "x, y" not in lines[0]
    else:
        assert faults_of(LEAST + text) == [f"s.toml: {fault}"]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ('[search]\npenalties = ["dekay"]', "search.penalties[0]: one of none, l2,", "decay?"),
        ('[search]\nsampler = "tpee"', "search.sampler: one of tpe, qmc,", "did you mean tpe?"),
        ('[search]\npruner = "wilcox"', "search.pruner: one of", "did you mean wilcoxon?"),
        ('[search]\nlayers = "xyz"', "search.layers: one of", "choose one of them"),
        ('[training]\noptimizer = "Adam"', "training.optimizer: one of", "did you mean adam?"),
        ('[model]\nactivation = "rellu"', "model.activation: one of", "did you mean relu?"),
        ('[model]\nname = "mpl"', "model.name: one of mlp, cnn, linear,", "did you mean mlp?"),
        ("[search.axes]\nlrr = {low = 1e-3, high = 1}", "search.axes.lrr: one of lr,", None),
    ],
)
def test_unknown_choices_are_refused_with_a_suggestion(
    text: str, start: str, end: str | None
) -> None:
    (fault,) = faults_of(LEAST + text)
    assert fault.startswith(f"s.toml: {start}")
    assert fault.endswith(end or "did you mean lr? (strength is set by search.strength)")


@pytest.mark.parametrize(
    ("table", "line", "fault"),
    [
        ("data", 'design = "resampel"', "one of fresh, resample, kfold, holdout"),
        ("data", 'name = "digit"', "did you mean digits?"),
        ("study", 'objective = "val_acc"', "did you mean val_accuracy?"),
    ],
)
def test_choices_of_the_required_tables_are_checked(table: str, line: str, fault: str) -> None:
    rows = {"study": ['name = "mine"'], "data": ['name = "digits"']}
    rows[table] = [row for row in rows[table] if row[:4] != line[:4]] + [line]
    text = "\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in rows.items())
    (found,) = faults_of(text)
    assert found.startswith(f"s.toml: {table}.{line.split(' ')[0]}: ")
    assert fault in found


# ---- types and bounds --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[training]\nlr = "0.1"', "training.lr: a number must be given, found '0.1'"),
        ("[training]\nlr = true", "training.lr: a number must be given, found True"),
        ("[training]\nlr = nan", "training.lr: a finite number must be given, found nan"),
        (
            "[training]\nlr = inf",
            "training.lr: a finite number must be given, found inf",
        ),
        ("[training]\nlr = 0", "training.lr: a number above 0 must be given, found 0"),
        ("[training]\nepochs = 1.0", "training.epochs: a whole number must be given, found 1.0"),
        ("[training]\nepochs = true", "training.epochs: a whole number must be given, found True"),
        (
            "[training]\nepochs = 0",
            "training.epochs: a number of at least 1 must be given, found 0",
        ),
        ("[training]\nbatch_size = 0", "training.batch_size: a number of at least 1 must"),
        ("[model]\nhidden = []", "model.hidden: at least 1 values must be given, found []"),
        ("[model]\nhidden = 3", "model.hidden: a list must be given, found 3"),
        ("[model]\nhidden = [8, 0]", "model.hidden[1]: a number of at least 1 must be given"),
        ("[model]\nhidden = [true]", "model.hidden[0]: a whole number must be given, found True"),
        ("[model]\nbatch_norm = 1", "model.batch_norm: true or false must be given, found 1"),
        ("[search]\npenalties = []", "search.penalties: at least 1 values must be given"),
        (
            '[search]\npenalties = ["l1", "l1"]',
            "search.penalties: every penalty must be given once, found l1 twice; remove one",
        ),
        ("[search]\ntrials = 0", "search.trials: a number of at least 1 must be given, found 0"),
        ("[search]\ntrials = 100001", "search.trials: a number of at most 100000 must be given"),
        ("[search]\nround = 0", "search.round: a number of at least 1 must be given, found 0"),
        ("[search]\nstrength = 3", "search.strength: a table must be given, found 3"),
        ("[search]\naxes = 3", "search.axes: a table must be given, found 3"),
        ("[search]\naxes.lr = 3", "search.axes.lr: a table must be given, found 3"),
        (
            "[search]\nstrength.l1 = { low = 1.0 }",
            "search.strength.l1.high: it must be given, found nothing; "
            "write for example high = 10.0",
        ),
        ("[path]\nresamples = 0", "path.resamples: a number of at least 1 must be given"),
        ("[hardware]\npopulation = 0", "hardware.population: a whole number from 1 to 100000 or"),
        ("[hardware]\npopulation = true", "hardware.population: a whole number from 1 to 100000"),
        ('[hardware]\npopulation = "all"', "hardware.population: a whole number from 1 to 100000"),
        ('[hardware]\ndevice = "gpu"', "hardware.device: auto, cpu, cuda, cuda:N or mps must be"),
        (
            '[hardware]\nprecision = "float16"',
            "hardware.precision: one of float32, float64, bfloat16 must",
        ),
    ],
)
def test_types_and_bounds_are_strict(text: str, fault: str) -> None:
    found = faults_of(LEAST + text)
    assert found[0].startswith(f"s.toml: {fault}")
    assert "; " in found[0]
    assert len(found) == 1


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "a\nb", "a\0b", "x" * 201, "\u200b", "\ud800"], ids=repr
)
def test_a_name_that_cannot_be_printed_is_refused(name: str) -> None:
    (fault,) = faults_from_python(study={"name": name}, data={"name": "digits"})
    assert fault.startswith("Study(...): study.name: 1 to 200 printable characters without a space")
    assert fault.isprintable()


@pytest.mark.parametrize("name", ["a", "x" * 200, "Größe 2/3", "数字", "a b-c_d.e"])
def test_a_name_may_be_any_printable_text(name: str) -> None:
    assert parse(LEAST.replace("mine", name)).study.name == name


def test_a_table_must_be_a_table() -> None:
    assert faults_of(f"search = 3\n{LEAST}") == [
        "s.toml: search: a table must be given, found 3; write [search] and its keys below"
    ]
    (fault,) = faults_of('study = [1]\n[data]\nname = "digits"\n')
    assert fault.startswith("s.toml: study: a table must be given, found [1]")


# ---- files -------------------------------------------------------------------------------------


def load_bytes(folder: Path, content: bytes) -> str:
    path = folder / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(StudyError) as error:
        load_study(path)
    return str(error.value).removeprefix(f"{path}: ")


def test_a_missing_file_is_told_with_the_name_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "mnist1d.toml").write_text(LEAST, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_study(tmp_path / "mnits1d.toml")
    assert str(error.value) == (
        f"{tmp_path}/mnits1d.toml: the file must exist, found none; "
        f"did you mean {tmp_path}/mnist1d.toml?"
    )
    with pytest.raises(StudyError, match="the file must exist, found none; check the path"):
        load_study("nowhere/at/all.toml")


@pytest.mark.parametrize("name", ["a\0b.toml", "x" * 5000, "/dev/null", "."], ids=lambda n: n[:5])
def test_what_is_no_readable_file_is_refused(name: str) -> None:
    with pytest.raises(StudyError, match="must"):
        load_study(name)


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    assert load_bytes(tmp_path, b"# ok\nname = '\xff'\n") == (
        "line 2: UTF-8 text must be given, found byte 0xff; save the file as UTF-8"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_a_file_in_another_encoding_is_refused_in_one_line(tmp_path: Path, encoding: str) -> None:
    text = load_bytes(tmp_path, f"{LEAST}\n# Größe".encode(encoding))
    words = ("UTF-8 text must be given", "valid TOML must be given", "unknown key")
    assert any(found in text for found in words)
    assert "\n" not in text
    assert text.isprintable()


@pytest.mark.parametrize("size", [LARGEST_FILE + 1, 10_000_000])
def test_a_file_over_a_megabyte_is_refused(tmp_path: Path, size: int) -> None:
    text = load_bytes(tmp_path, b"#" * size)
    assert text.startswith("at most 1000000 bytes must be given")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a = \n", "(at line 1, column 5); correct that line"),
        (b"a = 1\na = 2", "(at line 2, column 6); a key or a table is given twice; remove one"),
        (b"[a]\n[b]\n[a]\n", "(at line 3, column 3); a key or a table is given twice; remove one"),
        (b"a = { b = 1 }\na.c = 2\n", "{ ... } is closed: write the inner table between its"),
        (b"a = " + b"9" * 5000, "Exceeds the limit"),
        (b"a = " + b"[" * 5000, "lists and tables may be nested a few levels deep"),
        (b"a = 1\x00\n", "(at line 1, column 6)"),
    ],
)
def test_broken_toml_is_told_with_its_line(tmp_path: Path, content: bytes, fault: str) -> None:
    assert fault in load_bytes(tmp_path, content)


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load_study(path).fingerprint == parse(LEAST).fingerprint


def test_paths_are_relative_to_the_file_wherever_it_is_launched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    text = LEAST.replace("digits", "csv") + 'path = "here.csv"\ntarget = "y"'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path.parent)
    study = load_study(Path(tmp_path.name) / "mine.toml")
    monkeypatch.chdir("/")
    assert study.folder == tmp_path.resolve()
    assert study.folder.is_absolute()


# ---- the fingerprint ---------------------------------------------------------------------------


def test_order_formatting_defaults_question_and_hardware_do_not_change_the_fingerprint() -> None:
    one = parse(
        LEAST + "[training]\nlr = 1\nepochs = 3\n"
        "[search]\ntrials = 8\naxes.lr = { low = 1, high = 2 }\n"
    )
    two = parse(
        "# a comment\n[search]\naxes = { lr = { scale = 'log', high = 2.0, low = 1.0 } }\n"
        "trials = 0x8\n[training]\nepochs = 3\nlr = 1.0\nbatch_size = 64\n[hardware]\n"
        "device = 'cpu'\npopulation = 2\n[data]\nname = 'digits'\ndesign = 'resample'\n"
        "[study]\nquestion = 'Why?'\nname = \"mine\"\n"
    )
    assert one.fingerprint == two.fingerprint
    assert len(one.fingerprint) == 64


def test_axes_come_in_one_order_however_they_are_written() -> None:
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
def test_every_setting_that_decides_results_changes_the_fingerprint(change: str) -> None:
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


# ---- from Python -------------------------------------------------------------------------------


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


def test_arrays_and_functions_from_python_are_taken_as_they_are() -> None:
    x, y = np.zeros((4, 2)), np.arange(4)
    study = Study(study={"name": "mine"}, data=(x, y), model=make_model)
    assert study.data.x is x
    assert study.data.y is y
    assert study.model.name is make_model
    same = Study(study={"name": "mine"}, data={"x": x, "y": y}, model={"name": make_model})
    assert same.fingerprint == study.fingerprint
    drawn = Study(study={"name": "mine"}, data=make_model)
    assert drawn.data.name is make_model


def test_the_text_of_a_python_study_says_where_its_parts_come_from() -> None:
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


def test_a_function_by_its_name_is_the_same_setting_as_the_function() -> None:
    given = Study(study={"name": "a"}, data={"name": "digits"}, model=make_model)
    name = f"{__name__}:make_model"
    named = Study(study={"name": "a"}, data={"name": "digits"}, model={"name": name})
    assert given.fingerprint == named.fingerprint


def test_a_function_that_cannot_be_found_again_is_told_on_reading_its_text() -> None:
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


# ---- any input at all --------------------------------------------------------------------------

KEYS = sorted({key for table in TABLES.values() for key in table.model_fields} | set(TABLES))
INNER = ["low", "high", "choices", "l1", "decay", "momentum", "none", "fresh", "kfold", "csv"]
words = st.sampled_from(KEYS + INNER)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | words
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def only_study_errors(make: Callable[[], Study]) -> None:
    try:
        study = make()
    except StudyError as error:
        lines = str(error).splitlines()
        assert lines
        assert all(": " in line for line in lines)
    else:
        assert parse(study.text).fingerprint == study.fingerprint


@quick
@given(st.text(max_size=300))
def test_random_text_is_a_study_or_a_study_error(text: str) -> None:
    only_study_errors(lambda: parse(text))


@quick
@given(st.lists(st.sampled_from("[]{}=.,\"'\n #1eE-+_:truefalsnainf\\u0x") | words, max_size=60))
def test_random_toml_like_text_is_a_study_or_a_study_error(pieces: list[str]) -> None:
    only_study_errors(lambda: parse(LEAST + "".join(pieces)))


@quick
@given(st.dictionaries(words | st.text(max_size=8), values, max_size=6))
def test_random_tables_are_a_study_or_a_study_error(tables: dict[str, Any]) -> None:
    only_study_errors(lambda: Study(**tables))


@quick
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_random_values_of_known_keys_are_a_study_or_a_study_error(
    table: str, data: st.DataObject
) -> None:
    keys = st.sampled_from([k for k in TABLES[table].model_fields if k not in ("x", "y")])
    drawn = data.draw(st.dictionaries(keys, values, max_size=5))
    tables: dict[str, Any] = {"study": {"name": "mine"}, "data": {"name": "digits"}}
    tables[table] = {**tables.get(table, {}), **drawn}
    only_study_errors(lambda: Study(**tables))


@quick
@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**62), 2**62),
)
def test_what_is_written_as_toml_is_read_back(text: str, number: float, whole: int) -> None:
    value = {"a": [text, number, whole, True], text: {"b": number}}
    assert tomllib.loads(f"v = {toml_value(value)}")["v"] == value


# ---- the reference and the import --------------------------------------------------------------


def test_the_readme_of_the_studies_is_current() -> None:
    committed = (STUDIES / "README.md").read_text(encoding="utf-8")
    assert committed == render_reference(), "run: python -m sweep.study._reference"


def test_the_example_of_the_readme_is_a_study_with_every_key() -> None:
    study = parse(example())
    assert study.study.name == "mine"
    for name, table in TABLES.items():
        for key, field in table.model_fields.items():
            assert field.exclude or f"{key} = " in example(), f"{name}.{key}"
            assert field.description


def test_reading_a_study_does_not_load_torch() -> None:
    code = (
        f"import sys; from sweep.study.loading import load_study; load_study({str(STUDIES)!r} + "
        "'/mnist1d.toml').fingerprint; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
