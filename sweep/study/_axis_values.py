"""The rule about the values of an axis that has limits."""

from __future__ import annotations

from collections.abc import Iterator

from sweep.study._bounds import AXIS_BOUNDS, broken_axis_rule
from sweep.study._messages import Fault
from sweep.study._rule_view import fault
from sweep.study.axes import Axis
from sweep.study.validators import found


def values_are_in_limits(name: str, axis: Axis, limits: str | None) -> Iterator[Fault]:
    """What an axis may not have, by the limits of that name; None where nothing limits it."""
    for value in (axis.low, axis.high) if axis.choices is None else axis.choices:
        if limits is not None and (text := broken_axis_rule(limits, value)):
            yield fault("search.axes", f"{text}, found {found(value)}; change the axis", name)
    whole = name in AXIS_BOUNDS and AXIS_BOUNDS[name].whole
    if whole and axis.choices is None and not axis.integer:
        yield fault(
            "search.axes",
            "whole numbers must be searched, found integer = false; set integer = true or "
            "give choices",
            name,
        )
