"""The report as files: names, whole or not at all, the index, the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sweep
from dashboards import build_report
from dashboards.__main__ import main
from dashboards.pages.render import page_name
from dashboards.pages.study_pages import write_page
from tests.support.pages import EVIL, Reader
from tests.support.report_frames import (
    fill_store,
    make_small_frames,
    make_study,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mnist1d", "mnist1d.html"), ("a.b_c-1", "a.b_c-1.html")],
)
def test_a_plain_name_is_its_pages_name(name: str, expected: str) -> None:
    assert page_name(name) == expected


def test_page_names_are_safe_and_unique() -> None:
    given = ["index", "A", "a", "a/b", "a b", "..", "../x", "é", "ß", EVIL, "x" * 200, "x" * 199]
    found = [page_name(name) for name in given]
    assert len({name.lower() for name in found}) == len(given)
    for name in found:
        assert re.fullmatch(r"[a-z0-9_-][a-z0-9._-]{0,95}\.html", name)
        assert name != "index.html"


def test_a_page_is_written_whole_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    write_page(path, "old")

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_page(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(scope="module")
def index(store: sweep.Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report of the real store."""
    folder = tmp_path_factory.mktemp("out") / "reports"
    written = build_report(store, out=folder)
    assert written == folder / "index.html"
    return written


def test_a_real_stores_index_links_every_page(index: Path) -> None:
    reader = Reader(index.read_text(encoding="utf-8"))
    links = [str(a["href"]) for a in reader.all("a")]
    assert links == ["mnist1d.html", "diabetes.html"]
    for link in links:
        assert (index.parent / link).is_file()
    verdicts = [a for a in reader.all("td") if a["class"] == "verdict"]
    assert len(verdicts) == len(links)


def test_stored_and_given_frames_make_one_page(index: Path, parsed: Reader) -> None:
    stored = Reader((index.parent / "mnist1d.html").read_text(encoding="utf-8"))
    assert stored.text_of("td")[:400] == parsed.text_of("td")[:400]


def run_main(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    return (code, *capsys.readouterr())


def test_naming_a_study_writes_only_its_page(
    store: sweep.Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = str(store.url)
    code, out, err = run_main(capsys, "diabetes", "--database", url, "--out", str(tmp_path))
    assert (code, out.strip(), err) == (0, str(tmp_path / "index.html"), "")
    assert {p.name for p in tmp_path.iterdir()} == {"index.html", "diabetes.html"}
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "no page was written" in text
    assert (
        "accuracy"
        not in (tmp_path / "diabetes.html")
        .read_text(encoding="utf-8")
        .split('<script type="text/plain"')[0]
        .split("<main>")[1]
        .split('id="provenance"')[0]
    )


def test_an_unknown_study_is_one_line(
    store: sweep.Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, out_folder = str(store.url), tmp_path / "reports"
    code, _, err = run_main(capsys, "minst", "--database", url, "--out", str(out_folder))
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "'minst'" in err
    assert "mnist1d, diabetes" in err
    assert not out_folder.exists()


def test_missing_and_empty_databases_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.db"
    code, _, err = run_main(capsys, "--database", f"sqlite:///{path}", "--out", str(tmp_path))
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert not path.exists()
    empty = sweep.open_store(f"sqlite:///{tmp_path}/empty.db")
    fill_store(empty, make_small_frames(), make_study())
    with empty.database.engines.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM regsweep_study")
    with pytest.raises(sweep.StoreError, match="at least one study, found none"):
        build_report(empty, out=tmp_path / "reports")
    empty.close()


def test_an_unwritable_folder_is_one_line(
    store: sweep.Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run_main(
        capsys, "--database", str(store.url), "--out", str(tmp_path / "file" / "reports")
    )
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert err.startswith("--out:")
