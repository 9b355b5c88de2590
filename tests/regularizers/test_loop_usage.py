"""Lines for a loop or a command: Python that sets what a run says, and words of a shell."""

from __future__ import annotations

import shlex

import pytest
from torch import nn

import sweep
from sweep.regularizers.loop_usage import command_line, function_lines


def names_of(*arguments: object, **more: object) -> dict[str, object]:
    names: dict[str, object] = {"sweep": sweep, "model": nn.Linear(3, 2)}
    exec("\n".join(function_lines("train.py:train", *arguments, **more)), names)  # type: ignore[arg-type]
    return names


def test_the_lines_set_what_a_run_says() -> None:
    names = names_of("l1", 0.25, {"lr": 1e-3, "kind": "a", "epochs": 7})
    assert (names["strength"], names["lr"], names["kind"], names["epochs"]) == (0.25, 1e-3, "a", 7)
    made = names["reg"]
    assert isinstance(made, sweep.Regularizer)
    assert list(made.layers.values()) == [{"l1": 0.25}]


def test_a_regularizer_that_nobody_knows_of_is_marked_as_such() -> None:
    lines = function_lines("train.py:train", "l1", 0.25, {}, asks=None)
    assert lines[-2:] == (
        "# only where it takes run.regularizer(model):",
        'reg = sweep.Regularizer(model, "l1", strength=0.25)',
    )
    assert not any("reg = " in line for line in function_lines("f", "l1", 0.25, {}, asks=False))


def test_numbers_of_a_penalty_are_the_regularizers() -> None:
    made = names_of("elastic_net", 0.5, {"elastic_net.l1_share": 0.125})["reg"]
    assert isinstance(made, sweep.Regularizer)
    assert made.content()["numbers"] == {"elastic_net.l1_share": 0.125}


@pytest.mark.parametrize(
    ("penalty", "strengths", "there"),
    [
        ("none", 0.0, set()),
        ("dropout", 0.5, {"strength"}),
        ("cocktail", {"l1": 0.5, "dropout": 0.25}, {"strengths"}),
        ("fixed_norm", 0.0, {"reg"}),
    ],
)
def test_nothing_is_set_that_a_run_does_not_have(
    penalty: str, strengths: object, there: set[str]
) -> None:
    names = names_of(penalty, strengths, {})
    assert {"strength", "strengths", "reg"} & set(names) == there


def test_a_command_is_a_line_of_a_shell() -> None:
    words = ["python", "a b.py", "--wd=0.5", "it's"]
    comment, line = command_line(words, 0.5, "decay")
    assert shlex.split(line) == words
    assert shlex.split(comment, comments=True) == []
    assert "decay at 0.5" in comment
    assert command_line(words, 0.0, "none")[0] == "# none:"
