"""What makes a page self-contained and safe."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json

import numpy as np
import plotly.graph_objects as go

from dashboards.figures.bundle import (
    LICENSE_FILE,
    PLOT_CONFIG,
    PLOTLY_VERSION,
    figure_values,
    packed_json,
    plotly_script,
    static_text,
)
from dashboards.pages.embed import escape_json


def test_sharing_charts_is_turned_off() -> None:
    assert PLOT_CONFIG["showSendToCloud"] is False
    assert PLOT_CONFIG["plotlyServerURL"] == ""
    assert PLOT_CONFIG["displaylogo"] is False


def test_json_in_a_script_cannot_end_it() -> None:
    assert "<" not in escape_json('{"a": "</script><!--"}')
    assert "\u2028" not in escape_json("\u2028")


def test_the_vendored_plotly_is_the_documented_one() -> None:
    script = gzip.decompress(base64.b64decode(plotly_script()))
    assert f"plotly.js (basic - minified) v{PLOTLY_VERSION}".encode() in script[:200]
    assert hashlib.sha256(script).hexdigest() in static_text("README.md")
    assert static_text(LICENSE_FILE).startswith("MIT License")


def test_a_figure_keeps_six_digits_of_its_numbers_and_gaps_for_what_is_none() -> None:
    figure = go.Figure(layout={"height": 300})
    figure.add_scatter(x=np.array([1 / 3, np.nan, np.inf]), y=[2e-7 / 3, 0, 1], text=["a", "<b>"])
    packed = packed_json(figure_values(figure))
    (trace,) = json.loads(gzip.decompress(base64.b64decode(packed)))["data"]
    assert trace["x"] == [0.333333, None, None]
    assert trace["y"] == [6.66667e-08, 0, 1]
    assert trace["text"] == ["a", "<b>"]
