"""What a notebook shows of an object: its title and its facts, as HTML that no name can break."""

from __future__ import annotations

import html
from collections.abc import Iterable


def titled_html(title: str, body: str) -> str:
    """A title above markup that is safe already."""
    return f"<div><strong>{html.escape(title)}</strong>{body}</div>"


def facts_html(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """A title above a table of terms and their values."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(term)}</th>"
        f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
        for term, value in rows
    )
    return titled_html(title, f"<table>{cells}</table>" if cells else "")
