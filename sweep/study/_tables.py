"""The tables of a study, checked each by itself and then together: every fault is found at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sweep.errors import StudyError
from sweep.study._messages import Fault, describe, unknown_key
from sweep.study._rule_view import View
from sweep.study._rules import check_rules
from sweep.study.axes import TomlTable
from sweep.study.settings import TABLES
from sweep.study.toml_writer import PYTHON
from sweep.study.validators import NO_DATA, found


def checked_tables(
    tables: Mapping[str, Any], faults: list[Fault], folder: Path, origin: str
) -> dict[str, TomlTable]:
    """The tables of the study that were given, by name; StudyError with every fault.

    ``faults`` are those that were found before, and ``origin`` names the study in messages.
    """
    tables = _with_data_of_loops(tables)
    unknown = [(str(name),) for name in tables if name not in TABLES]
    faults = [*faults, *(Fault(key, unknown_key(key, list(TABLES), TABLES)) for key in unknown)]
    sound: dict[str, TomlTable] = {}
    values: dict[str, dict[str, Any]] = {}
    given: set[str] = set()
    for name, kind in TABLES.items():
        raw = _keys_of(tables.get(name, {}))
        if raw is None:
            faults.append(_no_table(name, tables[name], origin))
            values[name] = {}
            continue
        given |= {f"{name}.{key}" for key in raw}
        try:
            sound[name] = kind.model_validate(dict(raw))
            values[name] = dict(sound[name])
        except ValidationError as error:
            faults += describe(name, error, TABLES)
            faulty = {e["loc"][0] for e in error.errors() if e["loc"]}
            values[name] = _sound_values(kind, raw, faulty)
    faults += check_rules(View(values, frozenset(given), folder))
    _raise_for(faults, origin)
    return {name: table for name, table in sound.items() if name in tables}


def _with_data_of_loops(tables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tables, with data that have no name where a loop of the user's trains without any."""
    training, data = (_keys_of(tables.get(name, {})) for name in ("training", "data"))
    loops = {"function", "command"} & (training or {}).keys()
    if not loops or data is None or "name" in data:
        return tables
    return {**tables, "data": {"name": NO_DATA, **data}}


def _keys_of(raw: Any) -> Mapping[str, Any] | None:
    """The keys that were given of a table; None for what is no table."""
    if isinstance(raw, TomlTable):
        return {key: getattr(raw, key) for key in raw.model_fields_set}
    return raw if isinstance(raw, Mapping) else None


def _no_table(name: str, raw: Any, origin: str) -> Fault:
    also = {"data": "(x, y), a function or ", "model": "a function or "}.get(name, "")
    python = f"pass {also}a dict of its keys"
    advice = python if origin == PYTHON else f"write [{name}] and its keys below"
    return Fault((name,), f"a table must be given, found {found(raw)}; {advice}")


def _sound_values(
    kind: type[TomlTable], raw: Mapping[str, Any], faulty: set[Any]
) -> dict[str, Any]:
    """The keys of a table that are valid, with the defaults of those left out."""
    kept = {key: value for key, value in raw.items() if key not in faulty}
    needed = {k: f.examples[0] for k, f in kind.model_fields.items() if f.examples and k in faulty}
    table = kind.model_validate({**kept, **needed})
    return {key: value for key, value in table if key not in faulty}


def _raise_for(faults: list[Fault], origin: str) -> None:
    """StudyError, if there are faults, with one line for each in the order of the tables."""
    if not faults:
        return
    order = {name: i for i, name in enumerate(TABLES)}
    ordered = sorted(faults, key=lambda fault: order.get(str(fault.location[0]), -1))
    raise StudyError("\n".join(f"{origin}: {fault}" for fault in ordered))
