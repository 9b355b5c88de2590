"""How parameters of a trial are named, and how long names may be."""

from __future__ import annotations

LONGEST_PENALTY, LONGEST_LAYER = 40, 200
"""Characters of a name, as the database has room for."""
ALL_LAYERS = "all"
"""The path along which the strengths of all layers move together."""
USE = "use."
"""Begins the names of the choices whether a cocktail uses a regularizer."""
DROPOUT_OF = "dropout."
"""Begins the names of axes that are the rate of one of a network's dropouts."""
SHARED = ("optimizer", "batch_size")
"""Axes that are one for all runs of a population, like those of the model."""
Shape = tuple[tuple[str, float | int | str], ...]
"""What tells the populations of a study apart: its shared axes by name, and their values."""
