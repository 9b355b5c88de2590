"""A study: one question as one TOML file, or as ``Study(...)`` from Python, checked as a whole.

All faults are found before anything is said: each table is read by itself (``settings``), then
the rules between tables look at whatever is sound (``rules``), and one StudyError names every fault
on a line of its own. The text of the study travels with it, so that results can say what was asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from sweep.errors import StudyError
from sweep.study._messages import BARE_KEY, Fault, describe, unknown_key
from sweep.study._rule_view import View
from sweep.study._rules import check_rules
from sweep.study.axes import Table
from sweep.study.settings import (
    PYTHON_ONLY,
    TABLES,
    DataSettings,
    HardwareSettings,
    ModelSettings,
    PathSettings,
    QuestionSettings,
    SearchSettings,
    TrainingSettings,
)
from sweep.study.validators import ARRAYS, found

PYTHON = "Study(...)"
"""The place of faults in studies made from Python."""
LARGEST_FILE = 1_000_000
"""Bytes; a study is a page of text."""
FINGERPRINT_VERSION = 1
"""Raised when a default changes, so that stored studies are not taken for the new ones."""


class Study(BaseModel):
    """One question: what is learned, by which network, and what is swept.

    From Python: ``Study(study={"name": "mine"}, data=(x, y), model=function, search={...})``, where
    ``data`` is ``(x, y)``, a function or a table and ``model`` a function or a table; every other
    argument is a table of the study file as a dict. Raises StudyError with all faults.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: QuestionSettings
    data: DataSettings
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    search: SearchSettings = SearchSettings()
    path: PathSettings = PathSettings()
    hardware: HardwareSettings = HardwareSettings()

    _text: str = PrivateAttr(default="")
    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    def __init__(self, **tables: Any) -> None:
        faults: list[Fault] = []
        super().__init__(**_checked(_from_python(tables), faults, Path.cwd(), PYTHON))
        self._text = _written(self)

    @property
    def text(self) -> str:
        """The source of the study file; a study from Python is written as one."""
        return self._text

    @property
    def folder(self) -> Path:
        """Where relative paths start: the study file's folder, or the folder of the launch."""
        return self._folder

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of every setting that decides results.

        That is all but ``[hardware]``, the question, and whether there is a control. Keys at their
        defaults count as left out, so the order, the formatting and the completeness of a file do
        not matter, and a key that is added to the format changes no older study.
        """
        return self.fingerprint_without()

    def fingerprint_without(self, *keys: str) -> str:
        """The fingerprint when these keys (``"search.pruner"``) count for nothing either."""
        tables = {name: _settings(getattr(self, name)) for name in TABLES if name != "hardware"}
        for key in ("study.question", "search.control", *keys):
            table, name = key.split(".")
            tables[table].pop(name, None)
        if self.data.x is not None:
            tables["data"] |= {"x": _digest(self.data.x), "y": _digest(self.data.y)}
        decided = json.dumps([FINGERPRINT_VERSION, tables], sort_keys=True, allow_nan=False)
        return hashlib.sha256(decided.encode()).hexdigest()


# ---- reading -----------------------------------------------------------------------------------


def load_study(path: str | os.PathLike[str]) -> Study:
    """The study of a TOML file; paths in it are relative to the file.

    Raises StudyError with one line for each fault when it cannot be read or breaks a rule.
    """
    path = Path(path)
    place = str(path) if str(path).isprintable() else found(str(path))
    text = _read(path, place)
    return parse_study(text, path.parent.resolve(), place)


def parse_study(text: str, folder: Path, place: str) -> Study:
    """The study that ``text`` (TOML) describes; ``folder`` is where its relative paths start.

    ``place`` names the text in messages. Raises StudyError with one line for each fault.
    """
    faults: list[Fault] = []
    tables = _without_arrays(_parse(text, place), faults)
    sound = _checked(tables, faults, folder, place)
    study = Study.model_construct(set(sound), **sound)
    study._text, study._folder = text, folder
    return study


def _read(path: Path, place: str) -> str:
    try:
        if not path.is_file():
            raise StudyError(_no_file(path, place))
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise StudyError(
            f"{place}: a readable file must be given, found: {error}; "
            "check the path and its permissions"
        ) from error
    if len(content) > LARGEST_FILE:
        raise StudyError(
            f"{place}: at most {LARGEST_FILE} bytes must be given, found more; "
            "is this a study file?"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"{place}: line {line}: UTF-8 text must be given, found byte "
            f"0x{content[error.start]:02x}; save the file as UTF-8"
        ) from error


def _no_file(path: Path, place: str) -> str:
    if path.is_dir():
        return f"{place}: a study file must be given, found a folder; name a .toml file in it"
    if path.exists():
        return f"{place}: a study file must be given, found no ordinary file; name a .toml file"
    folder = path.parent
    beside = [other.name for other in folder.glob("*.toml")] if folder.is_dir() else []
    near = get_close_matches(path.name, beside, 1)
    hint = f"did you mean {folder / near[0]}?" if near else "check the path"
    return f"{place}: the file must exist, found none; {hint}"


def _parse(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text + "\n")
    except RecursionError:
        raise StudyError(
            f"{place}: lists and tables may be nested a few levels deep, found "
            "hundreds; flatten them"
        ) from None
    except ValueError as error:  # also what tomllib lets through, such as a number of 5000 digits
        raise StudyError(
            f"{place}: valid TOML must be given, found: {error}; {_toml_advice(str(error))}"
        ) from error


def _without_arrays(tables: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The tables of a file without keys that only Python can give, which are told as faults."""
    data = tables.get("data")
    if not isinstance(data, dict):
        return dict(tables)
    for key in sorted(PYTHON_ONLY & data.keys()):
        text = f"arrays can be given from Python only, found {found(data[key])}; remove {key}"
        faults.append(Fault(("data", key), text))
    kept = {key: value for key, value in data.items() if key not in PYTHON_ONLY}
    return {**tables, "data": kept}


def _toml_advice(message: str) -> str:
    if "immutable namespace" in message:
        return (
            "{ ... } is closed: write the inner table between its braces, or each key on a "
            "line of its own (strength.low = ..., strength.l1 = { ... })"
        )
    if "overwrite" in message or "twice" in message:
        return "a key or a table is given twice; remove one"
    return "mend that line"


# ---- checking ----------------------------------------------------------------------------------


def _checked(
    tables: Mapping[str, Any], faults: list[Fault], folder: Path, place: str
) -> dict[str, Table]:
    """The tables of the study that were given; StudyError with every fault, table by table."""
    faults += [
        Fault((str(name),), unknown_key((str(name),), list(TABLES), TABLES))
        for name in tables
        if name not in TABLES
    ]
    sound: dict[str, Table] = {}
    values: dict[str, dict[str, Any]] = {}
    given: set[str] = set()
    for name, kind in TABLES.items():
        raw = tables.get(name, {})
        if isinstance(raw, Table):
            raw = {key: getattr(raw, key) for key in raw.model_fields_set}
        if not isinstance(raw, Mapping):
            advice = (
                _table_advice(name) if place == PYTHON else f"write [{name}] and its keys below"
            )
            faults.append(Fault((name,), f"a table must be given, found {found(raw)}; {advice}"))
            values[name] = {}
            continue
        given |= {f"{name}.{key}" for key in raw}
        try:
            sound[name] = kind.model_validate(dict(raw))
            values[name] = dict(sound[name])
        except ValidationError as error:
            faults += describe(name, error, TABLES)
            values[name] = _sound_values(
                kind, raw, {e["loc"][0] for e in error.errors() if e["loc"]}
            )
    faults += check_rules(View(values, frozenset(given), folder))
    if faults:
        order = {name: i for i, name in enumerate(TABLES)}
        faults.sort(key=lambda fault: order.get(str(fault.place[0]), -1))
        raise StudyError("\n".join(f"{place}: {fault}" for fault in faults))
    return {name: table for name, table in sound.items() if name in tables}


def _table_advice(name: str) -> str:
    also = {"data": "(x, y), a function or ", "model": "a function or "}.get(name, "")
    return f"pass {also}a dict of its keys"


def _sound_values(kind: type[Table], raw: Mapping[str, Any], faulty: set[Any]) -> dict[str, Any]:
    """The keys of a table that are valid, with the defaults of those left out."""
    kept = {key: value for key, value in raw.items() if key not in faulty}
    needed = {k: f.examples[0] for k, f in kind.model_fields.items() if f.examples and k in faulty}
    table = kind.model_validate({**kept, **needed})
    return {key: value for key, value in table if key not in faulty}


def _from_python(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``Study(...)`` as tables."""
    tables = dict(tables)
    data, model = tables.get("data"), tables.get("model")
    if isinstance(data, tuple) and len(data) == 2:
        tables["data"] = {"name": ARRAYS, "x": data[0], "y": data[1]}
    elif isinstance(data, Mapping) and "x" in data and "name" not in data:
        tables["data"] = {"name": ARRAYS, **data}
    elif callable(data):
        tables["data"] = {"name": data}
    if callable(model):
        tables["model"] = {"name": model}
    return tables


# ---- writing -----------------------------------------------------------------------------------


def _settings(table: Table) -> dict[str, Any]:
    """The keys of a table that are not at their defaults, as plain values."""
    plain = table.model_dump(exclude_defaults=True)
    return {key: _plain(value) for key, value in plain.items()}


def _plain(value: Any) -> Any:
    """A setting with functions, and objects of a person's own, by their place."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    kept = value is None or isinstance(value, str | int | float | Mapping)
    return value if kept else reference(value)


def reference(function: object) -> str:
    """``package.module:function``: where a function is found again, if it can be."""
    home = getattr(function, "__module__", None) or type(function).__module__
    name = getattr(function, "__qualname__", None) or f"{type(function).__qualname__}.<locals>"
    return f"{home}:{name}"


def _written(study: Study) -> str:
    """A study from Python as the text of a study file: what was given, functions by their place."""
    return (
        "\n\n".join(
            "\n".join(_table_lines(study, name))
            for name in TABLES
            if name in study.model_fields_set
        )
        + "\n"
    )


def _table_lines(study: Study, name: str) -> Iterator[str]:
    table: Table = getattr(study, name)
    yield f"[{name}]"
    for key, value in table.model_dump(exclude_unset=True, exclude_none=True).items():
        yield f"{key} = {toml_value(value)}"
    if isinstance(table, DataSettings) and table.x is not None:
        for key, array in (("x", table.x), ("y", table.y)):
            yield f"# {key}: {_shape(array)} from Python, sha256 {_digest(array)}"


def toml_value(value: object) -> str:
    """A setting as TOML writes it on one line; a function as its place."""
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


def _array(values: Any) -> Any:
    """An array or a tensor, on whatever device, as a numpy array."""
    import numpy as np

    if hasattr(values, "detach"):  # a tensor; numpy knows no bfloat16
        values = values.detach().cpu()
        values = values.float() if str(values.dtype) == "torch.bfloat16" else values
    try:
        return np.ascontiguousarray(values)
    except (TypeError, ValueError) as error:  # ragged lists; types without an array
        raise StudyError(
            f"{PYTHON}: data: arrays or tensors must be given, found {type(values).__name__}: "
            f"{error}; make every row alike"
        ) from error


def _shape(values: Any) -> str:
    array = _array(values)
    return f"{array.dtype} {array.shape}"


def _digest(values: Any) -> str:
    """SHA-256 (hex) of an array's type, shape and numbers."""
    array = _array(values)
    content = repr(array.tolist()).encode() if array.dtype.hasobject else array.tobytes()
    return hashlib.sha256(_shape(array).encode() + content).hexdigest()
