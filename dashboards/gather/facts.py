"""What several sections take from a study's facts in the same way."""

from __future__ import annotations

from sweep.metrics.metric import Metric, metric_of
from sweep.records.facts import StudyFacts

UNIT_WORDS = {"kfold": "folds", "holdout": "seeds"}


def unit_word(design: str) -> str:
    """What the repetitions of a setting are under a design: resamples, folds or seeds."""
    return UNIT_WORDS.get(design, "resamples")


def alike(facts: StudyFacts) -> bool:
    """Whether all layers of a study had the same strength."""
    return facts.profile == "even" and facts.layers_mode == "shared"


def objective_of(facts: StudyFacts) -> Metric:
    """What the study's trials are judged by."""
    return metric_of(facts.objective, facts.maximize)
