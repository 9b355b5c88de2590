"""How every number and unit is written: three digits, in words a person reads."""

from __future__ import annotations

import html
import math

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


def loss_title(task: str, split: str = "") -> str:
    """Title of a loss axis with its unit."""
    kind = "mean squared error" if task == "regression" else "cross-entropy, nats"
    return f"{split} loss ({kind})".strip()
