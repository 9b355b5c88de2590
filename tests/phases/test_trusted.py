"""Whose functions `best` runs: those of the file at hand, or of a database that is trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.errors import StudyError
from sweep.phases.trusted import trusted_study

PLAIN = '[study]\nname = "s"\nquestion = "Which: this?"\n[data]\nname = "digits"\n'
OWN = '[study]\nname = "s"\n[data]\nname = "rows.py:load"\n'
OTHER = OWN.replace("rows.py", "others.py")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "database").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for folder in ("here", "database"):
        (tmp_path / folder / "rows.py").write_text("def load(): ...\n")
        (tmp_path / folder / "others.py").write_text("def load(): ...\n")


def asked(tmp_path: Path, text: str, **how: object) -> Path:
    """The folder whose functions would be run."""
    found = trusted_study("s", text, str(tmp_path / "database"), **how)  # type: ignore[arg-type]
    return found.folder


def test_a_study_without_functions_needs_no_file(tmp_path: Path) -> None:
    assert asked(tmp_path, PLAIN) == tmp_path / "database"


@pytest.mark.parametrize(
    "more",
    [
        '[model]\nname = "net.py:build"\n',
        '[search]\npenalties = ["l1", "mine.py:huber"]\n',
        '[training]\nschedule = "mine.py:rate"\n',
        '[search.axes.optimizer]\nchoices = ["sgd", "mine.py:make"]\n',
    ],
)
def test_functions_are_found_wherever_they_are_named(tmp_path: Path, more: str) -> None:
    with pytest.raises(
        StudyError, match=r"the study file must be at hand, .* found '(net|mine).py:"
    ):
        asked(tmp_path, PLAIN + more)


def test_functions_run_where_the_same_text_is_at_hand_or_the_database_is_trusted(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        StudyError, match=r"found 'rows\.py:load' and no such file here; add --study"
    ):
        asked(tmp_path, OWN)
    assert asked(tmp_path, OWN, trust=True) == tmp_path / "database"
    Path("other.toml").write_text(OTHER)
    with pytest.raises(StudyError, match="must be at hand"):
        asked(tmp_path, OWN)
    Path("studies").mkdir()
    Path("studies/mine.toml").write_text(OWN)
    Path("studies/rows.py").write_text("def load(): ...\n")
    assert asked(tmp_path, OWN) == tmp_path / "here" / "studies"


def test_a_file_that_is_given_must_be_the_studys_and_its_functions_run(tmp_path: Path) -> None:
    mine, other = tmp_path / "here" / "mine.toml", tmp_path / "here" / "other.toml"
    mine.write_text(OWN.replace("[data]", "[hardware]\nthreads = 1\n[data]"))
    other.write_text(OTHER)
    assert asked(tmp_path, OWN, file=mine) == tmp_path / "here"
    with pytest.raises(StudyError, match="must be given, found another"):
        asked(tmp_path, OWN, file=other)
    with pytest.raises(StudyError, match="must be given, found another"):
        asked(tmp_path, PLAIN, file=mine)
