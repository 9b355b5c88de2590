"""Builtin data sets, networks and optimizers by name, and what is true of each.

They are made in ``data``, ``networks`` and ``training``; all others ask here for what they need to
know of one. A name that is not here is a user's function, of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class BuiltinDataSet:
    """What the rules and the settings know of a builtin source of rows."""

    name: str
    regression: bool | None = None
    """Whether there is a number to predict; None where a file decides."""
    generated: bool = False
    """Whether rows are drawn from a seed and take arguments; others are one finite set."""
    endings: tuple[str, ...] = ()
    """How the name of the file may end that is read; none where none is."""


@dataclass(frozen=True)
class BuiltinNetwork:
    """What the rules and the settings know of a builtin network."""

    name: str
    arguments: tuple[str, ...] = ()
    """What axes may sweep of it."""
    dropout: bool = False
    """Whether ``model.dropout`` is the rate of its dropouts."""

    @property
    def has_widths(self) -> bool:
        """Whether the width of its hidden layers may be swept."""
        return "width" in self.arguments


@dataclass(frozen=True)
class BuiltinOptimizer:
    """What the rules and the phases know of an optimizer."""

    name: str
    usual_penalty: str
    usual_strength: float
    """What one regularizes with under it without any search."""
    momentum: bool = False
    """Whether its momentum is a setting."""


DATA_SETS: Mapping[str, BuiltinDataSet] = MappingProxyType(
    {
        d.name: d
        for d in (
            BuiltinDataSet("mnist1d", regression=False, generated=True),
            BuiltinDataSet("digits", regression=False),
            BuiltinDataSet("breast_cancer", regression=False),
            BuiltinDataSet("diabetes", regression=True),
            BuiltinDataSet("csv", endings=(".csv", ".CSV")),
            BuiltinDataSet("parquet", endings=(".parquet",)),
        )
    }
)
NETWORKS: Mapping[str, BuiltinNetwork] = MappingProxyType(
    {
        n.name: n
        for n in (
            BuiltinNetwork("mlp", ("width", "depth", "activation", "batch_norm"), dropout=True),
            BuiltinNetwork("cnn", ("activation", "batch_norm"), dropout=True),
            BuiltinNetwork("linear"),
        )
    }
)
OPTIMIZERS: Mapping[str, BuiltinOptimizer] = MappingProxyType(
    {
        o.name: o
        for o in (
            BuiltinOptimizer("sgd", "l2", 2.5e-4, momentum=True),
            BuiltinOptimizer("adam", "decay", 1e-2),
            BuiltinOptimizer("adamw", "decay", 1e-2),
        )
    }
)
"""The strength of l2 is half of torch's ``weight_decay``."""


def data_set(source: object) -> BuiltinDataSet | None:
    """The builtin data set that a study's ``data.name`` names, if any."""
    return DATA_SETS.get(source) if isinstance(source, str) else None


def network(source: object) -> BuiltinNetwork | None:
    """The builtin network that a study's ``model.name`` names, if any."""
    return NETWORKS.get(source) if isinstance(source, str) else None
