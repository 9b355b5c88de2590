"""A study as text: settings as TOML writes them, functions and arrays by where they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sweep.errors import StudyError
from sweep.study._messages import BARE_KEY
from sweep.study.axes import TomlTable
from sweep.study.data_settings import DataSettings
from sweep.study.validators import is_splitter

if TYPE_CHECKING:
    import numpy as np

PYTHON = "Study(...)"
"""What stands for the file in the messages about a study made from Python."""


def written(tables: Mapping[str, TomlTable]) -> str:
    """The text of a study file with these tables: the keys that were given, functions by name."""
    return "\n\n".join("\n".join(_table_lines(*item)) for item in tables.items()) + "\n"


def _table_lines(name: str, table: TomlTable) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in table.model_dump(exclude_unset=True, exclude_none=True).items():
        yield f"{key} = {toml_value(value)}"
    if isinstance(table, DataSettings):
        for key, value in _from_python(table).items():
            yield f"# {key}: {_kind(value)} from Python, sha256 {digest_of(value)}"


def toml_value(value: object) -> str:
    """A setting as TOML writes it on one line; a function as its reference."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        pairs = [f"{_toml_key(key)} = {toml_value(item)}" for key, item in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    return toml_value(reference(value))


def _toml_key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else toml_value(key)


def given_settings(table: TomlTable) -> dict[str, Any]:
    """The keys of a table that are not at their defaults, as plain values."""
    plain = table.model_dump(exclude_defaults=True)
    return {key: _plain(value) for key, value in plain.items()}


def _plain(value: Any) -> Any:
    """A setting in which functions and other objects stand by their reference."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    kept = value is None or isinstance(value, str | int | float)
    return value if kept else reference(value)


def reference(function: object) -> str:
    """``package.module:function``: where a function is found again, if it can be."""
    home = getattr(function, "__module__", None) or type(function).__module__
    name = getattr(function, "__qualname__", None) or f"{type(function).__qualname__}.<locals>"
    return f"{home}:{name}"


def digests(data: DataSettings) -> dict[str, str]:
    """A hash of all that was given from Python, by key."""
    return {key: digest_of(value) for key, value in _from_python(data).items()}


def _from_python(data: DataSettings) -> dict[str, Any]:
    """What no file can hold, by key; columns each by its own, a table with its columns' names."""
    given = {key: getattr(data, key) for key in ("x", "y", "rows", "splitter")}
    if hasattr(data.rows, "columns"):
        given["rows"] = {"names": [str(name) for name in data.rows.columns], "values": data.rows}
    given |= {f"columns.{key}": value for key, value in (data.columns or {}).items()}
    if data.pad is not None or data.collate is not None:
        given = _items_apart(given)
    return {key: value for key, value in given.items() if value is not None}


def _items_apart(values: Any) -> Any:
    """What was given, with items of unequal lengths as tuples of arrays, each hashed by itself."""
    if isinstance(values, Mapping):
        return {key: _items_apart(value) for key, value in values.items()}
    if isinstance(values, tuple):
        return tuple(map(_items_apart, values))
    if isinstance(values, list):
        with suppress(StudyError):
            _array(values)
            return values
        return tuple(map(_array, values))
    return values


def digest_of(values: Any) -> str:
    """SHA-256 (hex) of an array's type, shape and numbers.

    Of a dict or a pair, that of its parts; of another object, that of its type and attributes. The
    rows of a Dataset are not read here: their own hash is kept with the study.
    """
    if isinstance(values, Mapping):
        return _hash(f"{key}: {digest_of(value)}" for key, value in values.items())
    if is_splitter(values):
        known = sorted(vars(values).items())
        named = (f"{key}: {_digest_of_setting(value)}" for key, value in known)
        return _hash([reference(type(values)), *named])
    if isinstance(values, tuple) and any(getattr(part, "shape", ()) for part in values):
        return _hash(map(digest_of, values))
    rows = hasattr(values, "__getitem__") or hasattr(values, "__iter__")
    if rows and not _is_array(values):
        return _hash([reference(type(values))])
    array = _array(values)
    content = repr(array.tolist()).encode() if array.dtype.hasobject else array.tobytes()
    return hashlib.sha256(_shape(array).encode() + content).hexdigest()


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _digest_of_setting(value: Any) -> str:
    return digest_of(value) if hasattr(value, "__array__") else repr(value)


def _is_array(values: Any) -> bool:
    array = hasattr(values, "__array__") or hasattr(values, "detach")
    return array or isinstance(values, Sequence)


def _kind(values: Any) -> str:
    """The type of what was given, and the shape of an array."""
    shaped = getattr(values, "shape", None) is not None and not hasattr(values, "columns")
    return _shape(values) if shaped or isinstance(values, list) else type(values).__name__


def _shape(values: Any) -> str:
    array = _array(values)
    return f"{array.dtype} {array.shape}"


def _array(values: Any) -> np.ndarray:
    """An array or a tensor as a contiguous array; StudyError for what is neither."""
    import numpy as np

    from sweep.runtime.arrays import to_numpy

    try:
        return np.ascontiguousarray(to_numpy(values))
    except (TypeError, ValueError) as error:  # ragged lists; types without an array
        padded = ", or pad them by data.pad" if isinstance(values, list) else ""
        raise StudyError(
            f"{PYTHON}: data: arrays or tensors must be given, found {type(values).__name__}: "
            f"{error}; make all rows alike{padded}"
        ) from error
