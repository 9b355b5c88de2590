"""What the catalogue says of a regularizer, against those that act and the settings that exist."""

from __future__ import annotations

import pytest

from sweep.regularizers.catalogue import (
    BOOSTING,
    COCKTAIL,
    NONE,
    REGULARIZERS,
    acts_on_weights,
    decay_words,
    follows_lr,
    has_one_strength,
    has_timescale,
    is_mixture,
    regularizes,
    reports_zeros,
    settings_of,
    shows_strength,
)
from sweep.regularizers.penalties import PENALTIES
from sweep.study.settings import TrainingSettings


def test_those_that_act_on_weights_are_the_penalties_with_their_numbers() -> None:
    of_weights = {r.name: r.numbers for r in REGULARIZERS.values() if r.of_weights}
    assert of_weights == {name: tuple(p.numbers) for name, p in PENALTIES.items()}


@pytest.mark.parametrize(
    ("name", "regularized", "mixed", "one", "layered"),
    [
        (NONE, False, False, False, True),
        (COCKTAIL, True, True, False, False),
        ("l2", True, False, True, True),
        ("dropout", True, False, True, False),
        ("one_of_a_user", True, False, True, True),
    ],
)
def test_kinds_of_trials(
    name: str, regularized: bool, mixed: bool, one: bool, layered: bool
) -> None:
    found = (regularizes(name), is_mixture(name), has_one_strength(name), acts_on_weights(name))
    assert found == (regularized, mixed, one, layered)


def test_one_number_says_how_strongly_but_of_mixtures_and_trees() -> None:
    names = [NONE, COCKTAIL, BOOSTING, "one_of_a_user", *REGULARIZERS]
    assert [name for name in names if not shows_strength(name)] == [
        COCKTAIL,
        BOOSTING,
        "fixed_norm",
    ]


def test_decay_has_a_timescale_and_l1_counts_zeros() -> None:
    names = [NONE, COCKTAIL, "one_of_a_user", *REGULARIZERS]
    assert [name for name in names if has_timescale(name)] == ["decay", "decay_independent"]
    assert [name for name in names if not follows_lr(name)] == ["decay_independent"]
    assert [name for name in names if reports_zeros(name)] == ["l1"]
    assert [name for name in names if decay_words(name)] == ["l2", "decay"]


def test_a_setting_that_does_the_same_is_one_of_training() -> None:
    assert settings_of(["l1", "early_stopping", COCKTAIL, "one_of_a_user"]) == {"patience"}
    assert settings_of(REGULARIZERS) <= set(TrainingSettings.model_fields)


def test_what_changes_rows_or_labels_is_a_setting_of_training_too() -> None:
    """So that a run's use of it can be asked of its plan."""
    asked = [r.name for r in REGULARIZERS.values() if r.changes_rows or r.needs_classes]
    assert asked == ["input_noise", "label_smoothing", "mixup"]
    assert set(asked) <= set(TrainingSettings.model_fields)
