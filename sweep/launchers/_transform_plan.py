"""The transforms of rows that a study trains with: which rows they take, and the user's own tried.

Legend: B rows of a batch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from sweep.data.datasets import Data
from sweep.errors import StudyError
from sweep.launchers._places_of_targets import check_places, has_places, moved
from sweep.launchers.study_data import StudyData
from sweep.records.parameters import AUGMENT
from sweep.runtime.torch_state import generator_states
from sweep.runtime.trees import named_leaves
from sweep.runtime.user_code import name_of, resolve_function
from sweep.study.study import Study
from sweep.study.transform_settings import Transform, transform_name
from sweep.study.transforms import RowKind
from sweep.training.jobs import TransformPlan
from sweep.training.own_transform import WHERE, transformed

logger = logging.getLogger("sweep")

TRIED_RUNS = 2
ROUNDING = 1e-5
"""Of numbers in float32 that vmap computes in another order."""


def transforms_of(
    study: Study, study_data: StudyData, batch_size: int
) -> tuple[TransformPlan, ...]:
    """The transforms of ``training.augment``; StudyError for one that the rows rule out, or that
    is the user's and no function of rows and key alone.
    """
    return tuple(_planned(study, study_data, batch_size))


def _planned(study: Study, study_data: StudyData, batch_size: int) -> Iterator[TransformPlan]:
    data, x = study_data.data, study_data.first_split.x_train
    if not study.training.augment:
        return
    if not isinstance(x, Tensor):
        raise StudyError(
            f"{WHERE}: rows of one tensor must be given, found {', '.join(named_leaves(x))}; leave "
            "it out"
        )
    for entry in study.training.augment:
        if isinstance(entry, Transform):
            _check_rows(entry, data, x.dtype)
            yield TransformPlan(
                entry.name,
                entry.amount,
                _checked_axis(entry, data.input_shape, _most(study, entry)),
                entry.padding,
            )
            continue
        function = resolve_function(entry, study.folder, WHERE, StudyError)
        own = TransformPlan(transform_name(entry), 1.0, function=function)
        rows = x[:batch_size].to(study_data.device)
        tried = _tried(replace(own, name=name_of(entry)), rows)
        if has_places(data):
            check_places(tried, rows, study_data.first_split.y_train, data)
        yield tried


# ---- what is built in --------------------------------------------------------------------------


def _most(study: Study, transform: Transform) -> float:
    """The largest amount in any run."""
    axis = study.search.axes.get(AUGMENT.name_of(transform.name))
    if axis is None:
        return transform.amount
    return float(axis.high if axis.choices is None else max(map(float, axis.choices)))


def _check_rows(transform: Transform, data: Data, dtype: torch.dtype) -> None:
    if not dtype.is_floating_point:
        raise StudyError(
            f"{WHERE}: {transform.name} needs rows of any numbers, found whole numbers that the "
            "network looks up; leave it out"
        )
    known = transform.known
    if (known.moves or known.mixes) and data.standardize:
        raise StudyError(
            f"{WHERE}: {transform.name} needs rows whose numbers are all on one scale, found "
            "data.standardize, which scales each by its own mean and deviation; set "
            "data.standardize = false and scale rows as a whole"
        )
    if known.moves and has_places(data):
        raise moved(transform.name, data)


def _checked_axis(transform: Transform, shape: Sequence[int], most: float) -> int:
    """The axis of time, from the end; StudyError where rows of this shape do not suit."""
    known, name = transform.known, transform.name
    axis = -1
    if known.rows is RowKind.IMAGE and len(shape) != 3:
        raise StudyError(
            f"{WHERE}: {name} takes images, rows (channels, height, width), found rows "
            f"{_shown(shape)}; leave it out, or give rows that shape"
        )
    if known.rows is RowKind.SERIES:
        axis = _axis_of_time(transform, shape)
    sides = shape[-2:] if known.rows is RowKind.IMAGE else shape[axis:][:1]
    if known.bounds.whole and most > min(sides) - known.has_padding:
        size = "below" if known.has_padding else "of at most"
        raise StudyError(
            f"{WHERE}: {name} must have {known.key} {size} {min(sides)}, the size of rows "
            f"{_shown(shape)}, found {most:g}; lower it"
        )
    return axis


def _axis_of_time(transform: Transform, shape: Sequence[int]) -> int:
    name, axis = transform.name, transform.axis
    if len(shape) not in (1, 2):
        raise StudyError(
            f"{WHERE}: {name} takes series, rows (steps,), (channels, steps) or (steps, channels), "
            f"found rows {_shown(shape)}; leave it out, or give rows such a shape"
        )
    if axis is not None and axis >= len(shape):
        raise StudyError(
            f"{WHERE}: the axis of {name} must be one of rows {_shown(shape)}, found {axis}; "
            "count from 0"
        )
    if axis is None:
        long = [i for i, n in enumerate(shape) if n > 1]
        if len(long) > 1:
            raise StudyError(
                f"{WHERE}: {name} must know which axis of rows {_shown(shape)} is time, found two; "
                f'write {{ name = "{name}", axis = 1 }} for (channels, steps), axis = 0 for '
                "(steps, channels)"
            )
        axis = long[0] if long else len(shape) - 1
    return axis - len(shape)


def _shown(shape: Sequence[int]) -> str:
    return str(tuple(shape))


# ---- the user's own ----------------------------------------------------------------------------


def _tried(own: TransformPlan, rows: Tensor) -> TransformPlan:
    """The user's transform, and whether vmap calls it for all runs at once."""
    x = torch.stack([rows, rows.roll(1, 0)])
    keys = torch.arange(1, TRIED_RUNS + 1, dtype=torch.int32, device=x.device) * 0x2545F491
    before = generator_states(x.device)
    first = _called(own, x, keys)
    if generator_states(x.device) != before:
        raise StudyError(
            f"{WHERE}: {own.name} must draw its random numbers from the key, found others, of "
            "torch's, numpy's or Python's generator; use key.uniform, key.normal or key.integers"
        )
    if not torch.equal(first, _called(own, x, keys)):
        raise StudyError(
            f"{WHERE}: {own.name} must return the same rows for the same rows and key, found "
            "others at its second call; draw random numbers from the key alone"
        )
    if first.is_floating_point() and not bool(first.isfinite().all()):
        raise StudyError(
            f"{WHERE}: {own.name} must return finite numbers, found others; look for divisions by 0"
        )
    together = replace(own, batched=True)
    try:
        batched = _called(together, x, keys)
    except StudyError as error:
        logger.info("training.augment calls %s for one run after the other: %s", own.name, error)
        return own
    return together if _close(batched, first) else own


def _called(own: TransformPlan, x: Tensor, keys: Tensor) -> Tensor:
    return transformed(x.clone(), keys, own, 0)


def _close(one: Tensor, other: Tensor) -> bool:
    """Whether both are the same but for rounding."""
    if not one.is_floating_point():
        return torch.equal(one, other)
    return torch.allclose(one, other, rtol=ROUNDING, atol=ROUNDING * float(other.abs().max()))
