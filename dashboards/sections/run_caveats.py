"""What a reader should know of how the runs were trained."""

from __future__ import annotations

from collections.abc import Iterator

from dashboards.gather.frames import Frames
from dashboards.gather.numbers import digits

EXACT = 1e-9


def same_weights(frames: Frames) -> Iterator[str]:
    """Initial weights that no seed changes."""
    if frames.study.same_weights:
        yield (
            "Every run begins with the same weights for every seed, so the intervals leave out "
            "what other initial weights would change. That is as it should be for weights from a "
            "file; otherwise take torch.manual_seed out of the network."
        )


def parity(frames: Frames) -> Iterator[str]:
    """Training that could be compared with plain PyTorch's in few digits only."""
    used = "stacked" if frames.study.stacked else "alone"
    worst = frames.study.parity.get(used, 0.0)
    if worst > EXACT:
        yield (
            "The network does not take float64, so its first steps were compared with plain "
            f"PyTorch's in float32 alone, where they agree to {digits(worst, 1)} of the largest "
            "number."
        )
