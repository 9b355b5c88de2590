"""Exploratory pictures of a search with several axes: profile, map by learning rate, importances.

All three come from the trials of the explore phase, which lie where the sampler liked them, so they
say where to look and not what is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboards.gather.frames import Frames
from dashboards.gather.imported import worded
from dashboards.gather.names import listed
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
    if frames.finished:
        shown = [*_profiles(searches), *_maps(searches), *_importances(searches)]
    else:
        shown = [*_maps(searches), *(ESTIMATED if searches else ())]
    charts = [chart for chart in shown if isinstance(chart, Chart)]
    left_out = [row for row in shown if not isinstance(row, Chart)]
    if not shown:
        return None
    lie = worded(frames.study, "lie where it did well and differ", "differ")
    intro = (
        f"Exploratory: these pictures come from the search, whose trials {lie} in more than the "
        "strength. They suggest where to look."
    )
    if frames.paths:
        intro += " The boundaries above come from paths on which nothing but the strength moves."
    words = left_out_words(left_out)
    intro = f"{intro} {words}".strip() if charts else words
    title = "What the search suggests" if charts else "Too few trials to learn more from the search"
    title = title if charts or frames.finished else "What the search suggests comes with its end"
    return Section("explore", "Explore: several dimensions", intro, charts, 2, finding=title)


class LeftOut(NamedTuple):
    """What is not shown, and why."""

    what: str
    why: str


Shown = Chart | LeftOut


ESTIMATED = (LeftOut("profiles and importances", "they are estimated when the study has ended"),)
"""What takes a second of a processor for libraries alone, and a page is written again and again."""


def left_out_words(parts: Sequence[LeftOut]) -> str:
    """One sentence on all that is not shown; the same reason is said once."""
    reasons: dict[str, list[str]] = {}
    for part in parts:
        reasons.setdefault(part.why, []).append(part.what)
    reasons_in_words = [f"{listed(what)} ({why})" for why, what in reasons.items()]
    return f"Not drawn: {'; '.join(reasons_in_words)}." if parts else ""


def _profiles(searches: Sequence[Searched]) -> Iterator[Shown]:
    for searched in searches:
        chart = profile_chart(searched)
        if isinstance(chart, str):
            yield LeftOut(f"profile of {searched.penalty}", chart)
        else:
            yield chart


def _maps(searches: Sequence[Searched]) -> Iterator[Shown]:
    maps = [(s, rate_map(s)) for s in searches if "lr" in s.axes and decay_words(s.penalty)]
    for searched, cells in maps:
        if isinstance(cells, str):
            yield LeftOut(f"learning rate by strength of {searched.penalty}", cells)
    yield from map_charts([(s, cells) for s, cells in maps if isinstance(cells, RateMap)])


def _importances(searches: Sequence[Searched]) -> Iterator[Shown]:
    for searched in searches:
        penalty, table = searched.penalty, importance_table(searched)
        if isinstance(table, str):
            yield LeftOut(f"importances under {penalty}", table)
            continue
        if why := str(table["why"].iloc[0]):
            yield LeftOut(f"importances without underfitting under {penalty}", why)
        yield importance_chart(searched, table)
