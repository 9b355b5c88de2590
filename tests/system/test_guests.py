"""A user's network through whole studies: however it behaves, no number of another run changes."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import sweep
from sweep.records.trial import RunResult
from sweep.runtime.host_state import TorchSettings
from sweep.store.store import Store
from tests.cli.test_app import Done, call
from tests.support.long_cases import long_but

NETWORK = '''
"""Behaves as the file "mood" beside it says, from its k-th forward in training on."""
import os, random, sys
from pathlib import Path
import numpy as np
import torch
from torch import nn

MOOD = Path(__file__).with_name("mood")
CALLS = [0]


def rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(320, 64))
    return x, (x[:, :10] + rng.normal(size=(320, 10))).argmax(1)


class Guest(nn.Module):
    def __init__(self, n_inputs, n_outputs, seeding=False):
        super().__init__()
        self.seeding = seeding
        self.hidden, self.output = nn.Linear(n_inputs, 8), nn.Linear(8, n_outputs)
        self.seed()

    def seed(self):
        if self.seeding:
            torch.manual_seed(0), random.seed(0), np.random.seed(0)

    def forward(self, x):
        self.seed()
        outputs = self.output(self.hidden(x.flatten(1)).relu())
        if not (self.training and MOOD.exists()):
            return outputs
        CALLS[0] += 1
        mood, first, last = MOOD.read_text().split()
        if not int(first) <= CALLS[0] <= int(last):
            return outputs
        if mood == "raises":
            raise ValueError("no more")
        if mood == "exits":
            sys.exit(0)
        if mood == "leaves":
            os._exit(0)
        if mood == "ends":
            raise GeneratorExit
        if mood == "shape":
            return outputs[:, :3]
        if mood == "memory":
            torch.empty(2**50)
        if mood == "dtype":
            torch.set_default_dtype(torch.float64)
        if mood == "gradients":
            torch.set_grad_enabled(False)
        if mood == "device":
            torch.set_default_device("meta")
        return outputs
'''
STUDY = """
[study]
name = "guest"
[data]
name = "guest.py:rows"
[model]
name = "guest.py:Guest"
args = { seeding = SEEDING }
[training]
lr = 1e-2
epochs = 2
[search]
penalties = ["decay"]
strength = { low = 1e-4, high = 1.0 }
trials = 4
round = 2
[path]
points = 5
resamples = 2
[hardware]
population = WIDTH
"""
NUMBERS = ["trial", "run", "state", "epochs", "seed", "val_loss", "train_loss", "test_loss"]
LAST = 10**9


def write(folder: Path, width: int = 4, seeding: bool = False) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "guest.py").write_text(NETWORK)
    study = STUDY.replace("WIDTH", str(width)).replace("SEEDING", str(seeding).lower())
    (folder / "guest.toml").write_text(study)
    return str(folder / "guest.toml")


def launch(folder: Path) -> Done:
    return call("run", str(folder / "guest.toml"), "--database", f"sqlite:///{folder}/sweep.db")


def numbers(folder: Path) -> pd.DataFrame:
    return sweep.runs_frame(sweep.open_store(f"sqlite:///{folder}/sweep.db"), "guest")[NUMBERS]


def finished(folder: Path) -> pd.DataFrame:
    done = launch(folder)
    assert done.returncode == 0, done.stderr
    return numbers(folder)


@pytest.fixture(autouse=True)
def _tests_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a launch does not watch exits, a test fails, and the tests do not end."""

    def refuse(code: int) -> None:
        raise AssertionError(f"os._exit({code})")

    monkeypatch.setattr(os, "_exit", refuse)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The runs of the study whose network does nothing strange."""
    folder = tmp_path_factory.mktemp("plain")
    write(folder)
    return finished(folder)


def test_a_network_that_seeds_all_generators_gives_the_same_numbers_at_any_width(
    plain: pd.DataFrame, tmp_path: Path
) -> None:
    """Weights, batches and trials are drawn while it seeds; the caller's generators stay."""
    before = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    found = []
    for width in (1, 5):
        write(tmp_path / str(width), width, seeding=True)
        found.append(finished(tmp_path / str(width)))
    pd.testing.assert_frame_equal(*found, check_exact=True)
    pd.testing.assert_frame_equal(found[0], plain, rtol=1e-5)
    assert random.getstate() == before[0]
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[2])


def misbehave(folder: Path, mood: str, *, recorded: int, forwards: int = LAST) -> Done:
    """A launch whose network has a mood for some forwards, three after so many runs were recorded;
    with none, it has it from the start.
    """
    record, n_runs = Store.record, [0]

    def recording(store: Store, study: str, results: Sequence[RunResult], *others: Any) -> None:
        record(store, study, results, *others)
        n_runs[0] += len(results)
        if n_runs[0] >= recorded and not (folder / "mood").exists():
            (folder / "mood").write_text(f"{mood} 3 {3 + forwards}")

    if not recorded:
        (folder / "mood").write_text(f"{mood} 1 {LAST}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "record", recording)
        return launch(folder)


def refused(done: Done, *words: str) -> None:
    """One line beside those of the progress and of what was measured."""
    assert done.returncode == 2, (done.stdout, done.stderr)
    beside = ("of at most", "out of memory with", "training one run at a time, which is faster")
    beside += ("as hardware.population says",)
    (line,) = (s for s in done.stderr.splitlines() if not any(words in s for words in beside))
    for word in words:
        assert word in line


MOODS = {
    "raises": "found ValueError: no more",
    "exits": "it called sys.exit(0)",
    "leaves": "it called os._exit(0)",
    "ends": "found GeneratorExit",
    "shape": "",
    "dtype": "found default dtype changed in ",
    "device": "found default device changed in ",
    "gradients": "grad",
}


AT = {
    "raises": 2,
    "exits": 12,
    "leaves": 2,
    "ends": 2,
    "shape": 12,
    "dtype": 2,
    "device": 2,
    "gradients": 12,
}
"""After how many recorded runs a mood comes, where it does not come at the first batch."""


@pytest.mark.parametrize("mood", long_but(MOODS, ["raises", "leaves", "dtype", "gradients"]))
def test_a_network_that_goes_wrong_later_gets_one_line_and_the_study_goes_on(
    plain: pd.DataFrame, tmp_path: Path, mood: str
) -> None:
    """What was recorded stays."""
    write(tmp_path)
    before = TorchSettings.read()
    refused(misbehave(tmp_path, mood, recorded=AT[mood]), "model.name: ", MOODS[mood])
    assert TorchSettings.read() == before
    assert AT[mood] <= len(numbers(tmp_path)) < len(plain)
    (tmp_path / "mood").unlink()
    pd.testing.assert_frame_equal(finished(tmp_path), plain, rtol=1e-5)


@pytest.mark.parametrize("mood", sorted(MOODS.keys() - {"device"}))
def test_a_network_that_goes_wrong_at_once_gets_one_line_and_nothing_is_begun(
    tmp_path: Path, mood: str
) -> None:
    write(tmp_path)
    before = TorchSettings.read()
    refused(misbehave(tmp_path, mood, recorded=0), "model.name: ", MOODS[mood])
    assert TorchSettings.read() == before
    assert not (tmp_path / "sweep.db").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('raise ValueError("no such width")', "found ValueError: no such width"),
        ("sys.exit(3)", "it called sys.exit(3)"),
        ("self.requires_grad_(False)", "must have parameters to train, found none"),
        ("self.output = nn.Linear(8, 3)", "must give (rows, 10) for 10 outputs, found (2, 3)"),
        ("del self.output", "AttributeError"),
    ],
)
def test_a_network_that_cannot_be_built_gets_one_line_and_nothing_is_begun(
    tmp_path: Path, line: str, words: str
) -> None:
    write(tmp_path)
    (tmp_path / "guest.py").write_text(NETWORK.replace("self.seed()", line, 1))
    refused(launch(tmp_path), "model.name: ", words)
    assert not (tmp_path / "sweep.db").exists()


def test_memory_that_is_not_there_for_a_while_makes_runs_start_again(
    plain: pd.DataFrame, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The allocator itself refuses."""
    write(tmp_path)
    done = misbehave(tmp_path, "memory", recorded=2, forwards=1)
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(numbers(tmp_path), plain, rtol=1e-5)
    assert "runs start their stretch again" in caplog.text


def test_memory_that_is_not_there_while_speeds_are_measured_leaves_them_unmeasured(
    plain: pd.DataFrame, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path)
    (tmp_path / "mood").write_text("memory 30 31")
    pd.testing.assert_frame_equal(finished(tmp_path), plain, rtol=1e-5)
    assert "runs together: not timed" in caplog.text


def test_memory_that_is_never_there_again_ends_the_launch_and_a_later_one_goes_on(
    plain: pd.DataFrame, tmp_path: Path
) -> None:
    write(tmp_path)
    done = misbehave(tmp_path, "memory", recorded=2)
    refused(done, "one run must fit into the memory")
    assert 2 <= len(numbers(tmp_path)) < len(plain)
    (tmp_path / "mood").unlink()
    pd.testing.assert_frame_equal(finished(tmp_path), plain, rtol=1e-5)


def test_a_network_that_changes_the_default_type_while_it_is_built_changes_no_other(
    plain: pd.DataFrame, tmp_path: Path
) -> None:
    """Nor does the caller's own."""
    write(tmp_path)
    network = NETWORK.replace("self.seed()", "torch.set_default_dtype(torch.float64)", 1)
    assert network != NETWORK
    (tmp_path / "guest.py").write_text(network)
    torch.set_default_dtype(torch.float64)
    try:
        found = finished(tmp_path)
        assert torch.get_default_dtype() is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    pd.testing.assert_frame_equal(found, plain, rtol=1e-5)


def test_a_file_that_chooses_a_default_type_at_its_top_chooses_it_for_nobody_else(
    plain: pd.DataFrame, tmp_path: Path
) -> None:
    """One file with network, data, metric and penalty, as scripts are."""
    write(tmp_path)
    (tmp_path / "guest.py").write_text(
        f"{NETWORK}\n\ntorch.set_default_dtype(torch.float64)\n\n"
        "def error(output, target):\n"
        "    return (output.argmax(1) != target).double().mean()\n"
    )
    objective = '[study]\nobjective = "guest.py:error"'
    text = (tmp_path / "guest.toml").read_text().replace("[study]", objective)
    (tmp_path / "guest.toml").write_text(text)
    found = finished(tmp_path)
    assert torch.get_default_dtype() is torch.float32
    assert len(found) == len(plain)
    assert np.isfinite(found["val_loss"]).all()
