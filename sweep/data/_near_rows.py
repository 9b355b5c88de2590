"""How near validation rows lie to training rows, measured by what independent rows would show.

Rows of one patient, one video or one machine are nearly equal. When they lie on both sides of a
split, a network is rewarded for remembering whose row it sees, and no loss tells. Among independent
rows the distance to the k-th neighbour grows like k^(1/d) (Levina & Bickel 2005, eq. 7, estimate
the dimension d from it): two distant neighbours say where the nearest one should be. Groups larger
than a twelfth of the rows look like clusters, and are not found.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from sweep.runtime.torch_state import limited_threads

FEWEST_ROWS = 24
"""Training rows (of a class) below which nothing is said."""
MOST_JUDGED, MOST_DISTANCES = 300, 20_000_000
NEAR, FAR = 12, 3
"""The k-th neighbours of N training rows that are compared: k = N / 12 and N / 3."""
SUSPICIOUS = 0.4
"""Nearest neighbours at less than this share of the expected distance are copies or groups.

Independent rows gave 0.55 (a rolled sheet) to 1.8 in twenty samples, normal, heavy-tailed, whole
numbers, digits and tables among them; groups of 2 to 20 rows that vary by a tenth of the spread
0.02 to 0.40.
"""


def nearness(
    x_train: np.ndarray,
    y_train: np.ndarray,
    x_validation: np.ndarray,
    y_validation: np.ndarray,
    *,
    by_class: bool,
) -> float:
    """The median over validation rows of their nearest training row's distance, as a share of the
    distance that independent rows would have; nan where there are too few rows to say.

    Args:
        x_train: Training inputs (N, D), float64.
        y_train: Training targets (N,); read ``by_class`` only.
        x_validation: Validation inputs (M, D).
        y_validation: Validation targets (M,).
        by_class: Whether a row is compared with rows of its own class only, since classes may be
            clusters.

    Returns:
        About 1 for independent rows, near 0 for copies.
    """
    spread = x_train.std(axis=0)
    varies = spread > 0
    if not varies.any():
        return math.nan
    train, judged = (x[:, varies] / spread[varies] for x in (x_train, x_validation))
    if not by_class:
        return _median(_shares(train, judged))
    shares = [
        _shares(train[y_train == label], judged[y_validation == label])
        for label in np.unique(y_validation)
    ]
    return _median(np.concatenate(shares))


def _median(shares: np.ndarray) -> float:
    return float(np.median(shares)) if len(shares) else math.nan


def _shares(train: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """By judged row, the nearest distance over the expected one; () where nothing can be said."""
    n = len(train)
    if n < FEWEST_ROWS or not len(judged):
        return np.empty(0)
    judged = judged[: max(1, min(MOST_JUDGED, MOST_DISTANCES // n))]
    near, far = n // NEAR, n // FAR
    with limited_threads(1):  # several take ten times as long to agree as such products take
        distances = torch.cdist(torch.from_numpy(judged), torch.from_numpy(train)).numpy()
    ordered = np.partition(distances, (0, near - 1, far - 1), axis=1)
    nearest, middle, distant = (ordered[:, k] for k in (0, near - 1, far - 1))
    median, outer = float(np.median(middle)), float(np.median(distant))
    if not 0 < median < outer:
        return np.empty(0)
    per_dimension = math.log(outer / median) / math.log(far / near)  # 1 / d
    return np.asarray(nearest / (median * near**-per_dimension))
