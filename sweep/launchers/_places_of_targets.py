"""Targets with places of their own (sequences, inputs to be given back), and what moves numbers.

Legend: B rows of a batch, P places of a row.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sweep.data.datasets import Data
from sweep.errors import StudyError
from sweep.metrics.tasks import SEQUENCE
from sweep.training.jobs import TransformPlan
from sweep.training.own_transform import WHERE, transformed

KEY = 0x2545F491
TRIED_PLACES = 16
"""Places, evenly spread, whose numbers are changed."""


def has_places(data: Data) -> bool:
    """Whether a target belongs to one place of a row."""
    return data.task == SEQUENCE or data.reconstructs


def moved(name: str, data: Data) -> StudyError:
    """What to say of a transform that moves numbers away from their targets."""
    found = "the inputs themselves" if data.reconstructs else "a class at every position"
    return StudyError(
        f"{WHERE}: {name} moves numbers within a row, so targets must have no places of their own, "
        f"found {found}; leave it out"
    )


def check_places(own: TransformPlan, rows: Tensor, target: Tensor, data: Data) -> None:
    """StudyError where what changes at one place comes out at another, and not at its own.

    Numbers that depend on all others of their row, as under a contrast, are fine.
    """
    places = rows if data.reconstructs else target
    axis = next((i for i in range(1, rows.ndim) if rows.shape[i] == places.shape[1]), None)
    if not data.reconstructs and axis is None:  # no input has a place for each target
        return
    key = torch.tensor([KEY], dtype=torch.int32, device=rows.device)

    def by_place(x: Tensor) -> Tensor:
        """The numbers (B, P, values)."""
        if data.reconstructs or axis is None:
            return x.reshape(len(x), -1, 1)
        return x.movedim(axis, 1).reshape(len(x), x.shape[axis], -1)

    before = transformed(rows[None].clone(), key, own, 0)[0]
    n_places = by_place(rows).shape[1]
    for place in range(0, n_places, max(1, n_places // TRIED_PLACES)):
        chosen = by_place(torch.arange(rows[0].numel()).view_as(rows[0]).expand_as(rows))
        changed = rows.flatten(1).clone()
        columns = chosen[0, place].to(rows.device)
        changed[:, columns] = changed[:, columns].roll(1, 0)
        after = transformed(changed.view_as(rows)[None], key, own, 0)[0]
        differs = by_place(after != before).any(2)
        if bool((differs.any(1) & ~differs[:, place]).any()):
            raise moved(own.name, data)
