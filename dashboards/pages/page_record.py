"""What a page keeps of itself for the next writing: of which records it is, and its row.

It stands in a JSON block at the start of the page, so it is there as long as the page is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from dashboards.pages.embed import json_block
from sweep.errors import StoreError

HEAD_BYTES = 200_000
"""So far into a page its record may reach."""
OWN_PAGE = ('id="page-record"', "egularization stud")
"""A page's record, and the title that pages had before there were records."""
_RECORD = re.compile(r'<script type="application/json" id="page-record">(.*?)</script>', re.DOTALL)


def record_block(values: Mapping[str, Any]) -> str:
    """The record as it stands in its page."""
    return json_block(dict(values))


def check_own(file: Path, signs: Sequence[str] = OWN_PAGE) -> None:
    """StoreError for a file without any of these signs: something else wrote it, and it is not to
    be lost.
    """
    if not file.is_file() or file.stat().st_size == 0:
        return
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if not any(sign.encode() in head for sign in signs):
        raise StoreError(
            f"--out: a folder of reports or a new one must be given, found {file}, which is none "
            "of a report; move it, or choose another folder"
        )


def read_record(page: Path) -> dict[str, Any]:
    """The record of a page; an empty one where there is no page, or no record in it."""
    if not page.is_file():  # a pipe would be waited for
        return {}
    try:
        with page.open("rb") as file:
            head = file.read(HEAD_BYTES).decode("utf-8", errors="replace")
        found = _RECORD.search(head)
        record = json.loads(found[1]) if found else {}
    except (OSError, ValueError, RecursionError):  # the last of JSON of many levels
        return {}
    return record if isinstance(record, dict) else {}


@cache
def page_version() -> str:
    """A hash of all that decides how records become a page."""
    digest = hashlib.sha256(metadata.version("regsweep").encode())
    root = resources.files("dashboards")
    for path in sorted(Path(str(root)).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def fingerprint_of(*parts: str) -> str:
    """One hash of these texts, and of the version of the pages."""
    text = "\0".join([page_version(), *parts])
    return hashlib.sha256(text.encode()).hexdigest()
