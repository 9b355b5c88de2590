"""How many runs a study may take: one formula, for the check before and the progress during it."""

from __future__ import annotations

import math

from sweep.records.trial import Phase
from sweep.regularizers.catalogue import (
    acts_on_weights,
    has_path,
    has_strength,
    is_mixture,
    regularizes,
)
from sweep.study.study import Study


def penalties_of(study: Study) -> list[str]:
    """The study's penalties but ``none``."""
    return [penalty for penalty in study.search.names if regularizes(penalty)]


def penalties_with_path(study: Study) -> list[str]:
    """Those of them whose strengths can be moved along a path."""
    return [penalty for penalty in penalties_of(study) if has_path(penalty)]


def layered_penalties(study: Study) -> list[str]:
    """Those of them that may have a path for each layer."""
    return [p for p in penalties_of(study) if acts_on_weights(p) and has_strength(p)]


def layered_names(study: Study) -> list[str]:
    """The penalties whose layers get paths; ``""`` stands for the best, known later."""
    return {"none": [], "best": [""], "all": layered_penalties(study)}[study.path.layers]


def planned_runs(study: Study, n_layers: int) -> dict[Phase, int]:
    """The most runs of each phase; a control has as many more as trials are pruned."""
    search, resamples = study.search, study.path.resamples
    n_finalists = sum(most_finalists(study, penalty) for penalty in search.names)
    return {
        Phase.EXPLORE: search.trials * search.resamples,
        Phase.SELECT: n_finalists * resamples,
        Phase.PATH: _most_paths(study, n_layers) * study.path.most_runs,
        Phase.CONFIRM: (1 + len(penalties_of(study))) * resamples,
        Phase.ABLATION: 2 * len(search.cocktail) * resamples,
        Phase.BASELINE: len(search.baselines) * resamples,
    }


def most_finalists(study: Study, penalty: str) -> int:
    """The most settings of a penalty that are repeated before one of them is gone on with."""
    search = study.search
    if search.finalists == 1 or search.resamples >= study.path.resamples:
        return 0
    if not (search.axes or search.layers != "shared" or is_mixture(penalty)):
        return 0
    return min(search.finalists, math.ceil(search.trials / len(search.names)))


def _most_paths(study: Study, n_layers: int) -> int:
    """The most paths that a study may have."""
    names = [p for p in penalties_of(study) if has_strength(p)]
    layered = len(layered_penalties(study))
    alone = {"none": 0, "best": min(1, layered), "all": layered}[study.path.layers]
    return len(names) + len(study.search.cocktail) + alone * n_layers
