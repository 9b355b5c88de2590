"""The report of a store: a page for each study, a comparison of those named, and an index."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import sweep
from dashboards.gather.frames import Frames
from dashboards.pages.comparison import MOST_STUDIES, comparison_name, render_comparison
from dashboards.pages.index import Comparison, render_index
from dashboards.pages.live import Launch
from dashboards.pages.page_record import fingerprint_of, read_record
from dashboards.pages.study_pages import StudyPages, write_page
from sweep.runtime.files import reporting_file_errors


def build_report(
    store: sweep.Store,
    names: Iterable[str] | None = None,
    out: str | Path = "reports",
    *,
    force: bool = False,
    launch: Launch | None = None,
) -> Path:
    """Writes the pages of the named studies (or of all) and the index; returns the index's path.

    A study that cannot be shown is a row of the index with the reason; the other pages are written,
    and then what was wrong is raised. StoreError is raised, too, for an unknown name, for an empty
    database and for a folder that cannot be written.
    """
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
    folder = Path(out)
    with reporting_file_errors("--out", folder):
        folder.mkdir(parents=True, exist_ok=True)
        pages = StudyPages(store, folder, force, launch)
        for name in wanted:
            pages.write(name)
        if len(pages.faults) == len(wanted) == len(known):
            raise next(iter(pages.faults.values()))
        if 1 < len(named) <= MOST_STUDIES and not pages.faults:
            write_comparison(pages, named)
        write_index(pages, known)
    for fault in pages.faults.values():
        raise fault
    return folder / "index.html"


def write_comparison(pages: StudyPages, names: Sequence[str]) -> None:
    """Writes the page that compares studies, unless there is one of the same records."""
    page = pages.folder / comparison_name(names)
    fingerprint = fingerprint_of(*(pages.fingerprint(name) for name in names))
    if pages.force or read_record(page).get("fingerprint") != fingerprint:
        compared = [pages.gather(name) for name in names]
        write_page(page, render_comparison(compared, fingerprint))


def write_index(pages: StudyPages, known: Iterable[str]) -> None:
    """Writes the table of all studies."""
    folder, url = pages.folder, pages.store.masked_url
    rows = [pages.row(name) for name in known]
    bench = "bench.html" if (folder / "bench.html").is_file() else ""
    command = f"python -m dashboards --database {shlex.quote(url)} --out {shlex.quote(str(folder))}"
    text = render_index(rows, url, comparisons=comparisons_in(folder), bench=bench, command=command)
    write_page(folder / "index.html", text)


def comparisons_in(folder: Path) -> list[Comparison]:
    """The pages of a folder that compare studies."""
    found = []
    for page in sorted(folder.glob("compare-*.html")):
        names = read_record(page).get("compared")
        if isinstance(names, list) and len(names) > 1:
            found.append(Comparison(page.name, tuple(map(str, names))))
    return found


def gather(store: sweep.Store, name: str) -> Frames:
    """Everything that is stored of one study, as of one moment: it may be under way.

    Raises StoreError for a name that is not there.
    """
    return StudyPages(store, Path()).gather(name)
