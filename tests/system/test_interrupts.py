"""Signals and other launches, at whole processes: exit codes, how soon, and what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

import sweep
from sweep.cli._signals import SIGNALS
from tests.support.databases import opened

ROOT = Path(__file__).parents[2]
WAITING = """
import time
from sweep.cli._signals import interruptible, exit_code
import sweep.cli._signals
sweep.cli._signals.GRACE_SECONDS = {grace}
try:
    with interruptible():
        try:
            print("ready", flush=True)
            time.sleep(60)
        finally:
            time.sleep({cleaning})
except KeyboardInterrupt as error:
    raise SystemExit(exit_code(error))
"""


def hear_signals() -> None:
    """As from a terminal, also where the tests run in the background of something else."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def started(code: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", code]
    waiting = subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, cwd=ROOT, preexec_fn=hear_signals
    )
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "ready\n"
    return waiting


def ended(waiting: subprocess.Popen[str]) -> int:
    waiting.communicate(timeout=20)
    return waiting.returncode


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
@pytest.mark.parametrize("cleaning", [0, 60])
def test_a_signal_ends_the_launch_cleanly_or_when_the_grace_is_over(
    number: int, code: int, cleaning: int
) -> None:
    waiting = started(WAITING.format(grace=0.2, cleaning=cleaning))
    waiting.send_signal(number)
    assert ended(waiting) == code


@pytest.mark.parametrize("second", [False, True], ids=["grace", "second signal"])
def test_a_launch_whose_terminal_is_gone_ends_all_the_same(second: bool) -> None:
    """Nobody reads what it says at the end: writing there fails."""
    nobody, stderr = os.pipe()
    waiting = subprocess.Popen(
        [sys.executable, "-c", WAITING.format(grace=20 if second else 0.2, cleaning=60)],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
        preexec_fn=hear_signals,
    )
    os.close(stderr)
    os.close(nobody)
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "ready\n"
    waiting.send_signal(signal.SIGHUP)
    if second:
        time.sleep(0.3)
        waiting.send_signal(signal.SIGTERM)
    assert ended(waiting) == 143


def test_a_launch_under_nohup_outlives_its_terminal() -> None:
    words = ["nohup", sys.executable, "-c", WAITING.format(grace=0.2, cleaning=0)]
    waiting = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "ready\n"
    waiting.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert waiting.poll() is None
    waiting.send_signal(signal.SIGTERM)
    assert ended(waiting) == 143


def test_a_second_signal_ends_it_at_once() -> None:
    waiting = started(WAITING.format(grace=60, cleaning=60))
    waiting.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert waiting.poll() is None
    waiting.send_signal(signal.SIGINT)
    assert ended(waiting) == 130


SLOW = """
import os
import pathlib
import time
import torch

HOLD = pathlib.Path(__file__).with_name("hold")

class Slow(torch.nn.Linear):
    def __init__(self):
        super().__init__(64, 10)

    def forward(self, x):
        time.sleep(0.01 if self.training else 0)
        while HOLD.exists() and HOLD.read_text() == str(os.getpid()):
            time.sleep(0.01)
        return super().forward(x.flatten(1))
"""
STUDY = """
[study]
name = "slow"
[data]
name = "digits"
[model]
name = "slow.py:Slow"
[training]
epochs = 4
[search]
penalties = ["decay"]
trials = 4
round = 2
[path]
points = 0
resamples = 2
[hardware]
population = 4
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A launch whose network waits, after its first trials were stored, until it may go on."""
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "slow.toml").write_text(STUDY)
    launch = subprocess.Popen(command(tmp_path), stderr=subprocess.PIPE, text=True, cwd=ROOT)
    deadline = time.monotonic() + 60
    while not stored(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    (tmp_path / "hold").write_text(str(launch.pid))
    yield launch
    launch.kill()
    launch.communicate()


def command(folder: Path) -> list[str]:
    words = [sys.executable, "-m", "sweep", "run", str(folder / "slow.toml")]
    return [*words, "--database", url(folder)]


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/sweep.db"


def stored(folder: Path) -> int:
    try:
        return len(sweep.runs_frame(sweep.open_store(url(folder)), "slow"))
    except sweep.StoreError:
        return 0


def status(folder: Path) -> str:
    words = [sys.executable, "-m", "sweep", "status", "--database", url(folder)]
    return subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True).stdout


def optuna_trials(folder: Path) -> list[optuna.trial.FrozenTrial]:
    with opened(url(folder), "slow") as study:
        return study.trials


def test_a_sweep_under_way_is_read_by_all_and_run_by_one_and_goes_on_after_a_kill(
    running: subprocess.Popen[str], tmp_path: Path
) -> None:
    second = subprocess.run(
        command(tmp_path), capture_output=True, text=True, cwd=ROOT, check=False, timeout=90
    )
    assert running.poll() is None
    assert second.returncode == 2
    assert second.stderr.splitlines()[-1].count("must be run by one launch at a time") == 1
    assert f"process {running.pid}" in second.stderr
    assert len(optuna_trials(tmp_path)) > 0
    assert running.poll() is None
    assert f"under way in process {running.pid} on" in status(tmp_path)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert "nobody runs it: launch it again to go on" in status(tmp_path)
    before = sweep.runs_frame(sweep.open_store(url(tmp_path)), "slow")
    assert len(before) > 0
    (tmp_path / "hold").unlink()
    third = subprocess.run(command(tmp_path), capture_output=True, text=True, cwd=ROOT, check=False)
    assert third.returncode == 0, third.stderr
    after = sweep.runs_frame(sweep.open_store(url(tmp_path)), "slow")
    assert not after.duplicated(["trial", "run"]).any()
    kept = after.merge(before, on=list(before.columns))
    assert len(kept) == len(before)
    numbers = [t.user_attrs["regsweep_trial"] for t in optuna_trials(tmp_path)]
    assert (
        sorted(numbers)
        == sweep.trials_frame(sweep.open_store(url(tmp_path)), "slow")["trial"].tolist()
    )


def test_four_reports_built_at_once_while_a_sweep_writes_harm_neither(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "slow.toml").write_text(STUDY.replace("trials = 4", "trials = 16"))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    launch = subprocess.Popen(command(tmp_path), **pipes)  # type: ignore[call-overload]
    deadline = time.monotonic() + 60
    while not stored(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    before = stored(tmp_path)
    words = [sys.executable, "-m", "dashboards", "slow", "--database", url(tmp_path), "--out"]
    reports = [
        subprocess.Popen([*words, str(tmp_path / f"report{i}")], **pipes)  # type: ignore[call-overload]
        for i in range(4)
    ]
    ends = [(*report.communicate(timeout=90), report.returncode) for report in reports]
    assert launch.poll() is None
    assert stored(tmp_path) > before  # the sweep went on writing meanwhile
    assert [(error, code) for _, error, code in ends] == [("", 0)] * 4
    pages = [tmp_path / f"report{i}" / "slow.html" for i in range(4)]
    assert all(page.stat().st_size > 10_000 for page in pages)
    _, error = launch.communicate(timeout=90)
    assert launch.returncode == 0, error
    assert "trying again" not in error
    runs = sweep.runs_frame(sweep.open_store(url(tmp_path)), "slow")
    trials = sweep.trials_frame(sweep.open_store(url(tmp_path)), "slow")
    assert not runs.duplicated(["trial", "run"]).any()
    assert len(runs) == trials["n_runs"].sum()
    assert trials["state"].isin(["complete", "pruned"]).all()
