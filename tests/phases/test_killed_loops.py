"""Kills of the processes of a user's loop, and of the launch: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

import sweep
from sweep.launchers.loop_context import LoopContext
from sweep.launchers.loop_launcher import LoopLauncher
from sweep.phases.driver import drive
from sweep.records.trial import Progress
from tests.support.databases import HANG_SECONDS
from tests.support.own_loops import COMMAND, FUNCTION, losses, write_study

ROOT = Path(__file__).parents[2]
KILLS = {"explore": 3, "path": 8}
"""Runs of the path may end before their kill, where this process is kept waiting; hardly all do."""


def processes_in(folder: Path) -> list[int]:
    """The processes that work in a folder: those of a study's loop, and no launch."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if entry.joinpath("cwd").readlink() == folder and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def slowed(path: Path, seconds: float) -> None:
    """Makes every epoch of the loop beside a study file last so long."""
    loop, before = path.with_name("train.py"), "    noise ="
    loop.write_text(loop.read_text().replace(before, f"    time.sleep({seconds})\n{before}"))


def check_runs(store: sweep.Store, n_killed: int) -> None:
    """Every run is there once; those that were not killed have the loop's own numbers."""
    trials = sweep.trials_frame(store, "own")
    runs = sweep.runs_frame(store, "own").merge(
        trials[["trial", "phase", "penalty", "strength"]], on="trial"
    )
    assert not runs.duplicated(["trial", "run"]).any()
    wanted = {"explore": 1, "path": 2, "confirm": 2}
    assert all(
        n == wanted[phase] for (phase, _), n in runs.groupby(["phase", "trial"]).size().items()
    )
    assert not set(trials["state"]) & {"waiting", "running"}
    failed = runs[runs["state"] == "failed"]
    assert len(failed) == n_killed
    assert failed["note"].str.contains("killed by SIGKILL|nobody knows how").all()
    for run in runs[runs["state"] != "failed"].itertuples():
        expected = losses(run.penalty, run.strength, run.seed % 2**31, run.epochs)
        assert run.val_loss == pytest.approx(expected["val_loss"], rel=1e-15)


def test_killed_runs_have_failed_and_killed_waiting_ones_are_trained_anew(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    slowed(path, 0.02)
    context = LoopContext(sweep.load_study(path), "cpu")
    launcher, kills = LoopLauncher(context, 2), Counter[str]()

    def kill(progress: Progress) -> None:
        """Kills runs that wait at a rung, and runs of the path that train."""
        waits, trains = list(launcher.standing.values()), list(launcher.training)
        chosen = (
            waits if progress.phase == "explore" else trains if progress.phase == "path" else []
        )
        if chosen and kills[progress.phase] < KILLS[progress.phase]:
            kills[progress.phase] += 1
            with suppress(ProcessLookupError):  # one that has ended is killed in vain
                os.killpg(chosen[0].process.pid, signal.SIGKILL)

    store = sweep.open_store(f"sqlite:///{tmp_path}/own.db")
    drive(store, context, launcher, kill)
    launcher.close()
    assert kills == KILLS
    failed = int(sweep.runs_frame(store, "own")["state"].eq("failed").sum())
    assert 1 <= failed <= KILLS["path"]
    check_runs(store, failed)
    assert not processes_in(tmp_path)


def launch(path: Path) -> subprocess.Popen[bytes]:
    """A launch of its own; its folder is not the study's."""
    return subprocess.Popen(
        [sys.executable, "-m", "sweep", "run", str(path), "--workers", "2"],
        cwd=ROOT,
        env={**os.environ, "SWEEP_DATABASE": f"sqlite:///{path.parent}/own.db"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until_gone(folder: Path) -> None:
    """Fails where processes of a loop outlive their launch."""
    for _ in range(int(100 * HANG_SECONDS)):
        if not processes_in(folder):
            return
        time.sleep(0.01)
    raise AssertionError(f"still there: {processes_in(folder)}")


def n_stored(path: Path) -> int:
    """How many runs are stored by now."""
    store = sweep.open_store(f"sqlite:///{path.parent}/own.db")
    with suppress(sweep.StoreError):
        return len(sweep.runs_frame(store, "own"))
    return 0


@pytest.mark.long
def test_a_killed_launch_takes_its_processes_with_it_and_goes_on(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    slowed(path, 0.3)  # it lasts long enough to be killed, also while this process is kept waiting
    launched = launch(path)
    while n_stored(path) < 5:
        assert launched.poll() is None
        time.sleep(0.05)
    assert processes_in(tmp_path)
    launched.kill()
    launched.wait()
    wait_until_gone(tmp_path)
    write_study(tmp_path)  # at full speed
    store = sweep.open_store(f"sqlite:///{tmp_path}/own.db")
    sweep.run_study(sweep.load_study(path), store)
    check_runs(store, 0)


@pytest.mark.long
@pytest.mark.parametrize("loop", [FUNCTION, COMMAND])
def test_fifty_kills_of_launches_and_runs_lose_and_double_nothing(
    tmp_path: Path, loop: str
) -> None:
    path, rng = write_study(tmp_path, loop), random.Random(0)
    slowed(path, 0.1)
    for place in range(50):
        launched = launch(path)
        deadline = time.monotonic() + 2 + 4 * rng.random()
        while time.monotonic() < deadline and launched.poll() is None:
            if place % 2 and (own := processes_in(tmp_path)):
                with suppress(ProcessLookupError):
                    os.kill(rng.choice(own), signal.SIGKILL)
            time.sleep(0.5)
        launched.kill()
        launched.wait()
        wait_until_gone(tmp_path)
    store = sweep.open_store(f"sqlite:///{tmp_path}/own.db")
    sweep.run_study(sweep.load_study(path), store, workers=2)
    runs = sweep.runs_frame(store, "own")
    check_runs(store, int((runs["state"] == "failed").sum()))
