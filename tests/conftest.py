"""What every test shares: real databases, and one thread, so that timings do not disturb.

Products of matrices as small as the tests' take up to twenty times the processor's time on two
threads, which wait for each other by spinning. The processes that tests start inherit the setting.
"""

from __future__ import annotations

import functools
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # is read when numpy and scipy are first loaded

import alembic.util
import pytest
import sqlalchemy as sa
import torch
from hypothesis import settings

from sweep.store import _engines
from tests.support.databases import database, hurry, postgres, stoppable
from tests.support.processes import loaded_workers

ROOT = Path(__file__).parent.parent
LOOKS_AT_IT = "test_a_lock_of_a_minute_is_waited_for"

__all__ = ["database", "loaded_workers", "postgres", "stoppable"]

# the same examples everywhere: a run that fails can be run again
settings.register_profile("shared machine", deadline=None, derandomize=True, database=None)
settings.load_profile("shared machine")
torch.set_num_threads(1)
# every opening of Optuna's tables executes all files of its migrations three times, a quarter of
# the time of a small launch; only env.py does something when it is executed
_execute, _kept = alembic.util.load_python_file, functools.cache(alembic.util.load_python_file)
alembic.util.load_python_file = lambda folder, name: (
    _execute(folder, name) if name == "env.py" else _kept(folder, name)
)
# no test cuts the machine's power: to wait for the disk was a tenth of the time of a study. The
# store says after this what it waits for, so that it is told once more; Optuna's tables are not
_set_up = _engines._set_up_sqlite
_engines._set_up_sqlite = lambda connection, record: (
    _set_up(connection, record),
    hurry(connection, record),
)
sa.event.listen(sa.Engine, "connect", hurry)


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not look through it again and again, which
    took a tenth of the time of all tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def behind_a_lock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[subprocess.Popen[str] | None]:
    """A run that is recorded while another program locks the file for a minute: begun with the
    first test, so that whoever looks at it need not wait; None where nobody does.
    """
    if not any(item.name == LOOKS_AT_IT for item in request.session.items):
        yield None
        return
    url = f"sqlite:///{tmp_path_factory.mktemp('minute')}/sweep.db"
    command = [sys.executable, "-m", "tests.torture", url, "--locked", "60"]
    waiting = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    yield waiting
    waiting.kill()
    waiting.communicate()
