"""What a part of a population keeps for every slot: a row that comes, moves and leaves with a run.

Weights, optimizer, penalties, augmentation, early stopping and dropout rates follow one protocol,
so the population fills and empties its slots in one loop over them.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from sweep.training.jobs import Segment

State = TypeVar("State")


class SlotState(Protocol[State]):
    """Rows of a population; ``State`` is what a run takes along of its row when it stops."""

    def admit(self, i: int, segment: Segment, state: State | None) -> None:
        """Fills row ``i`` for a run: as ``state`` has it, or, where that is None, for its start."""

    def move(self, source: int, target: int) -> None:
        """Copies row ``source`` onto ``target``: the run of one slot now sits in the other."""

    def checkpoint(self, i: int) -> State | None:
        """A copy of row ``i``; None where the trial alone says what the row is."""
