"""Processes of a user's loop: what they are handed, how they end, and what stays of it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import sweep
from sweep.errors import ModelError
from sweep.launchers.loop_context import LoopContext
from sweep.launchers.loop_launcher import LoopLauncher
from sweep.launchers.own_run import OwnRun
from sweep.records.trial import Draw, Phase, Run, RunResult, State, Trial
from sweep.training.jobs import Segment
from tests.support.late_runs import late_once_reported

LOOPS = """
import argparse, os, signal, subprocess, sys, time

import sweep

def good(run):
    for epoch in range(run.epochs):
        run.report(train_loss=1.0, val_loss=float(os.getpid()))

def raises(run):
    run.report(train_loss=1.0, val_loss=1.0)
    print("careful: hunter2-hunter2", file=sys.stderr)
    raise ValueError("no such layer")

def exits(run):
    run.report(train_loss=1.0, val_loss=1.0)
    sys.exit(3)

def exits_well(run):
    run.report(train_loss=1.0, val_loss=1.0)
    sys.exit(0)

def exits_hard(run):
    run.report(train_loss=1.0, val_loss=1.0)
    os._exit(4)

def is_killed(run):
    run.report(train_loss=1.0, val_loss=1.0)
    os.kill(os.getpid(), signal.SIGKILL)

def hangs(run):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    run.report(train_loss=1.0, val_loss=1.0)
    time.sleep(600)

def says_nothing(run):
    pass

def says_too_much(run):
    for epoch in range(run.epochs + 1):
        run.report(train_loss=1.0, val_loss=1.0)

def says_half(run):
    run.report(train_loss=1.0)

def diverges(run):
    run.report(train_loss=1.0, val_loss=1.0)
    run.report(train_loss=1.0, val_loss=float("nan"))
    raise AssertionError("it went on")

def ends_early(run):
    run.report(train_loss=1.0, val_loss=1.0)

def prunes_itself(run):
    run.report(train_loss=1.0, val_loss=1.0)
    raise sweep.RunPruned("seen enough")

def forks(run):
    child = os.fork()
    for epoch in range(run.epochs):
        run.report(train_loss=1.0, val_loss=1.0 if child else 9.0)
    os.waitpid(child, 0)

def parses_its_options(run):
    parser = argparse.ArgumentParser()
    parser.add_argument("--loss", type=float, default=0.5)
    run.report(train_loss=1.0, val_loss=parser.parse_args().loss)

def leaves_children(run):
    # one below a shell that has ended, with a session and a group of its own
    code = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(600)"
    line = ["sh", "-c", '"$0" -c "$1" &', sys.executable, code]
    child = subprocess.Popen(line, stdout=subprocess.PIPE).stdout.readline()
    run.report(train_loss=1.0, val_loss=float(child))

def by_kind(run):
    globals()[run.params["kind"]](run)
"""
KINDS = [
    name.removeprefix("def ").partition("(")[0] for name in LOOPS.splitlines() if "(run):" in name
][:-1]


def study(folder: Path, **training: Any) -> sweep.Study:
    (folder / "loops.py").write_text(LOOPS)
    axes = {"kind": {"choices": KINDS}}
    return sweep.Study(
        study={"name": "loops"},
        training={"function": f"{folder}/loops.py:by_kind", "epochs": 4, **training},
        search={"penalties": ["l2"], "axes": axes},
    )


def segment(number: int, kind: str = "good", stop: int = 4) -> Segment:
    trial = Trial(number, Phase.EXPLORE, 0, "l2", 0.1, {}, {"kind": kind})
    return Segment(Run(number, 0, Draw(0, 0, 0, 5, 6)), trial, stop)


Ends = dict[str, RunResult]


@pytest.fixture
def launchers() -> Iterator[Callable[[sweep.Study, int], LoopLauncher]]:
    """Makes launchers that are closed in the end."""
    made: list[LoopLauncher] = []

    def make(own: sweep.Study, workers: int = 2, **options: Any) -> LoopLauncher:
        made.append(LoopLauncher(LoopContext(own, "cpu"), workers, **options))
        return made[-1]

    yield make
    for launcher in made:
        launcher.close()


def trained(launcher: LoopLauncher, *segments: Segment) -> list[RunResult]:
    outcomes = [o for some in launcher.train(deque(segments)) for o in some]
    return [outcome.result for outcome in outcomes]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Ends:
    """What became of one run of each kind."""
    os.environ["MY_TOKEN"] = "hunter2-hunter2"
    folder, results = tmp_path_factory.mktemp("ends"), []
    segments = [segment(number, kind) for number, kind in enumerate(KINDS)]
    for limit in ({}, {"run_seconds": 1.0}):  # for what hangs alone, however slow the machine is
        launcher = LoopLauncher(LoopContext(study(folder, **limit)), 4)
        own = [s for s in segments if (KINDS[s.run.trial] == "hangs") == bool(limit)]
        with late_once_reported() if limit else nullcontext():
            results += trained(launcher, *own)
        launcher.close()
    del os.environ["MY_TOKEN"]
    return {KINDS[result.run.trial]: result for result in results}


@pytest.mark.parametrize(
    ("kind", "state", "epochs", "note"),
    [
        ("good", State.COMPLETE, 4, ""),
        ("ends_early", State.COMPLETE, 1, ""),
        ("raises", State.FAILED, 1, "ValueError: no such layer (loops.py line 13); stderr ends: "),
        ("exits", State.FAILED, 1, "it called sys.exit(3)"),
        ("exits_well", State.COMPLETE, 1, ""),
        ("exits_hard", State.FAILED, 1, "its process ended with exit code 4"),
        ("is_killed", State.FAILED, 1, "its process was killed by SIGKILL"),
        ("hangs", State.FAILED, 1, "it took more than training.run_seconds = 1"),
        ("says_nothing", State.FAILED, 0, "run.report was never called"),
        (
            "says_too_much",
            State.FAILED,
            4,
            "ValueError: at most run.epochs = 4 are reported, found another",
        ),
        ("says_half", State.FAILED, 0, "ValueError: run.report needs val_loss at every epoch"),
        ("diverges", State.DIVERGED, 2, "val_loss is not finite at epoch 2"),
        ("prunes_itself", State.PRUNED, 1, "seen enough"),
        ("forks", State.COMPLETE, 4, ""),
        ("parses_its_options", State.COMPLETE, 1, ""),
        ("leaves_children", State.COMPLETE, 1, ""),
    ],
)
def test_however_a_loop_ends_its_run_is_recorded(
    ends: Ends, kind: str, state: State, epochs: int, note: str
) -> None:
    result = ends[kind]
    assert (result.state, result.epochs) == (state, epochs)
    assert result.note.startswith(note)
    assert bool(result.note) == bool(note)


def test_the_options_of_a_script_have_their_defaults(ends: Ends) -> None:
    assert ends["parses_its_options"].metrics["val_loss"] == 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="nothing adopts orphans elsewhere")
def test_children_with_a_session_of_their_own_end_with_their_run(ends: Ends) -> None:
    with pytest.raises(ProcessLookupError):
        os.kill(int(ends["leaves_children"].metrics["val_loss"]), 0)


def test_every_kind_has_ended_once(ends: Ends) -> None:
    assert set(ends) == set(KINDS)


def test_the_last_lines_of_stderr_are_kept_once_and_without_secrets(ends: Ends) -> None:
    said = "ValueError: no such layer (loops.py line 13); stderr ends: careful: ***"
    assert ends["raises"].note == said


def test_a_first_run_that_reports_nothing_ends_the_launch(
    launchers: Callable[..., LoopLauncher], tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"must report every epoch.*was never called") as raised:
        trained(launchers(study(tmp_path)), segment(0, "says_nothing"))
    assert "\n" not in str(raised.value)


def pids(results: list[RunResult]) -> set[float]:
    return {result.metrics["val_loss"] for result in results}


def test_a_run_at_a_rung_waits_in_its_process_and_goes_on(
    launchers: Callable[..., LoopLauncher], tmp_path: Path
) -> None:
    launcher = launchers(study(tmp_path))
    stood = trained(launcher, segment(0, stop=2), segment(1, stop=2))
    assert [result.state for result in stood] == [State.RUNNING] * 2
    assert set(launcher.standing) == {(0, 0), (1, 0)}
    launcher.release([segment(1).run])
    (ended,) = trained(launcher, segment(0))
    assert (ended.state, ended.epochs) == (State.COMPLETE, 4)
    assert ended.metrics["val_loss"] in pids(stood)
    assert not launcher.standing


@pytest.mark.parametrize("most_waiting", [0, 64])
def test_a_run_whose_waiting_process_ended_is_trained_anew(
    launchers: Callable[..., LoopLauncher], tmp_path: Path, most_waiting: int
) -> None:
    launcher = launchers(study(tmp_path), most_waiting=most_waiting)
    (stood,) = trained(launcher, segment(0, stop=2))
    for live in launcher.standing.values():
        os.kill(live.process.pid, signal.SIGKILL)
        while not live.process.connection.poll():
            time.sleep(0.01)
    (ended,) = trained(launcher, segment(0))
    assert (ended.state, ended.epochs) == (State.COMPLETE, 4)
    assert ended.metrics["val_loss"] not in pids([stood])
    (curve,) = (c for c in ended.curves if c.metric == "val_loss")
    assert curve.epochs == (1, 2, 3, 4)
    assert len(set(curve.values)) == 1


def test_runs_of_a_loop_whose_import_starts_threads_have_interpreters_of_their_own(
    launchers: Callable[..., LoopLauncher], tmp_path: Path
) -> None:
    own = study(tmp_path)
    start = "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    threads = f"import threading, time\n{start}\n"
    tmp_path.joinpath("loops.py").write_text(threads + LOOPS)
    launcher = launchers(own, 1)
    results = trained(launcher, segment(0), segment(1), segment(2, "is_killed"))
    assert [result.state for result in results] == [State.COMPLETE] * 2 + [State.FAILED]
    assert len(pids(results)) == 3
    assert results[2].note == "its process was killed by SIGKILL"


def test_a_killed_server_is_started_again(
    launchers: Callable[..., LoopLauncher], tmp_path: Path
) -> None:
    launcher = launchers(study(tmp_path), 1)
    (first,) = trained(launcher, segment(0))
    server = launcher._processes._server
    assert server is not None
    server.process.kill()
    server.process.wait()
    (second,) = trained(launcher, segment(1))
    assert first.state is second.state is State.COMPLETE


def test_a_run_sees_what_its_trial_and_its_draw_are(
    launchers: Callable[..., LoopLauncher],
) -> None:
    def shows(run: OwnRun) -> None:
        wanted = (2**31 - 1, 7, 3, "l2", 0.5, {"l2": 0.5}, {"lr": 0.125, "width": 9}, 6, "cpu")
        found = (run.seed, run.split_seed, run.fold, run.penalty, run.strength)
        found += (dict(run.strengths), dict(run.params), run.epochs, run.device)  # type: ignore[assignment]
        assert found == wanted, found
        run.report(train_loss=0.0, val_loss=0.0)

    own = sweep.Study(
        train=shows,
        training={"lr": 0.125},
        data={"design": "kfold"},
        search={"penalties": ["l2"], "axes": {"width": {"choices": [8, 9]}}},
    )
    trial = Trial(0, Phase.EXPLORE, 0, "l2", 0.5, {}, {"width": 9, "epochs": 6})
    run = Run(0, 0, Draw(0, 3, 0, 2**31 + 7, 2**32 - 1))
    (result,) = trained(launchers(own), Segment(run, trial, 6))
    assert result.state is State.COMPLETE, result.note
