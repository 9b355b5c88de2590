"""What settings are called in a sentence: names of the catalogue as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sweep.regularizers.catalogue import BOOSTING, COCKTAIL, NONE, REGULARIZERS

WRITTEN: Mapping[str, str] = {
    "l1": "L1",
    "l2": "L2",
    "l2_sp": "L2-SP",
    "cpr": "CPR",
    COCKTAIL: "the mixture",
    BOOSTING: "boosted trees",
    NONE: "no regularization",
}
"""Those that are more than their words."""


def setting_name(name: str) -> str:
    """A penalty's name in a sentence; one of a user's own stays as it is."""
    if name in WRITTEN:
        return WRITTEN[name]
    return name.replace("_", " ") if name in REGULARIZERS else name


def listed(words: Iterable[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; another word may stand before the ``last``."""
    parts: Sequence[str] = list(words)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"
