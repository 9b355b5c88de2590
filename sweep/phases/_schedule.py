"""What is asked for after the search, side by side: each part goes on when its own batch has ended.

A part is a generator. It yields the trials that must end before it can say what is next, and none
while it waits for another part. What it asks follows from the history alone, never from when it was
asked, so all that a study trains is the same in whatever order runs end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sweep.phases.history import StudyHistory
from sweep.records.trial import Trial

Part = Iterator[Sequence[Trial]]
"""Batches of trials; an empty one asks to be asked again."""


def wait_until(condition: Callable[[], bool]) -> Part:
    """Asks for nothing until it is so."""
    while not condition():
        yield ()


class Schedule:
    """The parts of a study that have not ended, in the order in which they are asked."""

    def __init__(
        self,
        history: StudyHistory,
        parts: Iterable[Part],
        queue: Callable[[Sequence[Trial]], None],
    ):
        """``queue`` takes up trials and has what is missing of their runs trained."""
        self.history, self.queue = history, queue
        self._batches: dict[Part, Sequence[Trial]] = {}
        """What each part waits for."""
        self.add(parts)

    def add(self, parts: Iterable[Part]) -> None:
        """More parts, asked after those that are there."""
        self._batches |= dict.fromkeys(parts, ())

    @property
    def has_ended(self) -> bool:
        """Whether no part has anything left to ask for."""
        return not self._batches

    def go_on(self) -> None:
        """Asks the parts what is next until none of them can say more."""
        while any([self._goes_on(part) for part in list(self._batches)]):
            pass

    def _goes_on(self, part: Part) -> bool:
        """Whether a part asked for something, or ended."""
        if not all(map(self.history.has_ended, self._batches[part])):
            return False
        batch = next(part, None)
        if batch is None:
            del self._batches[part]
            return True
        self._batches[part] = batch
        if batch:
            self.queue(batch)
        return bool(batch)
