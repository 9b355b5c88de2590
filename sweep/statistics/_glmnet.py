"""glmnet's two choices on a ladder, lambda.min and lambda.1se, for comparison with the boundaries.

lambda.1se is the strongest strength whose mean loss lies within one standard error of the lowest
(Breiman et al. 1984, section 3.4.3; ``cv.glmnet`` of Friedman, Hastie & Tibshirani 2010). It is a
rule for choosing and no property of the problem: its threshold is the noise of the experiment, so
with more resamples it moves towards lambda.min, and the standard error takes overlapping training
sets for independent ones (Chen & Yang 2021 measure it 50 to 100 % off).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def glmnet_choices(strengths: Array, validation: Array) -> tuple[float, float]:
    """(lambda.min, lambda.1se) of ``strengths`` (K,), ascending, with losses (K, R).

    What the R columns are plays no part, as in glmnet: each counts as an independent fold. Of equal
    means the strongest is taken.
    """
    mean = validation.mean(1)
    best = int(np.flatnonzero(mean <= mean.min())[-1])
    error = float(validation[best].std(ddof=1)) / math.sqrt(validation.shape[1])
    within = np.flatnonzero(mean <= mean[best] + error)
    return float(strengths[best]), float(strengths[within[-1]])
