"""What ``Study(...)`` may be given as its data and its network, as the tables of a study file.

Arrays, Datasets, DataFrames and splitters go into keys that no file can hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sweep.records.division import COLUMN_KEYS, PART_WORDS, VALIDATION
from sweep.runtime.user_code import label_of
from sweep.study.axes import TomlTable
from sweep.study.validators import ARRAYS, INPUT, is_splitter


def as_tables(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``Study(...)`` as tables."""
    tables = dict(tables)
    if "train" in tables:
        tables = _with_loop(tables)
    data, model = tables.get("data"), tables.get("model")
    if data is not None:
        tables["data"] = _data_table(data)
    if callable(model):
        tables["model"] = {"name": model}
    return tables


def _with_loop(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with the function ``train`` as the loop; a study without a name has its own."""
    train, training = tables.pop("train"), tables.get("training", {})
    if isinstance(training, Mapping):
        tables["training"] = {**training, "function": train}
    return {"study": {"name": label_of(train)}, **tables}


def _data_table(data: Any) -> Any:
    if isinstance(data, TomlTable):
        return data
    if isinstance(data, tuple) and len(data) == 2:
        return {"name": ARRAYS, "x": data[0], "y": data[1]}
    if isinstance(data, Mapping):
        return _with_arrays(_with_rows(data))
    if _holds_rows(data):
        return {"name": ARRAYS, "rows": data}
    return {"name": data} if callable(data) else data


def _holds_rows(data: Any) -> bool:
    """Whether these are a Dataset, a DataLoader or a DataFrame; an array alone has no targets."""
    plain = isinstance(data, Sequence) or hasattr(data, "dtype")
    by_place = hasattr(data, "__getitem__") and hasattr(data, "__len__")
    in_order = hasattr(data, "__iter__") and not callable(data)
    return (by_place or in_order) and not plain


def _with_rows(data: Mapping[str, Any]) -> dict[str, Any]:
    """The table, with the rows of parts in one key, and the name of what is given from Python."""
    by_part = {key: data[key] for key in PART_WORDS if key in data}
    table = {key: value for key, value in data.items() if key not in by_part}
    if by_part:
        table["rows"] = by_part
        if VALIDATION in map(PART_WORDS.get, by_part):
            table.setdefault("design", "holdout")
    if table.get("target") == INPUT and "x" in table:
        table.setdefault("y", table["x"])
    if "name" not in table and ("x" in table or "rows" in table):
        table["name"] = ARRAYS
    return table


def _with_arrays(table: dict[str, Any]) -> dict[str, Any]:
    """The table, with arrays and a splitter in keys of their own."""
    given = table.get("columns")
    columns = dict(given) if isinstance(given, Mapping) else {}
    for key in COLUMN_KEYS:
        value = table.get(key)
        if hasattr(value, "__len__") and not isinstance(value, str):
            columns[key], table[key] = value, key
    if columns:
        table["columns"] = columns
    if is_splitter(table.get("design")):
        table["splitter"] = table.pop("design")
    return table
