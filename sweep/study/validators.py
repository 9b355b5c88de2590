"""What a single value of a study must be: names, references to functions, devices, arguments.

Each check returns its value or raises a broken rule in its final words, *rule, what was found; what
to do*, which pydantic passes on untouched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Strict, Tag
from pydantic_core import PydanticCustomError

from sweep.checks.catalogue import CHECKS
from sweep.metrics.catalogue import METRICS
from sweep.metrics.columns import validated_metric
from sweep.metrics.metric import Metric
from sweep.runtime.user_code import label_of

OBJECTIVES = ("val_loss", "val_accuracy")
ARRAYS = "arrays"
"""The name of data that were given from Python as ``(x, y)``."""
NO_DATA = "none"
"""The name of data that a loop of the user's alone knows."""
INPUT = "input"
"""The target of rows whose features are to be given back."""

REFERENCE = re.compile(r"(?P<home>.+\.py|[^\W\d]\w*(\.[^\W\d]\w*)*):[^\W\d]\w*(\.[^\W\d]\w*)*")
_METRIC = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,29}")
_DEVICE = re.compile(r"auto|cpu|cuda(:\d{1,3})?|mps")
_DEPTH = 20


def broken(text: str) -> PydanticCustomError:
    """A rule of our own, broken inside a pydantic validator; ``text`` is the fault's."""
    return PydanticCustomError("rule", "{text}", {"text": text})


def found(value: object) -> str:
    """``value`` as a message shows it: on one line and never long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers beyond 4300 digits; endless nesting
        return f"a value too large to print ({type(value).__name__})"
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def choose(word: str, words: Iterable[str]) -> str:
    """``did you mean <the nearest word>?``, where one is near."""
    near = get_close_matches(word.lower(), list(words), 1)
    return f"did you mean {near[0]}?" if near else "choose one of them"


def check_name(name: str) -> str:
    """The name of a study, if it can be printed on one line."""
    if not name.isprintable() or name != name.strip() or not 1 <= len(name) <= 200:
        raise broken(
            "1 to 200 printable characters without a space at either end must be given, "
            f"found {found(name)}; rename the study"
        )
    return name


def check_text(text: str) -> str:
    """A question in words, if it is short and plain."""
    if len(text) > 2000 or not all(char.isprintable() or char in "\n\t" for char in text):
        raise broken(
            f"at most 2000 characters of plain text must be given, found {found(text)}; shorten it"
        )
    return text


def check_code(code: str) -> str:
    """The code of a check, if there is such a check."""
    if code not in CHECKS:
        first, *_, last = CHECKS
        raise broken(
            f"the code of a check must be given, {first} to {last}, found {found(code)}; "
            f"{choose(code, CHECKS)} (sweep/checks/CHECKS.md lists them)"
        )
    return code


def check_source(
    names: tuple[str, ...], unlisted: tuple[str, ...] = ()
) -> Callable[[object], object]:
    """A validator for a builtin name, ``file.py:function``, ``package.module:function``, or a
    function from Python; names that are ``unlisted`` are taken and not offered.
    """

    def check(value: object) -> object:
        functions = '"file.py:function" or "package.module:function"'
        if hasattr(value, "named_parameters") and not isinstance(value, type):
            raise broken(
                "a function that makes a network must be given, found a network; "
                "every run needs its own, so pass lambda: Net(...)"
            )
        if callable(value) or hasattr(value, "acts_in"):  # a penalty from Python
            return value
        if not isinstance(value, str):
            raise broken(
                f"a name or a function must be given, found {found(value)}; "
                f"write one of {', '.join(names)}, {functions}"
            )
        if value in (*names, *unlisted):
            return value
        if "<locals>" in value or "<lambda>" in value:
            raise broken(
                f"a function that can be found again must be given, found {found(value)}; "
                "launch this study from the Python code that it was made in"
            )
        if REFERENCE.fullmatch(value):
            return value
        hint = f"write {functions}" if ":" in value or ".py" in value else choose(value, names)
        raise broken(
            f"one of {', '.join(names)}, {functions} must be given, found {found(value)}; {hint}"
        )

    return check


def check_objective(value: object) -> object:
    """A built-in objective, a column of the validation rows, or a function that names columns."""
    if validated_metric(value) is not None:
        return value  # which metric it is, is a rule between keys
    if isinstance(value, str) and value in METRICS:
        raise broken(
            f"the column of a metric's validation rows must be given, found {found(value)}; "
            f"did you mean {Metric(value).validation}?"
        )
    return check_function_name(check_source(OBJECTIVES)(value))


def check_metric(value: object) -> object:
    """A known metric, or a function that names columns."""
    checked = check_source(tuple(METRICS))(value)
    known = isinstance(checked, str) and checked in METRICS
    return checked if known else check_function_name(checked)


def check_function_name(function: object) -> object:
    """A function or its reference, if its name can be that of columns."""
    name = label_of(function)
    if not _METRIC.fullmatch(name) or name.startswith(("loss", "accuracy")):
        raise broken(
            "a function whose name is 1 to 30 letters, digits and _ and does not begin with loss "
            f"or accuracy must be given, found {found(name)}; its name becomes that of columns, so "
            "rename it"
        )
    return function


def check_one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    """A validator for one of these words."""

    def check(value: str) -> str:
        if value not in words:
            raise broken(
                f"one of {', '.join(words)} must be given, found {found(value)}; "
                f"{choose(value, words)}"
            )
        return value

    return check


def check_device(device: str) -> str:
    """A device's name, if torch could know it; whether it is there is found out later."""
    if not _DEVICE.fullmatch(device):
        raise broken(
            f"auto, cpu, cuda, cuda:N or mps must be given, found {found(device)}; "
            "auto takes the fastest that is there"
        )
    return device


def check_gpus(gpus: float) -> float:
    """A share of a GPU, or a number of them, as Ray gives them out."""
    if not 0 <= gpus <= 10_000 or (gpus > 1 and gpus != int(gpus)):
        raise broken(
            f"a share from 0 to 1 or a whole number must be given, found {found(gpus)}; "
            "0.25 trains four runs on a GPU"
        )
    return gpus


def is_splitter(value: object) -> bool:
    """Whether this could be a scikit-learn splitter: its ``split`` gives row numbers."""
    plain = isinstance(value, str | bytes | type) or hasattr(value, "__array__")
    return not plain and callable(getattr(value, "split", None)) and hasattr(value, "__dict__")


def check_time(value: object) -> object:
    """A column's name, or true; false counts as left out."""
    if value is False:
        return None
    if value is None or value is True or (isinstance(value, str) and value):
        return value
    raise broken(
        f"a column's name, or true for rows in order, must be given, found {found(value)}; name "
        "the column of times"
    )


def check_word_or(
    word: str, plain: str, fits: Callable[[object], bool]
) -> Callable[[object], object]:
    """A validator for what ``fits`` (``plain`` in words) or one special word."""

    def check(value: object) -> object:
        if value != word and not fits(value):
            raise broken(
                f'{plain} or "{word}" must be given, found {found(value)}; "{word}" is the default'
            )
        return value

    return check


def check_groups(groups: Mapping[str, Any]) -> Mapping[str, Any]:
    """Groups of layers by name, sorted, so that the order of keys in a file decides nothing."""
    for name in groups:
        if not name.isprintable() or not 1 <= len(name) <= 100:
            raise broken(
                f"1 to 100 printable characters must be given for a group, found {found(name)}; "
                "rename it"
            )
    return dict(sorted(groups.items()))


Patterns = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    Strict(False),
    Field(min_length=1),
]
Groups = Annotated[dict[str, Patterns], Field(min_length=1), AfterValidator(check_groups)]
Layers = Annotated[
    Annotated[Literal["shared", "depth", "free"], Tag("~word")] | Annotated[Groups, Tag("~groups")],
    Discriminator(lambda value: "~groups" if isinstance(value, Mapping) else "~word"),
]
"""How layers get their strengths: a word, or patterns of layer names by group."""


def check_arguments(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Only what TOML can say and JSON can keep, so that it can be stored and compared."""

    def plain(value: object, depth: int) -> bool:
        if depth > _DEPTH:
            return False
        if isinstance(value, list | tuple):
            return all(plain(item, depth + 1) for item in value)
        if isinstance(value, dict):
            return all(plain(k, depth + 1) and isinstance(k, str) for k in value) and all(
                plain(item, depth + 1) for item in value.values()
            )
        if isinstance(value, str):
            return ("\0" not in value and value.isascii()) or value.isprintable()
        if isinstance(value, float):
            return math.isfinite(value)
        return type(value) is bool or (type(value) is int and value.bit_length() <= 63)

    for name, value in arguments.items():
        if not (plain(name, 0) and plain(value, 0)):
            raise broken(
                f"numbers, text, true, false and lists or tables of them must be given, found "
                f"{found(name)} = {found(value)}; make other values in the function itself"
            )
    return arguments
