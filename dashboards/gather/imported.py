"""What a page may say of runs that were trained elsewhere: where they are from, and no more."""

from __future__ import annotations

import pandas as pd

from sweep.records.facts import StudyFacts

OF_TRAINING = ("lr", "optimizer", "epochs")
"""Columns that an imported study may know nothing of."""


def worded(facts: StudyFacts, own: str, imported: str) -> str:
    """The words for a study that was trained here, or those for one that was imported."""
    return imported if facts.source else own


def source_words(facts: StudyFacts, n_runs: int) -> str:
    """Where the runs of an imported study are from, in a few words."""
    return f"{n_runs} runs that were trained elsewhere, imported from {facts.source}"


def no_path_words(facts: StudyFacts) -> list[str]:
    """Why penalties have no path, a sentence for each reason."""
    by_reason: dict[str, list[str]] = {}
    for name, why in facts.no_path.items():
        by_reason.setdefault(why, []).append(name)
    return [
        f"The runs of {', '.join(names)} are no path, so there are no boundaries: {why}."
        for why, names in by_reason.items()
    ]


def known_columns(trials: pd.DataFrame) -> pd.DataFrame:
    """The table of an imported study's trials without columns of which nothing is known."""
    empty = [c for c in OF_TRAINING if not trials[c].astype(bool).any() or trials[c].isna().all()]
    return trials.drop(columns=["round", "seconds", *empty])
