"""The sections of a study's page, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboards.gather.frames import Frames
from dashboards.sections import (
    ablation,
    cocktail,
    confirm,
    layer_paths,
    layers,
    learning_curves,
    occupancy,
    penalties,
    pruning,
    regimes,
    search,
    searched,
    weights,
)
from dashboards.sections.parts import Section

Maker = Callable[[Frames], Section | None]
SECTIONS: Mapping[str, tuple[Maker, ...]] = {
    "Evidence": (
        regimes.section,
        cocktail.section,
        ablation.section,
        penalties.section,
        confirm.section,
        layers.section,
        layer_paths.section,
    ),
    "Training": (learning_curves.section, weights.section),
    "Search": (search.section, searched.section, pruning.section),
    "Machine": (occupancy.section,),
}
"""By the part of the page that they stand in."""


def groups_of(frames: Frames) -> dict[str, list[Section]]:
    """The sections of each part of a study's page that have something to show."""
    return {
        part: [section for make in makers if (section := make(frames)) is not None]
        for part, makers in SECTIONS.items()
    }
