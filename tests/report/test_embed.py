"""What makes a page self-contained and safe."""

from __future__ import annotations

import base64
import gzip
import hashlib

import pytest

from dashboards.pages.embed import (
    LICENSE_FILE,
    PLOT_CONFIG,
    PLOTLY_VERSION,
    escape_json,
    mask_secrets,
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


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@host/db",
        'password = "hunter2"',
        "args = { api_key = 'hunter2', rows = 3 }",
        "AUTH_TOKEN=hunter2",
        '"secret": "hunter2"',
        "https://host/data?token=hunter2&x=1",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    assert "hunter2" not in mask_secrets(text)
    assert "***" in mask_secrets(text)


def test_the_vendored_plotly_is_the_documented_one() -> None:
    script = gzip.decompress(base64.b64decode(plotly_script()))
    assert f"plotly.js (cartesian - minified) v{PLOTLY_VERSION}".encode() in script[:200]
    assert hashlib.sha256(script).hexdigest() in static_text("README.md")
    assert static_text(LICENSE_FILE).startswith("MIT License")
