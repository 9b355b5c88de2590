"""Rows that are given as lists with one array for each, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweep.data._items import unlike_a_pair
from sweep.errors import DataError
from sweep.runtime.trees import as_tree, leaves, length, like


def items_of(made: Any, key: str) -> list[Any]:
    """The items of a pair (x, y) or a dict, whose values have one value or array for each.

    DataError, which names the key of ``[data]`` that needs items, for what has none.
    """
    if isinstance(made, Mapping) and isinstance(made.get("x"), Mapping | tuple):
        raise DataError(
            f"data.{key}: inputs of a dict must be lists by their names, found several in x; put "
            "them beside the target, or return (x, y)"
        )
    if isinstance(made, Mapping) and made:
        columns = list(made.values())
        _check_lengths(columns, key)
        return [dict(zip(made, row, strict=True)) for row in zip(*columns, strict=True)]
    if not isinstance(made, tuple | list) or unlike_a_pair(made):
        raise DataError(
            f"data.{key}: a Dataset, or arrays with one value for each item, must be given, found "
            f"{type(made).__name__}; leave the key out"
        )
    x, y = made
    tree = as_tree(x, length(y))
    inputs = leaves(tree)
    _check_lengths([*inputs, y], key)
    return [(like(tree, row[:-1]), row[-1]) for row in zip(*inputs, y, strict=True)]


def _check_lengths(columns: list[Any], key: str) -> None:
    """DataError where they have no lengths, or different ones."""
    lengths = [length(column) for column in columns]
    if None in lengths or len(set(lengths)) > 1:
        raise DataError(
            f"data.{key}: all arrays must have one value for each item, found lengths "
            f"{', '.join(map(str, lengths))}; align them"
        )
