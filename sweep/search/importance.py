"""How much each axis decides whether a trial is among the best: PED-ANOVA on a search's trials.

For every axis, the Pearson divergence between the density of the best trials and that of all of
them (Watanabe, Bansal & Hutter 2023, theorem 1), by Optuna. Where the sampler concentrated is in
both densities and cancels. A trial that was stopped or diverged counts as one that is not among the
best, which is all that is known of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FEWEST = 20
"""Trials that are needed."""
BEST, BEST_SHARE = 5, 0.1
"""The best trials are a tenth of all, and at least 5, as Optuna advises."""


def rank_axes(
    axes: Mapping[str, Sequence[float | str]], losses: Sequence[float], log: frozenset[str]
) -> dict[str, float]:
    """Shares of importance, 1 in all, by axis, largest first; empty where nothing can be said.

    ``axes`` hold the value of every trial, ``losses`` the same trials' losses, not finite where
    the end is not known; ``log`` names the axes whose logarithm counts.
    """
    import optuna

    known = [loss for loss in losses if math.isfinite(loss)]
    space = {name: _distribution(values, name in log) for name, values in axes.items()}
    space = {name: kind for name, kind in space.items() if not kind.single()}
    if len(losses) < FEWEST or len(known) <= BEST or not space:
        return {}
    worst = max(known) + max(1.0, abs(max(known)))
    values = [loss if math.isfinite(loss) else worst for loss in losses]
    share = max(BEST_SHARE, BEST / len(losses))
    if sorted(values)[math.ceil(share * len(values)) - 1] == max(values):
        return {}  # so many are equal that the best are all of them
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize")
    for place, value in enumerate(values):
        study.add_trial(
            optuna.create_trial(
                params={name: axes[name][place] for name in space},
                distributions=space,
                value=value,
            )
        )
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=share)
    return optuna.importance.get_param_importances(study, evaluator=evaluator)


def _distribution(values: Sequence[float | str], log: bool) -> BaseDistribution:
    """The range that was tried; words are choices."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if any(isinstance(value, str) for value in values):
        return CategoricalDistribution(sorted({str(value) for value in values}))
    return FloatDistribution(float(min(values)), float(max(values)), log=log)
