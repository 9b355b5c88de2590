"""Elements of a drawing as text: SVG that stands in the page and needs no script.

Colours are classes of the page's style sheet, so that a drawing follows light and dark; the one
colour of a penalty comes in two shades as variables of its drawing.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from dashboards.figures.style import DARK

Number = float | int | np.floating


def element(name: str, content: str = "", **attributes: object) -> str:
    """An element; underscores of attributes are hyphens, ``class_`` is the class."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _value(value: object) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.1f}".removesuffix(".0")
    return html.escape(str(value))


def text(x: float, y: float, words: str, class_: str, anchor: str = "start") -> str:
    """Words at a place; what they say is escaped."""
    return element("text", html.escape(words), x=x, y=y, class_=class_, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def rect(x: float, y: float, width: float, height: float, class_: str) -> str:
    return element("rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_=class_)


def polyline(points: Sequence[tuple[float, float]], class_: str) -> str:
    """A line through points; nothing for fewer than two."""
    return element("polyline", points=_points(points), class_=class_) if len(points) > 1 else ""


def polygon(points: Sequence[tuple[float, float]], class_: str) -> str:
    return element("polygon", points=_points(points), class_=class_) if len(points) > 2 else ""


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_value(float(x))},{_value(float(y))}" for x, y in points)


def hover(words: str) -> str:
    """What a pointer over an element shows, for its content."""
    return element("title", html.escape(words))


def drawing(
    body: str,
    width: float,
    height: float,
    title: str,
    words: str,
    *,
    key: str,
    class_: str = "",
    style: str | None = None,
) -> str:
    """A whole drawing of this size, with its name and its words for who cannot see it.

    ``key`` makes the ids of both unique in the page.
    """
    head = element("title", html.escape(title), id=f"{key}-title")
    head += element("desc", html.escape(words), id=f"{key}-desc")
    return element(
        "svg",
        head + body,
        class_=f"drawing {class_}".strip(),
        style=style,
        viewBox=f"0 0 {_value(float(width))} {_value(float(height))}",
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
    )


def tint(colour: str) -> str:
    """The two shades of a colour, as the style of an element of class ``tint``."""
    return f"--light:{colour};--dark:{DARK.get(colour, colour)}"
