"""Colours: one per penalty everywhere, and seen on light and on dark paper."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboards.figures.path import path_figure
from dashboards.figures.style import DARK, PENALTY_COLOURS, TOO_STRONG, colour_of
from dashboards.sections.confirm import confirm_figure
from dashboards.sections.penalties import best_loss_figure, zones_figure
from dashboards.sections.search import explore_figure
from dashboards.sections.weights import norm_figure, weights_table, zeros_figure
from tests.support.report_frames import (
    PENALTIES,
    whole,
)


def test_a_penalty_has_one_colour_in_every_figure(frames: dict[str, pd.DataFrame]) -> None:
    known = whole(frames)
    weights = weights_table(known)
    figures = [
        path_figure(known, "l1"),
        zones_figure(known),
        best_loss_figure(known.best_losses, known.study),
        confirm_figure(known.confirmed, known.study),
        norm_figure(weights),
        zeros_figure(weights),
        explore_figure(known),
    ]
    for figure in figures:
        assert PENALTY_COLOURS["l1"] in figure.to_json()


def test_a_penalty_without_a_colour_gets_one() -> None:
    all_names = [*PENALTIES, "elastic_net", "group_lasso", "none"]
    colours = [colour_of(name, all_names) for name in all_names]
    assert len(set(colours)) == len(colours)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*PENALTY_COLOURS.values(), TOO_STRONG])
def test_lines_stand_out_from_light_and_dark_paper(colour: str) -> None:
    """Contrast of 3 to 1 or more (WCAG 2.1, 1.4.11)."""
    for paper, shown in (("#fefefe", colour), ("#16191d", DARK.get(colour, colour))):
        high, low = sorted((_luminance(paper), _luminance(shown)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3
