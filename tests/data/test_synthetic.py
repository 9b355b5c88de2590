"""Drawing ahead against drawing here: the same rows, and a process that outlives nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sweep.data._synthetic import DrawAhead, draw_mnist1d
from sweep.data.datasets import load_data
from sweep.errors import DataError
from sweep.study.settings import DataSettings

ARGS = {"num_samples": 40}
SEEDS = [11, 7, 2**63 - 5]


@pytest.fixture
def ahead() -> Iterator[DrawAhead]:
    drawing = DrawAhead(ARGS, 1000)
    yield drawing
    drawing.close()


def same(rows: tuple[np.ndarray, np.ndarray] | None, seed: int) -> bool:
    assert rows is not None
    return all(map(np.array_equal, rows, draw_mnist1d(ARGS, seed)))


def test_rows_drawn_ahead_are_those_drawn_here(ahead: DrawAhead) -> None:
    ahead.expect(SEEDS)
    ahead.expect(SEEDS)
    for seed in reversed(SEEDS):
        assert same(ahead.take(seed), seed)
        assert ahead.take(seed) is None, "nobody keeps what was taken"
    assert ahead.take(5) is None, "it was not expected"


def test_draws_that_may_not_wait_yet_are_left_to_whoever_wants_them() -> None:
    one_at_a_time = DrawAhead(ARGS, 2**40)
    one_at_a_time.expect(SEEDS)
    assert one_at_a_time.take(SEEDS[2]) is None
    assert same(one_at_a_time.take(SEEDS[0]), SEEDS[0])
    assert same(one_at_a_time.take(SEEDS[1]), SEEDS[1])
    one_at_a_time.close()


def test_a_process_that_dies_costs_time_only(ahead: DrawAhead) -> None:
    ahead._process.kill()
    ahead.expect(SEEDS)
    assert ahead.take(SEEDS[0]) is None
    settings = DataSettings.model_validate({"name": "mnist1d", "design": "fresh", "args": ARGS})
    draw = load_data(settings, Path()).draw
    assert draw is not None
    draw.expect(SEEDS)
    assert draw._ahead is not None
    draw._ahead._process.kill()
    assert all(same(draw(seed), seed) for seed in SEEDS)
    draw.close()


def test_a_wrong_option_is_told_as_without_it() -> None:
    drawing = DrawAhead({"size": 3}, 1000)
    drawing.expect(SEEDS)
    assert drawing.take(SEEDS[0]) is None
    drawing.close()
    with pytest.raises(DataError, match="an option of mnist1d must be named, found 'size'"):
        draw_mnist1d({"size": 3}, 0)


def test_it_ends_with_the_process_that_started_it() -> None:
    program = (
        "import os, signal; from sweep.data._synthetic import DrawAhead\n"
        f"ahead = DrawAhead({ARGS}, 1000); ahead.expect([1]); ahead.take(1)\n"
        "print(ahead._process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    pid = int(run.stdout)
    for _ in range(200):
        if not alive(pid):
            return
        time.sleep(0.05)
    raise AssertionError("the drawing process is still there after ten seconds")


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be collected by its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    os.kill(pid, 0)
    return state != "Z"
