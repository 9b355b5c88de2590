"""Decay as a timescale: for how long the weights remember their updates, as a share of the run.

Under decay the weights are a moving average of the updates over 1/(lr * strength) steps. Measured
in runs that is tau = 1/(lr * strength * steps), 1 being the whole run. Its best value moves less
than the strength's when model and data grow (Wang & Aitchison 2025, "How to set AdamW's weight
decay as you scale model and dataset size").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Params = Mapping[str, float | int | str]


def timescale(lr: float, steps: float, strength: float) -> float:
    """How long weights under decay remember, in what ``steps`` counts: a run, or an epoch.

    Of a timescale instead of a strength it is the strength.
    """
    return 1 / (lr * steps * strength)


@dataclass(frozen=True)
class Timescale:
    """The range of tau, and what a trial trains with where its params say nothing else."""

    low: float
    high: float
    n_rows: int
    """Training rows of a run."""
    lr: float
    batch_size: int
    epochs: int

    def steps(self, params: Params) -> int:
        """All steps of a run."""
        batch = min(int(params.get("batch_size", self.batch_size)), self.n_rows)
        return int(params.get("epochs", self.epochs)) * (self.n_rows // batch)

    def other(self, value: float, params: Params) -> float:
        """The strength of a tau, and the tau of a strength: each is 1/(lr * steps) by the other."""
        return timescale(float(params.get("lr", self.lr)), self.steps(params), value)

    def strengths(self, params: Params) -> tuple[float, float]:
        """The range of tau as (low, high) strengths."""
        return self.other(self.high, params), self.other(self.low, params)
