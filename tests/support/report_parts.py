"""The parts of a page without its headings."""

from __future__ import annotations

from dashboards.gather.frames import Frames
from dashboards.sections.caveats import run_checks
from dashboards.sections.order import groups_of
from dashboards.sections.parts import Section


def find_caveats(frames: Frames) -> list[str]:
    """Sentences of the checks in order of weight; empty when nothing was found."""
    found = run_checks(frames).found
    return list(dict.fromkeys(text for check in found for text in check.sentences))


def sections_of(frames: Frames) -> list[Section]:
    """All sections in their order."""
    return [section for group in groups_of(frames).values() for section in group]
