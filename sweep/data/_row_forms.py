"""The forms in which rows may be given: from Python, and by a data function.

A pair (x, y), a Dataset, a dict of arrays, a DataFrame, or a dict of such by part.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from sweep.data._dataset_rows import IN_MEMORY, Items, Reading, parted, rows_of, unwrapped
from sweep.data._frame_order import check_order
from sweep.data._items import unlike_a_pair
from sweep.data._listed_items import items_of
from sweep.data._padded_items import Extent
from sweep.data._padding import TARGETS
from sweep.data.rows import RawRows, joined
from sweep.errors import DataError
from sweep.records.division import COLUMN_KEYS, PART_WORDS
from sweep.runtime.trees import as_tree, first_leaf, is_tree, named_leaves
from sweep.runtime.user_code import guarded, last_line
from sweep.study.data_settings import DataSettings
from sweep.study.validators import INPUT

FORMS = "(x, y), a Dataset, a dict with x and y, or a DataFrame"


def read_form(made: Any, settings: DataSettings, name: str) -> RawRows:
    """The rows that ``made`` holds, as they are; ``name`` is what messages call their source."""
    if is_by_part(made):
        return _by_part(made, settings, name)
    raw = _one_form(made, settings, name)
    if settings.time is True:
        return replace(raw, beside={**raw.beside, "time": True})
    return raw


def read_given(settings: DataSettings, reading: Reading) -> RawRows:
    """The rows that were given from Python, with the columns that were given beside them."""
    columns, made = settings.columns or {}, settings.rows
    if made is None:
        made = {"x": settings.x, "y": settings.y}
    check_order({**(made if isinstance(made, Mapping) else {"rows": made}), **columns})
    with guarded("data", "the Dataset", DataError):
        made = read_datasets(made, reading)
    if columns and is_by_part(made):
        raise DataError(
            f"data.{next(iter(columns))}: rows by part have no common order, found an array beside "
            "them; give it in a dict with x and y for each part"
        )
    raw = read_form(made, settings, "data")
    if twice := columns.keys() & raw.beside.keys():
        raise DataError(f"data.{min(twice)}: it must be given once, found it twice; remove one")
    return replace(raw, beside={**raw.beside, **columns})


def read_datasets(made: Any, reading: Reading = IN_MEMORY) -> Any:
    """``made`` with the rows of a Dataset or a DataLoader, or of one in each part, in its place.

    Where items are to be padded or collated, arrays of one length for each are items too. Rows of
    parts are held in memory.
    """
    if is_dataset(made):
        return rows_of(made, reading)
    if is_by_part(made):
        return _parts(made, replace(reading, cache=None))
    if reading.padding is None and reading.collate is None:
        return made
    return rows_of(items_of(made, "pad" if reading.padding else "collate"), reading)


def is_dataset(made: Any) -> bool:
    """Whether these are the items of a Dataset: torch's, or what is read by place as one is.

    A DataLoader takes such objects too; those of Hugging Face's ``datasets`` are some.
    """
    if isinstance(made, torch.utils.data.Dataset | torch.utils.data.DataLoader):
        return True
    arrays = isinstance(made, Sequence | Mapping | type) or hasattr(made, "dtype")
    by_place = hasattr(made, "__getitem__") and hasattr(made, "__len__")
    return by_place and not arrays and not _is_frame(made)


def _parts(made: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """The rows of every part; all are padded to the longest of any."""
    if reading.padding is None:
        return {word: read_datasets(part, reading) for word, part in made.items()}
    parts = {
        word: unwrapped(part, reading)[0] if is_dataset(part) else items_of(part, "pad")
        for word, part in made.items()
    }
    extent = Extent.joined(Extent.of(Items(part)) for part in parts.values())
    return {word: rows_of(part, reading, extent) for word, part in parts.items()}


def is_by_part(made: Any) -> bool:
    """Whether these are rows by what they are used for."""
    return isinstance(made, Mapping) and bool(made) and set(made) <= set(PART_WORDS)


def named_columns(settings: DataSettings) -> dict[str, str]:
    """The columns, or keys of a dict, that the study names, by the key that names them; those that
    are arrays from Python have no name.
    """
    arrays = settings.columns or {}
    given = {key: getattr(settings, key) for key in COLUMN_KEYS if key not in arrays}
    return {key: column for key, column in given.items() if isinstance(column, str)}


def _one_form(made: Any, settings: DataSettings, name: str) -> RawRows:
    named, target = named_columns(settings), settings.target
    if _is_frame(made):
        return _from_frame(made, settings, named, name)
    if target == INPUT:
        made, target = _with_inputs_for_targets(made), None
    check_order(made if isinstance(made, Mapping) else _pair(made))
    if isinstance(made, Mapping):
        further = {name for name in (settings.mask, settings.lengths) if name is not None}
        return _from_dict(made, named, target, name, further)
    if target is not None:
        raise DataError(
            f"data.target: only a table has columns to name, and a dict keys, found "
            f"{type(made).__name__} from {name}; give a DataFrame or a dict, or remove target"
        )
    if named:
        key, column = next(iter(named.items()))
        raise DataError(
            f"data.{key}: {name} must give a dict with the keys x, y and {column}, or a DataFrame, "
            f"found {type(made).__name__}; return one"
        )
    if what := unlike_a_pair(made):
        raise DataError(
            f"data.name: {name} must return (x, y) or a Dataset, found {what}; "
            "return two arrays or tensors"
        )
    return RawRows(made[0], made[1])


def _with_inputs_for_targets(made: Any) -> Any:
    """What was given, with its inputs for targets: of a dict with x, of a pair, or inputs alone."""
    if isinstance(made, Mapping) and "x" in made:
        others = {key: value for key, value in made.items() if key not in TARGETS}
        return {**others, "y": made["x"]}
    x = made[0] if isinstance(made, tuple | list) and not unlike_a_pair(made) else made
    return x, first_leaf(x) if is_tree(x) else x  # of several, refused where they are read


def _pair(made: Any) -> dict[str, Any]:
    """The two values of a pair by name; nothing for what is none."""
    return {} if unlike_a_pair(made) else {"x": made[0], "y": made[1]}


def _is_frame(made: Any) -> bool:
    pandas = sys.modules.get("pandas")  # no frame was made without it
    return pandas is not None and isinstance(made, pandas.DataFrame)


def _from_frame(frame: Any, settings: DataSettings, named: Mapping[str, str], name: str) -> RawRows:
    from sweep.data._table_files import rows_of_frame  # pandas takes half a second

    if settings.target is None:
        raise DataError(
            f"data.target: the column to predict must be named, found a DataFrame from {name} and "
            "no target; add target"
        )
    return rows_of_frame(frame, settings.target, named, name)


def _from_dict(
    made: Mapping[Any, Any],
    named: Mapping[str, str],
    target: str | None,
    name: str,
    further: set[str],
) -> RawRows:
    """Keys have the names of what they hold, or those that the study gives them; without an ``x``
    among them all others are inputs by name, and ``further`` ones are inputs beside it.
    """
    keys = ", ".join(map(str, made))
    of_key = {key: named.get(key, key) for key in COLUMN_KEYS}
    rest = {key: value for key, value in made.items() if key not in of_key.values()}
    for key, column in named.items():
        if column not in made:
            raise DataError(
                f"data.{key}: {name} must give the key {column}, found a dict with the keys "
                f"{keys}; add it"
            )
    known = {"x", target, *TARGETS, *further}
    strange = [key for key in rest if key not in known] if "x" in rest else []
    if strange:
        raise DataError(
            f"data.name: {name} must give x, y and {', '.join(COLUMN_KEYS)} alone, found the key "
            f"{strange[0]!r}; leave it out, or name it by one of data.{', data.'.join(COLUMN_KEYS)}"
        )
    x, y = parted(rest, target, f"data.name: {name} must give")
    beside = {key: made[column] for key, column in of_key.items() if column in made}
    return RawRows(x, y, {k: v for k, v in beside.items() if v is not None})


def _by_part(made: Mapping[str, Any], settings: DataSettings, name: str) -> RawRows:
    """All parts one after the other, with what each row is used for."""
    if settings.split is not None or settings.time is True:
        key = "split" if settings.split is not None else "time"
        raise DataError(
            f"data.{key}: rows that come by part have their part and no common order, found "
            f"{name} with {key} as well; remove it"
        )
    words = list(made)
    if all(map(_is_frame, made.values())):  # categories of one part are those of all
        frame = sys.modules["pandas"].concat(list(made.values()), ignore_index=True)
        whole = _one_form(frame, settings, name)
        sizes = [len(part) for part in made.values()]
    else:
        parts = [_one_form(part, settings, f"{name}[{word!r}]") for word, part in made.items()]
        whole, sizes = _joined(parts, name), [len(part.y) for part in parts]
    if "split" in whole.beside:
        raise DataError(
            f"data.split: rows that come by part have it already, found {name} with split in a "
            "part; remove it"
        )
    beside = {**whole.beside, "split": np.repeat(words, sizes)}
    return replace(whole, beside=beside)


def _joined(parts: Sequence[RawRows], name: str) -> RawRows:
    """The rows of all parts, which have the same beside x and y."""
    if len({tuple(sorted(part.beside)) for part in parts}) > 1:
        raise DataError(
            f"data.name: all parts of {name} must have the same keys, found others in one; make "
            "them alike"
        )
    beside = {key: joined([part.beside[key] for part in parts]) for key in parts[0].beside}
    xs = [as_tree(part.x, len(part.y)) for part in parts]
    if len({tuple(named_leaves(x)) for x in xs}) > 1:
        raise DataError(
            f"data.name: all parts of {name} must have the same inputs, found others in one; make "
            "them alike"
        )
    try:
        return RawRows(joined(xs), joined([part.y for part in parts]), beside)
    except ValueError as error:
        raise DataError(
            f"data.name: the rows of all parts of {name} must have one shape, found others in one: "
            f"{last_line(error)}; pad all to one length, or set data.pad"
        ) from error
