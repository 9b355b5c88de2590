"""The page on a finished train.py: what it shows is what is there, and it runs."""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest

import sweep
from sweep.launchers.loop_context import LoopContext
from sweep.launchers.loop_launcher import LoopLauncher
from sweep.records.trial import Draw, Phase, Run, State, Trial
from sweep.training.jobs import Segment

ROOT = Path(__file__).parents[2]
HOME = ROOT / "studies" / "train_py"
PAGE = (HOME / "README.md").read_text(encoding="utf-8")
MOST_LINES = 8


def differences() -> list[str]:
    before, after = (HOME.joinpath(name).read_text() for name in ("before.py", "train.py"))
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in list(found)[2:] if not line.startswith("@@")]


def test_the_page_shows_the_files_and_few_lines_change() -> None:
    shown = PAGE.partition("```diff\n")[2].partition("```")[0].splitlines()
    assert [line for line in shown if line[:1] in ("+", "-")] == differences()
    assert sum(line.startswith("+") for line in differences()) <= MOST_LINES
    assert HOME.joinpath("train.toml").read_text().strip() in PAGE
    assert "{%" not in PAGE


@pytest.mark.long
def test_a_run_of_the_page_is_that_of_plain_pytorch(tmp_path: Path) -> None:
    """The script as it was, with the run's seeds and strength in the place of its constants."""
    study = sweep.load_study(HOME / "train.toml")
    launcher = LoopLauncher(LoopContext(study, "cpu"), 1)
    trial = Trial(0, Phase.CONFIRM, 0, "decay", 0.5, {}, {"epochs": 2})
    run = Run(0, 0, Draw(0, 0, 0, 5, 6))
    waiting = deque([Segment(run, trial, 2, with_test=True)])
    (outcome,) = [o for some in launcher.train(waiting) for o in some]
    launcher.close()
    result = outcome.result
    assert result.state is State.COMPLETE, result.note
    assert [reading.layer for reading in result.layers] == ["0", "2"]
    assert [reading.weights for reading in result.layers] == [6400, 1000]
    text = HOME.joinpath("before.py").read_text().replace("EPOCHS = 20", "EPOCHS = 2")
    text = text.replace("manual_seed(SEED)", "manual_seed(6)").replace(
        "make_data(SEED)", "make_data(5)"
    )
    tmp_path.joinpath("plain.py").write_text(text.replace("weight_decay=0.01", "weight_decay=0.5"))
    plain = subprocess.run(
        [sys.executable, "plain.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    *_, last, test = plain.stdout.splitlines()
    numbers = [result.metrics[name] for name in ("train_loss", "val_loss", "val_accuracy")]
    fit, loss, accuracy = numbers
    assert last == f"epoch 1: {fit:.4f}, {loss:.4f}, {accuracy:.3f}"
    assert test == f"test: {result.metrics['test_loss']:.4f}"


@pytest.mark.long
def test_the_study_of_the_page_comes_to_a_report(tmp_path: Path) -> None:
    shutil.copytree(HOME, tmp_path / "train_py")
    text = HOME.joinpath("train.toml").read_text()
    path = tmp_path / "train_py" / "train.toml"
    path.write_text(
        text.replace("epochs = 20", "epochs = 8").replace("resamples = 5", "resamples = 2")
    )
    environment = {"SWEEP_DATABASE": f"sqlite:///{tmp_path}/own.db", "PYTHONPATH": str(ROOT)}
    for command in (["sweep", "check"], ["sweep", "run"]):
        ran = subprocess.run(
            [sys.executable, "-m", *command, str(path)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
    store = sweep.open_store(environment["SWEEP_DATABASE"])
    assert set(sweep.runs_frame(store, "train_py")["state"]) <= {"complete", "pruned"}
    assert len(sweep.boundaries_frame(store, "train_py"))
    assert sweep.layers_frame(store, "train_py")["layer"].nunique() == 2
