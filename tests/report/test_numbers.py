"""How numbers are written."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dashboards.gather.numbers import (
    count,
    decade_text,
    difference_alone,
    difference_text,
    digits,
    estimate_words,
    loss_title,
    measured,
    percent,
    percent_measured,
    strength_text,
    typeset,
)
from sweep.statistics.number_words import two_digits


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234567, "0.123"),
        (12.345, "12.3"),
        (1234.5, "1,230"),
        (0.00041, "0.00041"),
        (0.000041, "4.1×10⁻⁵"),
        (1e-5, "10⁻⁵"),
        (2.34e6, "2.34×10⁶"),
        (-0.5, "−0.5"),
        (0.0, "0"),
        (0.9996, "1"),
        (99.96, "100"),
        (math.nan, "–"),
        (math.inf, "∞"),
    ],
)
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert digits(value) == text


def read(text: str) -> float:
    """What a written number says."""
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
    factor, times, power = text.replace(",", "").translate(powers).rpartition("×10")
    if times:
        return float(f"{factor}e{power}")
    is_power = text.startswith("10") and any(c in text for c in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return 10.0 ** float(power[2:]) if is_power else float(power)


def test_digits_are_rounded_to_the_third_place() -> None:
    for value in 10 ** np.random.default_rng(1).uniform(-12, 12, 300):
        for write in (digits, measured):
            assert read(write(value)) == pytest.approx(value, rel=5.1e-3)
        assert read(strength_text(value)) == pytest.approx(value, rel=5.1e-2)


@pytest.mark.parametrize(
    ("value", "text"), [(0.94, "0.940"), (1.0, "1.00"), (2.255, "2.25"), (1e-6, "1.00×10⁻⁶")]
)
def test_measured_values_keep_their_zeros(value: float, text: str) -> None:
    assert measured(value) == text


def test_a_strength_looks_as_in_the_engine_s_sentences() -> None:
    for value in 10 ** np.random.default_rng(2).uniform(-9, 4.9, 300):
        assert typeset(two_digits(value)).replace(",", "") == strength_text(value).replace(",", "")
    sentence = "l2: overfitting ends at 8.2e-05 [1.0e-06, 0.12] (val_loss, 95 %)"
    assert typeset(sentence) == "l2: overfitting ends at 8.2×10⁻⁵ [1.0×10⁻⁶, 0.12] (val_loss, 95 %)"
    assert typeset("layer1e-2.weight and v1e5") == "layer1e-2.weight and v1e5", "no number"


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.9996, "99.96 %"), (0.99996, "99.996 %"), (0.65914, "65.9 %"),
     (0.0, "0 %"), (0.0004, "0.04 %"), (0.65, "65 %"), (-0.0125, "−1.2 %")],
)  # fmt: skip
def test_only_what_is_whole_is_a_hundred_percent(share: float, text: str) -> None:
    assert percent(share) == text


def test_accuracies_beside_each_other_have_their_decimal() -> None:
    assert [percent_measured(v) for v in (0.64, 0.645, 1.0)] == ["64.0 %", "64.5 %", "100.0 %"]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((-1.3171, -1.5, -1.13), "−1.32 [−1.50, −1.13]"),
        ((-1.0, -2.5, 0.5), "−1.0 [−2.5, +0.5]"),
        ((0.0204, -0.0111, 0.0619), "+0.020 [−0.011, +0.062]"),
        ((0.0, -0.0001, 0.0001), "0.00000 [−0.00010, +0.00010]"),
        ((0.5, math.nan, math.nan), "+0.5"),
    ],
)
def test_differences_are_as_exact_as_their_intervals(
    values: tuple[float, float, float], text: str
) -> None:
    assert difference_text(*values) == text
    assert difference_alone(*values) == text.partition(" [")[0]


def test_a_value_with_its_interval_has_no_plus() -> None:
    assert estimate_words(0.9437, 0.9011, 0.9863) == "0.944 [0.901, 0.986]"
    assert estimate_words(0.94, math.nan, math.nan) == "0.940"


def test_counts_agree_with_their_nouns() -> None:
    assert [count(n, "trial") for n in (0, 1, 2, 1200)] == [
        "0 trials", "1 trial", "2 trials", "1,200 trials",
    ]  # fmt: skip


def test_decades_are_written_like_all_numbers() -> None:
    assert [decade_text(p) for p in (-5, -4, -1, 0, 3, 5)] == [
        "10⁻⁵", "0.0001", "0.1", "1", "1,000", "10⁵",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("loss", "facts", "title"),
    [
        ("mse", {"target_scaled": True}, "test loss (mean squared error of standardized targets)"),
        ("bce", {"loss_weighted": True}, "test loss (binary cross-entropy, nats, weighted)"),
        ("mae", {"weighted": True}, "test loss (mean absolute error, weighted)"),
        ("mse", {}, "test loss (mean squared error)"),
    ],
)
def test_a_loss_says_what_it_is_of(loss: str, facts: dict[str, bool], title: str) -> None:
    given = {"target_scaled": False, "loss_weighted": False, "weighted": False, "loop": "", **facts}
    study: Any = SimpleNamespace(loss=loss, task="regression", **given)
    assert loss_title(study, "test") == title
