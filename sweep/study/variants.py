"""A study as the runs of one population have it: its shared axes at one value each."""

from __future__ import annotations

from typing import Any

from sweep.records.parameters import MODEL, SHARED, Shape
from sweep.records.trial import Phase, Trial, shape_of
from sweep.study.axes import Axis
from sweep.study.catalogue import network
from sweep.study.study import Study

FEW_VALUES = 16
"""Whole numbers of an axis of the network's up to which all are tried."""


def with_shape(study: Study, shape: Shape) -> Study:
    """The study with the shared axes at these values."""
    values = dict(shape)
    training = {name: values[name] for name in SHARED if name in values}
    own = MODEL.values_of(values)
    model, changed = study.model, dict[str, Any]()
    known = network(model.name)
    if known and known.arguments:
        changed["activation"] = own.get("activation", model.activation)
        changed["batch_norm"] = bool(own.get("batch_norm", model.batch_norm))
    else:
        changed["args"] = {**model.args, **own}
    if known and known.has_widths:
        width = int(own.get("width", model.hidden[0]))
        wide = tuple(width if "width" in own else hidden for hidden in model.hidden)
        if "depth" in own:
            wide = tuple(wide[min(i, len(wide) - 1)] for i in range(int(own["depth"])))
        changed["hidden"] = wide
    return study.model_copy(
        update={
            "training": study.training.model_copy(update=training),
            "model": model.model_copy(update=changed),
        }
    )


def shapes_at_ends(study: Study) -> list[Shape]:
    """Shapes that trials may have, with both ends and every choice of every shared axis, and
    every whole number of a short one.

    All axes stand at their first value but one, and at last all at their last, so that there are as
    many shapes as values, and not their products. Batches are smallest first, since few rows are
    what networks refuse.
    """
    values = {name: _tried(name, axis) for name, axis in study.search.axes.items()}
    values = {name: own for name, own in values.items() if _shape({name: own[0]})}
    if "batch_size" in values:
        values["batch_size"].sort()
    first = {name: own[0] for name, own in values.items()}
    points = [first] + [first | {name: v} for name, own in values.items() for v in own[1:]]
    points.append({name: own[-1] for name, own in values.items()})
    return list(dict.fromkeys(filter(None, map(_shape, points))))


def _tried(name: str, axis: Axis) -> list[Any]:
    """The values of an axis to be tried: all of a few, the ends of a range.

    What a network takes may be every other whole number (a width that heads must divide).
    """
    if axis.choices is not None:
        return list(axis.choices)
    if not axis.integer:
        return [axis.low, axis.high]
    low, high = int(axis.low), int(axis.high)
    short = name in MODEL and high - low < FEW_VALUES
    return list(range(low, high + 1)) if short else [low, high]


def _shape(params: dict[str, Any]) -> Shape:
    return shape_of(Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, params))
