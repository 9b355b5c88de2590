"""The parts of a page without its headings."""

from __future__ import annotations

from dashboards.gather.frames import Frames
from dashboards.sections.order import groups_of
from dashboards.sections.parts import Section
from sweep.checks.judging import run_checks


def find_caveats(frames: Frames) -> list[str]:
    """Sentences of the checks that somebody should look at, in the order of their codes."""
    found = [one.result for one in run_checks(frames) if one.result.state.pressing]
    return list(dict.fromkeys(text for result in found for text in result.found))


def sections_of(frames: Frames) -> list[Section]:
    """All sections in their order."""
    return [section for group in groups_of(frames).values() for section in group]
