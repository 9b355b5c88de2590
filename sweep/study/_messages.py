"""The words of a fault: where it is, which rule it breaks, what was found, what to do about it.

Pydantic finds what is wrong with a value; here it is said in the project's form *where: rule, what
was found; what to do*, with a suggestion for a misspelt key or choice.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sweep.study.validators import choose, found

Location = tuple[str | int, ...]
"""Where a fault is: table, key, keys and list positions inside."""
Tables = Mapping[str, type[BaseModel]]

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
"""Keys that TOML takes without quotes."""

PYDANTIC_RULES = {
    "missing": "it must be given",
    "int_type": "a whole number must be given",
    "float_type": "a number must be given",
    "finite_number": "a finite number must be given",
    "string_type": "text must be given",
    "bool_type": "true or false must be given",
    "tuple_type": "a list must be given",
    "dict_type": "a table must be given",
    "model_type": "a table must be given",
    "greater_than": "a number above {gt} must be given",
    "greater_than_equal": "a number of at least {ge} must be given",
    "less_than": "a number below {lt} must be given",
    "less_than_equal": "a number of at most {le} must be given",
    "too_short": "at least {min_length} values must be given",
    "too_long": "at most {max_length} values must be given",
    "string_too_short": "at least {min_length} character must be given",
}
"""Pydantic's error types in our words, filled in with the error's context."""


NOT_KEYS = {
    ("training", "weight_decay"): (
        'decay is what is searched: search.penalties = ["decay"] as AdamW has it, ["l2"] as SGD '
        "and Adam do, at the strengths of search.strength"
    ),
    ("training", "betas"): "its two numbers are beta1 and beta2: write beta1 = 0.9, beta2 = 0.999",
}
"""Keys that are looked for, and what to write instead."""
ADVICE = {
    ("training", "milestones"): "they are shares of the run: epoch 60 of 160 is 0.375",
}
"""What to write where a key was given in another unit than ours."""
SYNONYMS = {
    "criterion": "loss",
    "gradient_clip_val": "clip_norm",
    "learning_rate": "lr",
    "loss_function": "loss",
    "lr_schedule": "schedule",
    "lr_scheduler": "schedule",
    "lr_scheduler_type": "schedule",
    "max_grad_norm": "clip_norm",
    "max_lr": "lr",
    "pct_start": "warmup",
    "scheduler": "schedule",
    "wd": "weight_decay",
}
"""Names of keys elsewhere, by which they are looked for."""
NUMBER_TYPES: Mapping[str, tuple[type, ...]] = {"int_type": (int,), "float_type": (int, float)}
"""The numbers that may stand where pydantic misses one."""


class Fault(NamedTuple):
    """One broken rule: its location, and *rule, what was found; what to do*."""

    location: Location
    text: str

    def __str__(self) -> str:
        return f"{dotted(self.location)}: {self.text}"


def dotted(location: Location) -> str:
    """``search.axes.lr`` for ("search", "axes", "lr"); a position in a list is ``[0]``."""
    text = ""
    for step in location:
        is_bare = isinstance(step, str) and BARE_KEY.fullmatch(step)
        text += (
            f"[{step}]" if isinstance(step, int) else f".{step if is_bare else json.dumps(step)}"
        )
    return text.removeprefix(".")


def describe(table: str, error: ValidationError, tables: Tables) -> list[Fault]:
    """What pydantic found wrong with ``table``, fault by fault."""
    all_details = error.errors(include_url=False)
    return [
        _describe(table, details, tables)
        for details in all_details
        if details["type"] != "too_short" or not _has_faults_inside(details, all_details)
    ]


def _has_faults_inside(details: ErrorDetails, others: Sequence[ErrorDetails]) -> bool:
    """Whether a list counts as short only because values in it are at fault themselves."""
    location = details["loc"]
    return any(o["loc"][: len(location)] == location and o["loc"] != location for o in others)


def _describe(table: str, error: ErrorDetails, tables: Tables) -> Fault:
    location: Location = (table, *(step for step in error["loc"] if not str(step).startswith("~")))
    kind, value = error["type"], error["input"]
    if kind == "rule":
        return Fault(location, error["msg"])
    if kind == "extra_forbidden":
        return Fault(location, unknown_key(location, known_keys(tables, location[:-1]), tables))
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        text = f"one of {', '.join(words)} must be given, found {found(value)}; "
        return Fault(location, text + choose(str(value), words))
    if kind == "model_type" and isinstance(location[-1], str):
        known = known_keys(tables, location[:-1])
        open_ended = any(hasattr(m, "others") for m in _models_at(tables, location[:-1]))
        if open_ended and location[-1] not in known and not isinstance(value, Mapping):
            return Fault(location, unknown_key(location, [*known, "<regularizer>"], tables))
    limits = {k: f"{v:g}" if isinstance(v, float) else v for k, v in error.get("ctx", {}).items()}
    rule = PYDANTIC_RULES[kind].format(**limits) if kind in PYDANTIC_RULES else error["msg"]
    seen = "nothing" if kind == "missing" else found(value)
    advice = _rewritten(kind, location, value) or _advice(tables, location)
    return Fault(location, f"{rule}, found {seen}; {advice}")


def _rewritten(kind: str, location: Location, value: object) -> str:
    """The line to write where a text should have been a list or a number; "" for all else."""
    if not isinstance(value, str) or isinstance(location[-1], int):
        return ""
    key = dotted(location[-1:])
    if kind == "tuple_type":
        return f"write {key} = [{json.dumps(value)}]"
    if kind in NUMBER_TYPES and isinstance(number := _number(value), NUMBER_TYPES[kind]):
        return f"write {key} = {number} without quotes"
    return ""


def _number(text: str) -> int | float | None:
    """The finite number that a text holds; None for one that holds something else."""
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else None
    return None


def _advice(tables: Tables, location: Location) -> str:
    """The default or an example of a key, as something to write instead."""
    while isinstance(location[-1], int):
        location = location[:-1]
    if location in ADVICE:
        return ADVICE[location]
    key = str(location[-1])
    fields = [model.model_fields.get(key) for model in _models_at(tables, location[:-1])]
    field = next((field for field in fields if field is not None), None)
    if field is not None and field.examples:
        return f"write for example {key} = {json.dumps(field.examples[0])}"
    if field is None or field.default is None or isinstance(field.default, BaseModel | dict):
        return f"studies/README.md says what {dotted((key,))} takes"
    return f"the default is {json.dumps(field.default)}"


def unknown_key(location: Location, known: Sequence[str], tables: Tables) -> str:
    """What to say of the key that ``location`` ends with, where only ``known`` keys may stand."""
    key = str(location[-1])
    table, looked_for = location[0], SYNONYMS.get(key.lower(), key.lower())
    if len(location) == 2 and (advice := NOT_KEYS.get((str(table), looked_for))):
        return f"unknown key; {advice}"
    near = [looked_for] if looked_for in known else get_close_matches(key.lower(), known, 1)
    homes = [name for name, table in tables.items() if key in table.model_fields]
    if near:
        return f"unknown key; did you mean {near[0]}?"
    if homes and len(location) <= 2:
        return f"unknown key; did you mean {homes[0]}.{key}?"
    return f"unknown key; known here: {', '.join(known)}"


def known_keys(tables: Tables, location: Location) -> list[str]:
    """The keys that may stand in the table at ``location``, in their order."""
    fields = [item for model in _models_at(tables, location) for item in model.model_fields.items()]
    return list(dict.fromkeys(key for key, field in fields if not field.exclude))


def _models_at(tables: Tables, location: Location) -> list[type[BaseModel]]:
    """The kinds of table that may stand at ``location``."""
    models = [tables[str(step)] for step in location[:1]]
    for step in location[1:]:
        fields = [model.model_fields[str(step)] for model in models if step in model.model_fields]
        if fields:  # else the step is a name from the study, such as an axis
            models = [model for field in fields for model in _models_in(field.annotation)]
        else:
            models = [getattr(model, "others", model) for model in models]
    return models


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The tables that a type mentions, however deep inside."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
