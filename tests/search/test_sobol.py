"""Sobol points are scipy's, to the bit, and take from the random numbers what scipy takes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats.qmc import Sobol

from sweep.search._sobol import MOST_DIMENSIONS, sobol_points


@pytest.mark.parametrize("n_dimensions", [1, 2, 3, 7, MOST_DIMENSIONS, MOST_DIMENSIONS + 1])
@pytest.mark.parametrize("power", [0, 1, 5, 9])
def test_points_are_scipys_to_the_bit(n_dimensions: int, power: int) -> None:
    ours, theirs = np.random.default_rng([3, power]), np.random.default_rng([3, power])
    expected = Sobol(n_dimensions, scramble=True, rng=theirs).random_base2(power)
    np.testing.assert_array_equal(sobol_points(n_dimensions, power, ours), expected)
    assert ours.spawn(1)[0].random() == theirs.spawn(1)[0].random()
