"""A setting and its axis take the same numbers and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sweep.errors import StudyError
from sweep.study._bounds import AXIS_BOUNDS, AXIS_WORDS
from sweep.study.catalogue import (
    OPTIMIZERS,
    SCHEDULES,
    BuiltinOptimizer,
    BuiltinSchedule,
)
from sweep.study.study import Study
from sweep.study.training_settings import TrainingSettings

SHARED = sorted(AXIS_BOUNDS.keys() & TrainingSettings.model_fields.keys())


def is_taken(**tables: dict[str, Any]) -> bool:
    """Whether a study with these tables is sound."""
    try:
        Study(study={"name": "a"}, data={"name": "digits"}, **tables)
    except StudyError:
        return False
    return True


def having(setting: str, known: Mapping[str, BuiltinOptimizer | BuiltinSchedule]) -> str:
    """One that has this setting, or the first."""
    return next((k.name for k in known.values() if setting in k.settings), next(iter(known)))


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("end", ["low", "high", "below", "above"])
def test_setting_and_axis_share_their_ends(name: str, end: str) -> None:
    bounds = AXIS_BOUNDS[name]
    ends = {"low": bounds.low, "high": bounds.high}
    value = {**ends, "below": bounds.low - 1, "above": bounds.high + 1}[end]
    middle = (bounds.low + bounds.high) / 2
    other = int(middle) if bounds.whole else middle
    its = {"optimizer": having(name, OPTIMIZERS), "schedule": having(name, SCHEDULES)}
    once = is_taken(training={**its, name: value if bounds.whole else float(value)})
    swept = is_taken(training=its, search={"axes": {name: {"choices": [value, other]}}})
    assert once == swept
    assert once == (not bounds.broken_rule(name, value))


def test_optimizers_of_an_axis_are_settings_too() -> None:
    for optimizer in AXIS_WORDS["optimizer"]:
        assert is_taken(training={"optimizer": optimizer})
