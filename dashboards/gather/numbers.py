"""How every number and unit is written: one writer for sentences, tables, ticks and hover.

A strength has two significant digits, a measured value three, and a difference as many as its
interval gives it; zeros at the end stay where they are digits of a measurement. From 0.0001 to
100,000 numbers are plain, beyond they have a power of ten.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping

from sweep.metrics.tasks import REGRESSION
from sweep.records.facts import StudyFacts
from sweep.statistics.number_words import count as count
from sweep.statistics.number_words import decimals_of

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALLEST, LARGEST = -4, 5
"""Powers of ten from and below which numbers are plain."""
MOST_DECIMALS = 4
"""Of a percentage that is nearly 0 or 100."""
LEAST_SHARE = 1e-4
"""A smaller share is written as that."""
_PLAIN_CHARACTERS = re.compile(r"(?<![\w.])-?\d(?:\.\d+)?e[+-]\d+")


def digits(value: float, n: int = 3) -> str:
    """The number with up to ``n`` significant digits: 0.0412, 1,230, 2×10⁻⁵."""
    return _written(value, n, trimmed=True)


def measured(value: float, n: int = 3) -> str:
    """The number with ``n`` significant digits, zeros at the end too: 0.940, 1.00."""
    return _written(value, n, trimmed=False)


def strength_text(value: float) -> str:
    """A strength or a learning rate: two significant digits, as in the sentences of the engine."""
    return _written(value, 2, trimmed=False)


def _written(value: float, n: int, *, trimmed: bool) -> str:
    if value is None or not math.isfinite(value):
        return "–" if value is None or math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{n - 1}e}".split("e")
    power = int(exponent)
    if SMALLEST <= power < LARGEST:
        text = f"{float(f'{value:.{n}g}'):,.{max(n - 1 - power, 0)}f}"
        return (_trim(text) if trimmed else text).replace("-", "−")
    factor = (_trim(mantissa) if trimmed else mantissa).replace("-", "−")
    tail = "10" + str(power).translate(SUPERSCRIPTS)
    return tail if factor == "1" else f"{factor}×{tail}"


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def decade_text(power: int) -> str:
    """A power of ten as it stands on an axis."""
    return digits(10.0**power, 1)


def interval(low: float, high: float) -> str:
    """An interval of measured values."""
    return f"[{digits(low)}, {digits(high)}]"


def strength_interval(low: float, high: float) -> str:
    """An interval of strengths; an open end lies beyond the searched range."""
    first = strength_text(low) if math.isfinite(low) else "below the range"
    last = strength_text(high) if math.isfinite(high) else "above the range"
    return f"[{first}, {last}]"


def difference_text(mean: float, low: float, high: float, unit: str = "") -> str:
    """A difference with its sign and its interval, as exact as the interval is: −1.32 [−1.50,
    −1.13].
    """
    value = difference_alone(mean, low, high, unit)
    if not (math.isfinite(low) and math.isfinite(high)):
        return value
    if max(abs(low), abs(high)) < 10.0**SMALLEST:
        return f"{value} [{signed(low, 2)}, {signed(high, 2)}]"
    places = decimals_of((high - low) / 2)
    return f"{value} [{fixed(low, places)}, {fixed(high, places)}]"


def difference_alone(mean: float, low: float, high: float, unit: str = "") -> str:
    """A difference as ``difference_text`` has it, without its interval."""
    largest = max(abs(low), abs(high))
    if not math.isfinite(largest) or largest < 10.0**SMALLEST:
        return signed(mean, 2) + unit
    return fixed(mean, decimals_of((high - low) / 2)) + unit


def estimate_words(mean: float, low: float, high: float) -> str:
    """A value with its interval, as exact as that is; a minus, but no plus."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return measured(mean)
    if max(abs(low), abs(high)) < 10.0**SMALLEST:
        return f"{digits(mean)} [{digits(low)}, {digits(high)}]"
    places = decimals_of((high - low) / 2)
    mean_, low_, high_ = (fixed(v, places).removeprefix("+") for v in (mean, low, high))
    return f"{mean_} [{low_}, {high_}]"


def fixed(value: float, decimals: int) -> str:
    """A number with its sign and so many decimals; what rounds to 0 has no sign."""
    text = f"{value:+,.{decimals}f}"
    return (text[1:] if float(text.replace(",", "")) == 0 else text).replace("-", "−")


def signed(value: float, n: int = 3) -> str:
    """``digits`` with a plus where there is no minus."""
    return f"+{digits(value, n)}" if value > 0 and math.isfinite(value) else digits(value, n)


def percent(share: float) -> str:
    """A share as a percentage with three digits: 0.6591 is 65.9 %; only what is whole is 100 %."""
    if share is None or not math.isfinite(share):
        return "–"
    return "under 0.01 %" if 0 < share < LEAST_SHARE else f"{_tenths(100 * share)} %"


def percent_measured(share: float) -> str:
    """The same with its decimal, also where that is 0: accuracies beside each other."""
    text = percent(share)
    return text if "." in text or not math.isfinite(share) else text.replace(" %", ".0 %")


def _tenths(value: float) -> str:
    """One decimal, or as many as keep what is nearly 0 or 100 from being written as that."""
    for decimals in range(1, MOST_DECIMALS + 1):
        text = f"{value:.{decimals}f}"
        if float(text) == value or float(text) not in (0.0, 100.0):
            break
    return _trim(text).replace("-", "−")


def typeset(text: str) -> str:
    """A sentence of the engine, which goes to consoles too, with numbers as pages write them."""
    return _PLAIN_CHARACTERS.sub(lambda found: _power(found[0]), text)


def _power(number: str) -> str:
    mantissa, _, exponent = number.replace("-", "−", number.startswith("-")).partition("e")
    return f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPTS)}"


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


NEVER_BELOW_0 = ("cross_entropy", "bce", "mse", "mae", "huber", "quantile")


def least_loss(facts: StudyFacts) -> float:
    """The lowest value that a study's loss can have; -inf where it has none, or nobody knows."""
    if facts.loop or facts.source:
        return -math.inf
    return 0.0 if (facts.loss or NEVER_BELOW_0[0]) in NEVER_BELOW_0 else -math.inf


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
