"""Devices by name, and how widths and threads are chosen by measuring."""

from __future__ import annotations

import pytest
import torch

from sweep.errors import HardwareError
from sweep.hardware import ThreadChoice, choose_width, flushed_to_zero, resolve_device


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
    assert set(measured) == {1, 4, 16, 32, 64, 128}
    assert choose_width(seconds, 16)[0] == 16
    assert choose_width(lambda width: float(width), 128)[0] == 1


def test_threads_follow_what_is_faster_now(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": 0.0, "busy": False}
    monkeypatch.setattr("time.perf_counter", lambda: clock["now"])
    monkeypatch.setattr("torch.get_num_threads", lambda: 2)
    used: list[int] = []
    monkeypatch.setattr("torch.set_num_threads", used.append)
    choice = ThreadChoice(torch.device("cpu"))

    def work(stretches: int) -> int:
        two = 0
        for _ in range(stretches):
            with choice.timed(1):
                two += used[-1] == 2
                clock["now"] += {1: 1.0, 2: 10.0 if clock["busy"] else 0.6}[used[-1]]
            assert used[-1] == 2, "the number of threads is put back"
        return two

    assert work(48) >= 44
    clock["busy"] = True
    assert work(48) <= 4
    clock["busy"] = False
    assert work(72) >= 40


def test_denormals_are_zero_inside_only() -> None:
    tiny = torch.full((4,), 1e-30)
    with flushed_to_zero():
        assert (tiny * 1e-10 == 0).all()
    assert (tiny * 1e-10 != 0).all()
