"""Finds the functions that a study names: ``file.py:function`` or ``package.module:function``."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from sweep.errors import SweepError


def resolve_function(
    name: str | Callable[..., Any], folder: Path, where: str, error: type[SweepError]
) -> Callable[..., Any]:
    """The function behind ``name``; a file is looked for from ``folder``.

    ``where`` is the key that named it (``data.name``) and ``error`` the kind that is raised, with
    one line, when there is no such file, module or function, or importing it fails.
    """
    if not isinstance(name, str):
        return name
    home, _, attribute = name.partition(":")
    module = _load_file(folder / home, where, error) if home.endswith(".py") else None
    if module is None:
        module = _import(home, where, error)
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, dir(found), 1)
            hint = f"did you mean {near[0]}?" if near else "check the name"
            raise error(f"{where}: a function of {home} must be named, found no {part!r}; {hint}")
        found = getattr(found, part)
    if not callable(found):
        raise error(
            f"{where}: a function must be named, {name} is a {type(found).__name__}; "
            "name a function"
        )
    return found  # type: ignore[no-any-return]


def _load_file(path: Path, where: str, error: type[SweepError]) -> ModuleType:
    path = path.resolve()
    if not path.is_file():
        raise error(f"{where}: the file must exist, found no {path}; check the path")
    key = "regsweep_user_" + hashlib.sha256(str(path).encode()).hexdigest()[:16]
    if key in sys.modules:
        return sys.modules[key]
    spec = importlib.util.spec_from_file_location(key, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[key] = module
    try:
        with guarded(where, str(path), error):
            spec.loader.exec_module(module)
    except SweepError:
        del sys.modules[key]
        raise
    return module


def _import(home: str, where: str, error: type[SweepError]) -> ModuleType:
    with guarded(where, home, error):
        return importlib.import_module(home)


class guarded:
    """Whatever a person's code raises inside becomes one line that names it; so does sys.exit."""

    def __init__(self, where: str, name: str, error: type[SweepError]):
        self.where, self.name, self.error = where, name, error

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, raised: BaseException | None, trace: object) -> None:
        if isinstance(raised, SystemExit):
            said = f"it called sys.exit({raised.code!r})"
        elif isinstance(raised, Exception) and not isinstance(raised, SweepError):
            last = (str(raised).strip().splitlines() or [""])[-1]
            said = f"{type(raised).__name__}: {last}" if last else type(raised).__name__
        else:
            return
        raise self.error(
            f"{self.where}: {self.name} must run without an error, found {said}; "
            "try it on its own first"
        ) from raised


def call_with(
    function: Callable[..., Any], offered: Mapping[str, Any], args: Mapping[str, Any]
) -> Any:
    """Calls ``function(**args)`` with those of ``offered`` that it asks for by name."""
    return function(
        **{name: v for name, v in offered.items() if asks_for(function, name)} | dict(args)
    )


def asks_for(function: Callable[..., Any], name: str) -> bool:
    """Whether the function has a parameter of this name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some builtins have no signature
        return False
    return name in parameters


def name_of(function: str | Callable[..., Any]) -> str:
    """How the function is called in messages."""
    if isinstance(function, str):
        return function
    return getattr(function, "__qualname__", type(function).__qualname__)
