"""Whether the largest losses of rows fall off so slowly that losses have no variance.

Then a mean is made by a few rows, no interval from its variance holds at its level, and a robust
loss is better. Hill's estimate 1 / mean(log(L_i / u)) over the losses above a threshold u is the
index of their tail (Hill 1975), and there is a variance above 2 alone. Lighter tails look heavy
near their middle, so the mean of logarithms is compared with that of squares of Laplace's errors,
the heaviest tail that is not meant: above a threshold that they exceed with probability q they are
(c + X)^2 with c = -log q and X exponential, and the mean of 2 log(1 + X / c) is 2 e^c E_1(c).

Rows with hardly a loss, as those that a classifier gets right, tell nothing of a tail and are left
out of q.
"""

from __future__ import annotations

import math

import numpy as np

from sweep.statistics._interpolation import Array

LARGEST = 0.05
"""The share of the rows with a loss that the tail is read from."""
WITH_A_LOSS = 0.25
"""Rows with a loss are those above this share of the squared mean of roots."""
FEWEST = 8
"""Losses that a tail is read from at least."""
CLEARLY = 2.5
"""Standard errors above what squares of Laplace's errors have. Of 400 samples of them at most 1 %
are called heavy; of squares of Student's t with 3 degrees of freedom 30 % with 500 rows, half with
1000, and nearly all with 4000."""


def heavy_tail(losses: Array) -> float:
    """The index of the tail of the losses (N,) where it is clearly heavy and below 2; else nan."""
    from scipy.special import exp1

    n_with = int((losses > WITH_A_LOSS * np.sqrt(np.maximum(losses, 0)).mean() ** 2).sum())
    k = math.ceil(LARGEST * n_with)
    if k < FEWEST or n_with <= k:
        return math.nan
    largest = np.partition(losses, -k - 1)[-k - 1 :]
    threshold = largest.min()
    if threshold <= 0:
        return math.nan
    logs = float(np.log(largest / threshold).sum()) / k
    c = math.log(n_with / k)
    usual = 2 * math.exp(c) * float(exp1(c))
    # E log^2(1 + X / c), by parts; of Laplace's squares the logarithm is twice that
    x = np.linspace(0, 40, 4001)
    squares = 4 * float(np.trapezoid(np.log1p(x / c) ** 2 * np.exp(-x), x))
    error = math.sqrt((squares - usual**2) / k)
    return 1 / logs if logs > max(0.5, usual + CLEARLY * error) else math.nan
