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
import shlex
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
NORMAL, NICENESS = 0, 19
"""Priorities: of the last page, which somebody waits for, and of those before."""


class ReportWriter:
    """Starts the writing of a study's page now and then; one at a time."""

    def __init__(self, name: str, database: str, folder: Path | None, masked_url: str = ""):
        """Without a folder it writes nothing; ``masked_url`` is the database as it may be said."""
        self.name, self.database, self.folder = name, database, folder
        self.masked_url = masked_url
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

    @property
    def missed(self) -> str:
        """What to say where the last page was not written; "" where there is none to be."""
        if self.folder is None:
            return ""
        url = ["--database", self.masked_url] if self.masked_url else []
        words = shlex.join(["python", "-m", "dashboards", *url, "--out", str(self.folder)])
        return f"the report was not written: {words}"

    def finish(self, *arguments: str) -> bool:
        """Writes the page as the study was left, and waits for it; says whether it is there."""
        self._wait()
        self._start([*arguments], NORMAL)
        return self._wait()

    def finish_interrupted(self, *arguments: str) -> bool:
        """The same, and says so: somebody waits who wanted to stop."""
        if self.folder is None:
            return True
        echo_error("interrupted: the report is being written; Ctrl-C again leaves it as it is")
        return self.finish(*arguments)

    def finish_late(self) -> bool:
        """The same where the study still holds its lease, since this process cannot let go."""
        return self.finish_interrupted("--stopped")

    def _start(self, arguments: list[str], niceness: int = NICENESS) -> None:
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
        if niceness != NORMAL and hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, niceness)

    def _has_ended(self, now: float) -> bool:
        """Whether the process has; then the next one is due after many times as long."""
        assert self.process is not None, "it is asked for one that was started"
        if self.process.poll() is None:
            return False
        self._take_end(now)
        return True

    def _wait(self) -> bool:
        """Waits for the process, if there is one; whether it has written its page."""
        if self.process is None:
            return False
        try:
            self.process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return self._take_end(time.monotonic(), f"it took more than {LAST_SECONDS:g} seconds")
        except BaseException:
            self.process.kill()
            raise
        return self._take_end(time.monotonic())

    def _take_end(self, now: float, why: str = "") -> bool:
        """What has become of the process; whether it has written its page."""
        assert self.process is not None
        assert self.process.stderr is not None
        lines = self.process.stderr.read().strip().splitlines()
        self.process.stderr.close()
        written = self.process.returncode == 0
        if not written:
            self._warn(why or (lines or [f"exit code {self.process.returncode}"])[-1])
        elif self.index is None and self.folder is not None:
            self.index = self.folder / "index.html"
            logger.info("%s shows where the study stands", self.index)
        self.process = None
        took = now - self.started
        self.soon = now + took / PHASE_SHARE
        self.due = now + max(LEAST_SECONDS, took / SHARE)
        return written

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
def written_report(
    name: str, database: str, folder: Path | None, masked_url: str = ""
) -> Iterator[ReportWriter]:
    """An observer that has the report written; without a folder, one that does nothing.

    At the end the page is written once more, also where the run was interrupted or ended in an
    error, unless that came before anything was trained; of an interrupted run a line says how to
    write it, if it could not be. ``masked_url`` is the database without its secrets.
    """
    writer = ReportWriter(name, database, folder, masked_url)
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
        written = False
        try:
            written = writer.finish_interrupted()
        finally:
            if not written:
                echo_error(writer.missed)
        raise
    except BaseException:
        writer.finish()
        raise
    writer.finish()
