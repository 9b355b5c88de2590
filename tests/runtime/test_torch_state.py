"""Torch's settings hold inside their context only."""

from __future__ import annotations

import torch

from sweep.runtime.torch_state import flushed_to_zero


def test_denormals_are_zero_inside_only() -> None:
    tiny = torch.full((4,), 1e-30)
    with flushed_to_zero():
        assert (tiny * 1e-10 == 0).all()
    assert (tiny * 1e-10 != 0).all()
