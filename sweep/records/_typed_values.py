"""Values of JSON as values of Python's types, checked: a database may hold anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, get_args, get_origin

NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list",
    Mapping: "an object",
    dt.datetime: "a time",
}
MOST_SHOWN = 40
"""Characters of a value that are shown."""


def typed(place: str, value: object, kind: Any) -> Any:
    """The value as one of this type; lists become tuples, nothing else is changed.

    Args:
        place: Where the value stands, for the error.
        value: What was read.
        kind: A class, ``tuple[T, ...]``, ``tuple[T, T]``, ``Mapping[str, T]`` or ``T | None``.

    Raises:
        ValueError: The value is of another type.
    """
    arguments = get_args(kind)
    origin = get_origin(kind) or kind
    if origin is UnionType:
        return None if value is None else typed(place, value, arguments[0])
    if origin is Mapping and isinstance(value, Mapping):
        return {typed(place, k, str): typed(place, v, arguments[1]) for k, v in value.items()}
    if origin is tuple and isinstance(value, (list, tuple)):
        return _items(place, value, arguments)
    accepted = (int, float) if origin is float else origin
    if origin in (Mapping, tuple) or not isinstance(value, accepted):
        raise _unlike(place, value, kind)
    if isinstance(value, bool) and origin is not bool:  # which Python takes for a number
        raise _unlike(place, value, kind)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:  # half a pair of surrogates, which no file can hold
            raise _unlike(place, value, kind) from error
    return value


def _items(place: str, values: Sequence[object], kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(values)
    if len(values) != len(kinds):
        raise ValueError(f"{place}: {len(kinds)} values must be given, found {len(values)}")
    return tuple(typed(place, value, kind) for value, kind in zip(values, kinds, strict=True))


def _unlike(place: str, value: object, kind: Any) -> ValueError:
    name = NAMES.get(get_origin(kind) or kind, "another type")
    shown = ascii(value)
    shown = shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}..."
    return ValueError(f"{place}: {name} must be given, found {shown}")
