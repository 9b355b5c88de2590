"""Rows that are several arrays: a tuple or a dict of them, or one alone, handled alike.

Such a tree has *leaves*, arrays or tensors with equally many rows: ids and their mask, a picture
and a table. One array alone is its own leaf, so that what is done to every leaf is then done to it
and to nothing else. Torch itself is not loaded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

Leaf = TypeVar("Leaf")
Tree: TypeAlias = Leaf | tuple[Leaf, ...] | dict[str, Leaf]
"""One array or tensor, or several by place or by name."""


def is_tree(value: object) -> bool:
    """Whether this is a tuple or a dict, and no leaf."""
    return isinstance(value, tuple | dict)


def mapped(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The tree of what ``function`` gives for every leaf, and for those of ``others`` in its place.

    The others have the form of the first.
    """
    if isinstance(tree, dict):
        return {key: function(leaf, *(o[key] for o in others)) for key, leaf in tree.items()}
    if isinstance(tree, tuple):
        return tuple(function(*parts) for parts in zip(tree, *others, strict=True))
    return function(tree, *others)


def named_leaves(tree: Any) -> dict[str, Any]:
    """All leaves by how messages name them: ``x['ids']``, ``x[0]``, or ``x`` for one alone."""
    if isinstance(tree, dict):
        return {f"x[{key!r}]": leaf for key, leaf in tree.items()}
    if isinstance(tree, tuple):
        return {f"x[{place}]": leaf for place, leaf in enumerate(tree)}
    return {"x": tree}


def like(tree: Any, leaves: Sequence[Any]) -> Any:
    """The tree of the form of another with these leaves."""
    if isinstance(tree, dict):
        return dict(zip(tree, leaves, strict=True))
    return tuple(leaves) if isinstance(tree, tuple) else leaves[0]


def leaves(tree: Any) -> list[Any]:
    """All leaves in their order."""
    return list(named_leaves(tree).values())


def first_leaf(tree: Any) -> Any:
    """The first leaf, which tells of how many rows there are, and on which device."""
    return leaves(tree)[0]


def n_rows(tree: Any) -> int:
    """How many rows every leaf has."""
    return len(first_leaf(tree))


def n_values(tree: Any) -> int:
    """How many numbers there are in all leaves together."""
    return sum(math.prod(leaf.shape) for leaf in leaves(tree))


def n_bytes(tree: Any) -> int:
    """The memory of all leaves together."""
    return sum(int(leaf.nbytes) for leaf in leaves(tree))


def taken(tree: Any, rows: Any) -> Any:
    """The tree of these rows of every leaf: a number, a slice, or an array of places."""
    return mapped(lambda leaf: leaf[rows], tree)


def cloned(tree: Any) -> Any:
    """The tree of a copy of every tensor."""
    return mapped(lambda leaf: leaf.clone(), tree)


def moved(tree: Any, *to: Any) -> Any:
    """The tree of every tensor on a device."""
    return mapped(lambda leaf: leaf.to(*to), tree)


def shapes(tree: Any) -> Any:
    """The tree of the shapes of rows, as tuples."""
    return mapped(lambda leaf: tuple(leaf.shape[1:]), tree)


def described(tree: Any) -> str:
    """The shapes of all leaves in words: ``ids (2, 16), mask (2, 16)``, or ``(2, 16)`` alone."""
    if not is_tree(tree):
        return str(tuple(tree.shape))
    return ", ".join(f"{name} {tuple(leaf.shape)}" for name, leaf in named_leaves(tree).items())


def several_arrays(values: object) -> bool:
    """Whether a value as it is given is several arrays: a mapping, or a tuple of some arrays."""
    if isinstance(values, Mapping):
        return True
    return isinstance(values, tuple) and any(getattr(part, "shape", ()) for part in values)


def length(values: Any) -> int | None:
    """How many rows something given has; None for what has no rows."""
    try:
        return len(values)
    except TypeError:
        return None


def as_tree(values: Any, n: int | None) -> Any:
    """Inputs as they are given, as a tree where they are several arrays.

    A tuple of ``n`` arrays stands for ``n`` rows, as ``x, y = zip(*pairs)`` gives them.
    """
    if not several_arrays(values) or (isinstance(values, tuple) and len(values) == n):
        return values
    return dict(values) if isinstance(values, Mapping) else tuple(values)
