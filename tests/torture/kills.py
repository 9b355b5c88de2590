"""Processes that record runs are killed, again and again; what they acknowledged must be there."""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa

from sweep.metrics.metric import LOSS, averaged_columns
from sweep.records.summary import summarize
from sweep.records.trial import Curve, Draw, LayerReading, Phase, Run, RunResult, State, Trial
from sweep.store.store import Store, open_store
from tests.support.facts import make_facts

STUDY, N_RUNS = "killed", 2
DEFAULTS = {"lr": 0.01, "optimizer": "sgd"}
LONGEST_SECONDS = 0.3
"""Of a writer's life after its first acknowledgement."""
HANG_SECONDS = 600.0
"""After so long a writer that says nothing is killed all the same; no claim rests on it."""
WAYS = ("at a random moment", "before a commit", "after a commit")
TURNS = (WAYS[0], WAYS[1], WAYS[0], WAYS[2])


@dataclass
class Tally:
    """What so many kills came to."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: set[tuple[int, int]] = field(default_factory=set)
    stored: int = 0
    lost: int = 0
    torn: int = 0
    """Runs without all of their points, and trials that ended without all of their runs."""
    duplicated: int = 0


def kill_often(url: str, n: int, seed: int = 0) -> Tally:
    """Starts a writer and kills it, ``n`` times."""
    tally, rng = Tally(), random.Random(seed)
    for i in range(n):
        way = TURNS[i % len(TURNS)]
        moment = rng.uniform(0, LONGEST_SECONDS) if way == WAYS[0] else rng.randrange(1, 12)
        tally.acknowledged |= _one_kill(url, way, moment)
        tally.kills[way] += 1
    store = open_store(url)
    runs = Counter((run.trial, run.number) for run in store.read_runs(STUDY))
    tally.stored = sum(runs.values())
    tally.lost = len(tally.acknowledged - runs.keys())
    tally.duplicated = sum(count - 1 for count in runs.values())
    points = Counter((t, r) for t, r, _ in store.read_points(STUDY, "val_loss", (1, 2, 3)))
    ended = [s.trial.number for s in store.read_trials(STUDY) if s.state.ended]
    tally.torn = sum(points[run] != 3 for run in runs)
    tally.torn += sum((trial, i) not in runs for trial in ended for i in range(N_RUNS))
    path = store.database.sqlite_path
    store.close()
    if path is not None:
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    return tally


def _one_kill(url: str, way: str, moment: float) -> set[tuple[int, int]]:
    """What one writer acknowledged before it was killed."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        _write_until_killed(url, theirs, way, moment)
    os.close(theirs)
    said = b""
    deadline = time.monotonic() + HANG_SECONDS
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], max(0, deadline - time.monotonic()))
        more = os.read(ours, 1 << 16) if ready else b""
        if not more:
            break
        if not said and way == WAYS[0]:
            deadline = time.monotonic() + moment
        said += more
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the writer ended by itself with {status}"
    while more := os.read(ours, 1 << 16):
        said += more
    os.close(ours)
    whole = said[: said.rfind(b"\n") + 1].decode().splitlines()
    return {(int(trial), int(run)) for trial, run in (line.split() for line in whole)}


def _write_until_killed(url: str, acknowledge: int, way: str, moment: float) -> None:
    """Goes on with the study for ever; never returns."""
    try:
        store = open_store(url)
        if way != WAYS[0]:
            _die_at_commit(store, int(moment), after=way == WAYS[2])
        store.start_study(STUDY, "f" * 64, "", make_facts())
        trials = {s.trial.number for s in store.read_trials(STUDY)}
        runs = {(run.trial, run.number) for run in store.read_runs(STUDY)}
        number = max(trials, default=-1)
        missing = [(t, r) for t in sorted(trials) for r in range(N_RUNS) if (t, r) not in runs]
        while True:
            for trial, run in missing:
                done = [result(trial, run)]
                every = [result(trial, i) for i in range(N_RUNS)]
                last = all((trial, i) in runs or i == run for i in range(N_RUNS))
                metrics = [{**r.metrics, "epochs": 3, "seconds": 0.1} for r in every]
                states = [r.state for r in every]
                summary = summarize(trial, states, metrics, averaged_columns(LOSS))
                store.record(STUDY, done, [summary] if last else [])
                runs.add((trial, run))
                os.write(acknowledge, f"{trial} {run}\n".encode())
            new = [trial_(number + i) for i in (1, 2, 3)]
            store.add_trials(STUDY, new, DEFAULTS)
            number += len(new)
            missing = [(trial.number, run) for trial in new for run in range(N_RUNS)]
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
        os._exit(1)


def _die_at_commit(store: Store, which: int, after: bool) -> None:
    engine, count = store.database.engines.writer, [0]

    def count_commit(*_: object) -> None:
        count[0] += 1
        if count[0] >= which:
            os.kill(os.getpid(), signal.SIGKILL)

    if after:
        sa.event.listen(engine, "checkin", lambda *_: count_commit())
    else:
        sa.event.listen(engine, "commit", count_commit)


def trial_(number: int) -> Trial:
    return Trial(number, Phase.EXPLORE, 0, "l2", 0.1, {"a": 0.1}, {"lr": 0.01})


def result(trial: int, run: int) -> RunResult:
    value = 1.0 + trial + run / 10
    return RunResult(
        Run(trial, run, Draw(run, 0, 0, 1, 2)),
        State.COMPLETE,
        3,
        {"val_loss": value, "train_loss": value / 2},
        (Curve("val_loss", (1, 2, 3), (value + 2, value + 1, value)),),
        (LayerReading("a", 0.1, 1.0, 0, 4),),
        0.1,
    )
