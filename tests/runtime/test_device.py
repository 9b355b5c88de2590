"""Devices by name, and how widths and threads are chosen by measuring."""

from __future__ import annotations

import pytest
import torch

from sweep.errors import HardwareError
from sweep.launchers.sizing import choose_lanes, choose_width
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


def test_only_a_want_of_memory_counts_as_one() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(1 << 50)
    assert is_out_of_memory(raised.value)
    wrapped = HardwareError("no memory")
    wrapped.__cause__ = raised.value
    assert is_out_of_memory(wrapped)
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert 1e6 < free_bytes(torch.device("cpu")) < 1e14
