"""plotly.js as it travels within a page, and what its charts may do.

It is gzip in base64, which the browser's DecompressionStream inflates, so a page opens from a disk
without a network. The bundle is the basic one, of lines, points and bars.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import plotly.graph_objects as go

PLOTLY_VERSION = "4.1.1"
PLOTLY_FILE = f"plotly-basic-{PLOTLY_VERSION}.min.js.gz"
LICENSE_FILE = f"plotly-basic-{PLOTLY_VERSION}.LICENSE.txt"
PLOT_CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
    "showTips": False,
    "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
    "toImageButtonOptions": {"format": "svg", "filename": "regsweep"},
}
"""plotly.js 4 offers to upload charts unless these forbid it."""
DRAWN_DIGITS = 6
"""Significant digits of a number in a drawing: a pixel of a wide screen takes four."""


@cache
def plotly_script() -> str:
    """plotly.js as gzip in base64."""
    return base64.b64encode((files("dashboards") / "static" / PLOTLY_FILE).read_bytes()).decode()


@cache
def static_text(name: str) -> str:
    """A file of ``dashboards/static``."""
    return (files("dashboards") / "static" / name).read_text(encoding="utf-8")


def packed_json(value: Any) -> str:
    """A value as JSON, as gzip in base64: no markup can stand in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def figure_values(figure: go.Figure) -> Any:
    """A figure as plain lists and dicts, its numbers with the digits that a drawing takes."""
    return _plain_values(figure.to_plotly_json())


def _plain_values(value: Any) -> Any:
    if isinstance(value, dict) and "bdata" in value:
        value = _array_of(value)
    if isinstance(value, dict):
        return {key: _plain_values(part) for key, part in value.items() if key != "uid"}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain_values(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DRAWN_DIGITS}g}") if math.isfinite(value) else None
    return value


def _array_of(packed: dict[str, Any]) -> np.ndarray:
    """An array that plotly has written as bytes, which would not compress."""
    values = np.frombuffer(base64.b64decode(packed["bdata"]), dtype=packed["dtype"])
    shape = packed.get("shape", "")
    return values.reshape([int(n) for n in str(shape).split(",")]) if shape else values
