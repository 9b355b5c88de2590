"""The report generator: frames to figures, figures to pages that need nothing but a browser.

``build_report(store)`` writes an index of studies and one self-contained page per study. The
figures of ``dashboards.figures``, ``comparison``, ``training`` and ``weights`` are plain functions
from frames to plotly figures, for notebooks too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sweep import Store

__all__ = ["build_report"]


def build_report(
    store: Store, names: Iterable[str] | None = None, out: str | Path = "reports"
) -> Path:
    """Writes the pages of the named studies (or of all) and the index; returns the index's path.

    Raises StoreError for an unknown name, an empty database or a folder that cannot be written.
    """
    from dashboards import pages

    return pages.build_report(store, names, out)
