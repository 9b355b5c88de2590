"""``python -m tests.torture [URL] --kills 200 --starts 60``: a line of JSON for each database."""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from sweep.store.store import open_store
from tests.support.facts import make_facts
from tests.torture.kills import STUDY, kill_often, result, trial_
from tests.torture.starts import start_together

NUMBERS = ("kills", "stored", "lost", "torn", "duplicated")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?", help="of an empty database; without it one of each kind")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--starts", type=int, default=0)
    parser.add_argument("--locked", type=float, default=0, help="seconds that a file is locked")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.url:
        torture(arguments.url, arguments)
        return
    for databases in (_sqlite, _postgresql):
        with tempfile.TemporaryDirectory() as folder, databases(folder) as url:
            torture(url, arguments)


def torture(url: str, arguments: argparse.Namespace) -> None:
    """Does to one database what the arguments say."""
    found: dict[str, object] = {"database": sa.make_url(url).get_backend_name()}
    if arguments.starts:
        with tempfile.TemporaryDirectory() as folder:
            found["starts"] = start_together(url, arguments.starts, Path(folder))
    if arguments.kills:
        tally = kill_often(url, arguments.kills, arguments.seed)
        found |= {name: getattr(tally, name) for name in NUMBERS}
        found["acknowledged"] = len(tally.acknowledged)
    if arguments.locked and found["database"] == "sqlite":
        found["recorded_behind_a_lock"] = _record_behind_a_lock(url, arguments.locked)
    print(json.dumps(found), flush=True)


def _record_behind_a_lock(url: str, seconds: float) -> bool:
    """Whether a run is recorded although another program locks the file for so long."""
    store = open_store(url)
    store.start_study(STUDY, "f" * 64, "", make_facts())
    number = 1 + max((s.trial.number for s in store.read_trials(STUDY)), default=-1)
    store.add_trials(STUDY, [trial_(number)], {"lr": 0.01, "optimizer": "sgd"})
    path = str(store.database.sqlite_path)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(seconds, lambda: other.execute("ROLLBACK"))
    timer.start()
    store.record(STUDY, [result(number, 0)], [])
    timer.join()
    other.close()
    found = any(run.trial == number for run in store.read_runs(STUDY))
    store.close()
    return found


@contextmanager
def _sqlite(folder: str) -> Iterator[str]:
    yield f"sqlite:///{folder}/sweep.db"


@contextmanager
def _postgresql(folder: str) -> Iterator[str]:
    from tests.support.databases import postgres_server

    with postgres_server(Path(folder) / "server") as server:
        yield server.get_uri()


if __name__ == "__main__":
    main()
