"""Intervals of a launch: few, in order, and with the means of all ticks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.occupancy import Interval, Occupancy

TICKS = st.lists(
    st.tuples(st.sampled_from(["explore", "path"]), st.floats(0, 2), st.integers(0, 8)),
    min_size=1,
    max_size=200,
)


@given(TICKS, st.integers(2, 20))
def test_merging_keeps_time_and_mean_of_every_phase(
    ticks: list[tuple[str, float, int]], most: int
) -> None:
    ticks = sorted(ticks, key=lambda tick: tick[0])
    occupancy, seconds = Occupancy(most), 0.0
    for phase, duration, occupied in ticks:
        seconds += duration
        occupancy.note(Interval(phase, seconds, duration, "slots", occupied, 8.0, 0.0))
    found = occupancy.intervals
    assert len(found) <= most
    assert found[-1].seconds == seconds
    for phase in {phase for phase, _, _ in ticks}:
        own = [i for i in found if i.phase == phase]
        area = sum(duration * occupied for p, duration, occupied in ticks if p == phase)
        assert sum(i.duration * i.occupied for i in own) == pytest.approx(area, abs=1e-9)
    ends = [i.seconds for i in found]
    assert ends == sorted(ends)


def test_intervals_grow_only_when_there_are_too_many() -> None:
    few, many = Occupancy(), Occupancy()
    for i in range(1, 5001):
        interval = Interval("explore", 0.1 * i, 0.1, "slots", i % 4, 4.0, 0.0)
        many.note(interval)
        if i <= 100:
            few.note(interval)
    assert len(few.intervals) == 100
    assert 100 <= len(many.intervals) <= 256
