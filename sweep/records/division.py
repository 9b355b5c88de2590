"""The parts of data, what rows may have beside x and y, and what rows are divided by."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

TRAINING, VALIDATION, TEST = PARTS = ("training", "validation", "test")
"""What rows are used for."""
PART_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "train": TRAINING,
        "training": TRAINING,
        "val": VALIDATION,
        "valid": VALIDATION,
        "validation": VALIDATION,
        "test": TEST,
    }
)
"""What data may call a part."""
COLUMN_KEYS = ("groups", "time", "split", "weight")
"""What data may have for every row beside x and y, by the key of ``[data]`` that names it."""


class DividedBy(StrEnum):
    """What a study's rows are divided by; it says what its intervals may claim."""

    ROWS = "rows"
    """Each row by itself, at random."""
    GROUPS = "groups"
    """Groups at random; the rows of a group stay together."""
    TIME = "time"
    """Windows in the order of time."""
    PARTS = "parts"
    """What the data say that each row is used for."""
    SPLITTER = "splitter"
    """A scikit-learn splitter that was given from Python."""
