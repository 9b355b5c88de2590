"""The builtin transforms of rows that ``training.augment`` may name, and what is true of each.

They are made in ``training``; all others ask here for what they need to know of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sweep.study._bounds import NOISE, PART, Bounds

STEPS = Bounds(0, 1_000_000, whole=True)
"""Pixels of an image, or steps of a series."""
DEGREES = Bounds(0, 180)


class RowKind(StrEnum):
    """What rows a transform takes."""

    IMAGE = "image"
    """(C, H, W)"""
    SERIES = "series"
    """(L,), or (C, L) and (L, C) where ``axis`` says which of them is time."""
    ANY = "any"


@dataclass(frozen=True)
class BuiltinTransform:
    """What settings and checks know of a transform."""

    name: str
    rows: RowKind
    key: str
    """What its amount is called in a table."""
    usual: float
    """Its amount where none is given."""
    bounds: Bounds
    meaning: str
    moves: bool = False
    """Whether it moves numbers within a row, so that all must be scaled alike, and targets have no
    places of their own."""
    mixes: bool = False
    """Whether it computes with several numbers of a row, which must be scaled alike too."""
    has_padding: bool = False
    """Whether something comes in from outside of the row."""
    setting: str = ""
    """The setting of the training that does the same; "" for most."""


_IMAGE, _SERIES, _ANY = RowKind.IMAGE, RowKind.SERIES, RowKind.ANY
TRANSFORMS: Mapping[str, BuiltinTransform] = MappingProxyType(
    {
        t.name: t
        for t in (
            BuiltinTransform(
                "flip", _IMAGE, "share", 0.5, PART, "mirrors this share of the rows", moves=True
            ),
            BuiltinTransform(
                "vertical_flip",
                _IMAGE,
                "share",
                0.5,
                PART,
                "turns this share of the rows upside down",
                moves=True,
            ),
            BuiltinTransform(
                "crop",
                _IMAGE,
                "pixels",
                4,
                STEPS,
                "pads each side by so many pixels and cuts a window of the old size out of it",
                moves=True,
                has_padding=True,
            ),
            BuiltinTransform(
                "cutout",
                _IMAGE,
                "pixels",
                8,
                STEPS,
                "sets a square of this side to 0, its centre anywhere in the image "
                "(DeVries & Taylor 2017)",
            ),
            BuiltinTransform(
                "rotate",
                _IMAGE,
                "degrees",
                15,
                DEGREES,
                "turns by an angle of up to so much either way, bilinear, with zeros from outside",
                moves=True,
            ),
            BuiltinTransform(
                "brightness",
                _IMAGE,
                "range",
                0.2,
                NOISE,
                "adds one number of up to this size to all pixels of a row",
            ),
            BuiltinTransform(
                "contrast",
                _IMAGE,
                "range",
                0.2,
                PART,
                "multiplies the differences from each channel's mean by a number of 1 - range to "
                "1 + range",
                mixes=True,
            ),
            BuiltinTransform(
                "time_mask",
                _SERIES,
                "steps",
                8,
                STEPS,
                "sets a stretch of 0 to so many steps to 0 (Park et al. 2019)",
            ),
            BuiltinTransform(
                "shift",
                _SERIES,
                "steps",
                4,
                STEPS,
                "moves in time by up to so many steps either way",
                moves=True,
                has_padding=True,
            ),
            BuiltinTransform(
                "scale",
                _ANY,
                "deviation",
                0.1,
                NOISE,
                "multiplies a row by a normal number of mean 1 (Um et al. 2017)",
            ),
            BuiltinTransform(
                "noise",
                _ANY,
                "deviation",
                0.1,
                NOISE,
                "adds a normal number to every number of a row, as `input_noise` does, but in its "
                "place among the transforms",
                setting="input_noise",
            ),
        )
    }
)
