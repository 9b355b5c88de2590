"""How to use what was found: lines of Python for each penalty, to be pasted into one's own code."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.gather.facts import alike
from dashboards.gather.names import setting_name
from dashboards.gather.outcome import Outcome, Recommended
from dashboards.gather.rivals import Rival
from dashboards.gather.sides import best_strength, why_no_boundaries, zone_end
from dashboards.gather.study_file import tables_of
from sweep.records.parameters import LAYER_STRENGTH, USE
from sweep.records.trial import Trial
from sweep.regularizers.catalogue import REGULARIZERS, acts_on_weights, is_mixture, regularizes
from sweep.regularizers.loop_usage import command_line, function_lines
from sweep.regularizers.usage import usage_lines
from sweep.study.command import filled, placeholders

WIDTH = 42
"""Characters of a line beside the figure."""
GIVEN = ("lr", "batch_size", "epochs")
"""Keys of ``[training]`` that a loop of the user's is handed."""
SELECTION = ("scope", "include", "exclude")
"""Keys of ``[search]`` that say which weights are regularized."""


SOURCE = "best.pt"
"""The file that says how a mixture regularizes; it has more strengths than lines could show."""


@dataclass(frozen=True)
class Usage:
    """The lines of one setting."""

    name: str
    lines: str
    recommended: bool


def usages(outcome: Outcome) -> list[Usage]:
    """One for each tuned setting of the test split, the recommended one first; before the test
    split the best in validation alone.
    """
    taken = outcome.advised
    if taken is None:
        return []
    tuned = [_of_rival(r, outcome) for r in outcome.rivals if not r.is_baseline]
    others = [t for t in tuned if t.trial != taken.trial and regularizes(t.penalty)]
    return [_usage(outcome, setting, setting is taken) for setting in [taken, *others]]


def _of_rival(rival: Rival, outcome: Outcome) -> Recommended:
    trials = outcome.frames.trials
    lr = float(trials.loc[trials["trial"] == rival.trial, "lr"].iloc[0])
    return Recommended(rival.penalty, rival.strength, lr, rival.trial, tested=True)


def _usage(outcome: Outcome, setting: Recommended, recommended: bool) -> Usage:
    frames = outcome.frames
    row = frames.trials.loc[frames.trials["trial"] == setting.trial].iloc[0]
    record = frames.records.get(setting.trial)
    if frames.study.source and setting.penalty not in REGULARIZERS and regularizes(setting.penalty):
        # a column's name: what it did is known to the code that trained with it
        value = _rounded(best_strength(frames.boundary(setting.penalty), setting.strength))
        text = (
            f"# in the code that trained these runs:\n# {setting.penalty!r} was best at {value!r}"
        )
        return Usage(setting_name(setting.penalty), text, recommended)
    strengths = _strengths(outcome, setting, row.to_dict())
    if frames.study.loop:
        lines = _of_loop(frames.study.text, setting.penalty, strengths, record)
    else:
        lines = usage_lines(
            setting.penalty,
            strengths,
            str(row["optimizer"]),
            _rounded(setting.lr),
            settings=_settings(frames.study.text, record),
            source=SOURCE if is_mixture(setting.penalty) else "",
        )
    if not isinstance(strengths, Mapping):
        lines = (*lines, *_limits(frames.boundary(setting.penalty)))
    as_it_is = frames.study.loop == "command"  # a shell's line is not to be broken like Python
    narrow = lines if as_it_is else [part for line in lines for part in narrow_lines(line)]
    return Usage(setting_name(setting.penalty), "\n".join(narrow), recommended)


def _limits(boundary: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The strengths at the boundaries that were found, as comments."""
    if why_no_boundaries(boundary):
        return ()
    ends = (("smallest", zone_end(boundary, "left")), ("largest", zone_end(boundary, "right")))
    return tuple(f"# {w} good strength: {_rounded(end.value)!r}" for w, end in ends if end.found)


def _of_loop(
    text: str, penalty: str, strengths: Mapping[str, float] | float, record: Trial | None
) -> tuple[str, ...]:
    """The lines for a loop or a command of the user's; what only a run has stays in braces."""
    training = tables_of(text).get("training", {})
    params = {key: training[key] for key in GIVEN if key in training}
    params |= record.params if record is not None else {}
    if is_mixture(penalty) and record is not None:
        strengths = {name: float(params[name]) for name in record.ingredients}
    params = {k: v for k, v in params.items() if k not in USE and k not in REGULARIZERS}
    if command := training.get("command"):
        own = strengths if isinstance(strengths, Mapping) else {"strength": strengths}
        values: dict[str, object] = {name: f"{{{name}}}" for name in placeholders(command)}
        values |= {**dict.fromkeys(REGULARIZERS.keys() & values, 0.0), **params, **own}
        words = filled(command, values | {"penalty": penalty})
        return command_line(words, own.get("strength", math.nan), penalty)
    name = str(training.get("function", "your loop"))
    return function_lines(name, penalty, strengths, params, asks=None)


def narrow_lines(line: str) -> list[str]:
    """A line of Python in several that fit beside a figure, and do the same."""
    room = len(line) - len(line.lstrip())
    if line.lstrip().startswith("#"):
        return textwrap.wrap(
            line.replace(" = ", "="), WIDTH, subsequent_indent=" " * room + "# ",
        )  # fmt: skip
    parts = [" " * room + part for part in line.strip().split("; ")]
    return [piece for part in parts for piece in _broken_call(part, room)]


def _broken_call(line: str, room: int) -> list[str]:
    """Broken after the bracket that opens a call, where it is too long."""
    start, bracket, rest = line.partition("(")
    if len(line) <= WIDTH or not bracket or "#" in line:
        return [line]
    indent = " " * (room + 4)
    return [start + bracket, *textwrap.wrap(
        rest, WIDTH, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )]  # fmt: skip


def _strengths(
    outcome: Outcome, setting: Recommended, row: Mapping[Any, Any]
) -> Mapping[str, float] | float:
    """The layers' strengths where they differ, else the one that the headline names."""
    layers = {
        layer: _rounded(float(value))
        for name, value in row.items()
        if (layer := LAYER_STRENGTH.subject_of(str(name))) is not None and value == value
    }
    shared = alike(outcome.frames.study) or not acts_on_weights(setting.penalty)
    if layers and not shared and not is_mixture(setting.penalty):
        return layers
    return _rounded(best_strength(outcome.frames.boundary(setting.penalty), setting.strength))


def _rounded(value: float) -> float:
    """A number as it stands in the headline."""
    return float(f"{value:.2g}")


def _settings(text: str, record: Trial | None) -> dict[str, object]:
    """What the study file and the trial say of the training, by key and axis."""
    written = tables_of(text)
    search = written.get("search", {})
    known: dict[str, object] = dict(written.get("training", {}))
    known |= {key: search[key] for key in SELECTION if key in search}
    return known | (dict(record.params) if record is not None else {})
