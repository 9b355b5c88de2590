"""How full the slots were over a launch: a few hundred rows, however long it took."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_ROWS = 200
FIRST_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a launch; means are weighted by time."""

    phase: str
    """Of most of the runs in slots."""
    start_seconds: float
    """Since the launch began to train."""
    seconds: float
    occupied: float
    """Mean number of slots with a run in them; with workers, of jobs under way."""
    slots: float
    """Mean number of slots that a run could have been in; with workers, of workers."""
    waiting: float
    """Mean number of runs that waited for one."""


class OccupancyLog:
    """The stretches of one launch. Each becomes twice as long whenever there are too many."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.shortest_seconds = FIRST_SECONDS

    def note(self, tick: Stretch) -> None:
        """Adds what was so since the last tick."""
        self._add(tick)
        while len(self.stretches) > MOST_ROWS:
            short = sum(each.seconds < self.shortest_seconds for each in self.stretches)
            takes_turns = short > MOST_ROWS / 2  # as phases that overlap may at every tick
            if not takes_turns:
                self.shortest_seconds *= 2
            self._join_again(across_phases=takes_turns)

    def _join_again(self, across_phases: bool) -> None:
        ticks, self.stretches = self.stretches, []
        for tick in ticks:
            self._add(tick, across_phases)

    def _add(self, tick: Stretch, across_phases: bool = False) -> None:
        last = self.stretches[-1] if self.stretches else None
        fits = last and (across_phases or last.phase == tick.phase)
        if last and fits and last.seconds < self.shortest_seconds:
            self.stretches[-1] = _joined(last, tick)
        else:
            self.stretches.append(tick)


def _joined(first: Stretch, second: Stretch) -> Stretch:
    """Both as one, of the phase that filled more slots for longer."""
    seconds = first.seconds + second.seconds

    def mean(a: float, b: float) -> float:
        return (a * first.seconds + b * second.seconds) / seconds if seconds else b

    phase = max(first, second, key=lambda part: part.occupied * part.seconds).phase
    return replace(
        first,
        phase=phase,
        seconds=seconds,
        occupied=mean(first.occupied, second.occupied),
        slots=mean(first.slots, second.slots),
        waiting=mean(first.waiting, second.waiting),
    )
