"""Trees of arrays: what is done to every leaf, and which values are several arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from sweep.runtime.trees import (
    as_tree,
    described,
    like,
    mapped,
    n_bytes,
    n_rows,
    n_values,
    named_leaves,
    several_arrays,
    shapes,
    taken,
)

A, B = np.arange(12.0).reshape(4, 3), np.arange(4)
TREES: tuple[Any, ...] = (A, (A, B), {"a": A, "b": B})


@pytest.mark.parametrize("tree", TREES)
def test_leaves_keep_their_places_and_names(tree: Any) -> None:
    twice = mapped(lambda one, other: one + other, tree, tree)
    for name, leaf in named_leaves(tree).items():
        np.testing.assert_array_equal(named_leaves(twice)[name], 2 * leaf)
    assert type(like(tree, [1, 2][: len(named_leaves(tree))])) in (type(tree), int)


def test_rows_are_counted_taken_and_measured_over_all_leaves() -> None:
    for tree in TREES:
        assert n_rows(tree) == 4
        assert n_rows(taken(tree, [3, 0])) == 2
    assert [n_values(taken(tree, 0)) for tree in TREES] == [3, 4, 4]
    assert [n_bytes(tree) for tree in TREES] == [A.nbytes, A.nbytes + B.nbytes, A.nbytes + B.nbytes]
    assert [shapes(tree) for tree in TREES] == [(3,), ((3,), ()), {"a": (3,), "b": ()}]
    assert described(TREES[2]) == "x['a'] (4, 3), x['b'] (4,)"


@pytest.mark.parametrize(
    ("value", "several"),
    [
        ({"a": A}, True),
        ((A, B), True),
        ((torch.zeros(2), 1.0), True),
        ([A, B], False),
        ((1.0, 2.0), False),
        (((1.0, 2.0), (3.0, 4.0)), False),
        ((torch.tensor(1.0), torch.tensor(2.0)), False),
        (A, False),
    ],
)
def test_only_mappings_and_tuples_of_arrays_are_several(value: Any, several: bool) -> None:
    assert several_arrays(value) is several


def test_a_tuple_of_as_many_arrays_as_there_are_rows_is_one_array_of_rows() -> None:
    """As ``x, y = zip(*pairs)`` gives it."""
    by_row = tuple(A)
    assert as_tree(by_row, 4) is by_row
    assert as_tree((A, B), 4) == (A, B)
    assert as_tree((A, B), 2) is not None
    assert isinstance(as_tree({"a": A}, 4), dict)
