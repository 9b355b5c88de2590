"""The sections of a study's page, in their order."""

from __future__ import annotations

from dashboards.gather.frames import Frames
from dashboards.sections import (
    ablation,
    cocktail,
    confirm,
    layer_paths,
    layers,
    learning_curves,
    occupancy,
    other_metrics,
    penalties,
    pruning,
    regimes,
    search,
    searched,
    weights,
)
from dashboards.sections.parts import Section

SECTIONS = (
    regimes.section,
    other_metrics.section,
    cocktail.section,
    ablation.section,
    penalties.section,
    confirm.section,
    learning_curves.section,
    weights.section,
    layers.section,
    layer_paths.section,
    search.section,
    searched.section,
    pruning.section,
    occupancy.section,
)


def sections_of(frames: Frames) -> list[Section]:
    """The sections of a study's page that have something to show."""
    return [section for make in SECTIONS if (section := make(frames)) is not None]
