"""Scrambled Sobol points, as ``scipy.stats.qmc.Sobol`` gives them for the same random numbers.

That module loads all of ``scipy.stats``, which takes a second at the start of every study. Points
of few dimensions are made here, to the bit; points of more come from there.

Sources: Joe & Kuo (2008), "Constructing Sobol sequences with better two-dimensional projections",
whose numbers stand below; Matousek (1998), "On the L2-discrepancy for anchored boxes", for the
scrambling by a random linear matrix and a digital shift. Legend: D dimensions, B bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 30
Whole = NDArray[np.int64]

DIRECTIONS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (3, (1,)),
    (7, (1, 3)),
    (11, (1, 3, 1)),
    (13, (1, 1, 1)),
    (19, (1, 1, 3, 3)),
    (25, (1, 3, 5, 13)),
    (37, (1, 1, 5, 5, 17)),
    (41, (1, 1, 5, 5, 5)),
    (47, (1, 1, 7, 11, 19)),
    (55, (1, 1, 5, 1, 1)),
    (59, (1, 1, 1, 3, 11)),
    (61, (1, 3, 5, 5, 31)),
    (67, (1, 3, 3, 9, 7, 49)),
    (91, (1, 1, 1, 15, 21, 21)),
    (97, (1, 3, 1, 13, 27, 49)),
    (103, (1, 1, 1, 15, 7, 5)),
    (109, (1, 3, 1, 15, 13, 25)),
    (115, (1, 1, 5, 5, 19, 61)),
    (131, (1, 3, 7, 11, 23, 15, 103)),
    (137, (1, 3, 7, 13, 13, 15, 69)),
    (143, (1, 1, 3, 13, 7, 35, 63)),
    (145, (1, 3, 5, 9, 1, 25, 53)),
    (157, (1, 3, 1, 13, 9, 35, 107)),
    (167, (1, 3, 1, 5, 27, 61, 31)),
    (171, (1, 1, 5, 11, 19, 41, 61)),
    (185, (1, 3, 5, 3, 3, 13, 69)),
    (191, (1, 1, 7, 13, 1, 19, 1)),
    (193, (1, 3, 7, 5, 13, 19, 59)),
    (203, (1, 1, 3, 9, 25, 29, 41)),
    (211, (1, 3, 5, 13, 23, 1, 55)),
    (213, (1, 3, 7, 3, 13, 59, 17)),
)
"""From the second dimension on: a primitive polynomial over GF(2), its coefficients as bits, and
the first direction numbers."""
MOST_DIMENSIONS = 1 + len(DIRECTIONS)


def sobol_points(n_dimensions: int, power: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The first 2**power points (N, D) of a sequence that is scrambled by a child of ``rng``."""
    if n_dimensions > MOST_DIMENSIONS:
        from scipy.stats.qmc import Sobol

        points = Sobol(n_dimensions, scramble=True, rng=rng).random_base2(power)
        return np.asarray(points)
    (rng,) = rng.spawn(1)
    weights = 2 ** np.arange(BITS, dtype=np.int64)
    shift = _bits(rng, n_dimensions, BITS) @ weights
    matrices = np.tril(_bits(rng, n_dimensions, BITS, BITS))
    columns = np.stack(
        [
            _scrambled(numbers, matrix)
            for numbers, matrix in zip(_all_numbers(n_dimensions), matrices, strict=True)
        ]
    )
    points = np.empty((2**power, n_dimensions), dtype=np.int64)
    points[0] = shift
    for i in range(1, len(points)):
        lowest_zero = (~(i - 1) & i).bit_length() - 1  # of i - 1: what Gray's code changes
        points[i] = points[i - 1] ^ columns[:, lowest_zero]
    return points * 2.0**-BITS


def _bits(rng: np.random.Generator, *shape: int) -> Whole:
    return rng.integers(2, size=shape, dtype=np.uint32).astype(np.int64)


def _all_numbers(n_dimensions: int) -> list[Whole]:
    """The direction numbers (B,) of every dimension, as fractions of 2**BITS."""
    places = 2 ** np.arange(BITS - 1, -1, -1, dtype=np.int64)
    each = [[1] * BITS, *(_numbers(*known) for known in DIRECTIONS[: n_dimensions - 1])]
    return [np.array(numbers, dtype=np.int64) * places for numbers in each]


def _numbers(polynomial: int, first: tuple[int, ...]) -> list[int]:
    """The odd numbers m_1 ... m_B that follow the first ones (Joe & Kuo 2008, eq. 2)."""
    numbers, degree = list(first), len(first)
    while len(numbers) < BITS:
        new = numbers[-degree]
        for k in range(1, degree + 1):
            if polynomial >> (degree - k) & 1:
                new ^= numbers[-k] << k
        numbers.append(new)
    return numbers


def _scrambled(numbers: Whole, matrix: Whole) -> Whole:
    """Direction numbers (B,) times a lower triangular matrix (B, B) of bits, the highest first."""
    lower = matrix.copy()
    np.fill_diagonal(lower, 1)
    shifts = np.arange(BITS - 1, -1, -1)
    digits = (numbers >> shifts[:, None]) & 1
    return np.asarray((((lower @ digits) & 1) << shifts[:, None]).sum(0))
