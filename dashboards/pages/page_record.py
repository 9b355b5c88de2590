"""What a page keeps of itself for the next writing: of which records it is, and its row.

It stands in a JSON block at the start of the page, so it is there as long as the page is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from dashboards.pages.embed import json_block

HEAD_BYTES = 200_000
"""So far into a page its record may reach."""
_RECORD = re.compile(r'<script type="application/json" id="page-record">(.*?)</script>', re.DOTALL)


def record_block(values: Mapping[str, Any]) -> str:
    """The record as it stands in its page."""
    return json_block(dict(values))


def read_record(page: Path) -> dict[str, Any]:
    """The record of a page; an empty one where there is no page, or no record in it."""
    try:
        with page.open("rb") as file:
            head = file.read(HEAD_BYTES).decode("utf-8", errors="replace")
        found = _RECORD.search(head)
        record = json.loads(found[1]) if found else {}
    except (OSError, ValueError):
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
