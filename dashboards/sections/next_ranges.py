"""The line of a study file with wider ranges of strengths."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dashboards.gather.study_file import tables_of
from sweep.regularizers.catalogue import limit_of
from sweep.study.toml_writer import toml_value

FURTHER = 10.0
"""By how much an end of a range is moved."""
NEAR = 0.95
"""A strength beyond this share of the way to a limit is as good as there."""


def wider(penalty: str, low: float, high: float, ends: Collection[str]) -> tuple[float, float]:
    """The strengths from ``low`` to ``high`` with these ends, ``low`` and ``high``, moved out: the
    upper one half of the way to a limit of the penalty, where it is nearer than FURTHER times.
    """
    limit = limit_of(penalty)
    most = min(FURTHER * high, (high + limit) / 2)
    return (low / FURTHER if "low" in ends else low), (most if "high" in ends else high)


def may_grow(penalty: str, high: float) -> bool:
    """Whether there are stronger strengths to speak of."""
    return high < NEAR * limit_of(penalty)


def range_line(text: str, ranges: Mapping[str, tuple[float, float]]) -> str:
    """``search.strength`` as the study file has it, its ``text``, with these ranges of penalties.

    The whole of it, since TOML closes what is written in braces.
    """
    search: dict[str, Any] = tables_of(text).get("search", {})
    own = {
        penalty: {"low": short(low), "high": short(high)} for penalty, (low, high) in ranges.items()
    }
    return f"search.strength = {toml_value({**search.get('strength', {}), **own})}"


def short(value: float) -> float:
    """The number with two significant digits: an end of a range need not say more."""
    return float(f"{value:.2g}")
