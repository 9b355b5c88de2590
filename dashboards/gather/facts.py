"""What a study's facts say: the one place that reads their optional keys for several others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]
"""What ``sweep.read_study`` returns."""

UNIT_WORDS = {"kfold": "folds", "holdout": "seeds"}


def unit_word(facts: Facts) -> str:
    """What the repetitions of a setting are: resamples, folds or seeds."""
    return UNIT_WORDS.get(str(facts.get("design")), "resamples")


def alike(facts: Facts) -> bool:
    """Whether all layers of a study had the same strength."""
    even = str(facts.get("profile", "even")) == "even"
    return even and str(facts.get("layers_mode", "shared")) == "shared"


def listed_penalties(facts: Facts) -> list[str]:
    """The penalties of the study file, in its order."""
    return list(facts.get("penalties", ()))


def task_of(facts: Facts) -> str:
    return str(facts.get("task"))


def is_finished(facts: Facts) -> bool:
    return bool(facts.get("finished_at"))


def parity_of(facts: Facts) -> dict[str, float]:
    """The largest difference from plain PyTorch of training here, by how runs train."""
    return {str(how): float(worst) for how, worst in (facts.get("parity") or {}).items()}
