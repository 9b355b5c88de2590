"""Frames and series of pandas that belong together: their rows must be in one order."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from sweep.errors import DataError


def check_order(values: Mapping[Any, Any]) -> None:
    """DataError where equally long ones have other indexes: they are read by place, not by label.

    ``values`` are what was given, by name; arrays have no index.
    """
    pandas = sys.modules.get("pandas")  # nothing of it was made without it
    if pandas is None:
        return
    indexes = {
        name: value.index
        for name, value in values.items()
        if isinstance(value, pandas.DataFrame | pandas.Series)
    }
    first = next(iter(indexes), "")
    for name, index in indexes.items():
        if len(index) == len(indexes[first]) and not index.equals(indexes[first]):
            raise DataError(
                f"data.{name}: rows must be in the order of {first}, found another index; give "
                f"{name}.loc[{first}.index], or {name}.to_numpy() if they are in that order"
            )
