"""How every number and unit is written: three digits, in words a person reads."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping

from sweep.metrics.tasks import REGRESSION
from sweep.records.facts import StudyFacts

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def digits(value: float, n: int = 3) -> str:
    """The number with ``n`` significant digits in words a person reads: 0.0412, 1230, 2×10⁻⁵.

    For pages, without trailing zeros; sentences of the engine have ``wording.two_digits``, in
    plain characters.
    """
    if value is None or not math.isfinite(value):
        return "–" if value is None or math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{n - 1}e}".split("e")
    power = int(exponent)
    if -4 < power < 5:
        text = (
            f"{value:.{max(n - 1 - power, 0)}f}" if power < n else f"{float(f'{value:.{n}g}'):.0f}"
        )
        return _trim(text).replace("-", "−")
    factor = _trim(mantissa).replace("-", "−")
    tail = "10" + str(power).translate(SUPERSCRIPTS)
    return tail if factor == "1" else f"{factor}×{tail}"


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval(low: float, high: float) -> str:
    return f"[{digits(low)}, {digits(high)}]"


def percent(share: float) -> str:
    """A share as a percentage with three digits: 0.6591 is 65.9 %."""
    return "–" if share is None or not math.isfinite(share) else f"{_tenths(100 * share)} %"


def _tenths(value: float) -> str:
    return _trim(f"{value:.1f}")


def plain(text: object) -> str:
    """Text for plotly, which would read markup in it as markup."""
    return html.escape(str(text), quote=False)


LOSS_WORDS: Mapping[str, str] = {
    "cross_entropy": "cross-entropy, nats",
    "bce": "binary cross-entropy, nats",
    "mse": "mean squared error",
    "mae": "mean absolute error",
    "huber": "Huber loss",
    "quantile": "pinball loss",
    "poisson": "Poisson NLL up to a constant, nats",
    "gaussian_nll": "Gaussian NLL up to a constant, nats",
}
"""What a loss is, with its unit; one of the user's own has its name."""


def capitalized(text: str) -> str:
    """The text with a capital at its start, and names as they are."""
    return text[:1].upper() + text[1:]


def loss_title(facts: StudyFacts, split: str = "") -> str:
    """Title of a loss axis with its unit."""
    if facts.loop:
        return f"{split} loss".strip()
    before_choice = "mse" if facts.task == REGRESSION else "cross_entropy"
    loss = facts.loss or before_choice
    words = LOSS_WORDS.get(loss, plain(loss))
    words += " of standardized targets" if facts.target_scaled else ""
    words += ", weighted" if facts.weighted or facts.loss_weighted else ""
    return f"{split} loss ({words})".strip()
