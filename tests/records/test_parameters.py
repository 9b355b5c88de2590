"""Names of parameters, against the names that databases hold since the first version."""

from __future__ import annotations

import pytest

from sweep.records.parameters import (
    DROPOUT,
    LAYER_STRENGTH,
    MODEL,
    OFFSET,
    USE,
    ParameterKind,
    is_dropout,
    is_shared,
    number_of,
    owner_of,
)

STORED = [
    (USE, "l1", "use.l1"),
    (OFFSET, "head", "offset.head"),
    (DROPOUT, "body.drop1", "dropout.body.drop1"),
    (MODEL, "width", "model.width"),
    (LAYER_STRENGTH, "hidden1", "strength.hidden1"),
]
OTHERS = ["lr", "dropout", "strength", "cpr.rate", "use", "model", ""]


@pytest.mark.parametrize(("kind", "subject", "name"), STORED)
def test_a_name_is_made_as_stored_and_read_again(
    kind: ParameterKind, subject: str, name: str
) -> None:
    assert kind.name_of(subject) == name
    assert name in kind
    assert kind.subject_of(name) == subject


@pytest.mark.parametrize("kind", [kind for kind, _, _ in STORED])
def test_a_kind_reads_no_other_names(kind: ParameterKind) -> None:
    names = [name for other, _, name in STORED if other is not kind] + OTHERS
    assert not [name for name in names if name in kind]
    assert {kind.subject_of(name) for name in names} == {None}
    assert not kind.values_of(dict.fromkeys(names, 1))


def test_values_are_told_apart_by_kind_and_keep_their_order() -> None:
    params = {"use.l2": 0, "model.width": 8, "use.decay": 1, "decay": 0.1}
    assert list(USE.values_of(params).items()) == [("l2", 0), ("decay", 1)]


def test_an_empty_subject_is_of_its_kind() -> None:
    assert DROPOUT.subject_of("dropout.") == ""


def test_strength_and_numbers_belong_to_their_regularizer() -> None:
    names = {"cpr": "cpr", number_of("cpr", "rate"): "cpr", "cpr2": "cpr2", "lr": "lr"}
    assert {name: owner_of(name) for name in names} == names
    assert number_of("cpr", "rate") == "cpr.rate"


def test_dropout_is_swept_for_all_or_for_one() -> None:
    names = ["dropout", "dropout.body.drop1", "dropouts", "model.dropout", "lr"]
    assert [name for name in names if is_dropout(name)] == ["dropout", "dropout.body.drop1"]


def test_the_axes_of_a_population_are_the_networks_and_two_of_training() -> None:
    names = ["batch_size", "optimizer", "model.width", "lr", "use.l1", "dropout.model"]
    assert [name for name in names if is_shared(name)] == ["batch_size", "optimizer", "model.width"]
