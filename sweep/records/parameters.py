"""How parameters of a trial are named, and how long names may be.

The names in ``Trial.params`` are made and read here alone. One without a dot is an axis, which is
called as the setting that it varies (``lr``, ``dropout``), or the strength of a cocktail's
ingredient, which is called as the regularizer. One with a dot is of a ``ParameterKind``
(``use.l1``), or a number of a penalty (``cpr.rate``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

LONGEST_PENALTY, LONGEST_LAYER, LONGEST_OPTIMIZER = 40, 200, 20
"""Characters of a name, as the database has room for."""
ALL_LAYERS = "all"
"""The path along which the strengths of all layers move together."""

STRENGTH = "strength"
"""The axis of the shared strength; a trial has it beside its params."""
TAU = "tau"
"""Decay's strength as a timescale, where that is searched."""
EPOCHS, MAX_EPOCHS = "epochs", "max_epochs"
"""The axis of a run's epochs, and what tables call it: their ``epochs`` are those trained."""
RATIO = "ratio"
"""The strength of a layer by that of the layer before it."""
ALL_DROPOUTS = "dropout"
"""The rate of all of a network's dropouts that have no axis of their own."""
SHARED = ("optimizer", "batch_size")
"""Axes that are one for all runs of a population, like those of the model."""


@dataclass(frozen=True, slots=True)
class ParameterKind:
    """Parameters of one kind: one for each subject, named by a prefix and the subject."""

    prefix: str

    def name_of(self, subject: str) -> str:
        """The name of the parameter of this subject."""
        return f"{self.prefix}{subject}"

    def subject_of(self, name: str) -> str | None:
        """What a parameter of this kind is of; None for a name of another kind."""
        return name.removeprefix(self.prefix) if name in self else None

    def values_of(self, params: Mapping[str, T]) -> dict[str, T]:
        """The values of the parameters of this kind by their subjects, in their order."""
        own = ((self.subject_of(name), value) for name, value in params.items())
        return {subject: value for subject, value in own if subject is not None}

    def __contains__(self, name: str) -> bool:
        return name.startswith(self.prefix)


USE = ParameterKind("use.")
"""Whether a cocktail uses a regularizer: 1 or 0."""
OFFSET = ParameterKind("offset.")
"""The deviation of a layer, or of a group of layers, from the shared strength in decades."""
DROPOUT = ParameterKind("dropout.")
"""The rate of one of a network's dropouts, by the name of its module."""
MODEL = ParameterKind("model.")
"""An argument of the network."""
LR_OF = ParameterKind("lr_of.")
"""What the learning rate of some parameters is multiplied by, by a pattern of their names."""
AUGMENT = ParameterKind("augment.")
"""The amount of a transform of rows, by its name."""
LAYER_STRENGTH = ParameterKind("strength.")
"""The strength of one layer, as tables call it; a trial has it beside its params."""


def number_of(penalty: str, number: str) -> str:
    """The name of one of a penalty's numbers beside its strength: ``cpr.rate``."""
    return f"{penalty}.{number}"


def owner_of(name: str) -> str:
    """The regularizer that a strength or a number of one belongs to: ``cpr`` of ``cpr.rate``.

    Of any other parameter it is what stands before the dot, or the whole name.
    """
    return name.partition(".")[0]


def is_dropout(name: str) -> bool:
    """Whether an axis is the rate of all of a network's dropouts, or of one."""
    return name == ALL_DROPOUTS or name in DROPOUT


def is_shared(name: str) -> bool:
    """Whether an axis is one for all runs of a population."""
    return name in SHARED or name in MODEL


Shape = tuple[tuple[str, float | int | str], ...]
"""What tells the populations of a study apart: its shared axes by name, and their values."""
