"""The cells of a table that was made elsewhere, as numbers and names, or refused in one line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sweep.errors import DataError
from sweep.records.parameters import EPOCHS, LONGEST_OPTIMIZER, LONGEST_PENALTY
from sweep.regularizers.catalogue import has_one_strength, shows_strength

NUMBERS, OPTIMIZER = ("lr", EPOCHS), "optimizer"
"""Settings that the table of trials has a column for: numbers above 0, and a name."""
MOST_SHOWN = 40
"""Characters of a cell that a message shows."""


def number(cell: Any, where: str) -> float:
    """The cell as a number, also where it is written as text; nan for an empty cell."""
    if _is_empty(cell):
        return math.nan
    plain = isinstance(cell, int | float | np.integer | np.floating | str)
    if isinstance(cell, bool | np.bool_) or not plain:
        raise _no_number(cell, where)
    try:
        return float(cell)
    except ValueError:
        raise _no_number(cell, where) from None


def _no_number(cell: Any, where: str) -> DataError:
    return DataError(f"{where}: a number must be given, found {_shown(cell)}; correct the table")


def plain_value(cell: Any, where: str) -> float | int | str | None:
    """The cell as a number or a text, as JSON has them; None for an empty cell."""
    if _is_empty(cell):
        return None
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell)).lower()
    if isinstance(cell, int | np.integer):
        return int(cell)
    if isinstance(cell, float | np.floating):
        if math.isinf(cell):
            raise DataError(f"{where}: a finite number must be given, found {cell:g}")
        return float(cell)
    if isinstance(cell, str) and cell.isprintable():
        return cell
    raise DataError(f"{where}: a number or a text of one line must be given, found {_shown(cell)}")


def setting_value(name: str, cell: Any, where: str) -> float | int | str | None:
    """The cell as the value of a setting; None for an empty cell."""
    value = plain_value(cell, where)
    if value is None:
        return None
    if name in NUMBERS:
        value = number(cell, where)
        if not value > 0:
            raise DataError(f"{where}: a number above 0 must be given, found {value:g}")
    if name == OPTIMIZER and not (isinstance(value, str) and len(value) <= LONGEST_OPTIMIZER):
        raise DataError(
            f"{where}: a name of at most {LONGEST_OPTIMIZER} characters must be given, found "
            f"{_shown(cell)}; shorten it, or rename the column"
        )
    return value


def checked_name(cell: Any, where: str, longest: int) -> str:
    """The cell as a name of a row of our tables."""
    sound = isinstance(cell, str) and cell.strip() == cell and cell.isprintable()
    if not (sound and 0 < len(cell) <= longest):
        raise DataError(
            f"{where}: a name of 1 to {longest} characters must be given, found {_shown(cell)}"
        )
    return str(cell)


def checked_penalty(cell: Any, where: str) -> str:
    """The cell as the name of a penalty that has a strength."""
    name = checked_name(cell, where, LONGEST_PENALTY)
    if not (has_one_strength(name) and shows_strength(name)):
        raise DataError(
            f"{where}: a penalty with a strength of its own must be named, found {name!r}; give "
            "runs without regularization as strength 0 of their penalty"
        )
    return name


def _is_empty(cell: Any) -> bool:
    """Whether nothing stands in a cell: None, NaN, pandas' NA, or blanks."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(cell, str):
        return not cell.strip()
    return isinstance(cell, float | np.floating) and math.isnan(cell)


def _shown(cell: Any) -> str:
    text = ascii(cell)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
