"""How many slots are occupied over the seconds of a launch, in at most a few hundred intervals.

The driver notes the population after every tick, and ticks are many: so neighbouring intervals of a
phase are merged into time-weighted means, twice as long whenever there are too many of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_INTERVALS = 256
"""Of one launch."""
FIRST_SECONDS = 0.05
"""Length of an interval as long as there are few."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of a launch; numbers are means over it, weighted by time."""

    phase: str
    seconds: float
    """From the start of the launch to the end of the interval."""
    duration: float
    """In seconds."""
    unit: str
    """What is occupied: slots of the populations in this process, or workers."""
    occupied: float
    """Slots with a run, or workers with a job."""
    width: float
    """Slots or workers that there were."""
    waiting: float
    """Runs that waited."""


class Occupancy:
    """The intervals of one launch."""

    def __init__(self, most: int = MOST_INTERVALS):
        self.most, self.shortest = most, FIRST_SECONDS
        self.intervals: list[Interval] = []

    def note(self, interval: Interval) -> None:
        """Takes in what came next; the numbers held from the last note, or a phase's start, on."""
        last = self.intervals[-1] if self.intervals else None
        if last and last.phase == interval.phase and last.duration < self.shortest:
            self.intervals[-1] = _merged(last, interval)
            return
        self.intervals.append(interval)
        while len(self.intervals) > self.most:
            self.shortest *= 2
            self.intervals = _thinned(self.intervals, self.shortest)


def _thinned(intervals: list[Interval], shortest: float) -> list[Interval]:
    """Neighbours of a phase merged until each interval is long enough."""
    kept: list[Interval] = []
    for interval in intervals:
        if kept and kept[-1].phase == interval.phase and kept[-1].duration < shortest:
            kept[-1] = _merged(kept[-1], interval)
        else:
            kept.append(interval)
    return kept


def _merged(first: Interval, second: Interval) -> Interval:
    duration = first.duration + second.duration
    share = second.duration / duration if duration > 0 else 1.0
    means = {
        name: (1 - share) * getattr(first, name) + share * getattr(second, name)
        for name in ("occupied", "width", "waiting")
    }
    return replace(second, duration=duration, **means)
