"""Which rows a transform takes, and what a function of the user's must be: refused in one line."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import sweep
from sweep.errors import StudyError
from sweep.launchers._transform_plan import transforms_of
from sweep.launchers.study_data import StudyData
from sweep.training.jobs import TransformPlan
from sweep.training.own_transform import TransformKey

CALLS = []


def plans(
    shape: tuple[int, ...], *augment: Any, axes: dict[str, Any] | None = None, **data: Any
) -> tuple[TransformPlan, ...]:
    """The planned transforms for 60 rows of a shape."""
    x = np.random.default_rng(0).normal(size=(60, *shape))
    study = sweep.Study(
        study={"name": "mine"},
        data={"x": x, "y": np.arange(60) % 2, **data},
        model={"name": "linear"},
        training={"augment": list(augment)},
        search={"axes": axes or {}},
    )
    return transforms_of(study, StudyData(study), 8)


def refusal(*args: Any, **others: Any) -> str:
    with pytest.raises(StudyError) as caught:
        plans(*args, **others)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("shape", "entry", "axis"),
    [
        ((9,), "time_mask:3", -1),
        ((1, 9), "shift:3", -1),
        ((9, 1), "shift:3", -2),
        ((4, 9), {"name": "shift", "steps": 8, "axis": 1}, -1),
        ((9, 4), {"name": "shift", "steps": 8, "axis": 0}, -2),
        ((3, 6, 9), "crop:5", -1),
        ((3, 6, 9), "cutout:6", -1),
    ],
)
def test_rows_say_which_axis_is_time(shape: tuple[int, ...], entry: object, axis: int) -> None:
    (how,) = plans(shape, entry)
    assert how.axis == axis


@pytest.mark.parametrize(
    ("shape", "entry", "words"),
    [
        ((9,), "crop:2", "crop takes images, rows (channels, height, width), found rows (9,)"),
        ((6, 9), "flip", "flip takes images, rows (channels, height, width), found rows (6, 9)"),
        ((3, 6, 9), "cutout:7", "cutout must have pixels of at most 6, the size of rows (3, 6, 9)"),
        ((3, 6, 9), "crop:6", "crop must have pixels below 6, the size of rows (3, 6, 9), found 6"),
        ((9,), "time_mask:10", "time_mask must have steps of at most 9, the size of rows (9,)"),
        ((3, 6, 9), "time_mask", "time_mask takes series, rows (steps,), (channels, steps) or"),
        (
            (4, 9),
            "shift:2",
            "shift must know which axis of rows (4, 9) is time, found two; write { name = ",
        ),
        (
            (9,),
            {"name": "shift", "axis": 1},
            "the axis of shift must be one of rows (9,), found 1; count from 0",
        ),
    ],
)
def test_rows_of_another_shape_are_refused(
    shape: tuple[int, ...], entry: object, words: str
) -> None:
    assert refusal(shape, entry).startswith(f"training.augment: {words}")


def test_the_end_of_an_axis_must_fit_too() -> None:
    axes = {"augment.crop": {"low": 0, "high": 6, "scale": "linear", "integer": True}}
    assert "crop must have pixels below 6" in refusal((3, 6, 9), "crop:2", axes=axes)
    axes["augment.crop"]["high"] = 5
    assert len(plans((3, 6, 9), "crop:2", axes=axes)) == 1


def test_numbers_that_are_scaled_apart_are_not_moved() -> None:
    for entry in ("flip", "contrast"):
        assert f"{entry} needs rows whose numbers are all on one scale, found data.standard" in (
            refusal((3, 6, 9), entry, standardize=True)
        )
    assert len(plans((3, 6, 9), "cutout:2", "noise", standardize=True)) == 2


def test_rows_that_are_looked_up_are_not_transformed() -> None:
    words = np.random.default_rng(0).integers(0, 9, size=(60, 6))
    study = sweep.Study(
        study={"name": "words"},
        data=(words, words[:, 0] % 2),
        model={"name": "linear"},
        training={"augment": ["scale"]},
    )
    with pytest.raises(StudyError, match="scale needs rows of any numbers, found whole numbers"):
        transforms_of(study, StudyData(study), 8)


# ---- the user's own ----------------------------------------------------------------------------


def noisy(x: Tensor, key: TransformKey) -> Tensor:
    return x + key.normal(*x.shape)


def branching(x: Tensor, key: TransformKey) -> Tensor:
    return x.flip(1) if bool(key.uniform() < 0.5) else x


def in_place(x: Tensor, key: TransformKey) -> Tensor:
    x += key.uniform(len(x), 1)
    return x


@pytest.mark.parametrize(("own", "batched"), [(noisy, True), (branching, False), (in_place, True)])
def test_a_function_is_called_at_once_where_vmap_can(
    own: Callable[..., Any], batched: bool
) -> None:
    (how,) = plans((5,), own)
    assert (how.name, how.function, how.batched) == (own.__name__, own, batched)


def stateful(x: Tensor, key: TransformKey) -> Tensor:
    CALLS.append(1)
    return x + len(CALLS)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (lambda x, key: x + torch.randn(len(x), 1), "must draw its random numbers from the key"),
        (lambda x, key: x + random.random(), "must draw its random numbers from the key"),
        (lambda x, key: x * np.random.rand(), "must draw its random numbers from the key"),  # noqa: NPY002
        (stateful, "must return the same rows for the same rows and key"),
        (lambda x, key: x[:, 1:], r"must keep the shape of rows, found \(8, 4\) for \(8, 5\)"),
        (lambda x, key: x.double(), "must keep the type of rows, found torch.float64"),
        (lambda x, key: None, "must return a tensor of rows, found NoneType"),
        (lambda x, key: x / 0, "must return finite numbers"),
        (lambda x: x, "must run without an error, found TypeError"),
        (lambda x, key: x.relu7(), "must run without an error, found AttributeError"),
    ],
)
def test_a_function_that_is_none_of_rows_and_key_is_refused(
    own: Callable[..., Any], words: str
) -> None:
    with pytest.raises(StudyError, match=f"training.augment: .* {words}") as caught:
        plans((5,), own)
    assert "\n" not in str(caught.value)


def test_a_key_gives_numbers_of_its_own_at_each_call_and_in_range() -> None:
    key = TransformKey(torch.tensor(5, dtype=torch.int32), 1, torch.float32)
    uniform, normal, whole = key.uniform(4000), key.normal(4000), key.integers(-2, 3, 4000)
    assert set(whole.tolist()) == {-2, -1, 0, 1, 2}
    assert float(uniform.mean()) == pytest.approx(0.5, abs=4 / 12**0.5 / 4000**0.5)
    assert float(normal.std()) == pytest.approx(1.0, abs=4 / 8000**0.5)
    assert not torch.equal(uniform, key.uniform(4000))
    again = TransformKey(torch.tensor(5, dtype=torch.int32), 1, torch.float32)
    assert torch.equal(again.uniform(4000), uniform)
    assert key.uniform().shape == ()


@pytest.mark.parametrize(
    ("target", "entries", "found"),
    [
        ({"y": np.arange(540).reshape(60, 9) % 2, "task": "sequence"}, ["shift"], "a class at"),
        ({"target": "input"}, ["shift"], "the inputs themselves"),
        ({"target": "input"}, ["flip", "vertical_flip", "crop:2", "rotate"], "the inputs them"),
    ],
)
def test_rows_do_not_move_away_from_targets_with_places(
    target: dict[str, Any], entries: list[str], found: str
) -> None:
    """What leaves every number in its place is taken: the inputs are given back without noise."""
    series = entries == ["shift"]
    x = np.random.default_rng(0).normal(size=(60, 9) if series else (60, 3, 6, 9))

    def planned(augment: list[str]) -> tuple[TransformPlan, ...]:
        data = {"x": x, **target}
        study = sweep.Study(study={"name": "mine"}, data=data, training={"augment": augment})
        return transforms_of(study, StudyData(study), 8)

    for entry in entries:
        with pytest.raises(StudyError, match=f"within a row, so targets .* found {found}"):
            planned([entry])
    staying = ["time_mask", "noise"] if series else ["cutout:2", "contrast", "brightness", "scale"]
    assert [how.name for how in planned(staying)] == [name.split(":")[0] for name in staying]


def mirrored(rows: Tensor, key: TransformKey) -> Tensor:
    """Half of the rows, from their end."""
    return torch.where(key.uniform(len(rows), *[1] * (rows.ndim - 1)) < 0.5, rows.flip(-1), rows)


def spread_out(rows: Tensor, key: TransformKey) -> Tensor:
    """Every number stays, and depends on all of its row."""
    mean = rows.mean(tuple(range(1, rows.ndim)), keepdim=True)
    return rows + 0.5 * (rows - mean) + 0.1 * key.normal(*rows.shape)


@pytest.mark.parametrize(
    ("shape", "target"),
    [
        ((9,), {"y": np.arange(540).reshape(60, 9) % 2, "task": "sequence"}),
        ((2, 9), {"y": np.arange(540).reshape(60, 9) % 2, "task": "sequence"}),
        ((2, 9), {"target": "input"}),
    ],
)
def test_a_function_does_not_move_rows_away_from_targets_with_places(
    shape: tuple[int, ...], target: dict[str, Any]
) -> None:
    assert "mirrored moves numbers within a row, so" in refusal(shape, mirrored, **target)
    assert [how.name for how in plans(shape, spread_out, **target)] == ["spread_out"]
