"""When hopeless trials are stopped: the epochs of the rungs and who goes on from each.

A trial is compared with the trials of its own penalty only, in its own round and in those earlier
rounds whose results were all known when its round was asked. So a decision depends on numbers
alone, never on which run happened to finish first, and a study prunes the same trials at any width.
Source: successive halving (Jamieson & Talwalkar 2016); the median rule (Golovin et al. 2017);
Wilcoxon's signed-rank test over paired resamples, as in Optuna's pruner of that name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

HALVING_FACTOR = 2
"""Successive halving keeps the best 1/2 at each rung."""
RUNG_SHARES = (0.5, 0.75)
"""Where in a run the rungs lie. Late, since overfitting shows late: on MNIST-1D the rank
correlation of a trial's validation loss with its last one was .2 after an eighth of the run, .4
after a quarter, .75 after a half and .93 after three quarters (64 trials), and halving at a quarter
would have stopped one penalty's best trial."""
WILCOXON_LEVEL = 0.1


def rung_epochs(pruner: str, epochs: int) -> tuple[int, ...]:
    """The epochs at which trials are compared: at half and three quarters of the run."""
    rungs = set(stages(pruner, epochs))
    return tuple(sorted(rung for rung in rungs if rung < epochs))


def stages(pruner: str, epochs: int) -> tuple[int, ...]:
    """The epochs at which a run of so many is compared, and its end: as many for runs of any
    length, so that those of the shortest are at their end before the last.
    """
    shares = () if pruner == "none" else RUNG_SHARES
    return (*(math.ceil(epochs * share) for share in shares), epochs)


def survivors(
    pruner: str,
    own: Mapping[int, Sequence[float]],
    earlier: Mapping[int, Sequence[float]],
) -> set[int]:
    """The trials of ``own`` that go on.

    ``own`` and ``earlier`` map a trial to its values at this rung, one per resample, lower better;
    ``own`` is the trial's round, ``earlier`` the rounds it may look back on. A trial with a value
    that is not finite does not go on.
    """
    alive = {trial for trial, values in own.items() if all(map(math.isfinite, values))}
    pool = {**earlier, **{trial: own[trial] for trial in alive}}
    pool = {trial: values for trial, values in pool.items() if all(map(math.isfinite, values))}
    means = {trial: sum(values) / len(values) for trial, values in pool.items()}
    ranked = sorted(means, key=lambda trial: (means[trial], trial))
    if pruner == "none" or not ranked:
        return alive
    if pruner == "halving":
        return alive & set(ranked[: math.ceil(len(ranked) / HALVING_FACTOR)])
    if pruner == "median":
        middle = means[ranked[(len(ranked) - 1) // 2]]
        return {trial for trial in alive if means[trial] <= middle}
    best = pool[ranked[0]]
    return {trial for trial in alive if not _clearly_worse(pool[trial], best)}


def _clearly_worse(values: Sequence[float], best: Sequence[float]) -> bool:
    """Whether paired values lie above the best trial's (one-sided signed-rank test)."""
    from scipy.stats import wilcoxon

    if sum(values) <= sum(best):
        return False
    differences = [a - b for a, b in zip(values, best, strict=True)]
    test = wilcoxon(differences, alternative="greater", zero_method="zsplit")
    return bool(test.pvalue < WILCOXON_LEVEL)
