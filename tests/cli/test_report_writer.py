"""The report beside a run: when a page is written, what its process is given, what may go wrong."""

from __future__ import annotations

import io
import logging
import math
from pathlib import Path
from typing import Any

import pytest

from sweep.cli import _report_writer
from sweep.cli._report_writer import (
    FIRST_SECONDS,
    LEAST_SECONDS,
    PHASE_SHARE,
    SHARE,
    ReportWriter,
    written_report,
)
from sweep.errors import ModelError
from sweep.records.trial import Progress

URL = "postgresql://me:hunter2@host/db"


class Clock:
    """Tells the time that a test sets."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


class Process:
    """Stands for the process that writes; it ends when the test says so."""

    pid = 0
    last_code = 0
    """What it ends with where it is waited for."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        self.command, self.environment = command, environment
        self.returncode: int | None = None
        self.stderr = io.StringIO()

    def end(self, code: int = 0, words: str = "") -> None:
        self.returncode, self.stderr = code, io.StringIO(words)

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, _: float) -> None:
        self.returncode = self.last_code if self.returncode is None else self.returncode


Started = tuple[list[Process], Clock]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The processes that were started, and the clock by which they are."""
    processes: list[Process] = []
    clock = Clock()

    def start(command: list[str], *, env: dict[str, str], **_: Any) -> Process:
        processes.append(Process(command, env))
        return processes[-1]

    monkeypatch.setattr(_report_writer.subprocess, "Popen", start)
    monkeypatch.setattr(_report_writer, "time", clock)
    monkeypatch.setattr(_report_writer.os, "setpriority", lambda *_: None)
    return processes, clock


def progress(phase: str = "explore") -> Progress:
    return Progress(phase, 3, 10, 0.3, math.nan, math.nan)


def test_a_page_is_written_early_after_a_phase_and_at_the_end(
    started: Started, tmp_path: Path
) -> None:
    processes, clock = started
    with written_report(
        "mine",
        URL,
        tmp_path / "reports",
    ) as write:
        write(progress())
        assert not processes
        clock.now = FIRST_SECONDS
        write(progress())
        assert len(processes) == 1
        write(progress("path"))
        assert len(processes) == 1, "one at a time"
        processes[0].end()
        write(progress("path"))
        assert len(processes) == 2
    assert len(processes) == 3
    assert "--progress" in processes[1].command
    assert "--progress" not in processes[2].command
    assert (tmp_path / "reports").is_dir()


@pytest.mark.parametrize("took", [0.1, 20.0])
def test_in_between_writing_takes_a_small_share_of_the_time(
    started: Started, tmp_path: Path, took: float
) -> None:
    processes, clock = started
    with written_report("mine", URL, tmp_path) as write:
        clock.now = FIRST_SECONDS
        write(progress())
        clock.now += took
        processes[0].end()
        write(progress())
        pause = max(LEAST_SECONDS, took / SHARE)
        clock.now += pause - 0.01
        write(progress())
        assert len(processes) == 1
        clock.now += 0.02
        write(progress())
        assert len(processes) == 2


def test_phases_that_follow_quickly_are_not_each_written(started: Started, tmp_path: Path) -> None:
    processes, clock = started
    with written_report("mine", URL, tmp_path) as write:
        clock.now = FIRST_SECONDS
        write(progress())
        clock.now += 4.0
        processes[0].end()
        for phase in ("path", "confirm", "confirm"):
            write(progress(phase))
        clock.now += 4.0 / PHASE_SHARE - 0.01
        write(progress("confirm"))
        assert len(processes) == 1
        clock.now += 0.02
        write(progress("confirm"))
        assert len(processes) == 2


def test_a_password_is_in_no_list_of_processes(started: Started, tmp_path: Path) -> None:
    processes, _ = started
    with written_report("-x", URL, tmp_path):
        pass
    assert processes[0].environment["SWEEP_DATABASE"] == URL
    assert not any("hunter2" in word for word in processes[0].command)
    assert processes[0].command[-2:] == ["--", "-x"]


def test_a_page_that_cannot_be_written_is_said_once_and_stops_nothing(
    started: Started, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    processes, clock = started
    with caplog.at_level(logging.WARNING, "sweep"), written_report("mine", URL, tmp_path) as write:
        for phase in ("explore", "path", "confirm"):
            clock.now += 1000
            write(progress(phase))
            processes[-1].end(2, "Traceback\nno space left\n")
    assert [record.message for record in caplog.records] == [
        "the report could not be written: no space left"
    ]


def test_nothing_is_written_of_a_study_that_was_refused(started: Started, tmp_path: Path) -> None:
    processes, _ = started
    with pytest.raises(ModelError), written_report("mine", URL, tmp_path):
        raise ModelError("model: no")
    assert not processes


@pytest.mark.parametrize("error", [KeyboardInterrupt, ModelError])
def test_an_interrupted_run_has_its_page(
    started: Started, tmp_path: Path, error: type[BaseException]
) -> None:
    def run() -> None:
        with written_report("mine", URL, tmp_path) as write:
            write(progress())
            raise error

    with pytest.raises(error):
        run()
    assert len(started[0]) == 1


def test_a_page_that_an_interrupt_owes_and_does_not_get_is_named_with_its_command(
    started: Started,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processes, clock = started

    def run() -> None:
        masked = "postgresql://me:***@host/db"
        with written_report("mine", URL, tmp_path, masked) as write:
            clock.now = FIRST_SECONDS
            write(progress())
            processes[0].end()
            monkeypatch.setattr(Process, "last_code", 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == (
        "the report was not written: python -m dashboards --database "
        f"'postgresql://me:***@host/db' --out {tmp_path}"
    )


@pytest.mark.parametrize("code", [0, 2])
def test_a_launch_that_is_ended_by_force_writes_its_page_as_that_of_one_that_stopped(
    started: Started, tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = ReportWriter("mine", URL, tmp_path)
    monkeypatch.setattr(Process, "last_code", code)
    assert writer.finish_late() == (code == 0)
    assert "--stopped" in started[0][0].command
    assert "the report was not written" in writer.missed
    assert ReportWriter("mine", URL, None).finish_late()
    assert not ReportWriter("mine", URL, None).missed


def test_a_page_that_takes_too_long_ends_no_run_that_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A real process: with no time at all, none has written its page."""
    monkeypatch.setattr(_report_writer, "LAST_SECONDS", 0.0)
    with written_report("mine", f"sqlite:///{tmp_path}/none.db", tmp_path / "reports"):
        pass
    assert "the report could not be written: it took more than" in caplog.text


def test_without_a_folder_nothing_is_started(started: Started) -> None:
    processes, clock = started
    with written_report("mine", URL, None) as write:
        clock.now = 1000.0
        write(progress())
    assert not processes
    assert write.index is None


@pytest.mark.parametrize("code", [0, 2])
def test_the_report_is_named_at_the_end_where_it_was_written(
    started: Started, tmp_path: Path, code: int
) -> None:
    processes, clock = started
    with written_report("mine", URL, tmp_path) as write:
        clock.now = FIRST_SECONDS
        write(progress())
        processes[0].end(code)
        clock.now += 1.0
        write(progress())
        assert write.index == (None if code else tmp_path / "index.html")
