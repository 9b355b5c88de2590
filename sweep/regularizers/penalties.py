"""The penalties by name: formulas over stacked weights, one small class for each.

What a larger strength does, and where each comes from, stands in ``catalogue``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sweep.regularizers._decays import (
    CPR,
    Decay,
    DecayCautious,
    DecayCorrected,
    DecayIndependent,
    FixedNorm,
)
from sweep.regularizers._units import GroupLasso, MaxNorm, Orthogonal, Spectral
from sweep.regularizers._weightwise import L1, L2, L2SP, ElasticNet
from sweep.regularizers.penalty import Penalty

PENALTIES: Mapping[str, Penalty] = MappingProxyType(
    {
        penalty.name: penalty
        for penalty in (
            L2(),
            Decay(),
            DecayIndependent(),
            DecayCorrected(),
            DecayCautious(),
            FixedNorm(),
            L1(),
            ElasticNet(),
            GroupLasso(),
            L2SP(),
            Orthogonal(),
            Spectral(),
            MaxNorm(),
            CPR(),
        )
    }
)
"""Every penalty by name; ``none`` is the absence of one."""


def builtin_name(penalty: Penalty) -> str:
    """The name of one of these penalties; "" for one of the user's, which may have any name."""
    return next((name for name, own in PENALTIES.items() if own is penalty), "")
