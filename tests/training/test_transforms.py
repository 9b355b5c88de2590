"""Every transform against a loop over rows in numpy that gets the same numbers, and its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest
import torch
from scipy import ndimage, stats
from torch import Tensor

from sweep.study.transforms import TRANSFORMS
from sweep.training._transform_draws import TransformDraws
from sweep.training._transforms import OPERATIONS, STREAMS
from sweep.training.jobs import TransformPlan

RUNS, ROWS = 3, 40
KEYS = torch.tensor([11, -7_000_000, 1 << 30], dtype=torch.int32)
IMAGES = torch.from_numpy(np.random.default_rng(0).normal(size=(RUNS, ROWS, 2, 5, 7)))
SERIES = torch.from_numpy(np.random.default_rng(1).normal(size=(RUNS, ROWS, 9, 3)))
PADS = {"zeros": "constant", "reflect": "reflect", "circular": "wrap"}
Row = np.ndarray
Loop = Callable[[Row, float, tuple[float, ...], TransformPlan], Row]


def draws(name: str, n_rows: int = ROWS, keys: Tensor = KEYS) -> TransformDraws:
    return TransformDraws(keys, STREAMS[name], n_rows, torch.float64)


def changed(x: Tensor, amounts: list[float], how: TransformPlan) -> Tensor:
    own = torch.tensor(amounts, dtype=torch.float64)
    return OPERATIONS[how.name](x, own, draws(how.name, x.shape[1]), how)


def crop(row: Row, amount: float, own: tuple[float, ...], how: TransformPlan) -> Row:
    p, (_, height, width) = int(amount), row.shape
    padded = np.pad(row, ((0, 0), (p, p), (p, p)), mode=PADS[how.padding])  # type: ignore[call-overload]
    down, right = (p + int(offset) for offset in own)
    return np.asarray(padded[:, down : down + height, right : right + width])


def shift(row: Row, amount: float, own: tuple[float, ...], how: TransformPlan) -> Row:
    p, row = int(amount), np.moveaxis(row, how.axis, 0)
    padded = np.pad(row, ((p, p), (0, 0)), mode=PADS[how.padding])  # type: ignore[call-overload]
    start = p + int(own[0])
    return np.moveaxis(padded[start : start + len(row)], 0, how.axis)


def cutout(row: Row, amount: float, own: tuple[float, ...], how: TransformPlan) -> Row:
    row, side = row.copy(), int(amount)
    for y in range(row.shape[1]):
        for x in range(row.shape[2]):
            top, left = (int(centre) - side // 2 for centre in own)
            if top <= y < top + side and left <= x < left + side:
                row[:, y, x] = 0
    return row


def time_mask(row: Row, amount: float, own: tuple[float, ...], how: TransformPlan) -> Row:
    row, (length, start) = np.moveaxis(row, how.axis, 0).copy(), map(int, own)
    row[start : start + length] = 0
    return np.moveaxis(row, 0, how.axis)


def rotate(row: Row, amount: float, own: tuple[float, ...], how: TransformPlan) -> Row:
    cosine, sine = math.cos(math.radians(own[0])), math.sin(math.radians(own[0]))
    turn = np.array([[cosine, sine], [-sine, cosine]])
    centre = (np.array(row.shape[1:]) - 1) / 2
    offset = centre - turn @ centre
    turned = [
        ndimage.affine_transform(channel, turn, offset, order=1, mode="grid-constant")
        for channel in row
    ]
    return np.array(turned)


def contrast(row: Row, amount: float, own: tuple[float, ...], how: TransformPlan) -> Row:
    mean = row.mean((1, 2), keepdims=True)
    return np.asarray(mean + (row - mean) * (1 + own[0]))


LOOPS: Mapping[str, Loop] = {
    "flip": lambda row, amount, own, how: row[:, :, ::-1] if own[0] < amount else row,
    "vertical_flip": lambda row, amount, own, how: row[:, ::-1] if own[0] < amount else row,
    "crop": crop,
    "cutout": cutout,
    "rotate": rotate,
    "brightness": lambda row, amount, own, how: row + own[0],
    "contrast": contrast,
    "time_mask": time_mask,
    "shift": shift,
    "scale": lambda row, amount, own, how: row * (1 + amount * own[0]),
}
AMOUNTS = {"crop": 3, "cutout": 4, "rotate": 180, "time_mask": 5, "shift": 4, "contrast": 1}


def numbers(name: str, amounts: Tensor, how: TransformPlan) -> list[Tensor]:
    """Those of a transform, (R, B) each, in the order in which it draws them."""
    own = draws(name)
    if name in ("crop", "shift"):
        return [own.offsets(amounts) for _ in range(2 if name == "crop" else 1)]
    if name == "cutout":
        return [own.below(side) for side in (5, 7)]
    if name == "time_mask":
        length = own.below(amounts.long()[:, None] + 1)
        return [length, own.below(SERIES.shape[how.axis] - length + 1)]
    if name in ("rotate", "brightness", "contrast"):
        return [own.symmetric(amounts)]
    return [own.normal() if name == "scale" else own.uniform()]


HOW = [
    *[TransformPlan(name) for name in LOOPS if name not in ("crop", "shift", "time_mask")],
    *[TransformPlan("crop", padding=padding) for padding in PADS],
    *[TransformPlan("shift", axis=axis, padding=p) for axis in (-1, -2) for p in PADS],
    *[TransformPlan("time_mask", axis=axis) for axis in (-1, -2)],
]


@pytest.mark.parametrize("how", HOW, ids=lambda how: f"{how.name}{how.axis}-{how.padding}")
def test_a_transform_is_the_loop_over_rows(how: TransformPlan) -> None:
    """Its amount is another in every run."""
    name, most = how.name, AMOUNTS.get(how.name, 0.5)
    x = SERIES if name in ("shift", "time_mask") else IMAGES
    if x is SERIES:
        most = min(most, x.shape[how.axis] - 1)
    amounts = torch.tensor([most, most // 2 if most > 1 else most / 2, 0.0]).double()
    found = changed(x, amounts.tolist(), how)
    own = torch.stack(numbers(name, amounts, how), -1)
    for r in range(RUNS):
        for b in range(ROWS):
            wanted = LOOPS[name](x[r, b].numpy(), float(amounts[r]), tuple(own[r, b].tolist()), how)
            np.testing.assert_allclose(found[r, b], wanted, atol=1e-12, err_msg=f"run {r} row {b}")
    assert not torch.equal(found[0], x[0])


def test_noise_has_the_deviation_of_its_run_and_is_normal() -> None:
    x = torch.zeros(3, 50, 4, 9, 11, dtype=torch.float64)
    found = changed(x, [0.5, 2.0, 0.0], TransformPlan("noise"))
    for run, deviation in zip(found[:2], (0.5, 2.0), strict=True):
        assert stats.kstest(run.ravel() / deviation, "norm").pvalue > 1e-3
    assert not found[2].any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_amount_of_zero_changes_no_bit(name: str, dtype: torch.dtype) -> None:
    x = IMAGES.to(dtype)
    own = TransformDraws(KEYS, STREAMS[name], ROWS, dtype)
    found = OPERATIONS[name](x, torch.zeros(RUNS, dtype=dtype), own, TransformPlan(name))
    assert torch.equal(found, x)
    assert found.dtype == dtype


def test_what_settings_name_is_what_there_is() -> None:
    assert list(OPERATIONS) == list(TRANSFORMS)


# ---- numbers -----------------------------------------------------------------------------------


def test_shares_of_flips_and_places_of_windows_are_even() -> None:
    keys, n = torch.arange(500, dtype=torch.int32) * 7919, 40
    flips = draws("flip", n, keys).uniform() < 0.3
    spread = math.sqrt(0.3 * 0.7 / flips.numel())
    assert float(flips.double().mean()) == pytest.approx(0.3, abs=4 * spread)
    own = draws("crop", n, keys)
    most = torch.full((len(keys),), 2.0)
    down, right = own.offsets(most), own.offsets(most)
    counts = torch.bincount(((down + 2) * 5 + right + 2).view(-1), minlength=25)
    assert stats.chisquare(counts.numpy()).pvalue > 1e-3


def test_numbers_are_those_of_a_run_its_step_and_the_transform_alone() -> None:
    together = draws("crop").uniform()
    alone = draws("crop", keys=KEYS[1:2]).uniform()
    assert torch.equal(together[1], alone[0])
    others = (
        draws("cutout").uniform(),
        draws("crop", keys=KEYS + 1).uniform(),
        together.roll(1, 0),
    )
    for other in others:
        assert abs(np.corrcoef(together.ravel(), other.ravel())[0, 1]) < 4 / math.sqrt(RUNS * ROWS)


def test_uniform_numbers_are_never_0_or_1_in_float32() -> None:
    from sweep.training._transform_draws import uniform_of

    bits = torch.tensor([-1, 0, 1 << 30, -(1 << 31), (1 << 31) - 1], dtype=torch.int32)
    found = uniform_of(bits, torch.float32)
    assert ((found > 0) & (found < 1)).all()
    assert torch.equal(found.double(), uniform_of(bits, torch.float64))
