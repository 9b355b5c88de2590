"""What a strength means for each layer."""

from __future__ import annotations


def depth_profile(strength: float, ratio: float, n_layers: int) -> tuple[float, ...]:
    """strength * ratio^l for l = 0, 1, ... from the input side."""
    return tuple(strength * ratio**layer for layer in range(n_layers))
