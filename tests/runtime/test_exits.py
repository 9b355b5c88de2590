"""What becomes of ``os._exit`` in user code, each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import HANG_SECONDS

ROOT = Path(__file__).parents[2]
IMPORTS = """
import os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from sweep.errors import ModelError
from sweep.runtime.exits import watched_exits
from sweep.runtime.user_code import guarded
import sweep.cli._leftover_threads as leftover
real = os._exit
"""
IN_A_FUNCTION = """
try:
    with watched_exits(), guarded("model.name", "net", ModelError):
        os._exit(0)
except ModelError as error:
    sys.exit(str(error))
"""
IN_A_THREAD = """
with watched_exits():
    thread = threading.Thread(target=os._exit, args=(CODE,))
    thread.start()
    thread.join()
"""
IN_A_CHILD = """
with watched_exits(), guarded("model.name", "net", ModelError):
    if os.fork() == 0:
        os._exit(4)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 4
"""
AFTERWARDS = """
with watched_exits():
    assert os._exit is not real
assert os._exit is real
"""
LEFT_THREAD = """
leftover.GRACE_SECONDS = 0.05
with leftover.ending_without_threads():
    threading.Thread(target=threading.Event().wait, name="own").start()
    sys.exit(CODE)
"""
IDLE_POOL = """
leftover.GRACE_SECONDS = 24 * 3600.0
with leftover.ending_without_threads():
    ThreadPoolExecutor().submit(int).result()
"""
SEMAPHORES = """
import multiprocessing, time
from sweep.runtime.exits import end_process
if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    held = spawn.Semaphore(), spawn.Queue()
    child = spawn.Process(target=time.sleep, args=(24 * 3600.0,))
    child.start()
    end_process(3, "the end")
"""


def run(code: str) -> tuple[int, str]:
    """The exit code of a program and what it wrote to stderr; it fails where it hangs."""
    command = [sys.executable, "-c", IMPORTS + code]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=HANG_SECONDS
    )
    return done.returncode, done.stderr


def test_in_a_function_it_is_a_mistake_of_the_user() -> None:
    assert run(IN_A_FUNCTION) == (
        1,
        "model.name: net must run without an error, found it called os._exit(0); try it on its own "
        "first\n",
    )


@pytest.mark.parametrize(("given", "code"), [("0", 2), ("7", 7)])
def test_in_a_thread_of_ones_own_it_ends_the_launch_with_a_line(given: str, code: int) -> None:
    line = f"ended by os._exit({given}) in a thread that is not regsweep's\n"
    assert run(IN_A_THREAD.replace("CODE", given)) == (code, line)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no fork")
def test_a_forked_process_may_end_as_it_likes() -> None:
    assert run(IN_A_CHILD) == (0, "")


def test_afterwards_it_is_what_it_was() -> None:
    assert run(AFTERWARDS) == (0, "")


@pytest.mark.parametrize("code", [0, 2])
def test_a_thread_that_is_left_running_does_not_keep_a_launch_alive(code: int) -> None:
    line = "ended without the thread 'own', which was left running\n"
    assert run(LEFT_THREAD.replace("CODE", str(code))) == (code, line)


def test_a_pool_that_is_idle_ends_with_the_launch() -> None:
    assert run(IDLE_POOL) == (0, "")


def test_an_end_at_once_leaves_no_children_and_no_semaphores_to_complain_of() -> None:
    """Who complains, and a child, have this stderr too: it is read until all of them have ended."""
    assert run(SEMAPHORES) == (3, "the end\n")
