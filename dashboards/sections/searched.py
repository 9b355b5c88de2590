"""Exploratory pictures of a search with several axes: profile, map by learning rate, importances.

All three come from the trials of the explore phase, which lie where the sampler liked them, so they
say where to look and not what is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashboards.gather.frames import Frames
from dashboards.gather.imported import worded
from dashboards.gather.searched import Searched
from dashboards.sections.parts import Chart, Section
from dashboards.sections.search_importance import importance_chart, importance_table
from dashboards.sections.search_map import RateMap, map_charts, rate_map
from dashboards.sections.search_profile import profile_chart
from sweep.regularizers.catalogue import decay_words, regularizes


def section(frames: Frames) -> Section | None:
    """What the search's trials suggest where more than the strength was swept."""
    names = [p for p in frames.study.penalties if regularizes(p)]
    searches = [s for s in (Searched(frames, name) for name in names) if s.axes]
    shown = [*_profiles(searches), *_maps(searches), *_importances(searches)]
    charts = [chart for chart in shown if isinstance(chart, Chart)]
    rows = [row for row in shown if not isinstance(row, Chart)]
    if not shown:
        return None
    lie = worded(frames.study, "lie where it did well and differ", "differ")
    intro = (
        f"Exploratory: these pictures come from the search, whose trials {lie} in more than the "
        "strength. They suggest where to look."
    )
    if frames.paths:
        intro += " The boundaries above come from paths on which nothing but the strength moves."
    return Section("explore", "Explore: several dimensions", intro, charts, 2, rows)


Shown = Chart | dict[str, str]
"""A chart, or a row that says what is not shown and why."""


def _left_out(what: str, why: str) -> dict[str, str]:
    return {"not shown": what, "because": why}


def _profiles(searches: Sequence[Searched]) -> Iterator[Shown]:
    for searched in searches:
        chart = profile_chart(searched)
        if isinstance(chart, str):
            yield _left_out(f"profile of {searched.penalty}", chart)
        else:
            yield chart


def _maps(searches: Sequence[Searched]) -> Iterator[Shown]:
    maps = [(s, rate_map(s)) for s in searches if "lr" in s.axes and decay_words(s.penalty)]
    for searched, cells in maps:
        if isinstance(cells, str):
            yield _left_out(f"learning rate by strength of {searched.penalty}", cells)
    yield from map_charts([(s, cells) for s, cells in maps if isinstance(cells, RateMap)])


def _importances(searches: Sequence[Searched]) -> Iterator[Shown]:
    for searched in searches:
        penalty, table = searched.penalty, importance_table(searched)
        if isinstance(table, str):
            yield _left_out(f"importances under {penalty}", table)
            continue
        if why := str(table["why"].iloc[0]):
            yield _left_out(f"importances without underfitting under {penalty}", why)
        yield importance_chart(searched, table)
