"""Decay as a timescale: for how long the weights remember their updates, in runs or in epochs.

Under decay the weights are a moving average of the updates, in which an update fades by lr_t *
strength in step t. Measured in runs that takes tau = 1/(strength * sum of lr_t), 1 being the whole
run: without gradients weights shrink to exp(-1/tau) of their start. In epochs it is tau * epochs.
Its best value moves less than the strength's when model and data grow (Wang & Aitchison 2025, "How
to set AdamW's weight decay as you scale model and dataset size").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sweep.regularizers.catalogue import follows_lr

Params = Mapping[str, float | int | str]

RUN, EPOCHS = "run", "epochs"
"""What a timescale may be counted in."""


@dataclass(frozen=True)
class RunRates:
    """The learning rates of a run, as far as decay depends on them."""

    lr: float
    """What the schedule multiplies."""
    factors: float
    """What it multiplies by, summed over the steps in which penalties act."""
    epochs: float
    """Of the whole run; nan where they are not known."""

    def tau(self, penalty: str, strength: float) -> float:
        """For how long weights under this penalty remember, in runs.

        Of a timescale instead of a strength it is the strength.
        """
        return 1 / (strength * self.factors * (self.lr if follows_lr(penalty) else 1.0))

    def tau_epochs(self, penalty: str, strength: float) -> float:
        """The same in epochs; of a timescale in epochs it is the strength."""
        return self.tau(penalty, strength) * self.epochs


@dataclass(frozen=True)
class Timescale:
    """The range in which a study searches the timescale of its decays."""

    low: float
    high: float
    unit: str
    """``run`` or ``epochs``."""
    rates_of: Callable[[Params], RunRates]
    """The rates of a trial's runs by its params."""

    def other(self, penalty: str, value: float, params: Params) -> float:
        """The strength of a timescale, and the timescale of a strength: each is a number that the
        trial's rates say by the other.
        """
        rates = self.rates_of(params)
        if self.unit == EPOCHS:
            return rates.tau_epochs(penalty, value)
        return rates.tau(penalty, value)

    def strengths(self, penalty: str, params: Params) -> tuple[float, float]:
        """The range as (low, high) strengths."""
        return self.other(penalty, self.high, params), self.other(penalty, self.low, params)
