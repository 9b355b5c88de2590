"""A command as a loop: what it is handed, what it writes, and how it ends."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import sweep
from sweep.launchers.loop_context import LoopContext
from sweep.launchers.loop_launcher import LoopLauncher
from sweep.records.trial import Draw, Phase, Run, RunResult, State, Trial
from sweep.study.command import filled
from sweep.training.jobs import Segment
from tests.support.late_runs import late_once_reported

SCRIPT = """
import json, os, signal, sys, time

kind, results = sys.argv[1:3]
line = json.dumps({"train_loss": 1.0, "val_loss": 1.0})

def good():
    print("Epoch 1 of 4")
    for _ in range(4):
        print(line)

def counts_from_zero():
    for epoch in range(4):
        print(json.dumps({"epoch": epoch, "train_loss": 1.0, "val_loss": 1.0}))

def skips():
    for epoch in (1, 3):
        print(json.dumps({"epoch": epoch, "train_loss": 1.0, "val_loss": 1.0}))

def into_the_file():
    with open(results, "w") as file:
        file.write("\\n".join([line] * 4))

def exits():
    print(line)
    print("CUDA out of memory", file=sys.stderr)
    sys.exit(7)

def is_killed():
    print(line, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

def hangs():
    print(line, flush=True)
    time.sleep(600)

def says_words():
    print("loss 0.3")

def says_broken_lines():
    print(line)
    print('{"train_loss": 1.0, "val_loss"')

def says_other_numbers():
    print(json.dumps({"train_loss": 1.0, "val_loss": 1.0, "speed": 3}))

def leaves_a_child():
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)
    print(line)

def draws_a_bar():
    sys.stdout.write("x" * 3_000_000 + "\\r" + "\ufeff" + line + "\\n" + "  10 %\\r" + line + "\\n")

def says_a_name_twice():
    print('{"train_loss": 1.0, "val_loss": 1.0, "val_loss": 2.0}')

def says_true():
    print('{"train_loss": true, "val_loss": 1.0}')

def says_self():
    print('{"self": 1.0, "train_loss": 1.0, "val_loss": 1.0}')

def says_too_much():
    for _ in range(5):
        print(line)

globals()[kind]()
"""
KINDS = [
    name.removeprefix("def ").partition("(")[0]
    for name in SCRIPT.splitlines()
    if name[:4] == "def "
]


def results_of(
    folder: Path, words: Sequence[str], kinds: Sequence[str], **limit: float
) -> dict[str, RunResult]:
    """What became of one run of each kind."""
    folder.joinpath("script.py").write_text(SCRIPT)
    made = sweep.Study(
        study={"name": "commands"},
        training={"command": list(words), "epochs": 4, **limit},
        search={"penalties": ["none"], "axes": {"kind": {"choices": KINDS}}},
        path={"points": 0, "resamples": 1},
    )
    launcher = LoopLauncher(LoopContext(made, "cpu"), 4)
    trials = [
        Trial(n, Phase.EXPLORE, 0, "none", 0.0, {}, {"kind": kind}) for n, kind in enumerate(kinds)
    ]
    waiting = deque(Segment(Run(t.number, 0, Draw(0, 0, 0, 5, 6)), t, 4) for t in trials)
    found = [outcome.result for some in launcher.train(waiting) for outcome in some]
    launcher.close()
    return {kinds[result.run.trial]: result for result in found}


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunResult]:
    folder = tmp_path_factory.mktemp("commands")
    words = ["python", f"{folder}/script.py", "{kind}", "nowhere"]
    kinds = [kind for kind in KINDS if kind not in ("into_the_file", "hangs")]
    in_file = [*words[:3], "{results}"]
    found = results_of(folder, words, kinds) | results_of(folder, in_file, ["into_the_file"])
    with late_once_reported():
        return found | results_of(folder, words, ["hangs"], run_seconds=2.0)


@pytest.mark.parametrize(
    ("kind", "state", "epochs", "note"),
    [
        ("good", State.COMPLETE, 4, ""),
        ("counts_from_zero", State.COMPLETE, 4, ""),
        ("into_the_file", State.COMPLETE, 4, ""),
        ("skips", State.FAILED, 1, "epochs must come one after the other, found 3 after 1"),
        ("exits", State.FAILED, 1, "it ended with exit code 7; stderr ends: CUDA out of memory"),
        ("is_killed", State.FAILED, 1, "it was killed by SIGKILL"),
        ("hangs", State.FAILED, 1, "it took more than training.run_seconds = 2"),
        (
            "says_words",
            State.FAILED,
            0,
            "a line of JSON must be written for every epoch, found 'loss 0.3'",
        ),
        ("says_broken_lines", State.FAILED, 1, "a line that begins with { must be JSON, found"),
        ("leaves_a_child", State.COMPLETE, 1, ""),
        ("draws_a_bar", State.COMPLETE, 2, ""),
        ("says_a_name_twice", State.FAILED, 0, "a line that begins with { must be JSON, found"),
        ("says_true", State.FAILED, 0, "a line of JSON takes numbers, found train_loss = True"),
        ("says_self", State.FAILED, 0, "a line of JSON takes val_loss, train_loss"),
        ("says_too_much", State.FAILED, 4, "at most run.epochs = 4 are reported, found another"),
        ("says_other_numbers", State.FAILED, 0, "a line of JSON takes val_loss, train_loss"),
    ],
)
def test_however_a_command_ends_its_run_is_recorded(
    ends: dict[str, RunResult], kind: str, state: State, epochs: int, note: str
) -> None:
    result = ends[kind]
    assert (result.state, result.epochs) == (state, epochs), result.note
    assert result.note.startswith(note)
    assert bool(result.note) == bool(note)


def test_every_command_has_ended_once(ends: dict[str, RunResult]) -> None:
    assert set(ends) == set(KINDS)


def test_a_command_gets_the_numbers_of_its_rows(tmp_path: Path) -> None:
    code = (
        "import json, sys; rows = json.load(open(sys.argv[1])); "
        "n = sorted(sum(rows.values(), [])); assert sorted(rows) == ['train', 'validation']; "
        "print(json.dumps({'train_loss': len(rows['train']), 'val_loss': len(set(n))}))"
    )
    code = code.replace("{", "{{").replace("}", "}}")
    made = sweep.Study(
        study={"name": "rows"},
        data={"x": [[0.0], [1.0]] * 20, "y": [0.0, 1.5] * 20},
        training={"command": [sys.executable, "-c", code, "{rows}"], "epochs": 1},
        search={"penalties": ["none"]},
        path={"points": 0, "resamples": 1},
    )
    context = LoopContext(made, "cpu")
    launcher = LoopLauncher(context, 1)
    trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
    run = Run(0, 0, context.draws[Phase.EXPLORE][0])
    (outcome,) = [o for some in launcher.train(deque([Segment(run, trial, 1)])) for o in some]
    launcher.close()
    assert outcome.result.state is State.COMPLETE, outcome.result.note
    assert outcome.result.metrics["train_loss"] == 24  # 40 rows, a fifth each for the other parts
    assert outcome.result.metrics["val_loss"] == 32


@pytest.mark.parametrize(
    ("word", "values", "wanted"),
    [
        ("--wd={strength}", {"strength": 1e-7}, "--wd=1e-07"),
        ("{{{a}}}", {"a": 1}, "{1}"),
        ("{a}{b}", {"a": "x", "b": 2}, "x2"),
        ("plain", {}, "plain"),
    ],
)
def test_names_in_braces_stand_for_values(word: str, values: dict[str, Any], wanted: str) -> None:
    assert filled([word], values) == [wanted]
