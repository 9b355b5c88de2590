"""The note of a study in optuna-dashboard: its question, and what was found.

It stands in Optuna's system attributes as ``optuna_dashboard.save_note`` writes it: a version, and
the text in pieces. A note that somebody has changed is left.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import optuna

VERSION, PIECE = "dashboard:note_ver", "dashboard:note_str:"
OURS = "regsweep:note_ver"
"""The version of the note that this program wrote last."""
LENGTH = 2045
"""Characters of a piece."""


def note_of(name: str, question: str, sentences: Sequence[str]) -> str:
    """The text in Markdown: under way where there are no sentences."""
    found = [f"- {sentence}" for sentence in sentences] or ["Under way, or without a path."]
    whole = f"All of it: `python -m dashboards {shlex.quote(name)}`"
    return "\n".join([f"**{question}**" if question else f"**{name}**", "", *found, "", whole])


def write_note(storage: optuna.storages.BaseStorage, study_id: int, text: str) -> None:
    """Writes a study's note, unless it is there or somebody else has written one."""
    known = storage.get_study_system_attrs(study_id)
    version = int(known.get(VERSION, 0))
    pieces = [text[start : start + LENGTH] for start in range(0, len(text), LENGTH)]
    there = [str(value) for key, value in sorted(known.items()) if key.startswith(PIECE)]
    if version != known.get(OURS, 0) or "".join(there) == text:
        return
    pieces += [""] * (len(there) - len(pieces))
    for place, piece in enumerate(pieces):
        storage.set_study_system_attr(study_id, f"{PIECE}{place}", piece)
    for key in (OURS, VERSION):
        storage.set_study_system_attr(study_id, key, version + 1)


def has_note(storage: optuna.storages.BaseStorage, study_id: int) -> bool:
    """Whether a study has a note."""
    return VERSION in storage.get_study_system_attrs(study_id)
