"""How many runs a study may take: one formula, for the check before and the progress during it."""

from __future__ import annotations

import math

from sweep.records.trial import Phase
from sweep.regularizers.catalogue import (
    acts_on_weights,
    has_strength,
    is_mixture,
    regularizes,
)
from sweep.study.study import Study


def penalties_of(study: Study) -> list[str]:
    """The study's penalties but ``none``."""
    return [penalty for penalty in study.search.names if regularizes(penalty)]


def planned_runs(study: Study, n_layers: int) -> dict[Phase, int]:
    """The most runs of each phase; a control has as many more as trials are pruned."""
    search, resamples = study.search, study.path.resamples
    return {
        Phase.EXPLORE: search.trials * search.resamples,
        Phase.SELECT: _most_finalists(study) * resamples,
        Phase.PATH: _most_strengths(study, n_layers) * resamples,
        Phase.CONFIRM: (1 + len(penalties_of(study))) * resamples,
        Phase.ABLATION: 2 * len(search.cocktail) * resamples,
        Phase.BASELINE: len(search.baselines) * resamples,
    }


def _most_finalists(study: Study) -> int:
    """The most settings of all penalties that are repeated before one of each is gone on with."""
    search = study.search
    if search.finalists == 1 or search.resamples >= study.path.resamples:
        return 0
    vary = bool(search.axes) or search.layers != "shared"
    differing = [name for name in search.names if vary or is_mixture(name)]
    return len(differing) * min(search.finalists, math.ceil(search.trials / len(search.names)))


def _most_strengths(study: Study, n_layers: int) -> int:
    """The most strengths that all paths of a study may take together, anchors counted."""
    names = [p for p in penalties_of(study) if has_strength(p)]
    layered = sum(acts_on_weights(p) for p in names)
    alone = {"none": 0, "best": min(1, layered), "all": layered}[study.path.layers]
    each = study.path.points + 1 if study.path.points else 0
    return (len(names) + len(study.search.cocktail) + alone * n_layers) * each
