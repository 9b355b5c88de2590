"""The report of a store: a page for each study, a comparison of those named, and an index."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import sweep
from dashboards.gather.frames import Frames
from dashboards.pages.checks_file import FILE
from dashboards.pages.comparison import MOST_STUDIES, comparison_name, render_comparison
from dashboards.pages.index import Comparison, render_index
from dashboards.pages.live import Launch
from dashboards.pages.page_record import check_own, fingerprint_of, read_record
from dashboards.pages.study_pages import StudyPages, write_page
from sweep.runtime.files import new_folder, reporting_file_errors
from sweep.store.store import check_store


def build_report(
    store: sweep.Store,
    names: Iterable[str] | None = None,
    out: str | Path = "reports",
    *,
    force: bool = False,
    launch: Launch | None = None,
    stopped: bool = False,
) -> Path:
    """Writes the pages of the named studies (or of all), the index and ``checks.json``; returns the
    index's path.

    A study that cannot be shown is a row of the index with the reason; the other pages are written,
    and then what was wrong is raised. StoreError is raised, too, for an unknown name, for an empty
    database and for a folder that cannot be written.
    """
    check_store(store)
    known = store.study_names()
    if not known:
        raise sweep.StoreError(
            f"{store.masked_url}: a report needs at least one study, found none; run one first: "
            "python -m sweep run STUDY.toml"
        )
    named = list(dict.fromkeys(names or ()))
    wanted = named or known
    for name in wanted:
        store.check_study(name)
    folder = new_folder("--out", out)
    with reporting_file_errors("--out", folder):
        check_own(folder / "index.html")
        check_own(folder / FILE, ['"studies"'])
        pages = StudyPages(store, folder, force, launch, stopped)
        for name in wanted:
            pages.write(name)
        pages.write_checks(wanted, known)
        if len(pages.faults) == len(wanted) == len(known):
            raise next(iter(pages.faults.values()))
        for compared in _comparisons(pages, named, known):
            write_comparison(pages, compared)
        write_index(pages, known)
    for fault in pages.faults.values():
        raise fault
    return folder / "index.html"


def _comparisons(
    pages: StudyPages, named: Sequence[str], known: Sequence[str]
) -> list[Sequence[str]]:
    """What is compared: the studies that are named; without names, what was compared before."""
    asked: list[Sequence[str]] = [named] if 1 < len(named) <= MOST_STUDIES else []
    if not named:
        asked = [one.names for one in comparisons_in(pages.folder, known)]
    return [names for names in asked if pages.faults.keys().isdisjoint(names)]


def write_comparison(pages: StudyPages, names: Sequence[str]) -> None:
    """Writes the page that compares studies, unless there is one of the same records."""
    page = pages.folder / comparison_name(names)
    check_own(page)
    fingerprint = fingerprint_of(*(pages.fingerprint(name) for name in names))
    if pages.force or read_record(page).get("fingerprint") != fingerprint:
        compared = [pages.gather(name) for name in names]
        write_page(page, render_comparison(compared, fingerprint))


def write_index(pages: StudyPages, known: Sequence[str]) -> None:
    """Writes the table of all studies."""
    folder, url = pages.folder, pages.store.masked_url
    rows = [pages.row(name) for name in known]
    bench = "bench.html" if (folder / "bench.html").is_file() else ""
    command = f"python -m dashboards --database {shlex.quote(url)} --out {shlex.quote(str(folder))}"
    compared = comparisons_in(folder, known)
    text = render_index(rows, url, comparisons=compared, bench=bench, command=command)
    write_page(folder / "index.html", text)


def comparisons_in(folder: Path, known: Sequence[str]) -> list[Comparison]:
    """The pages of a folder that compare some of the known studies."""
    found = []
    for page in sorted(folder.glob("compare-*.html")):
        names = read_record(page).get("compared")
        if isinstance(names, list) and len(names) > 1 and all(name in known for name in names):
            found.append(Comparison(page.name, tuple(map(str, names))))
    return found


def gather(store: sweep.Store, name: str) -> Frames:
    """Everything that is stored of one study, as of one moment: it may be under way.

    Raises StoreError for a name that is not there.
    """
    return StudyPages(store, Path()).gather(name)
