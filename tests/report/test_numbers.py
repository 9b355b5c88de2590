"""How numbers are written."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dashboards.gather.numbers import digits, loss_title


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234567, "0.123"),
        (12.345, "12.3"),
        (1234.5, "1230"),
        (0.00041, "4.1×10⁻⁴"),
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


def test_digits_are_rounded_to_the_third_place() -> None:
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    for value in 10 ** np.random.default_rng(1).uniform(-12, 12, 300):
        text = digits(value).translate(powers).replace("×10", "e")
        text = f"1e{text[2:]}" if text.startswith("10") and value >= 1e5 else text
        text = f"1e{text[2:]}" if text.startswith("10-") else text
        assert float(text) == pytest.approx(value, rel=5.1e-3)


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
    given = {"target_scaled": False, "loss_weighted": False, "weighted": False, **facts}
    study: Any = SimpleNamespace(loss=loss, task="regression", **given)
    assert loss_title(study, "test") == title
