"""Keeps the report of a study that is being run current: a process of its own writes it.

A page costs some seconds of a processor, so it is written at the start, soon after a phase has
ended and at the end, and in between only as often as takes a small share of the time. The process
has the lowest priority, is not interrupted by the terminal, and no fault in it stops a run.
"""

from __future__ import annotations

import json
import logging
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweep.cli.console import echo_error
from sweep.errors import SweepError
from sweep.records.trial import Progress
from sweep.runtime.files import new_folder

logger = logging.getLogger("sweep")

FIRST_SECONDS = 5.0
"""After the first epoch, so that a study which ends at once is written once."""
LEAST_SECONDS = 30.0
SHARE = 0.02
"""Of the time that writing may take in between."""
PHASE_SHARE = 0.2
"""Of the time that it may take where phases follow each other quickly."""
LAST_SECONDS = 120.0
"""So long the end of a run waits for its page."""
NICENESS = 19


class ReportWriter:
    """Starts the writing of a study's page now and then; one at a time."""

    def __init__(self, name: str, database: str, folder: Path | None):
        """Without a folder it writes nothing."""
        self.name, self.database, self.folder = name, database, folder
        self.index: Path | None = None
        """The report's first page, once it is written."""
        self.process: subprocess.Popen[str] | None = None
        self.phase = ""
        self.started = time.monotonic()
        self.soon, self.due = self.started, self.started + FIRST_SECONDS
        self.home = Path.cwd()  # a study's code may go elsewhere
        self.failed = False

    def __call__(self, progress: Progress) -> None:
        """Looks, after an epoch, whether the page is to be written."""
        if self.folder is None:
            return
        now = time.monotonic()
        if self.process is not None and not self._has_ended(now):
            return
        if self.phase and progress.phase != self.phase:
            self.due = min(self.due, self.soon)
        self.phase = progress.phase
        if now >= self.due:
            self._start(["--progress", json.dumps(_plain(progress))])

    def finish(self) -> None:
        """Writes the page as the study was left, and waits for it."""
        self._wait()
        self._start([])
        self._wait()

    def _start(self, arguments: list[str]) -> None:
        """Starts a process; a URL may hold a password, so it goes through the environment."""
        command = [sys.executable, "-m", "dashboards", "--out", str(self.folder), *arguments]
        self.started, self.due = time.monotonic(), math.inf
        try:
            self.process = subprocess.Popen(
                [*command, "--", self.name],
                cwd=self.home,
                env={**os.environ, "SWEEP_DATABASE": self.database},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        except OSError as error:
            self._warn(str(error))
            return
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, NICENESS)

    def _has_ended(self, now: float) -> bool:
        """Whether the process has; then the next one is due after many times as long."""
        assert self.process is not None, "it is asked for one that was started"
        if self.process.poll() is None:
            return False
        self._take_end(now)
        return True

    def _wait(self) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(LAST_SECONDS)
        except BaseException:
            self.process.kill()
            raise
        self._take_end(time.monotonic())

    def _take_end(self, now: float) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        lines = self.process.stderr.read().strip().splitlines()
        self.process.stderr.close()
        if self.process.returncode:
            self._warn(lines[-1] if lines else f"exit code {self.process.returncode}")
        elif self.index is None and self.folder is not None:
            self.index = self.folder / "index.html"
            logger.info("%s shows where the study stands", self.index)
        self.process = None
        took = now - self.started
        self.soon = now + took / PHASE_SHARE
        self.due = now + max(LEAST_SECONDS, took / SHARE)

    def _warn(self, why: str) -> None:
        """Says once that there is no page."""
        if not self.failed:
            logger.warning("the report could not be written: %s", why)
        self.failed = True


def _plain(progress: Progress) -> dict[str, object]:
    """What the page is to know; null for a number that is not known."""
    left = progress.seconds_left
    return {
        "phase": progress.phase,
        "done_runs": progress.done_runs,
        "total_runs": progress.total_runs,
        "share": progress.share,
        "seconds_left": left if math.isfinite(left) else None,
    }


@contextmanager
def written_report(name: str, database: str, folder: Path | None) -> Iterator[ReportWriter]:
    """An observer that has the report written; without a folder, one that does nothing.

    At the end the page is written once more, also where the run was interrupted or ended in an
    error, unless that came before anything was trained.
    """
    writer = ReportWriter(name, database, folder)
    if folder is None:
        yield writer
        return
    new_folder("--report", folder)
    try:
        yield writer
    except SweepError:
        if writer.phase:
            writer.finish()
        raise
    except KeyboardInterrupt:
        echo_error("interrupted: the report is being written; Ctrl-C again leaves it as it is")
        writer.finish()
        raise
    except BaseException:
        writer.finish()
        raise
    writer.finish()
