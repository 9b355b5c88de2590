"""Reads studies from TOML files, with one line for each fault of a file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sweep.errors import StudyError
from sweep.study._messages import Fault
from sweep.study._tables import checked_tables
from sweep.study.settings import PYTHON_ONLY
from sweep.study.study import Study
from sweep.study.validators import found

LARGEST_FILE = 1_000_000
"""Bytes; a study is a page of text."""
MOST_DOTS = 31
DEEP_KEY = re.compile(
    r"""(?:^|[\[{,])[ \t]*(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*)"""
    f"{{{MOST_DOTS + 1}}}",
    re.MULTILINE,
)
"""Dotted keys, for which Python's parser takes memory that grows as the square of their length."""


def load_study(path: str | os.PathLike[str]) -> Study:
    """The study of a TOML file; paths in it are relative to the file.

    Args:
        path: The file.

    Returns:
        The study, checked as a whole.

    Raises:
        StudyError: The file cannot be read or breaks a rule; one line for each fault.
    """
    path = Path(path)
    origin = str(path) if str(path).isprintable() else found(str(path))
    text = _read(path, origin)
    return parse_study(text, path.parent.resolve(), origin)


def parse_study(text: str, folder: Path, origin: str) -> Study:
    """The study that ``text`` (TOML) describes; ``folder`` is where its relative paths start.

    ``origin`` names the text in messages. Raises StudyError with one line for each fault.
    """
    faults: list[Fault] = []
    tables = _without_arrays(_parse(text, origin), faults)
    sound = checked_tables(tables, faults, folder, origin)
    study = Study.model_construct(set(sound), **sound)
    study._text, study._folder = text, folder
    return study


def _read(path: Path, origin: str) -> str:
    try:
        if not path.is_file():
            raise StudyError(_no_file(path, origin))
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise StudyError(
            f"{origin}: a readable file must be given, found: {error}; "
            "check the path and its permissions"
        ) from error
    if len(content) > LARGEST_FILE:
        raise StudyError(
            f"{origin}: at most {LARGEST_FILE} bytes must be given, found more; "
            "is this a study file?"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"{origin}: line {line}: UTF-8 text must be given, found byte "
            f"0x{content[error.start]:02x}; save the file as UTF-8"
        ) from error


def _no_file(path: Path, origin: str) -> str:
    if path.is_dir():
        return f"{origin}: a study file must be given, found a folder; name a .toml file in it"
    if path.exists():
        return f"{origin}: a study file must be given, found no ordinary file; name a .toml file"
    folder = path.parent
    beside = [other.name for other in folder.glob("*.toml")] if folder.is_dir() else []
    near = get_close_matches(path.name, beside, 1)
    hint = f"did you mean {folder / near[0]}?" if near else "check the path"
    return f"{origin}: the file must exist, found none; {hint}"


def _parse(text: str, origin: str) -> dict[str, Any]:
    if deep := DEEP_KEY.search(text):
        line = text.count("\n", 0, deep.end()) + 1
        raise StudyError(
            f"{origin}: line {line}: a key of at most {MOST_DOTS} dots must be given, found more; "
            "a study has keys of a table and a name"
        )
    try:
        return tomllib.loads(text + "\n")
    except RecursionError:
        raise StudyError(
            f"{origin}: lists and tables may be nested a few levels deep, found "
            "hundreds; flatten them"
        ) from None
    except ValueError as error:  # also what tomllib lets through, such as a number of 5000 digits
        raise StudyError(
            f"{origin}: valid TOML must be given, found: {error}; {_toml_advice(str(error))}"
        ) from error


def _without_arrays(tables: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The tables of a file without keys that only Python can give: those become faults."""
    data = tables.get("data")
    if not isinstance(data, dict):
        return dict(tables)
    for key in sorted(PYTHON_ONLY & data.keys()):
        text = f"arrays can be given from Python only, found {found(data[key])}; remove {key}"
        faults.append(Fault(("data", key), text))
    kept = {key: value for key, value in data.items() if key not in PYTHON_ONLY}
    return {**tables, "data": kept}


def _toml_advice(message: str) -> str:
    if "immutable namespace" in message:
        return (
            "{ ... } is closed: write the inner table between its braces, or each key on a "
            "line of its own (strength.low = ..., strength.l1 = { ... })"
        )
    if "overwrite" in message or "twice" in message:
        return "a key or a table is given twice; remove one"
    return "correct that line"
