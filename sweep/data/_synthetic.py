"""Data sets that a program generates: MNIST-1D."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from sweep.data._mnist1d import DEFAULTS, make_dataset
from sweep.errors import DataError
from sweep.runtime.random_state import SEEDS, isolated
from sweep.runtime.user_code import guarded

Arrays = tuple[np.ndarray, np.ndarray]


def draw_mnist1d(args: Mapping[str, Any], seed: int) -> Arrays:
    """MNIST-1D of this seed: x (N, 40), y (N,)."""
    unknown = [name for name in args if name not in DEFAULTS]
    if unknown:
        raise DataError(
            f"data.args: an option of mnist1d must be named, found {unknown[0]!r}; "
            f"they are: {', '.join(sorted(DEFAULTS))}"
        )
    options = SimpleNamespace(**{**DEFAULTS, "seed": seed % SEEDS, **args})
    with isolated(0), guarded("data.args", "mnist1d", DataError):
        made = make_dataset(options)
    x = np.concatenate([made["x"], made["x_test"]])
    return x.astype(np.float32), np.concatenate([made["y"], made["y_test"]])
