"""Finds and calls the functions that a study names: ``file.py:function``, ``package:function``.

User code is a guest: what it raises becomes one line that names it (``guarded``), and what it
changes for the whole process is put back (``random_state``, ``host_state``).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from sweep.errors import SweepError
from sweep.runtime.exits import ExitCalled, guests

LONGEST_REASON = 200
"""Characters of somebody else's message that fit into one line of ours."""
Imported = Callable[[], AbstractContextManager[None]]


def resolve_function(
    name: str | Callable[..., Any],
    folder: Path,
    where: str,
    error: type[SweepError],
    imported: Imported | None = None,
) -> Callable[..., Any]:
    """The function behind ``name``; a file is looked for from ``folder``.

    ``where`` is the key that named it (``data.name``) and ``error`` the kind that is raised, with
    one line, when there is no such file, module or function, or importing it fails. A file is read
    once in the life of a process, and may import its neighbours; ``imported`` is the context for
    that, by default one that puts back what the file changes for the whole process. Of the command
    line it sees the program's name alone.
    """
    if not isinstance(name, str):
        return name
    home, _, attribute = name.rpartition(":")
    if home.endswith(".py"):
        found: Any = _load_file(folder / home, where, error, imported or _imported)
    else:
        found = _import(home, folder, where, error, imported or _imported)
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


def _load_file(path: Path, where: str, error: type[SweepError], imported: Imported) -> ModuleType:
    path = path.resolve()
    if not path.is_file():
        raise error(f"{where}: the file must exist, found no {path}; check the path")
    key = "regsweep_user_" + hashlib.sha256(str(path).encode()).hexdigest()[:16]
    if key in sys.modules:
        return sys.modules[key]
    spec = importlib.util.spec_from_file_location(key, path)
    assert spec is not None
    assert spec.loader is not None
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[key] = module
    try:
        with imported(), guarded(where, str(path), error), no_arguments(str(path)):
            spec.loader.exec_module(module)
    except BaseException:  # an interrupt too must not leave half a module behind
        sys.modules.pop(key, None)
        raise
    return module


def _import(
    home: str, folder: Path, where: str, error: type[SweepError], imported: Imported
) -> ModuleType:
    beside = Path(*home.split(".")).with_suffix(".py")
    try:
        with imported(), guarded(where, home, error), no_arguments(home):
            return importlib.import_module(home)
    except error as raised:
        if isinstance(raised.__cause__, ModuleNotFoundError) and (folder / beside).is_file():
            raise error(
                f"{where}: a module on Python's path must be named, found no {home}; "
                f"did you mean the file {beside.as_posix()}?"
            ) from raised
        raise


@contextmanager
def _imported() -> Iterator[None]:
    """Puts back what scripts like to choose for the whole process at their top."""
    from sweep.runtime.host_state import kept_state  # loads torch, which a status needs not

    with kept_state():
        yield


@contextmanager
def no_arguments(program: str) -> Iterator[None]:
    """Inside, the command line is that of a program started without arguments: those of the launch
    are not for a script's ``argparse``, whose options then have their defaults.
    """
    ours, sys.argv = sys.argv, [program]
    try:
        yield
    finally:
        sys.argv = ours


class guarded:
    """A context in which what user code raises, sys.exit too, becomes one line naming it.

    So does ``os._exit`` where exits are watched.
    """

    def __init__(
        self,
        where: str,
        name: str,
        error: type[SweepError],
        advice: str = "try it on its own first",
    ):
        self.where, self.name, self.error, self.advice = where, name, error, advice

    def __enter__(self) -> None:
        guests.depth += 1

    def __exit__(self, kind: object, raised: BaseException | None, trace: object) -> None:
        guests.depth -= 1
        if isinstance(raised, ExitCalled):
            said = f"it called os._exit({raised.code!r})"
        elif isinstance(raised, SystemExit):
            said = f"it called sys.exit({raised.code!r})"
        elif isinstance(raised, Exception | GeneratorExit) and not isinstance(raised, SweepError):
            said = type(raised).__name__
            if reason := last_line(raised):
                said += f": {reason}"
        else:
            return
        raise self.error(
            f"{self.where}: {self.name} must run without an error, found {said}; {self.advice}"
        ) from raised


def last_line(raised: BaseException) -> str:
    """The last line of an exception's message, where Python and torch say what was wrong.

    Of one whose message cannot be made there is none.
    """
    try:
        message = str(raised)
    except Exception:  # whatever its own __str__ raises
        message = ""
    lines = [" ".join(line.split()) for line in message.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    return last if len(last) <= LONGEST_REASON else last[: LONGEST_REASON - 3] + "..."


def call_with(
    function: Callable[..., Any], offered: Mapping[str, Any], args: Mapping[str, Any]
) -> Any:
    """What ``function(**args)`` returns, with those of ``offered`` that it asks for by name."""
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


def needs(function: Callable[..., Any], name: str) -> bool:
    """Whether the function has a parameter of this name without a default."""
    if not asks_for(function, name):
        return False
    return inspect.signature(function).parameters[name].default is inspect.Parameter.empty


def needed(function: Callable[..., Any]) -> list[str]:
    """The parameters of the function that have no default and can be given by name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some builtins have no signature
        return []
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in parameters if p.kind in kinds and p.default is p.empty]


def name_of(function: str | Callable[..., Any]) -> str:
    """How the function is called in messages."""
    if isinstance(function, str):
        return function
    return getattr(function, "__qualname__", type(function).__qualname__)


def label_of(source: object) -> str:
    """The name of a builtin, of a function that a reference names, or of an object from Python."""
    if isinstance(source, str):
        return source.rpartition(":")[2].rpartition(".")[2] if ":" in source else source
    named = getattr(source, "__name__", None) or getattr(source, "name", None)
    return named if isinstance(named, str) else type(source).__name__
