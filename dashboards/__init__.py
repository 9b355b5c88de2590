"""The report generator: frames to figures, figures to pages that need nothing but a browser.

``build_report(store)`` writes an index of studies and one self-contained page per study, and
``plot_boundary`` draws the main figure from anybody's plain arrays. The figures of
``dashboards.figures`` and ``dashboards.sections`` are plain functions from frames to plotly
figures, for notebooks too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboards.figures.from_arrays import plot_boundary
    from sweep import Store

__all__ = ["build_report", "plot_boundary"]


def build_report(
    store: Store,
    names: Iterable[str] | None = None,
    out: str | Path = "reports",
    *,
    force: bool = False,
) -> Path:
    """Writes the pages of the named studies and the index, and returns the index's path.

    A page whose study has not changed since is left as it is.

    Args:
        store: The store that holds the studies.
        names: The studies whose pages are written; None for all.
        out: The folder for the pages; it is created if need be.
        force: Whether pages of unchanged studies are written again.

    Returns:
        The path of ``index.html``, which lists all studies of the store.

    Raises:
        StoreError: A name is unknown, the database is empty, or the folder cannot be written.
    """
    from dashboards.pages import report

    return report.build_report(store, names, out, force=force)


def __getattr__(name: str) -> Any:
    """``plot_boundary`` is loaded, and plotly with it, when it is first used."""
    if name != "plot_boundary":
        raise AttributeError(f"module 'dashboards' has no attribute {name!r}")
    from dashboards.figures.from_arrays import plot_boundary

    return plot_boundary
