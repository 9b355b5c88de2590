"""The command line: what it prints, what it writes, and one clear line for every mistake."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import IO

import pandas as pd
import pytest
import torch

import dashboards.__main__
import sweep
import sweep.cli._signals
import sweep.cli.app
from sweep.checks.catalogue import CHECKS
from sweep.store._columns import COLUMNS, MADE
from sweep.store.frames import plain_text
from sweep.store.schema import study_table
from tests.phases.test_driver import STUDY, database, write
from tests.support.long_cases import long

ROOT = Path(__file__).parents[2]
Done = subprocess.CompletedProcess[str]


SHORT = STUDY.replace("epochs = 4", "epochs = 1")
assert SHORT != STUDY


def start(*arguments: str) -> tuple[Done, set[str]]:
    """``python -m sweep`` as a process of its own, and the modules that it loaded."""
    command = [sys.executable, "-W", "error", "-X", "importtime", "-m", "sweep", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return done, set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


def call(*arguments: str, module: str = "sweep", stderr: IO[str] | None = None) -> Done:
    """The same command in this process, which has everything loaded already."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    main = {"sweep": sweep.cli.app.run_command, "dashboards": dashboards.__main__.main}[module]
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(stderr or err),
    ):
        patch.setattr(sys, "argv", [module, *arguments])
        try:
            code = main() or 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done, set[str]]:
    """A study run by the command: its folder, what it said, and the modules that it loaded."""
    folder = tmp_path_factory.mktemp("cli")
    return folder, *start("run", str(write(folder, SHORT)), "--database", database(folder))


@pytest.fixture(scope="module")
def folder(ran: tuple[Path, Done, set[str]]) -> Path:
    folder, done, _ = ran
    assert done.returncode == 0, done.stderr
    return folder


def test_run_prints_a_sentence_for_each_penalty_and_its_progress_beside_them(
    ran: tuple[Path, Done, set[str]],
) -> None:
    _, done, _ = ran
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["decay", "l1"]
    assert all("(val_loss, 95 %)" in line or "val_loss" in line for line in lines)
    assert "explore:" in done.stderr
    assert "lowest val_loss so far" in done.stderr


def test_a_run_loads_neither_torchs_compiler_nor_what_takes_longer_than_a_small_study(
    ran: tuple[Path, Done, set[str]],
) -> None:
    _, _, loaded = ran
    assert {"torch", "sweep.networks.probe"} <= loaded
    assert not {"torch._dynamo", "torch._inductor", "pandas", "scipy.stats", "sklearn"} & loaded


def test_check_says_what_would_be_trained(folder: Path) -> None:
    done = call("check", str(folder / "small.toml"))
    assert done.returncode == 0, done.stderr
    assert "penalized: hidden1, output" in done.stdout
    assert "at most 54 runs" in done.stdout


def test_status_lists_phases_and_sentences_without_loading_torch(folder: Path) -> None:
    done, loaded = start("status", "--database", database(folder))
    assert done.returncode == 0, done.stderr
    assert "sweep.store.store" in loaded
    assert not {"torch", "pandas", "optuna"} & loaded
    assert "small: finished" in done.stdout
    assert "path: 12 complete" in done.stdout
    assert "decay:" in done.stdout
    text = call("status", "small", "--text", "--database", database(folder))
    assert text.stdout.strip() == SHORT.strip()


def test_best_writes_weights_that_load(folder: Path) -> None:
    out = folder / "best.pt"
    done = call("best", "small", "--out", str(out), "--database", database(folder))
    assert done.returncode == 0, done.stderr
    content = torch.load(out, weights_only=True)
    assert f"sweep.Regularizer.of({str(out)!r}, model)" in done.stdout
    store = sweep.open_store(database(folder))
    runs = sweep.runs_frame(store, "small").set_index(["trial", "run"])
    first = runs.loc[(store.read_study("small").winner, 0)]
    store.close()
    told = f"(seed {first['seed']}, resample {first['resample']}); trials_frame and the report"
    assert f"of one run, number 0 of trial {first.name[0]} {told}" in done.stdout
    assert set(content["regularizer"]["penalties"]) == {content["hyperparameters"]["penalty"]}
    assert content["state_dict"]["hidden1.weight"].shape == (12, 64)
    assert content["hyperparameters"]["penalty"] in ("decay", "l1")
    assert {"val_loss", "test_loss", "test_accuracy"} <= set(content["metrics"])
    assert content["data"]["x_mean"].shape == content["data"]["x_scale"].shape == (64,)
    assert content["data"]["classes"] == list("0123456789")


def test_best_runs_no_function_that_only_the_database_names(folder: Path, tmp_path: Path) -> None:
    copy, rows, ran = (tmp_path / name for name in ("sweep.db", "rows.py", "ran"))
    rows.write_text(f"open({str(ran)!r}, 'w').close()\ndef load(): ...\n")
    shutil.copy(folder / "sweep.db", copy)
    with contextlib.closing(sqlite3.connect(copy)) as database_file, database_file:
        text = SHORT.replace('name = "digits"', f'name = "{rows}:load"')
        database_file.execute(f"update {study_table.name} set text = ?", (text,))
    asked = ("best", "small", "--out", str(tmp_path / "best.pt"), "--database", f"sqlite:///{copy}")
    one_line(call(*asked), "best:", "--study FILE, or --trust")
    one_line(call(*asked, "--study", str(folder / "small.toml")), "small.toml", "found another")
    assert not ran.exists()
    assert call(*asked, "--trust").returncode == 2  # the function gives no rows
    assert ran.exists()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_export_writes_every_frame(folder: Path, kind: str) -> None:
    to = folder / kind
    done = call(
        "export", "small", "--to", str(to), "--format", kind, "--database", database(folder)
    )
    assert done.returncode == 0, done.stderr
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    rows = {path.stem: len(read(path)) for path in to.iterdir()}
    assert rows["trials"] == 33
    assert rows["boundaries"] == 4
    assert set(rows) == {name.removesuffix("_frame") for name in (*COLUMNS, *MADE)}
    assert rows["checks"] == len(CHECKS)


@pytest.mark.parametrize(
    ("command", "option", "place", "words"),
    [
        ("best", "--out", ".", "a file must be named"),
        ("best", "--out", "/proc/best.pt", "that can be written must be given"),
        ("export", "--to", "small.toml", "that can be written must be given"),
        ("export", "--to", "/proc/tables", "that can be written must be given"),
    ],
)
def test_a_place_that_cannot_be_written_gets_one_line(
    folder: Path, command: str, option: str, place: str, words: str
) -> None:
    def names() -> list[str]:
        return sorted(path.name for path in folder.iterdir() if "sweep.db" not in path.name)

    before = names()
    done = call(command, "small", option, str(folder / place), "--database", database(folder))
    one_line(done, option, words)
    assert names() == before


def test_no_cell_of_a_csv_is_a_formula() -> None:
    names = ["=1+1", "+1", "-1", "@a", "\tb", "plain", ""]
    swept = [-1.0, True, None, "=1", *names[4:]]
    columns = {"study": names, "note": "=2", "value": [-1.0] * len(names), "model.act": swept}
    frame = pd.DataFrame(columns)
    found = plain_text(frame)
    assert found["study"].tolist() == ["'=1+1", "'+1", "'-1", "'@a", "'\tb", "plain", ""]
    assert set(found["note"]) == {"'=2"}
    assert found["value"].tolist() == frame["value"].tolist()
    assert found["model.act"].tolist()[:6] == [-1.0, True, None, "'=1", "'\tb", "plain"]


def test_migrate_says_that_nothing_is_to_be_done(folder: Path) -> None:
    assert "already at schema version" in call("migrate", "--database", database(folder)).stdout


def one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_three_mistakes_are_all_reported(tmp_path: Path) -> None:
    text = STUDY.replace("lr = 1e-2\n", "lrr = 1e-2\n").replace("seed = 3", "seed = -3")
    done = call("run", str(write(tmp_path, text.replace('"l1"]', '"l3"]'))))
    assert done.returncode == 2
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 3, done.stderr
    for place in ("study.seed", "training.lrr", "search.penalties"):
        assert any(place in line for line in lines), done.stderr


def test_an_unknown_study_database_device_and_column_get_one_line(
    folder: Path, tmp_path: Path
) -> None:
    known = database(folder)
    one_line(call("status", "smal", "--database", known), "'smal'", "found small")
    one_line(call("best", "smal", "--database", known), "'smal'")
    one_line(call("export", "smal", "--to", str(tmp_path), "--database", known), "'smal'")
    missing = database(tmp_path, "mistyped")
    one_line(call("status", "--database", missing), "found no file")
    one_line(call("status", "--database", "mysql://me:secret@host/db"), "found mysql://")
    assert not (tmp_path / "mistyped.db").exists()
    study = str(folder / "small.toml")
    one_line(call("run", study, "--device", "cuda:9", "--database", missing), "cuda:9")
    one_line(call("run", study, "--device", "gpu", "--database", missing), "'gpu'")
    one_line(call("run", str(tmp_path / "none.toml")), "none.toml")
    (tmp_path / "t.csv").write_text("a,b,label\n1,2,0\n3,4,1\n")
    csv = STUDY.replace('name = "digits"', 'name = "csv"\npath = "t.csv"\ntarget = "lable"')
    one_line(call("run", str(write(tmp_path, csv)), "--database", missing), "lable", "label")
    assert not (tmp_path / "mistyped.db").exists()


@pytest.mark.parametrize("module", ["sweep", long("dashboards")])
def test_an_output_that_takes_nothing_is_reported_in_one_line(
    folder: Path, tmp_path: Path, module: str
) -> None:
    """A full disk behind standard output; a reader who has gone needs no words."""
    words = ["--out", str(tmp_path)] if module == "dashboards" else ["status"]
    command = [sys.executable, "-m", module, *words, "--database", database(folder)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    one_line(done, "standard output", "No space left")
    read, write_ = os.pipe()
    os.close(read)
    gone = subprocess.run(command, stdout=write_, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    os.close(write_)
    assert (gone.returncode, gone.stderr) == (1, "")


@pytest.mark.parametrize(
    ("words", "closed", "code"),
    [
        ("sweep status", ">&-", 0),
        ("sweep status", "2>&-", 0),
        long("dashboards --help", ">&-", 0),
        ("sweep --help", ">&-", 0),
        ("sweep --foo", "<&- >&- 2>&-", 2),
    ],
)
def test_commands_work_with_closed_streams(
    folder: Path, words: str, closed: str, code: int
) -> None:
    base = f"{shlex.quote(sys.executable)} -m {words}"
    if code == 0 and "help" not in words:
        base += f" --database '{database(folder)}'"
    done = subprocess.run(
        f"{base} {closed}", shell=True, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["sweep", long("dashboards")])
def test_a_text_of_help_that_nothing_takes_is_reported_in_one_line(module: str) -> None:
    words = [sys.executable, "-m", module, "--help"]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            words, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=env
        )
    one_line(done, "standard output", "No space left")


@pytest.mark.parametrize(
    "words", ["sweep status", long("dashboards"), long("sweep --foo"), "dashboards --foo"]
)
def test_a_mistake_has_its_exit_code_where_stderr_takes_nothing(words: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", *words.split(), "--database", database(tmp_path)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, cwd=ROOT)
    assert (done.returncode, done.stdout) == (2, b"")


class Full(io.StringIO):
    """A disk without room for a letter."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_sweep_outlives_its_progress(tmp_path: Path) -> None:
    study = str(write(tmp_path, SHORT.replace("trials = 12", "trials = 4")))
    done = call("run", study, "--database", database(tmp_path), stderr=Full())
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2


def test_what_is_no_file_is_never_replaced(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    done = call("best", "small", "--out", str(tmp_path / "pipe.pt"), "--database", database(folder))
    one_line(done, "--out", "no file that could be replaced")
    assert (tmp_path / "pipe.pt").is_fifo()


def test_nothing_stays_beside_a_database_that_was_read(folder: Path, tmp_path: Path) -> None:
    """By commands whose streams are all closed, as a daemon's are."""
    shutil.copy(folder / "sweep.db", tmp_path / "sweep.db")
    before = (tmp_path / "sweep.db").read_bytes()
    for words in ("sweep status", f"dashboards --out '{tmp_path}/out'"):
        base = f"{shlex.quote(sys.executable)} -m {words} --database '{database(tmp_path)}'"
        whole = f"{base} <&- >&- 2>&-"
        assert subprocess.run(whole, shell=True, cwd=ROOT, check=False).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "sweep.db"]
    assert (tmp_path / "sweep.db").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sweep foo", "No such command 'foo'"),
        ("sweep run", "Missing argument 'STUDY.toml'"),
        ("sweep run a.toml b.toml", "extra argument"),
        ("sweep status --foo", "No such option: --foo"),
        ("sweep run a.toml --workers x", "Invalid value for '--workers'"),
        ("dashboards --foo", "--foo"),
        ("dashboards --out", "expected one argument"),
    ],
)
def test_arguments_that_are_not_understood_get_one_line(words: str, said: str) -> None:
    module, *arguments = words.split()
    one_line(call(*arguments, module=module), "command line: ", said, "; add --help to see what")


def test_help_and_version_are_no_mistakes_and_no_command_is_one() -> None:
    assert (call("--version").stdout, call("--version").returncode) == ("regsweep 0.1.0\n", 0)
    assert call("--help").returncode == call("run", "--help").returncode == 0
    assert call().returncode == 2
    assert "Usage:" in call().stdout


@pytest.mark.parametrize("module", ["sweep", "dashboards"])
def test_ctrl_c_ends_every_command_with_130(
    folder: Path, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sweep.store.store.Store.study_names", interrupted)
    words = ["status"] if module == "sweep" else []
    done = call(*words, "--database", database(folder), module=module)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_a_changed_study_of_the_same_name_is_refused(folder: Path, tmp_path: Path) -> None:
    changed = write(tmp_path, STUDY)
    done = call("run", str(changed), "--database", database(folder))
    one_line(done, "give the changed study a new name")


def test_a_report_is_written_and_an_unknown_name_reported(folder: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "reports")
    done = call("--database", database(folder), "--out", out, module="dashboards")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip().splitlines()[-1]).is_file()
    wrong = call("smal", "--database", database(folder), "--out", out, module="dashboards")
    one_line(wrong, "'smal'")


def test_an_interrupt_is_no_bug_when_it_comes_out_as_something_else() -> None:
    interrupt, error = KeyboardInterrupt(), RuntimeError("release unlocked lock")
    error.__context__ = interrupt
    assert sweep.cli._signals.interrupt_behind(error) is interrupt
    assert sweep.cli._signals.interrupt_behind(RuntimeError("a bug")) is None


def test_a_study_in_which_nothing_completes_ends_with_one_line_and_exit_code_2(
    tmp_path: Path,
) -> None:
    (tmp_path / "nan.py").write_text(
        "def train(run):\n    run.report(train_loss=1.0, val_loss=float('nan'))\n"
    )
    path = tmp_path / "nan.toml"
    path.write_text(
        '[study]\nname = "nan"\n[training]\nfunction = "nan.py:train"\nepochs = 1\n'
        '[search]\npenalties = ["l2"]\ntrials = 2\n[path]\npoints = 0\nresamples = 1\n'
    )
    for _ in range(2):  # it has finished, and does so again
        done = call("run", str(path), "--database", database(tmp_path))
        assert done.returncode == 2
        *_, line = done.stderr.strip().splitlines()
        assert line.startswith("nan: at least one trial must complete, found 2 diverged; the notes")
    assert "2 diverged" in call("status", "nan", "--database", database(tmp_path)).stdout
