"""What decides which rows are trained on, validated on and tested on."""

from __future__ import annotations

from enum import StrEnum


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
