"""The transforms of rows by name: tensor operations on the batches of all runs at once.

Each takes the rows (R, B, ...), its amount in every run (R,), the random numbers of the step, and
how it is meant. An amount of 0 leaves rows as they were to the last bit. Legend: R runs, B rows of
a batch, C channels, H and W the sides of an image.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

from sweep.regularizers.penalty import per_run
from sweep.training._transform_draws import TransformDraws
from sweep.training.jobs import TransformPlan

Operation = Callable[[Tensor, Tensor, TransformDraws, TransformPlan], Tensor]
SERIES_TERMS = 14
"""Of the sine and the cosine of angles up to a half turn, in float64 to its precision."""


def _by_row(numbers: Tensor, x: Tensor) -> Tensor:
    """``numbers`` (R, B) as they multiply the rows x (R, B, ...)."""
    return numbers.view(*numbers.shape, *[1] * (x.ndim - 2))


def _mirrored(axis: int) -> Operation:
    def mirror(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
        chosen = draws.uniform() < amount[:, None]
        return torch.where(_by_row(chosen, x), x.flip(axis), x)

    return mirror


def _crop(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    for axis in (-2, -1):
        x = _moved(x, draws.offsets(amount), axis, how.padding)
    return x


def _shift(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    return _moved(x, draws.offsets(amount), how.axis, how.padding)


def _moved(x: Tensor, by: Tensor, axis: int, padding: str) -> Tensor:
    """Rows whose place i along ``axis`` has what was at ``i + by`` (R, B), outside by padding."""
    n = x.shape[axis]
    places = _along(torch.arange(n, device=x.device), x, axis) + _by_row(by, x)
    inside = (places >= 0) & (places < n)
    if padding == "circular":
        places = places % n
    elif padding == "reflect":
        places = (n - 1) - ((n - 1) - places.abs()).abs()
    else:
        places = places.clamp(0, n - 1)
    moved = x.gather(x.ndim + axis, places.expand_as(x))
    return moved.masked_fill(~inside, 0) if padding == "zeros" else moved


def _along(places: Tensor, x: Tensor, axis: int) -> Tensor:
    """``places`` (n,) as numbers along one axis of x, counted from its end."""
    return places.view(-1, *[1] * (-axis - 1)).expand(
        *[1] * (x.ndim + axis), -1, *[1] * (-axis - 1)
    )


def _stretch(x: Tensor, start: Tensor, length: Tensor, axis: int) -> Tensor:
    """Which places of ``axis`` are in the stretch from ``start`` (R, B) on."""
    places = _along(torch.arange(x.shape[axis], device=x.device), x, axis)
    start, length = _by_row(start, x), _by_row(length, x)
    return (places >= start) & (places < start + length)


def _cutout(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    side = amount.long()[:, None].expand(-1, draws.n_rows)
    hole = None
    for axis in (-2, -1):
        start = draws.below(x.shape[axis]) - side // 2
        band = _stretch(x, start, side, axis)
        hole = band if hole is None else hole & band
    assert hole is not None
    return x.masked_fill(hole, 0)


def _time_mask(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    length = draws.below(amount.long()[:, None] + 1)
    start = draws.below(x.shape[how.axis] - length + 1)
    return x.masked_fill(_stretch(x, start, length, how.axis), 0)


def _rotate(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    channels, height, width = x.shape[2:]
    wide = x.dtype if x.device.type == "mps" else torch.float64  # which MPS has not
    angle = draws.symmetric(amount).to(wide) * (math.pi / 180)
    cosine, sine = (t.to(x.dtype)[..., None, None] for t in _cosine_and_sine(angle))
    across, down = (_centred(n, x) for n in (width, height))
    columns = cosine * across - sine * down[:, None]
    lines = sine * across + cosine * down[:, None]
    grid = torch.stack((columns * (2 / width), lines * (2 / height)), -1)
    turned = F.grid_sample(
        x.reshape(-1, channels, height, width),
        grid.view(-1, height, width, 2),
        mode="bilinear",
        padding_mode="zeros",
        align_corners=False,
    ).view(x.shape)
    return torch.where(per_run(amount, x) > 0, turned, x)


def _centred(n: int, x: Tensor) -> Tensor:
    """The centres of n pixels, counted from the middle."""
    return torch.arange(n, device=x.device, dtype=x.dtype) - (n - 1) / 2


def _cosine_and_sine(angle: Tensor) -> tuple[Tensor, Tensor]:
    """Of angles up to pi, by sums and products alone.

    Those of torch are rounded otherwise at the ragged end of a processor's vectors, so that a run
    would depend on its neighbours.
    """
    square = angle * angle
    cosine, sine = torch.ones_like(angle), torch.ones_like(angle)
    for k in range(SERIES_TERMS, 0, -1):
        cosine = 1 - square / ((2 * k - 1) * (2 * k)) * cosine
        sine = 1 - square / ((2 * k) * (2 * k + 1)) * sine
    return cosine, angle * sine


def _brightness(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    return x + _by_row(draws.symmetric(amount), x)


def _contrast(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    return x + (x - x.mean((-2, -1), keepdim=True)) * _by_row(draws.symmetric(amount), x)


def _scale(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    return x * _by_row(1 + amount[:, None] * draws.normal(), x)


def _noise(x: Tensor, amount: Tensor, draws: TransformDraws, how: TransformPlan) -> Tensor:
    return x + per_run(amount, x) * draws.normal(*x.shape[2:])


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "flip": _mirrored(-1),
        "vertical_flip": _mirrored(-2),
        "crop": _crop,
        "cutout": _cutout,
        "rotate": _rotate,
        "brightness": _brightness,
        "contrast": _contrast,
        "time_mask": _time_mask,
        "shift": _shift,
        "scale": _scale,
        "noise": _noise,
    }
)
"""In the order of their random numbers: a new one goes to the end."""
STREAMS: Mapping[str, int] = MappingProxyType({name: i for i, name in enumerate(OPERATIONS)})
OWN_STREAM = 1000
"""Of the first transform of the user's; the others follow."""
