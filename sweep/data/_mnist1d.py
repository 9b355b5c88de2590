"""MNIST-1D (Greydanus 2020) as the package mnist1d draws it, in whole arrays.

A row takes the same random numbers, in the same order, as in the package; what is then done to them
is done to all rows of a class at once, operation for operation as there. So the rows are equal to
the bit, but where numpy's own ``interp`` is compiled to fused instructions (other machines than
x86): there they are equal to 1e-6 of the standard deviation, which is 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EPS = 1e-8
"""Added to a template, so that its zeros differ from those it is padded with."""
SMOOTH = 2
"""Standard deviation, in points, of the Gaussian that correlates the noise."""
REACH = 4 * SMOOTH
"""Points to either side that the Gaussian takes in."""
CURVES = np.array(
    [
        [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
        [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
        [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
        [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
        [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
        [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
        [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
        [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
    ]
)
"""The published shapes of the ten digits, at twelve points each. They stand here since the package
imports matplotlib, which takes longer than drawing all rows.
"""
DEFAULTS: Mapping[str, Any] = {
    "num_samples": 5000,
    "train_split": 0.8,
    "template_len": 12,
    "padding": (36, 60),
    "scale_coeff": 0.4,
    "max_translation": 48,
    "corr_noise_scale": 0.25,
    "iid_noise_scale": 0.02,
    "shear_scale": 0.75,
    "shuffle_seq": False,
    "final_seq_length": 40,
    "seed": 42,
    "url": "",
}
"""The published options; ``url`` is where the package's own files lie, and is not used."""
COUNTS = {"num_samples": 10, "template_len": 2, "max_translation": 1, "final_seq_length": 1}
"""Options that are whole numbers, each with the least that is drawn here."""
NUMBERS = ("train_split", "scale_coeff", "corr_noise_scale", "iid_noise_scale", "shear_scale")
"""Options that are any finite number."""
OTHERS = ("padding", "shuffle_seq", "seed", "url")


def make_dataset(options: Any) -> dict[str, NDArray[Any]]:
    """``x``, ``y``, ``x_test`` and ``y_test`` as ``mnist1d.data.make_dataset`` gives them.

    What ``is_covered`` does not take goes to that function itself: it says what is wrong with the
    options, or draws them row by row. It seeds the global random states; nothing else does.
    """
    if not is_covered(options):
        from mnist1d import data

        made: dict[str, NDArray[Any]] = data.make_dataset(options)
        return made
    random = np.random.RandomState(options.seed)
    n_each = options.num_samples // len(CURVES)
    x = np.concatenate([_rows(random, signal, n_each, options) for signal in templates()])
    order = random.permutation(len(x))
    x, y = x[order], np.repeat(np.arange(len(CURVES)), n_each)[order]
    if options.shuffle_seq:
        x = x[..., random.permutation(options.final_seq_length)]
    x = (x - x.mean()) / x.std()
    n_train = int(len(y) * options.train_split)
    return {"x": x[:n_train], "x_test": x[n_train:], "y": y[:n_train], "y_test": y[n_train:]}


def templates() -> Array:
    """The digits' signals (10, 12): of mean 0 and deviation 1/6, then moved to begin at 0."""
    centred = CURVES - CURVES.mean(1, keepdims=True)
    scaled = centred / centred.std(1, keepdims=True)
    return np.asarray((scaled - scaled[:, :1]) / 6.0)


def is_covered(options: Any) -> bool:
    """Whether rows are drawn here: the options are those of mnist1d 0.0.2, and each of its usual
    type and range (``padding`` two whole numbers, the first no larger).
    """
    given = vars(options)
    if set(given) != {*COUNTS, *NUMBERS, *OTHERS}:
        return False
    whole = [(given[name], least, math.inf) for name, least in COUNTS.items()]
    padding = given["padding"]
    if not isinstance(padding, list | tuple) or len(padding) != 2:
        return False
    low, high = padding
    whole += [(low, 0, math.inf), (high, low, math.inf), (given["seed"], 0, 2**32 - 1)]
    if not all(isinstance(n, int) and least <= n <= most for n, least, most in whole):
        return False
    numbers = [given[name] for name in NUMBERS]
    return all(isinstance(n, int | float) and abs(n) < math.inf for n in numbers)


def _rows(random: Any, signal: Array, n: int, options: Any) -> Array:
    """Rows (n, final_seq_length) of one class, whose template is ``signal``."""
    low, high = options.padding
    length = options.template_len + high
    numbers, shifts, noise = _numbers(random, n, options.max_translation, length)
    x = _dilated(signal + EPS, low + (numbers[:, 0] * (high - low + 1)).astype(int), length)
    x *= (1 + options.scale_coeff * (numbers[:, 1] - 0.5))[:, None]
    shifts[shifts > length] = 0
    x = np.take_along_axis(x, (np.arange(length) - shifts[:, None]) % length, axis=1)
    mask = x != 0
    correlated = _smoothed(options.corr_noise_scale * noise[:, :length])
    x = mask * x + (1 - mask) * correlated
    x = x + options.iid_noise_scale * noise[:, length:]
    coeff = options.shear_scale * (numbers[:, 2] - 0.5)
    x = x - coeff[:, None] * np.linspace(-0.5, 0.5, length)
    return _interpolated(x, options.final_seq_length)


def _numbers(random: Any, n: int, most: int, length: int) -> tuple[Array, NDArray[np.int_], Array]:
    """What n rows draw, one after the other: three uniform numbers (n, 3), of which the third comes
    last, a shift below ``most`` (n,), and noise (n, 2 * length).
    """
    numbers, shifts, noise = np.empty((n, 3)), np.empty(n, int), np.empty((n, 2 * length))
    uniform, whole, normal = random.random_sample, random.randint, random.standard_normal
    for i in range(n):
        numbers[i, :2] = uniform(2)
        shifts[i] = whole(most)
        noise[i] = normal(2 * length)
        numbers[i, 2] = uniform()
    return numbers, shifts, noise


def _dilated(signal: Array, paddings: NDArray[np.int_], length: int) -> Array:
    """A row for each padding: the signal with so many zeros behind it, at ``length`` places."""
    sizes, row_of = np.unique(paddings, return_inverse=True)
    places = np.linspace(0, 1, length)
    padded = [np.concatenate([signal, np.zeros(size)]) for size in sizes]
    curves = [np.interp(places, np.linspace(0, 1, len(curve)), curve) for curve in padded]
    return np.stack(curves)[row_of]


def _smoothed(noise: Array) -> Array:
    """Rows as ``scipy.ndimage.gaussian_filter1d(noise, SMOOTH, axis=1)`` gives them, to the bit:
    mirrored at their ends, and summed from the middle and then from the outside in. To import that
    function takes three times as long as to draw all rows.
    """
    offsets = np.arange(-REACH, REACH + 1)
    weights = np.exp(-0.5 / SMOOTH**2 * offsets**2)
    weights /= weights.sum()
    n = noise.shape[1]
    wide = np.pad(noise, ((0, 0), (REACH, REACH)), mode="symmetric")
    smoothed: Array = noise * weights[REACH]
    for left in range(REACH):
        right = 2 * REACH - left
        smoothed += (wide[:, left : left + n] + wide[:, right : right + n]) * weights[left]
    return smoothed


def _interpolated(x: Array, n: int) -> Array:
    """Every row of x at n even places, as ``np.interp`` computes it."""
    last = x.shape[1] - 1
    scale, places = np.linspace(0, 1, last + 1), np.linspace(0, 1, n)
    left = np.searchsorted(scale, places, side="right") - 1
    right = np.minimum(left + 1, last)
    gap = np.where(left < last, scale[right] - scale[left], 1.0)
    slope = (x[:, right] - x[:, left]) / gap
    return np.asarray(slope * (places - scale[left]) + x[:, left])
