"""What a study may say of a loop of the user's, and what is said where it may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sweep
from sweep.launchers.loop_context import LoopContext
from sweep.study.loading import parse_study


def train(run: sweep.OwnRun) -> None:
    """Trains nothing."""


def study(**tables: Any) -> sweep.Study:
    return sweep.Study(**{"study": {"name": "own"}, "train": train, **tables})


COMMAND = ["python", "train.py", "{strength}", "{penalty}", "{seed}"]


def command(*words: str, **tables: Any) -> sweep.Study:
    tables["training"] = {"command": list(words), **tables.get("training", {})}
    return sweep.Study(study={"name": "own"}, **tables)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"training": {"loss": "mse"}}, "training.loss: the loop of training.function"),
        ({"training": {"augment": ["flip"]}}, "training.augment: the loop of"),
        ({"training": {"command": ["x"]}}, "training.command: a function or a command must be"),
        ({"training": {"run_seconds": 0}}, "training.run_seconds: a number above 0"),
        ({"model": {"hidden": [3]}}, "model.hidden: the loop of training.function"),
        ({"hardware": {"population": 3}}, "hardware.population: the loop of"),
        ({"search": {"layers": "free"}}, "search.layers: the loop of"),
        ({"search": {"timescale": {"low": 1, "high": 2}}}, "search.timescale: the loop of"),
        ({"path": {"layers": "best"}}, "path.layers: the loop of"),
        ({"search": {"penalties": [train]}}, "search.penalties: one of none, l2"),
        ({"data": {"standardize": True}}, "data.standardize: data.name must be given with it"),
        ({"data": {"name": "digits", "design": "fresh"}}, "data.design: a loop gets the numbers"),
        ({"search": {"axes": {"seed": {"low": 1, "high": 2}}}}, "search.axes.seed: seed has an"),
        ({"search": {"axes": {"val_loss": {"low": 1, "high": 2}}}}, "search.axes.val_loss: val_"),
        ({"search": {"axes": {"a b": {"low": 1, "high": 2}}}}, 'search.axes."a b": letters'),
        ({"search": {"axes": {"lr": {"low": 1, "high": 1e9}}}}, "search.axes.lr: 0 < lr <= 1000"),
    ],
)
def test_what_does_not_go_with_a_loop_is_refused_in_one_line(
    tables: dict[str, Any], said: str
) -> None:
    with pytest.raises(sweep.StudyError) as raised:
        study(**tables)
    lines = str(raised.value).splitlines()
    assert any(line.startswith(f"Study(...): {said}") for line in lines), lines


@pytest.mark.parametrize(
    ("words", "tables", "said"),
    [
        (["p", "{strenght}"], {}, "braces must hold one of strength, penalty"),
        (["p", "{strenght}"], {}, "did you mean strength?"),
        (["p", "{seed:d}"], {}, "a name alone must stand in braces"),
        (["p", '{"a": 1}'], {}, "a name alone must stand in braces"),
        (["p", "{}"], {}, "a name alone must stand in braces"),
        (["p", "{"], {}, "a name alone must stand in braces"),
        (["p", "{penalty}", "{seed}"], {}, "runs differ in strength, found no {strength}"),
        (["p", "{strength}", "{seed}"], {}, "runs differ in penalty, found no {penalty}"),
        (["p", "{strength}", "{penalty}"], {}, "repetitions must differ, found none of {seed}"),
        ([*COMMAND, "{lr}"], {}, "training.lr must be given for {lr}"),
        ([*COMMAND, "{rows}"], {}, "the numbers of rows need data"),
        (COMMAND, {"data": {"name": "digits"}}, "runs differ in rows, found no {rows}"),
        (
            COMMAND,
            {"search": {"axes": {"width": {"low": 1, "high": 2}}}},
            "runs differ in width, found no {width}",
        ),
    ],
)
def test_the_words_of_a_command_are_checked(
    words: list[str], tables: dict[str, Any], said: str
) -> None:
    with pytest.raises(sweep.StudyError) as raised:
        command(*words, **tables)
    assert f"training.command: {said}" in str(raised.value) or said.startswith("did you")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("words", "tables"),
    [
        ([*COMMAND, "{{}}"], {}),
        ([*COMMAND, "{lr}"], {"training": {"lr": 0.1}}),
        ([*COMMAND, "{width}"], {"search": {"axes": {"width": {"low": 1, "high": 2}}}}),
        (["p", "{strength}", "{fold}"], {"search": {"penalties": ["l1"]}}),
        (["p", "{seed}"], {"search": {"penalties": ["none"]}}),
        ([*COMMAND, "{rows}"], {"data": {"name": "digits"}}),
    ],
)
def test_commands_that_take_what_differs_are_taken(
    words: list[str], tables: dict[str, Any]
) -> None:
    assert command(*words, **tables).training.loop_kind == "command"


def test_a_study_without_a_loop_needs_data() -> None:
    with pytest.raises(sweep.StudyError, match=r'data.name: "none" is for training.function'):
        sweep.Study(study={"name": "own"}, data={"name": "none"})
    with pytest.raises(sweep.StudyError, match=r"training.null_loss: training.function or"):
        sweep.Study(study={"name": "own"}, data={"name": "digits"}, training={"null_loss": 1.0})


def test_a_study_of_a_file_is_read_again_from_its_text(tmp_path: Path) -> None:
    tmp_path.joinpath("train.py").write_text("def train(run): pass\n")
    text = '[study]\nname = "own"\n[training]\nfunction = "train.py:train"\n'
    first = parse_study(text, tmp_path, "own.toml")
    python = sweep.Study(study={"name": "own"}, training={"function": f"{tmp_path}/train.py:train"})
    assert parse_study(python.text, tmp_path, "own.toml").fingerprint == python.fingerprint
    assert first.data.name == python.data.name == "none"


def test_a_loop_of_another_name_is_another_study() -> None:
    one, other = study(), study(train=lambda run: None, study={"name": "own"})
    assert one.fingerprint == study().fingerprint != other.fingerprint


def test_a_loop_reports_metrics_that_functions_name() -> None:
    metrics = ["own:fbeta", {"metric": "own:lift", "maximize": True}]
    study = sweep.Study(
        train=train, study={"name": "own", "metrics": metrics, "objective": "val_lift"}
    )
    assert {one.metric.name for one in study.study.named_metrics} == {"fbeta", "lift"}
    assert study.study.metric.maximize
    reported = {"val_lift", "train_lift", "val_fbeta", "train_fbeta", "test_fbeta", "null_lift"}
    context = LoopContext(study, "cpu")
    assert reported <= {column for metric in context.metrics for column in metric.columns}
