"""A figure of plotly that writes itself into a small page: right offline, and under 1 MB.

plotly's own pages hold all of plotly.js, 5 MB; here it is the bundle of the report, compressed.
"""

from __future__ import annotations

import html
import secrets
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from dashboards.figures.bundle import (
    LICENSE_FILE,
    PLOT_CONFIG,
    figure_values,
    packed_json,
    plotly_script,
    static_text,
)
from sweep.runtime.files import atomic_file

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data: blob:">
<link rel="icon" href="data:,">
<title>{title}</title>
</head>
<body>
<figure style="margin:0" aria-label="{title}"><div id="chart" style="min-height:{height}px"></div>
</figure>
<!-- plotly.js
{license}
-->
<script type="text/plain" id="figure-data">{data}</script>
<script type="text/plain" id="plotly-gzip">{plotly}</script>
<script nonce="{nonce}">{script}</script>
</body>
</html>
"""


class StandaloneFigure(go.Figure):  # type: ignore[misc]
    """A plotly figure whose ``write_html`` and ``to_html`` make a small page that needs no network.

    With any option of plotly's they are plotly's own.
    """

    def to_html(self, *args: Any, **options: Any) -> str:
        """The page as HTML."""
        if args or options:
            return str(super().to_html(*args, **options))
        title = str(self.layout.title.text or "Regularization").replace("<br>", " ")
        return PAGE.format(
            nonce=secrets.token_urlsafe(16),
            title=html.escape(html.unescape(title)),
            height=int(self.layout.height or 450),
            license=static_text(LICENSE_FILE),
            data=packed_json({"figure": figure_values(self), "config": PLOT_CONFIG}),
            plotly=plotly_script(),
            script=static_text("figure.js"),
        )

    def write_html(self, file: Any, *args: Any, **options: Any) -> None:
        """Writes the page to a path or an open text file."""
        if args or options:
            super().write_html(file, *args, **options)
        elif isinstance(file, (str, Path)):
            text = self.to_html()
            with atomic_file(Path(file)) as partial:
                partial.write_text(text, encoding="utf-8")
        else:
            file.write(self.to_html())
