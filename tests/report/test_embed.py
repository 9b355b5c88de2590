"""What makes a page self-contained and safe."""

from __future__ import annotations

import base64
import gzip
import hashlib

from dashboards.pages.embed import (
    LICENSE_FILE,
    PLOT_CONFIG,
    PLOTLY_VERSION,
    escape_json,
    plotly_script,
    static_text,
)


def test_sharing_charts_is_turned_off() -> None:
    assert PLOT_CONFIG["showSendToCloud"] is False
    assert PLOT_CONFIG["plotlyServerURL"] == ""
    assert PLOT_CONFIG["displaylogo"] is False


def test_json_in_a_script_cannot_end_it() -> None:
    assert "<" not in escape_json('{"a": "</script><!--"}')
    assert "\u2028" not in escape_json("\u2028")


def test_the_vendored_plotly_is_the_documented_one() -> None:
    script = gzip.decompress(base64.b64decode(plotly_script()))
    assert f"plotly.js (cartesian - minified) v{PLOTLY_VERSION}".encode() in script[:200]
    assert hashlib.sha256(script).hexdigest() in static_text("README.md")
    assert static_text(LICENSE_FILE).startswith("MIT License")
