"""Files of studies: read as they are meant, or refused with their fault and its line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sweep.errors import StudyError
from sweep.study._reference import STUDIES
from sweep.study.loading import LARGEST_FILE, load_study
from tests.support.studies import LEAST, ROOT, parse


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_studies_are_sound_and_named_like_files(path: Path) -> None:
    study = load_study(path)
    assert study.study.name == path.stem
    assert study.study.question.endswith("?")
    assert study.text == path.read_text(encoding="utf-8")
    assert study.folder == STUDIES.resolve()


def test_these_studies_are_shipped() -> None:
    names = {path.stem for path in STUDIES.glob("*.toml")}
    tables = {"diabetes", "tabular", "tabular_regression"}
    assert names == {"mnist1d", "cocktail_mnist1d", "digits", "quick", *tables}


def load_bytes(folder: Path, content: bytes) -> str:
    path = folder / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(StudyError) as error:
        load_study(path)
    return str(error.value).removeprefix(f"{path}: ")


def test_a_missing_file_suggests_a_near_name(tmp_path: Path) -> None:
    (tmp_path / "mnist1d.toml").write_text(LEAST, encoding="utf-8")
    with pytest.raises(StudyError) as error:
        load_study(tmp_path / "mnits1d.toml")
    assert str(error.value) == (
        f"{tmp_path}/mnits1d.toml: the file must exist, found none; "
        f"did you mean {tmp_path}/mnist1d.toml?"
    )
    with pytest.raises(StudyError, match="the file must exist, found none; check the path"):
        load_study("nowhere/at/all.toml")


@pytest.mark.parametrize("name", ["a\0b.toml", "x" * 5000, "/dev/null", "."], ids=lambda n: n[:5])
def test_what_is_no_readable_file_is_refused(name: str) -> None:
    with pytest.raises(StudyError, match="must"):
        load_study(name)


def test_other_bytes_than_utf8_name_their_line(tmp_path: Path) -> None:
    assert load_bytes(tmp_path, b"# ok\nname = '\xff'\n") == (
        "line 2: UTF-8 text must be given, found byte 0xff; save the file as UTF-8"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_another_encoding_is_refused_in_one_line(tmp_path: Path, encoding: str) -> None:
    text = load_bytes(tmp_path, f"{LEAST}\n# Größe".encode(encoding))
    words = ("UTF-8 text must be given", "valid TOML must be given", "unknown key")
    assert any(found in text for found in words)
    assert "\n" not in text
    assert text.isprintable()


@pytest.mark.parametrize("size", [LARGEST_FILE + 1, 10_000_000])
def test_a_file_over_a_megabyte_is_refused(tmp_path: Path, size: int) -> None:
    text = load_bytes(tmp_path, b"#" * size)
    assert text.startswith("at most 1000000 bytes must be given")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a = \n", "(at line 1, column 5); correct that line"),
        (b"a = 1\na = 2", "(at line 2, column 6); a key or a table is given twice; remove one"),
        (b"[a]\n[b]\n[a]\n", "(at line 3, column 3); a key or a table is given twice; remove one"),
        (b"a = { b = 1 }\na.c = 2\n", "{ ... } is closed: write the inner table between its"),
        (b"a = " + b"9" * 5000, "Exceeds the limit"),
        (b"a = " + b"[" * 5000, "lists and tables may be nested a few levels deep"),
        (b"\n" + b"a." * 60_000 + b"a = 1", "line 2: a key of at most 31 dots must be given"),
        (b"[" + b'"a" . ' * 60_000 + b"a]", "line 1: a key of at most 31 dots must be given"),
        (b"b = { " + b"a." * 60_000 + b"a = 1 }", "line 1: a key of at most 31 dots"),
        (b"a = 1\x00\n", "(at line 1, column 6)"),
    ],
)
def test_broken_toml_names_its_line(tmp_path: Path, content: bytes, fault: str) -> None:
    assert fault in load_bytes(tmp_path, content)


def test_windows_files_are_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load_study(path).fingerprint == parse(LEAST).fingerprint


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    text = LEAST.replace("digits", "csv") + 'path = "here.csv"\ntarget = "y"'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path.parent)
    study = load_study(Path(tmp_path.name) / "mine.toml")
    monkeypatch.chdir("/")
    assert study.folder == tmp_path.resolve()
    assert study.folder.is_absolute()


def test_reading_a_study_does_not_load_torch() -> None:
    code = (
        f"import sys; from sweep.study.loading import load_study; load_study({str(STUDIES)!r} + "
        "'/mnist1d.toml').fingerprint; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
