"""What the axes of a search are called on a page."""

from __future__ import annotations

from collections.abc import Sequence

from sweep.records.parameters import MODEL, OFFSET, RATIO

WORDS = {"lr": "learning rate", RATIO: "ratio between layers"}


def axis_words(name: str) -> str:
    """An axis as it is called on a page."""
    if (layer := OFFSET.subject_of(name)) is not None:
        return f"own strength of {layer}"
    argument = MODEL.subject_of(name)
    return WORDS.get(name, (name if argument is None else argument).replace("_", " "))


def listed_axes(names: Sequence[str]) -> str:
    """Their names in a sentence."""
    words = [axis_words(name) for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
