"""What numbers and words a setting may take, whether it is given once or swept: one source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from pydantic import Field

from sweep.records.parameters import LR_OF, MODEL, number_of
from sweep.study.catalogue import OPTIMIZERS

Activation = Literal["relu", "tanh", "gelu"]


@dataclass(frozen=True)
class Bounds:
    """The numbers from ``low`` to ``high``, each of which is one of them unless it is open."""

    low: float
    high: float
    whole: bool = False
    """Whether only whole numbers are taken."""
    open_low: bool = False
    open_high: bool = False
    whole_from: float = math.inf
    """Numbers from here on must be whole: they count what smaller ones are a share of."""

    @property
    def field(self) -> Any:
        """Pydantic's constraint of a setting with these bounds."""
        gt, ge = (self.low, None) if self.open_low else (None, self.low)
        lt, le = (self.high, None) if self.open_high else (None, self.high)
        return Field(gt=gt, ge=ge, lt=lt, le=le)

    def broken_rule(self, name: str, value: object) -> str:
        """What must hold for ``name``, in words, where it does not for ``value``; else ""."""
        if not self._hold(value):
            lower = f"{self.low:g} {'<' if self.open_low else '<='} {name}"
            return f"{lower} {'<' if self.open_high else '<='} {self.high:g} must hold"
        assert isinstance(value, int | float)
        if (self.whole or value >= self.whole_from) and not float(value).is_integer():
            from_here = "" if self.whole else f" from {self.whole_from:g} on"
            return f"whole numbers must be given{from_here}"
        return ""

    def _hold(self, value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        above = self.low < value if self.open_low else self.low <= value
        return above and (value < self.high if self.open_high else value <= self.high)


LR = Bounds(0, 1000, open_low=True)
SHARE = Bounds(0, 1, open_high=True)
"""Momentum and other decays of means, rates of dropout and shares of a label."""
EPS = Bounds(0, 1, open_low=True)
PART = Bounds(0, 1)
"""Shares of a run, and of a learning rate."""
END = Bounds(0, 1, open_low=True)
"""Shares of a run that have passed, and what a milestone multiplies by."""
WARMUP = Bounds(0, 10_000_000, whole_from=1)
CLIP = Bounds(0, 1e6)
LR_FACTOR = Bounds(0, 1000)
EPOCHS = Bounds(1, 100_000, whole=True)
NOISE = Bounds(0, 100, open_high=True)
"""The deviation of the inputs' noise, and the parameter of mixup."""
PATIENCE = Bounds(0, 100_000, whole=True)
BATCH_SIZE = Bounds(1, 10_000_000, whole=True)
WIDTH = Bounds(1, 100_000, whole=True)
DEPTH = Bounds(1, 64, whole=True)

AXIS_BOUNDS: Mapping[str, Bounds] = MappingProxyType(
    {
        "lr": LR,
        "momentum": SHARE,
        "dampening": SHARE,
        "beta1": SHARE,
        "beta2": SHARE,
        "eps": EPS,
        "momentum_decay": PART,
        "warmup": WARMUP,
        "final_lr": PART,
        "gamma": END,
        "cooldown": PART,
        "clip_norm": CLIP,
        "clip_value": CLIP,
        "ema": SHARE,
        "penalty_from": SHARE,
        "penalty_until": END,
        "epochs": EPOCHS,
        "dropout": SHARE,
        "input_noise": NOISE,
        "label_smoothing": SHARE,
        "mixup": NOISE,
        "patience": PATIENCE,
        "batch_size": BATCH_SIZE,
        MODEL.name_of("width"): WIDTH,
        MODEL.name_of("depth"): DEPTH,
        number_of("elastic_net", "l1_share"): Bounds(0, 1),
        number_of("cpr", "rate"): Bounds(0, 1e6, open_high=True),
    }
)
"""Numbers that may be searched beside strength."""
AXIS_WORDS: Mapping[str, tuple[str | bool, ...]] = MappingProxyType(
    {
        "optimizer": tuple(OPTIMIZERS),
        MODEL.name_of("activation"): get_args(Activation),
        MODEL.name_of("batch_norm"): (False, True),
    }
)
"""Words that may be searched."""


def broken_axis_rule(name: str, value: object) -> str:
    """What must hold for a value of this axis, in words, where it does not; else ""."""
    if name in LR_OF:
        return LR_FACTOR.broken_rule(name, value)
    if name in AXIS_WORDS:
        words = AXIS_WORDS[name]
        known = ", ".join(str(word).lower() for word in words)
        return "" if value in words else f"one of {known} must be given"
    return AXIS_BOUNDS[name].broken_rule(name, value)
