"""Random numbers of networks in training, from a hash of who asks and not from a generator.

A generator gives a run other numbers when its neighbours change. Here dropout masks, and all
else that a module draws from torch, are a function of the run's seed, the step, the number of the
call within the forward, and the position within the tensor: the same for a run in any slot, at any
width, alone or not, and after an interruption. It works below ``vmap``, which hands every random
operation on with all runs side by side. Source of the hash: Wellons (2018), "lowbias32"; of
counter-based generators: Salmon et al. (2011). Legend: R runs.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from sweep.runtime.device import to_device

aten = torch.ops.aten

MULTIPLIERS = (0x7FEB352D, 0x846CA68B)
POSITION, CALL, STEP = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
"""Odd numbers that spread positions, calls and steps over 32 bits."""
EVALUATION = 1 << 31
"""Added to the step where a network is only evaluated."""
INPUTS, SHARES = 1 << 30, 3 << 29
"""Added to the step for noise on inputs, and for the shares in which rows are mixed."""
TRANSFORMS = 1 << 29
"""Added to the step for the transforms of rows."""
QUANTILE_BITS = 16


class Noise(StrEnum):
    """What random numbers a network draws while it trains."""

    NONE = "none"
    HASHED = "hashed"
    OWN = "own"
    """Some that the hash cannot replace: they come from torch's generator, one run at a time."""


class Keys(NamedTuple):
    """What the noise of one step is made from."""

    keys: Tensor
    """int32 (R,)"""
    rates: Tensor | None = None
    """(R, D): rates of the first D dropouts of a forward, where they are swept; the others have
    the last one's."""

    def of_run(self, i: int) -> Keys:
        return Keys(self.keys[i : i + 1], None if self.rates is None else self.rates[i : i + 1])


def step_keys(seeds: Sequence[int], counters: np.ndarray) -> np.ndarray:
    """A key for every step of every run: int32, shaped like ``counters`` (..., R)."""
    folded = np.array([(seed ^ (seed >> 32)) & 0xFFFFFFFF for seed in seeds], dtype=np.uint32)
    counted = counters.astype(np.uint32) * np.uint32(STEP)
    return _hashed(_hashed(folded) ^ counted).view(np.int32)


def keys_on(seeds: Sequence[int], counters: np.ndarray, device: torch.device) -> Tensor:
    """``step_keys`` as a tensor on a device."""
    return to_device(torch.from_numpy(step_keys(seeds, counters)), device)


def epoch_keys(
    visits: Sequence[tuple[int, int]], n_steps: int, first: int, device: torch.device
) -> Tensor:
    """What the numbers of all steps of an epoch (K, R) are made from, for runs given as (seed,
    epoch); ``first`` keeps one use of them apart from another.
    """
    counters = np.array([epoch for _, epoch in visits], dtype=np.int64) * n_steps
    counters = counters + np.arange(n_steps)[:, None] + first
    return keys_on([seed for seed, _ in visits], counters, device)


def _hashed(x: np.ndarray) -> np.ndarray:
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(MULTIPLIERS[0])
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(MULTIPLIERS[1])
    return np.asarray(x ^ (x >> np.uint32(16)))


def _signed(value: int) -> int:
    """The int32 with the bits of this uint32."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


@functools.lru_cache(maxsize=64)
def _positions(n: int, device: torch.device) -> Tensor:
    return torch.arange(n, dtype=torch.int32, device=device) * _signed(POSITION)


def forget_positions() -> None:
    """The next call computes the positions of its numbers anew."""
    _positions.cache_clear()


def hash_bits(keys: Tensor, call: int, n: int) -> Tensor:
    """Random int32 (R, n) for ``keys`` (R,), the call's number and positions 0..n-1."""
    x = _positions(n, keys.device) + (keys + _signed(call * CALL)).unsqueeze(1)
    for shift, multiplier in ((16, MULTIPLIERS[0]), (15, MULTIPLIERS[1]), (16, 0)):
        x ^= (x >> shift) & ((1 << (32 - shift)) - 1)
        if multiplier:
            x *= _signed(multiplier)
    return x


@functools.lru_cache(maxsize=8)
def normal_quantiles(dtype: torch.dtype, device: torch.device) -> Tensor:
    """The standard normal distribution as equally likely values, of variance 1."""
    from scipy.special import ndtri

    n = 1 << QUANTILE_BITS
    values = ndtri((np.arange(n) + 0.5) / n)
    return torch.from_numpy(values / values.std()).to(device, dtype)


def hashed_normal(keys: Tensor, shape: Sequence[int], dtype: torch.dtype, call: int = 0) -> Tensor:
    """Standard normal numbers of this shape (R, ...) for ``keys`` (R,) and a call's number.

    Looked up in a table of quantiles, 16 bits each: quicker than logarithms and cosines, which at
    the ragged end of a processor's vectors are rounded otherwise than within.
    """
    n = math.prod(shape[1:])
    bits = hash_bits(keys, call, -(-n // 2)).view(torch.int16)[:, :n]
    places = bits.to(torch.int32).add_(1 << (QUANTILE_BITS - 1)).view(-1)
    return normal_quantiles(dtype, keys.device).index_select(0, places).view(*shape)


def step_shares(seeds: Sequence[int], counters: np.ndarray) -> np.ndarray:
    """A number strictly between 0 and 1 for every step of every run: shaped like ``counters``."""
    return (step_keys(seeds, counters + SHARES).view(np.uint32) + 0.5) * 2.0**-32


class CounterRNG(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Inside, torch's random operations are answered from the hash.

    The rates of ``keys`` override that of every dropout. ``stacked`` says that tensors have all
    runs side by side; otherwise there is one run. A random operation that has no answer raises
    NotImplementedError.
    """

    def __init__(self, keys: Keys, stacked: bool = True):
        super().__init__()  # type: ignore[no-untyped-call]
        (self.keys, self.rates), self.stacked = keys, stacked
        self.n_calls = self.n_dropouts = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if torch.Tag.nondeterministic_seeded not in func.tags or draws_nothing(func, args):
            return func(*args, **(kwargs or {}))
        answer = ANSWERS.get(func)
        if answer is None:
            raise NotImplementedError(f"random operation {func.name()} depends on the neighbours")
        return answer(self, *args, **(kwargs or {}))

    def bits(self, shape: Sequence[int]) -> Tensor:
        """Fresh random int32 of this shape, whose first dimension is R when stacked."""
        n = math.prod(shape[1:] if self.stacked else shape)
        call, self.n_calls = self.n_calls, self.n_calls + 1
        return hash_bits(self.keys, call, n).view(*shape)

    def uniform(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """Numbers strictly between 0 and 1, of 24 bits."""
        return (((self.bits(shape) >> 8) & 0xFFFFFF).to(dtype) + 0.5) * 2.0**-24

    def normal(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """Standard normal numbers (Box & Muller 1958)."""
        radius = (-2 * self.uniform(shape, torch.float64).log()).sqrt()
        angle = 2 * math.pi * self.uniform(shape, torch.float64)
        return (radius * angle.cos()).to(dtype)

    def keep(self, shape: Sequence[int], dtype: torch.dtype, keep: float) -> Tensor:
        """0 where dropped and 1 where kept, with the share ``keep`` or as the rates have it.

        The caller divides by ``keep``; where rates differ from it, the kept ones make up for that.
        """
        bits = self.bits(shape)
        if self.rates is None:
            return (bits >= threshold_of(1 - keep)).to(dtype)
        place, self.n_dropouts = self.n_dropouts, self.n_dropouts + 1
        threshold, kept = drops(self.rates, place, keep, dtype)
        if self.stacked:
            threshold, kept = (t.view(-1, *[1] * (len(shape) - 1)) for t in (threshold, kept))
        return torch.where(bits >= threshold, kept, 0)


def drops(rates: Tensor, place: int, keep: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """From which bits on a number is kept, and what it is multiplied by, (R,) each.

    Args:
        rates: Of the dropouts of runs (R, D), as ``Keys`` has them.
        place: Of the dropout in a forward.
        keep: The share that the network keeps.
        dtype: Of the numbers.
    """
    own = rates[:, min(place, rates.shape[1] - 1)]
    own = torch.where(own.isnan(), 1 - keep, own)
    threshold = (own.float() * 2.0**32 - 2.0**31).to(torch.int64)
    return threshold, (keep / (1 - own)).to(dtype)


def threshold_of(rate: float) -> int:
    """From which bits on a number is kept under a rate that all runs share."""
    return min(round(rate * 2**32) - 2**31, 2**31 - 1)


def draws_nothing(func: Any, args: Any) -> bool:
    """An attention without dropout is tagged random all the same."""
    return "scaled_dot_product" in func.name() and not any(
        isinstance(a, float) and a > 0 for a in args[3:]
    )


# ---- torch's random operations -----------------------------------------------------------------


def _bernoulli(noise: CounterRNG, like: Tensor, p: float, **_: Any) -> Tensor:
    return noise.keep(like.shape, like.dtype, p)


def _bernoulli_(noise: CounterRNG, like: Tensor, p: float = 0.5, **_: Any) -> Tensor:
    return like.copy_(noise.keep(like.shape, like.dtype, p))


def _bernoulli_of(noise: CounterRNG, shares: Tensor, **_: Any) -> Tensor:
    return (noise.uniform(shares.shape, shares.dtype) < shares).to(shares.dtype)


def _native_dropout(
    noise: CounterRNG, x: Tensor, p: float, train: bool | None
) -> tuple[Tensor, Tensor]:
    if not train:
        return x.clone(), torch.ones_like(x, dtype=torch.bool)
    kept = noise.keep(x.shape, x.dtype, 1 - p)
    return x * kept / (1 - p), kept > 0


def _rand(noise: CounterRNG, size: Sequence[int], dtype: Any = None, **_: Any) -> Tensor:
    return noise.uniform(size, dtype or torch.get_default_dtype())


def _randn(noise: CounterRNG, size: Sequence[int], dtype: Any = None, **_: Any) -> Tensor:
    return noise.normal(size, dtype or torch.get_default_dtype())


def _rand_like(noise: CounterRNG, like: Tensor, dtype: Any = None, **_: Any) -> Tensor:
    return noise.uniform(like.shape, dtype or like.dtype)


def _randn_like(noise: CounterRNG, like: Tensor, dtype: Any = None, **_: Any) -> Tensor:
    return noise.normal(like.shape, dtype or like.dtype)


def _uniform_(noise: CounterRNG, like: Tensor, low: float = 0, high: float = 1, **_: Any) -> Tensor:
    return like.copy_(low + (high - low) * noise.uniform(like.shape, like.dtype))


def _normal_(noise: CounterRNG, like: Tensor, mean: float = 0, std: float = 1, **_: Any) -> Tensor:
    return like.copy_(mean + std * noise.normal(like.shape, like.dtype))


def _exponential_(noise: CounterRNG, like: Tensor, rate: float = 1, **_: Any) -> Tensor:
    return like.copy_(-noise.uniform(like.shape, like.dtype).log() / rate)


ANSWERS: Mapping[Any, Callable[..., Any]] = {
    aten.bernoulli.p: _bernoulli,
    aten.bernoulli_.float: _bernoulli_,
    aten.bernoulli.default: _bernoulli_of,
    aten.native_dropout.default: _native_dropout,
    aten.rand.default: _rand,
    aten.randn.default: _randn,
    aten.rand_like.default: _rand_like,
    aten.randn_like.default: _randn_like,
    aten.uniform_.default: _uniform_,
    aten.normal_.default: _normal_,
    aten.exponential_.default: _exponential_,
}
DROPOUTS = frozenset({aten.bernoulli.p, aten.bernoulli_.float, aten.native_dropout.default})
"""The operations that a swept rate changes."""


def dropped_share(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> float:
    """The rate of one of ``DROPOUTS`` that is called with these arguments, usual ones left out."""
    share = float(args[1] if len(args) > 1 else kwargs.get("p", 0.5))
    # of 1 - 0.1 and the like, without its rounding
    return share if func is aten.native_dropout.default else round(1 - share, 12)
