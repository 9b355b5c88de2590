"""Means of a path whose strengths have unequally many runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sweep.checks.estimates import paired_difference
from sweep.checks.tables import units_of
from sweep.checks.uneven import difference_of, is_uneven, levelled, mean_of
from sweep.statistics.double_sampling import complete
from tests.support.facts import make_facts

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


def by_hand() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Strengths 0, 1 and 2 on four resamples, of which the anchor has the first two."""
    losses = {0: [4.0, 6.0], 1: [1.0, 2.0, 3.0, 6.0], 2: [2.0, 3.0, 5.0, 6.0]}
    rows = [
        {"trial": k, "strength": float(k), "unit": f"{r}/0", "val_loss": value}
        for k, values in losses.items()
        for r, value in enumerate(values)
    ]
    path = pd.DataFrame({"trial": [0, 1, 2], "strength": [0.0, 1.0, 2.0], "n_runs": [2, 4, 4]})
    return pd.DataFrame(rows), path


def test_a_mean_is_completed_by_the_differences_from_the_nearest_strength() -> None:
    """Strength 1 has a mean of 3; the anchor loses 3 and 4 more than it, 3.5 in the mean."""
    units, path = by_hand()
    means = levelled(units, path, ["val_loss"]).groupby("trial")["val_loss"].mean()
    assert means.tolist() == [6.5, 3.0, 4.0]
    assert mean_of(units, path, 0, "val_loss", make_facts()).mean == 6.5
    assert difference_of(units, path, (2, 0), "val_loss", make_facts()).mean == -2.5


def test_a_difference_of_few_resamples_has_their_interval() -> None:
    """Of differences 3 and 4 the standard error is 0.5, and Student's t of one degree 12.706."""
    units, path = by_hand()
    found = difference_of(units, path, (1, 0), "val_loss", make_facts())
    assert (found.mean, found.n) == (-3.5, 2)
    assert found.high - found.mean == pytest.approx(12.706 * 0.5, abs=1e-3)


def test_what_equally_many_resamples_say_stays_as_it_is() -> None:
    units, path = by_hand()
    even = path[path["trial"] > 0]
    assert levelled(units, even, ["val_loss"]) is units
    found = difference_of(units, even, (2, 1), "val_loss", make_facts())
    assert found == paired_difference(
        units[units["trial"] == 2], units[units["trial"] == 1], "val_loss", make_facts()
    )


def test_a_run_that_was_lost_is_one_that_was_not_given() -> None:
    """Strength 2 without its last resample: 1, 1 and 2 more than strength 1."""
    units, path = by_hand()
    kept = units[~((units["trial"] == 2) & (units["unit"] == "3/0"))]
    means = levelled(kept, path, ["val_loss"]).groupby("trial")["val_loss"].mean()
    assert means.to_dict() == pytest.approx({0: 6.5, 1: 3.0, 2: 3.0 + 4 / 3})


def test_runs_beyond_what_their_trial_has_come_to_are_left_out() -> None:
    """A path under way: the fourth run of strength 1 has ended, that of strength 2 has not."""
    trials = pd.DataFrame({"trial": [1, 2], "strength": [1.0, 2.0], "penalty": "l2", "n_runs": 3})
    runs = pd.DataFrame(
        {"trial": [1] * 4 + [2] * 3, "run": [0, 1, 2, 3, 0, 1, 2], "val_loss": 1.0}
    ).assign(fold=0, replicate=0, state="complete")
    runs["resample"] = runs["run"]
    counts = units_of(trials, runs, "fresh")["trial"].value_counts()
    assert counts.to_dict() == {1: 3, 2: 3}
    waiting = trials.assign(n_runs=[0, 3])  # ended runs of a trial that has not, as ever
    assert units_of(waiting, runs, "fresh")["trial"].value_counts().to_dict() == {1: 4, 2: 3}
