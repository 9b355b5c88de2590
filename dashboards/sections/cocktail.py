"""The best cocktail, one ingredient at a time.

On its path one ingredient's strength moves while the others stay as they are in the best cocktail.
"""

from __future__ import annotations

from dashboards.figures.path import plot_path
from dashboards.figures.path_labels import labels_of
from dashboards.gather.cocktail import ingredients_of, recipe
from dashboards.gather.frames import Frames
from dashboards.gather.numbers import typeset
from dashboards.gather.tables import boundary_of, path_table
from dashboards.sections.parts import Section, chart_of
from sweep.regularizers.catalogue import COCKTAIL


def section(frames: Frames) -> Section | None:
    """The boundaries of each ingredient of the best cocktail."""
    metric, charts = frames.objective.validation, []
    for name in ingredients_of(frames.trials):
        table = path_table(frames.trials, frames.runs, COCKTAIL, frames.study, name)
        boundary = boundary_of(frames.boundaries, COCKTAIL, metric, name)
        figure = plot_path(table, boundary, labels_of(frames.study, name, metric))
        caption = typeset(str(boundary["sentence"])) if boundary is not None else ""
        label = f"Training and validation against the strength of {name} in the cocktail. {caption}"
        charts.append(chart_of(f"{name} in the cocktail", caption, figure, table, label))
    if not charts:
        return None
    found = recipe(frames.trials)
    intro = (
        f"The best cocktail: {found}. " if found else ""
    ) + "Each picture moves one ingredient of the best cocktail of the search and holds the others."
    return Section(
        "cocktail", "The cocktail, one ingredient at a time", intro, charts, finding=found
    )
