"""Colours: one per penalty everywhere, and seen on light and on dark paper."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from dashboards.figures.path import path_figure
from dashboards.figures.style import (
    DARK,
    DASHES,
    MARKERS,
    PENALTY_COLOURS,
    SPARE_COLOURS,
    TOO_STRONG,
    colour_of,
    dash_of,
    marker_of,
)
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


VISIONS = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""What linear RGB is seen as: Machado, Oliveira and Fernandes (2009), severity 1."""
LEAST_DISTANCE = 10.0
"""In CIELAB; 2.3 is just noticeable for patches side by side, lines and dots need more."""


def _linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB under D65 of linear sRGB."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    t = to_xyz @ np.clip(linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("is_dark", [False, True])
def test_any_two_penalties_are_told_apart_by_any_eye(vision: str, is_dark: bool) -> None:
    """Those without a colour of their own too, as long as there are spares."""
    colours = [*PENALTY_COLOURS.values(), *SPARE_COLOURS]
    shown = {c: DARK[c] if is_dark else c for c in colours}
    seen = {c: _lab(np.array(VISIONS[vision]) @ _linear(shown[c])) for c in colours}
    for one, other in combinations(colours, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= LEAST_DISTANCE, (one, other)


def test_the_simulation_confuses_what_such_eyes_confuse() -> None:
    """Red and green of one lightness for deuteranopia, not for tritanopia."""
    pair = ("#c06030", "#808030")
    seen = {
        vision: np.linalg.norm(np.subtract(*(_lab(np.array(m) @ _linear(c)) for c in pair)))
        for vision, m in VISIONS.items()
    }
    assert seen["deuteranopia"] < 0.5 * seen["full"]
    assert seen["tritanopia"] > 0.8 * seen["full"]


def test_every_penalty_has_a_marker_of_its_own_and_neighbours_other_dashes() -> None:
    names = [*PENALTY_COLOURS, *(f"own_{i}" for i in range(len(SPARE_COLOURS)))]
    assert len({marker_of(name, names) for name in names}) == len(names) == len(MARKERS)
    dashes = [dash_of(name, names) for name in names]
    assert all(len(set(dashes[i : i + len(DASHES)])) == len(DASHES) for i in range(12))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*PENALTY_COLOURS.values(), *SPARE_COLOURS, TOO_STRONG])
def test_lines_stand_out_from_light_and_dark_paper(colour: str) -> None:
    """Contrast of 3 to 1 or more (WCAG 2.1, 1.4.11)."""
    for paper, shown in (("#fefefe", colour), ("#16191d", DARK.get(colour, colour))):
        high, low = sorted((_luminance(paper), _luminance(shown)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3
