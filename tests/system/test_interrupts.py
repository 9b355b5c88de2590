"""Signals and other launches, at whole processes: exit codes, how soon, and what is left."""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import optuna
import pytest

import sweep
from sweep.cli._signals import SIGNALS
from tests.cli.test_app import call
from tests.support.databases import HANG_SECONDS, opened, wait_until

ROOT = Path(__file__).parents[2]
FOR_EVER = 24 * 3600.0
WAITING = """
import sys, threading, time
from sweep.cli._signals import interruptible, exit_code
import sweep.cli._signals
sweep.cli._signals.GRACE_SECONDS = {grace}
cleaning = threading.Event()
try:
    with interruptible():
        try:
            print("ready", flush=True)
            while sys.stdin.readline():
                print("here", flush=True)
        finally:
            print("cleaning", flush=True)
            cleaning.set()
            while {endless}:
                time.sleep(1)
except KeyboardInterrupt as error:
    raise SystemExit(exit_code(error))
"""


def hear_signals() -> None:
    """As from a terminal, also where the tests run in the background of something else."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def started(code: str) -> subprocess.Popen[str]:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    words = [sys.executable, "-c", code]
    waiting = subprocess.Popen(words, **pipes, text=True, cwd=ROOT, preexec_fn=hear_signals)  # type: ignore[call-overload]
    said(waiting, "ready")
    return waiting  # type: ignore[no-any-return]


def said(waiting: subprocess.Popen[str], word: str) -> None:
    """Waits for the program's next line."""
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == f"{word}\n"


def ended(waiting: subprocess.Popen[str]) -> int:
    waiting.communicate(timeout=HANG_SECONDS)
    return waiting.returncode


@pytest.mark.parametrize("done", [False, True])
def test_what_is_owed_is_done_before_a_launch_is_ended_by_force(done: bool) -> None:
    """The last line says what was missed; what is owed comes before it."""
    last_word = f"cleaning.wait() and (print('owed', flush=True) or {done})"
    owed = f"interruptible(lambda: {last_word}, 'look there')"
    code = WAITING.replace("interruptible():", f"{owed}:").format(grace=0.2, endless=True)
    waiting = started(code)
    waiting.send_signal(signal.SIGINT)
    said(waiting, "cleaning")
    said(waiting, "owed")
    _, error = waiting.communicate(timeout=HANG_SECONDS)
    assert waiting.returncode == 130
    last = error.splitlines()[-1]
    assert last.startswith("stopped: what was recorded is stored")
    assert last.endswith("; look there") == (not done)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
@pytest.mark.parametrize("endless", [False, True])
def test_a_signal_ends_the_launch_cleanly_or_when_the_grace_is_over(
    number: int, code: int, endless: bool
) -> None:
    """Only the one or the other can happen: cleaning never ends, or the grace does not."""
    waiting = started(WAITING.format(grace=0.2 if endless else FOR_EVER, endless=endless))
    waiting.send_signal(number)
    _, error = waiting.communicate(timeout=HANG_SECONDS)
    assert waiting.returncode == code
    assert ("stopped: what was recorded is stored" in error) == endless


@pytest.mark.parametrize("second", [False, True], ids=["grace", "second signal"])
def test_a_launch_whose_terminal_is_gone_ends_all_the_same(second: bool) -> None:
    """Nobody reads what it says at the end: writing there fails."""
    nobody, stderr = os.pipe()
    waiting = subprocess.Popen(
        [sys.executable, "-c", WAITING.format(grace=FOR_EVER if second else 0.2, endless=True)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
        preexec_fn=hear_signals,
    )
    os.close(stderr)
    os.close(nobody)
    said(waiting, "ready")
    waiting.send_signal(signal.SIGHUP)
    said(waiting, "cleaning")
    if second:
        waiting.send_signal(signal.SIGTERM)
    assert ended(waiting) == 143


def test_a_launch_under_nohup_outlives_its_terminal() -> None:
    words = ["nohup", sys.executable, "-c", WAITING.format(grace=FOR_EVER, endless=False)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    waiting = subprocess.Popen(words, **pipes, text=True, cwd=ROOT)  # type: ignore[call-overload]
    said(waiting, "ready")
    waiting.send_signal(signal.SIGHUP)
    for _ in range(2):  # a signal that was heard would have ended the reading of the second
        print(file=waiting.stdin, flush=True)
        said(waiting, "here")
    waiting.send_signal(signal.SIGTERM)
    assert ended(waiting) == 143


def test_a_second_signal_ends_it_at_once() -> None:
    code = WAITING.replace("interruptible():", "interruptible(missed='look there'):")
    waiting = started(code.format(grace=FOR_EVER, endless=True))
    waiting.send_signal(signal.SIGTERM)
    said(waiting, "cleaning")
    assert waiting.poll() is None
    waiting.send_signal(signal.SIGINT)
    _, error = waiting.communicate(timeout=HANG_SECONDS)
    assert waiting.returncode == 130
    assert error.splitlines()[-1].endswith("; look there")


def n_ended(folder: Path) -> int:
    """How many trials have ended, by Optuna's table, which is the last to be written."""
    uri = f"{(folder / 'sweep.db').as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM trials").fetchone()[0])
    except sqlite3.OperationalError:  # there is no file or no table yet
        return 0


HELD = f"""
import sqlite3
import time
from contextlib import closing
from pathlib import Path
import numpy as np
import torch

FOLDER = Path(__file__).parent

{inspect.getsource(n_ended)}

def held():
    try:
        return n_ended(FOLDER) >= int((FOLDER / "hold").read_text())
    except FileNotFoundError:
        return False

def rows():
    x = np.random.default_rng(0).normal(size=(80, 8))
    return x, (x[:, 0] > 0).astype(int)

class Slow(torch.nn.Linear):
    def __init__(self):
        super().__init__(8, 2)

    def forward(self, x):
        while self.training and held():
            time.sleep(0.1)
        return super().forward(x.flatten(1))
"""
STUDY = """
[study]
name = "slow"
[data]
name = "slow.py:rows"
[model]
name = "slow.py:Slow"
[training]
epochs = 2
[search]
penalties = ["decay"]
trials = 8
round = 2
[path]
points = 0
resamples = 2
[hardware]
population = 4
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A launch of 8 trials whose network waits while as many have ended as its file ``hold`` says:
    one, until a test says more.
    """
    (tmp_path / "slow.py").write_text(HELD)
    (tmp_path / "slow.toml").write_text(STUDY)
    hold(tmp_path, 1)
    words = [sys.executable, "-m", "sweep", *command(tmp_path)]
    launch = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        wait_until(lambda: n_ended(tmp_path), lambda: launch.poll() is None)
        yield launch
    finally:
        launch.kill()
        launch.communicate()


def hold(folder: Path, n_trials: int) -> None:
    (folder / "new").write_text(str(n_trials))
    (folder / "new").replace(folder / "hold")


def command(folder: Path) -> list[str]:
    return ["run", str(folder / "slow.toml"), "--database", url(folder)]


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/sweep.db"


def status(folder: Path) -> str:
    return call("status", "--database", url(folder)).stdout


def optuna_trials(folder: Path) -> list[optuna.trial.FrozenTrial]:
    with opened(url(folder), "slow") as study:
        return study.trials


def test_a_sweep_under_way_is_read_by_all_and_run_by_one_and_goes_on_after_a_kill(
    running: subprocess.Popen[str], tmp_path: Path
) -> None:
    """What else looks or launches does so in this process, which is another than the launch's."""
    second = call(*command(tmp_path))
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
    third = call(*command(tmp_path))
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


REPORT = """
import contextlib
import sys
import sweep
from dashboards.__main__ import main

snapshot = sweep.Store.snapshot

@contextlib.contextmanager
def reading(store):
    with snapshot(store):
        print("reading", flush=True)
        sys.stdin.readline()
        yield

sweep.Store.snapshot = reading
sys.exit(main())
"""


@pytest.mark.long
def test_reports_built_at_once_while_a_sweep_writes_harm_neither(
    running: subprocess.Popen[str], tmp_path: Path
) -> None:
    """The sweep waits for all of them to read, they for it to write, and it goes on beside them."""
    before, launch = n_ended(tmp_path), running
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    words = [sys.executable, "-c", REPORT, "slow", "--database", url(tmp_path), "--out"]
    reports = [
        subprocess.Popen([*words, str(tmp_path / f"report{i}")], **pipes, text=True, cwd=ROOT)  # type: ignore[call-overload]
        for i in range(2)
    ]
    for report in reports:
        said(report, "reading")
    hold(tmp_path, 6)
    wait_until(lambda: n_ended(tmp_path) > before, lambda: launch.poll() is None)
    for report in reports:
        print(file=report.stdin, flush=True)
    ends = [(*report.communicate(timeout=HANG_SECONDS), report.returncode) for report in reports]
    assert launch.poll() is None
    (tmp_path / "hold").unlink()
    assert [(error, code) for _, error, code in ends] == [("", 0)] * 2
    pages = [tmp_path / f"report{i}" / "slow.html" for i in range(2)]
    assert all(page.stat().st_size > 10_000 for page in pages)
    _, error = launch.communicate(timeout=HANG_SECONDS)
    assert launch.returncode == 0, error
    assert "trying again" not in error
    runs = sweep.runs_frame(sweep.open_store(url(tmp_path)), "slow")
    trials = sweep.trials_frame(sweep.open_store(url(tmp_path)), "slow")
    assert not runs.duplicated(["trial", "run"]).any()
    assert len(runs) == trials["n_runs"].sum()
    assert trials["state"].isin(["complete", "pruned"]).all()
