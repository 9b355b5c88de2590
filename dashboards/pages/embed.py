"""What makes a page self-contained: plotly.js inside, data that cannot break out.

plotly.js travels as gzip in base64 and is inflated by the browser's DecompressionStream, so a page
opens from a disk without a network. Data sit in JSON blocks in which no markup can end the block.
"""

from __future__ import annotations

import base64
import json
import secrets
from functools import cache
from importlib.resources import files
from typing import Any

import plotly.graph_objects as go

PLOTLY_VERSION = "4.1.1"
PLOTLY_FILE = f"plotly-cartesian-{PLOTLY_VERSION}.min.js.gz"
LICENSE_FILE = f"plotly-cartesian-{PLOTLY_VERSION}.LICENSE.txt"
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


def content_policy(nonce: str) -> str:
    """The page's Content-Security-Policy: nothing from anywhere, scripts by nonce alone.

    Styles may stand inline, since plotly.js sets them; images may be data, for its download button.
    """
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def new_nonce() -> str:
    """What the scripts of one page are known by."""
    return secrets.token_urlsafe(16)


@cache
def plotly_script() -> str:
    """plotly.js as gzip in base64."""
    return base64.b64encode((files("dashboards") / "static" / PLOTLY_FILE).read_bytes()).decode()


@cache
def static_text(name: str) -> str:
    """A file of ``dashboards/static``."""
    return (files("dashboards") / "static" / name).read_text(encoding="utf-8")


def json_block(value: Any) -> str:
    """JSON that may stand inside ``<script type="application/json">``."""
    return escape_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def figure_json(figure: go.Figure) -> str:
    """A figure as JSON for the page."""
    return escape_json(figure.to_json(remove_uids=True))


def escape_json(text: str) -> str:
    """Writes the characters that HTML or old scripts could misread as escapes within strings."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
