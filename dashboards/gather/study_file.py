"""The text of a study file as tables."""

from __future__ import annotations

import tomllib
from typing import Any


def tables_of(text: str) -> dict[str, Any]:
    """The tables of a study file; none of one that was made in Python from what TOML cannot say."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
