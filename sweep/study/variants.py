"""A study as the runs of one population have it: its shared axes at one value each."""

from __future__ import annotations

from typing import Any

from sweep.records.parameters import MODEL, SHARED, Shape
from sweep.study.catalogue import network
from sweep.study.study import Study


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
