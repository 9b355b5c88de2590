"""Devices by name, and how widths and threads are chosen by measuring."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from sweep.errors import HardwareError
from sweep.launchers.sizing import choose_lanes, choose_width, milliseconds, suited_width
from sweep.runtime.device import free_bytes, is_out_of_memory, resolve_device


def test_a_device_that_is_not_here_gets_one_line() -> None:
    assert resolve_device("cpu") == torch.device("cpu")
    for name in ("cuda:7", "gpu", "cpu:3"):
        with pytest.raises(HardwareError, match=name):
            resolve_device(name)


def test_the_cheapest_width_per_run_is_chosen_within_what_is_wanted() -> None:
    def seconds(width: int) -> float:
        return 1.0 + 0.1 * width + 0.001 * width**2

    width, measured = choose_width(seconds, 128)
    assert width == 32
    assert set(measured) == {1, 4, 8, 16, 32, 64, 128}
    assert choose_width(seconds, 16)[0] == 16
    assert choose_width(lambda width: float(width), 128)[0] == 1


def test_lanes_are_halved_while_that_pays() -> None:
    """A run's step takes its work, shared by the lanes, and some Python that only one can do."""

    def seconds(lanes: int) -> float:
        return max(8.0 / lanes, 1.0 + 0.1 * lanes)

    lanes, measured = choose_lanes(seconds, 32)
    assert lanes == 8
    assert set(measured) == {32, 16, 8, 4}
    assert choose_lanes(lambda lanes: 1.0 / lanes, 2)[0] == 2
    assert choose_lanes(lambda lanes: 1.0 * lanes, 2)[0] == 1
    assert choose_lanes(lambda lanes: 1.0, 2)[0] == 2, "another process has the second core"


@pytest.mark.parametrize("launch", range(20))
def test_a_busy_machine_changes_sizes_by_little(
    launch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One timing of three is disturbed, and takes up to three times as long."""
    monkeypatch.setattr("sweep.launchers.sizing.TIMING_SECONDS", math.inf)
    rng = np.random.default_rng(launch)

    def disturbed(seconds: float) -> float:
        return seconds * (1 + 2 * rng.random() * (rng.random() < 1 / 3) + 0.01 * rng.random())

    def step(width: int) -> float:
        return 1.0 + 0.1 * width + 0.001 * width**2

    def lanes(n: int) -> float:
        return max(8.0 / n, 1.0 + 0.1 * n)

    width = choose_width(lambda w: disturbed(step(w)), 128)[0]
    assert step(width) / width <= 1.08 * step(32) / 32
    assert lanes(choose_lanes(lambda n: disturbed(lanes(n)), 8)[0]) <= 1.05 * lanes(8)


def test_a_population_is_wide_enough_for_its_overhead_to_be_small() -> None:
    assert suited_width(seconds=0.010, most=1000) == 16
    assert suited_width(seconds=0.0001, most=1000) == 128
    assert suited_width(seconds=10.0, most=1000) == 1
    assert suited_width(seconds=0.0001, most=6) == 6


def test_milliseconds_have_two_digits_at_any_size() -> None:
    words = [milliseconds(seconds) for seconds in (2.13e-5, 6.94e-5, 1.1e-3, 0.0342, 0.0996, 1.234)]
    assert words == ["0.021", "0.069", "1.1", "34", "100", "1234"]


def test_only_a_want_of_memory_counts_as_one() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(1 << 50)
    assert is_out_of_memory(raised.value)
    wrapped = HardwareError("no memory")
    wrapped.__cause__ = raised.value
    assert is_out_of_memory(wrapped)
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert 1e6 < free_bytes(torch.device("cpu")) < 1e14
