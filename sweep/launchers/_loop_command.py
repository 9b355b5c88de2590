"""A command as a training loop: a program that writes a line of JSON for every epoch.

It runs without a shell, in the folder of the study, in the process group of its run. Where its run
waits at a rung, it is stopped (SIGSTOP) and goes on with the run.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.launchers._loop_process import RunFailed
from sweep.launchers.own_run import Channel, LoopJob, OwnRun, RunRows
from sweep.study.command import filled, placeholders

EVERY_SECONDS = 0.02
"""How often a file of results is looked at."""
LOOK_SECONDS = 0.1
"""How often it is looked whether a silent program has ended."""
LONGEST_LINE = 80
LONGEST_KEPT = 1 << 18
"""Bytes of the end of a line that are kept: progress bars write on one for ever."""
CHUNK = 1 << 16
MOST_LEFT = 1 << 20
"""Bytes that a pipe may hold when its program has ended."""


@dataclass(frozen=True)
class CommandLoop:
    """The loop that runs a command."""

    words: tuple[str, ...]
    folder: Path
    scratch: Path

    def __call__(self, job: LoopJob, channel: Channel) -> None:
        """Runs the command to its end, and reports what it writes."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as scratch:
            results, rows = Path(scratch, "results.jsonl"), Path(scratch, "rows.json")
            names = placeholders(self.words)
            if "rows" in names and job.rows is not None:
                rows.write_text(_rows_text(job.rows), encoding="utf-8")
            values = {**job.placeholders, "results": results, "rows": rows}
            # what a cocktail does not use has no strength
            words = filled(self.words, dict.fromkeys(names, 0.0) | values)
            by_file = "results" in names
            process = self._started(words, by_file)
            try:
                lines = _file_lines(results, process) if by_file else _lines(process)
                run = OwnRun(job, HoldingChannel(channel, process))
                said = report_lines(run, lines)
                _check_end(process.wait())
                if said is not None:
                    raise RunFailed(f"a line of JSON must be written for every epoch, {said}")
            finally:
                process.kill()
                process.wait()

    def _started(self, words: list[str], by_file: bool) -> subprocess.Popen[bytes]:
        out = subprocess.DEVNULL if by_file else subprocess.PIPE
        here = os.path.dirname(sys.executable)
        path = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
        try:
            return subprocess.Popen(
                words,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                env={**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            raise RunFailed(f"{words[0]} cannot be run: {error.strerror}") from error


@dataclass(frozen=True)
class HoldingChannel:
    """A channel of which a program is stopped while it waits."""

    channel: Channel
    process: subprocess.Popen[bytes]

    def send(self, message: Mapping[str, Any]) -> None:
        self.channel.send(message)

    def wait(self) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGSTOP)
        heard = self.channel.wait()
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
        return heard


def report_lines(run: OwnRun, lines: Iterable[bytes]) -> str | None:
    """Reports every line that is an object of JSON; others are the program's own words.

    Returns what was found instead where there is none.
    """
    first, epoch = "", None
    for line in lines:
        # what a terminal would show of it, where a progress bar was on the line
        text = line.decode("utf-8", "replace").strip().rpartition("\r")[2].strip("\ufeff ")
        if text.startswith("{"):
            epoch = _report(run, text, epoch)
        else:
            first = first or text
    found = f"found {_short(first)}" if first else "found nothing"
    return found if epoch is None else None


def _report(run: OwnRun, text: str, last: int | None) -> int:
    """Reports a line; returns the number of its epoch, which follows on the ``last``."""
    try:
        values = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise RunFailed(f"a line that begins with {{ must be JSON, found {_short(text)}") from error
    epoch = values.pop("epoch", 1 if last is None else last + 1)
    follows = epoch in (0, 1) if last is None else epoch == last + 1
    if type(epoch) is not int or not follows:
        after = "at first" if last is None else f"after {last}"
        raise RunFailed(f"epochs must come one after the other, found {epoch!r} {after}")
    try:
        run.report(**values)
    except (TypeError, ValueError) as error:
        raise RunFailed(str(error).replace("run.report", "a line of JSON")) from error
    return epoch


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, whose names must differ."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _lines(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """The lines on stdout until the program has ended; children that it leaves behind may hold its
    stdout, and are not waited for.
    """
    assert process.stdout is not None
    rest, left = b"", MOST_LEFT
    with process.stdout as out:
        while left > 0:
            ended = process.poll() is not None
            if select.select([out], [], [], 0.0 if ended else LOOK_SECONDS)[0]:
                chunk = os.read(out.fileno(), CHUNK)
                if not chunk:
                    break
                *whole, rest = (rest + chunk).split(b"\n")
                yield from whole
                rest = rest[-LONGEST_KEPT:]
                left -= len(chunk) if ended else 0
            elif ended:
                break
    yield rest


def _file_lines(path: Path, process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """The lines of a file as they are written, until the program has ended."""
    rest, place = b"", 0
    while True:
        ended = process.poll() is not None
        with suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(place)
            rest += file.read()
            place = file.tell()
        *whole, rest = rest.split(b"\n")
        yield from whole
        if ended:
            yield rest
            return
        time.sleep(EVERY_SECONDS)


def _check_end(code: int) -> None:
    if code > 0:
        raise RunFailed(f"it ended with exit code {code}")
    if code < 0:
        raise RunFailed(f"it was killed by {signal.Signals(-code).name}")


def _rows_text(rows: RunRows) -> str:
    """The numbers of rows as JSON, by part."""
    parts: Mapping[str, Any] = rows._asdict()
    return json.dumps({part: own.tolist() for part, own in parts.items() if own is not None})


def _short(text: str) -> str:
    return repr(text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 3] + "...")
