"""A slot of a population: the run that is in it, how far it has come, and its curves so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from sweep.training.jobs import Checkpoint, Segment


@dataclass
class Slot:
    """A run that is being trained."""

    segment: Segment
    epoch: int
    source: int
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    seconds: float = 0.0
    fault: str = ""
    """What the user's metric did wrong."""
    row_losses: dict[str, bytes] = field(default_factory=dict)
    """What each validation row lost at the end, packed, by the column of the metric."""
    restored: int = 0
    """The epoch that early stopping gave back; 0 for none."""

    def resume(self, checkpoint: Checkpoint) -> None:
        """Takes over how far the run had come."""
        self.epoch, self.seconds = checkpoint.epoch, checkpoint.seconds
        self.curves = {metric: list(points) for metric, points in checkpoint.curves.items()}

    @property
    def shown(self) -> int:
        """The epoch whose weights the slot has."""
        return self.restored or self.epoch

    def note(self, metric: str, value: float) -> None:
        points = self.curves.setdefault(metric, [])
        points.append((self.shown, value))
        if self.restored:
            points.sort()
