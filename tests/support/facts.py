"""The facts of a study that was never run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sweep.records.facts import StoredStudy, StudyFacts

FACTS: dict[str, Any] = {
    "question": "",
    "objective": "val_loss",
    "seed": 0,
    "design": "fresh",
    "folder": ".",
    "penalties": ["l2"],
    "layers_mode": "shared",
    "optimizer": "sgd",
    "versions": {},
    "git_commit": "",
    "task": "classification",
    "data_fingerprint": "",
    "n_train": 3200,
    "n_validation": 800,
    "n_test": None,
    "n_folds": None,
    "n_outputs": 10,
    "n_parameters": 15210,
    "layers": ["hidden", "output"],
    "epochs": 3,
    "batch_size": 64,
    "steps_per_epoch": 50,
    "precision": "float32",
    "stacked": True,
    "why_alone": "",
    "hardware": {},
}
"""All that every version knew, as JSON has it."""


def make_facts(**changes: Any) -> StudyFacts:
    """The facts with some others in their place; lists may stand for tuples."""
    return StudyFacts.read(FACTS | changes)


def make_stored(name: str, **changes: Any) -> StoredStudy:
    """The same of a study in a store, finished unless ``finished_at`` is None."""
    beside = {
        "name": name,
        "text": "",
        "winner": None,
        "created_at": dt.datetime(2026, 11, 1, 12, 0, tzinfo=dt.UTC),
        "finished_at": dt.datetime(2026, 11, 1, 12, 4, tzinfo=dt.UTC),
        "database": "sqlite:///sweep.db",
    }
    return StoredStudy.read(FACTS | beside | changes)
