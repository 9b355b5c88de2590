"""What the axes of a search are called on a page."""

from __future__ import annotations

from collections.abc import Sequence

WORDS = {"lr": "learning rate", "ratio": "ratio between layers"}


def axis_words(name: str) -> str:
    """An axis as it is called on a page."""
    if name.startswith("offset."):
        return f"own strength of {name.removeprefix('offset.')}"
    return WORDS.get(name, name.removeprefix("model.").replace("_", " "))


def listed_axes(names: Sequence[str]) -> str:
    """Their names in a sentence."""
    words = [axis_words(name) for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
