"""Means of a path whose strengths have unequally many runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sweep.checks.uneven import is_uneven, levelled
from sweep.statistics.double_sampling import complete

STRENGTHS = [0.0, 0.1, 1.0, 10.0, 100.0]
COUNTS = [3, 3, 6, 6, 3]


def path_of(counts: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"trial": range(5), "strength": STRENGTHS, "n_runs": counts})


def test_means_are_those_of_the_completed_table() -> None:
    rng = np.random.default_rng(0)
    losses = np.arange(5.0)[:, None] + rng.standard_normal(6) + 0.1 * rng.standard_normal((5, 6))
    rows = [
        {"trial": k, "strength": STRENGTHS[k], "unit": f"{r}/0", "val_loss": losses[k, r]}
        for k in range(5)
        for r in range(COUNTS[k])
    ]
    path = path_of(COUNTS)
    assert is_uneven(path)
    level = levelled(pd.DataFrame(rows), path, ["val_loss"])
    means = level.groupby("trial")["val_loss"].mean()
    np.testing.assert_allclose(means, complete(losses, COUNTS, STRENGTHS)[0].mean(1), rtol=1e-12)


def test_a_trial_that_waits_makes_no_path_uneven() -> None:
    assert not is_uneven(path_of([6, 6, 6, 0, 0]))
    assert not is_uneven(path_of([0] * 5))
