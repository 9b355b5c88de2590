"""A transform of the user's own: a function of a run's rows and a key, which gives its numbers.

The key takes the place of a generator: what it gives follows from the run's seed, the step and the
number of the call alone. Functions that vmap can batch are called once for all runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import vmap

from sweep.errors import StudyError
from sweep.networks.counter_rng import QUANTILE_BITS, hash_bits, normal_quantiles
from sweep.runtime.user_code import guarded
from sweep.training._transform_draws import CALLS, uniform_of
from sweep.training.jobs import TransformPlan

WHERE = "training.augment"


class TransformKey:
    """The random numbers of one run in one step; each call gives others."""

    def __init__(self, key: Tensor, stream: int, dtype: torch.dtype):
        """``key`` is the run's int32 number of the step; ``stream`` tells transforms apart."""
        self._key, self._dtype, self._call = key, dtype, stream * CALLS

    def uniform(self, *shape: int) -> Tensor:
        """Numbers of this shape strictly between 0 and 1."""
        return uniform_of(self._bits(shape), self._dtype)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers of this shape."""
        places = (self._bits(shape) >> (32 - QUANTILE_BITS)).long() + (1 << (QUANTILE_BITS - 1))
        return normal_quantiles(self._dtype, self._key.device)[places]

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Whole numbers of this shape from ``low`` to ``high - 1``, int64."""
        bits = self._bits(shape).long() & 0xFFFFFFFF
        return low + ((bits * (high - low)) >> 32)

    def _bits(self, shape: tuple[int, ...]) -> Tensor:
        self._call += 1
        return hash_bits(self._key.view(1), self._call, math.prod(shape)).view(shape)


def transformed(x: Tensor, keys: Tensor, how: TransformPlan, stream: int) -> Tensor:
    """The rows x (R, B, ...) as the user's function makes them of those of each run.

    Raises StudyError, in one line, where it fails or returns something else.
    """
    assert how.function is not None
    function, dtype = how.function, x.dtype if x.is_floating_point() else torch.float32

    def of_run(rows: Tensor, key: Tensor) -> Tensor:
        made = function(rows, TransformKey(key, stream, dtype))
        check_rows(how.name, made, rows)
        return made  # type: ignore[no-any-return]

    each: Callable[..., Tensor] = vmap(of_run) if how.batched else _one_by_one(of_run)
    with torch.no_grad(), guarded(WHERE, how.name, StudyError):
        return each(x, keys)


def _one_by_one(of_run: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    def each(x: Tensor, keys: Tensor) -> Tensor:
        return torch.stack([of_run(*one) for one in zip(x, keys, strict=True)])

    return each


def check_rows(name: str, made: object, rows: Tensor) -> None:
    """Raises StudyError for what is not like ``rows``, as a function of this name should return."""
    if not isinstance(made, Tensor):
        raise StudyError(
            f"{WHERE}: {name} must return a tensor of rows, found {type(made).__name__}; return "
            "the rows that it gets, changed"
        )
    for what, new, old in (
        ("shape", tuple(made.shape), tuple(rows.shape)),
        ("type", made.dtype, rows.dtype),
        ("device", made.device, rows.device),
    ):
        if new != old:
            raise StudyError(
                f"{WHERE}: {name} must keep the {what} of rows, found {new} for {old}; crop or pad "
                "inside, and make no new type of them"
            )
