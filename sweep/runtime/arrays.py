"""Arrays and tensors of any library as numpy arrays; torch itself is not loaded."""

from __future__ import annotations

from typing import Any

import numpy as np


def to_numpy(values: Any) -> np.ndarray:
    """An array from an array, a list, or a tensor on any device; bfloat16 becomes float32.

    TypeError or ValueError for what is no array, such as ragged lists.
    """
    if hasattr(values, "detach"):  # a tensor; numpy knows no bfloat16
        values = values.detach().cpu()
        values = values.float() if str(values.dtype) == "torch.bfloat16" else values
    return np.asarray(values)
