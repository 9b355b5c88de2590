"""The study of a database whose functions may be run: by the file at hand, or by agreement.

A database may come from anywhere, and the text of a study names functions. They are run where the
study file that names them lies with whoever asks, or where they say that they trust the database.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from sweep.errors import StudyError
from sweep.study.loading import load_study, parse_study
from sweep.study.study import Study

PLACES = ("*.toml", "studies/*.toml")
"""Where study files are looked for, from the current folder."""
WORDS = {("study", "name"), ("study", "question")}
"""Texts that name no function."""


def trusted_study(
    name: str, text: str, folder: str, *, file: Path | None = None, trust: bool = False
) -> Study:
    """The study of a stored text, whose functions may be run.

    Args:
        name: The study's name.
        text: Its text in the database.
        folder: The folder that the database says its paths start from.
        file: The study file, where one is given; otherwise those in the current folder and in
            ``studies`` are looked through for the stored text.
        trust: Whether functions may be run that only the database names.

    Returns:
        The file's study, or the database's where it names no function, or is trusted.

    Raises:
        StudyError: The file is of another study, or the database alone names functions.
    """
    if file is not None:
        study = load_study(file)
        stored = parse_study(text, Path(folder), f"the stored text of {name}")
        if study.fingerprint != stored.fingerprint:
            raise StudyError(
                f"{file}: the study that {name!r} was run with must be given, found another; give "
                f"its file (`sweep status {name} --text` shows it)"
            )
        return study
    named = list(dict.fromkeys(_references(tomllib.loads(text))))
    if named and not trust:
        for path in (path for place in PLACES for path in sorted(Path().glob(place))):
            if _has_text(path, text):
                return load_study(path)
        raise StudyError(
            f"best: the study file must be at hand, since the database names functions of {name!r} "
            f"that would be run, found {', '.join(map(repr, named[:3]))} and no such file here; "
            "add --study FILE, or --trust where you trust the database"
        )
    return parse_study(text, Path(folder), f"the stored text of {name}")


def _references(tables: object, place: tuple[str, ...] = ()) -> Iterator[str]:
    """Every text and key that may name a function: those with a colon."""
    if isinstance(tables, Mapping):
        for key, value in tables.items():
            yield from _references(key, place)
            yield from _references(value, (*place, key))
    elif isinstance(tables, list):
        for value in tables:
            yield from _references(value, place)
    elif isinstance(tables, str) and ":" in tables and place not in WORDS:
        yield tables


def _has_text(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8-sig").strip() == text.strip()
    except (OSError, UnicodeDecodeError):
        return False
