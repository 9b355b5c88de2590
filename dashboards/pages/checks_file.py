"""``checks.json`` beside the pages: the checks of every study of the folder, for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dashboards.gather.frames import Frames
from sweep.checks.frame import as_json
from sweep.runtime.files import atomic_file

FILE = "checks.json"


def checks_of(frames: Frames) -> list[dict[str, Any]]:
    """The checks of one study as the file has them."""
    return as_json(frames.study.name, frames.checked)


def write_checks(
    folder: Path, found: Mapping[str, list[dict[str, Any]]], known: Iterable[str]
) -> None:
    """Writes the file, by study: those that were ``found`` now, and of the other ``known`` ones
    what it had before.
    """
    kept = kept_checks(folder)
    studies = {name: found.get(name, kept.get(name)) for name in known}
    content = {"studies": {name: rows for name, rows in studies.items() if rows is not None}}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    with atomic_file(folder / FILE) as partial:
        partial.write_text(f"{text}\n", encoding="utf-8")


def kept_checks(folder: Path) -> dict[str, Any]:
    """The studies of the file that is there; none of one that this program cannot have written."""
    if not (folder / FILE).is_file():
        return {}
    try:
        studies = json.loads((folder / FILE).read_text(encoding="utf-8"))["studies"]
        return {name: rows for name, rows in studies.items() if rows and _are_rows(rows)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _are_rows(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(row, dict) and "code" in row for row in found)
