"""torchvision's two operators, which its import looks for and a CPU build of torch lacks."""

from __future__ import annotations

import torch


def torchvision_operators() -> torch.library.Library:
    """A library that defines them, for as long as it is kept."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    arguments = "Tensor dets, Tensor scores, float iou_threshold"
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}({arguments}) -> Tensor")
    return library
