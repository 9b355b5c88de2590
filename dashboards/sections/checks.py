"""The checks of a study as rows of its page: state, number, what was found and what to do."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from dashboards.gather.frames import Frames
from dashboards.gather.metric_format import scale_of, value_text
from dashboards.gather.numbers import count, difference_alone, digits, percent, typeset
from dashboards.sections.check_drawings import drawing_of
from sweep.checks.check import Unit
from sweep.checks.judging import Checked, by_urgency
from sweep.checks.results import CheckState
from sweep.metrics.metric import ACCURACY, Metric

MARKS = {
    CheckState.FAILED: ("✕", "failed"),
    CheckState.ATTENTION: ("!", "attention"),
    CheckState.PASSED: ("✓", "passed"),
    CheckState.NOT_APPLICABLE: ("–", "not applicable"),
    CheckState.IGNORED: ("○", "switched off"),
}
"""A sign and a word for every state, so that no colour stands alone."""
ALWAYS = frozenset({"answers", "provenance", "trials", "boundaries"})
"""Anchors of every page."""
WHILE_IT_RUNS = {"RS101": "Wait for its end: it is being run."}
"""What to do about a check where somebody runs the study, by its code."""
TINY = 1e-4
"""Of a share that is written as a number and not in %."""
_MINUS = re.compile(r"(?<![\w.,])-(?=\d)")


@dataclass(frozen=True)
class CheckRow:
    """A check as the page has it."""

    code: str
    title: str
    state: CheckState
    number: str
    """With its unit; "" where there is none."""
    found: list[str]
    action: str
    how: str
    why: str
    shown_in: str
    """The anchor of the section that shows it; "" where the page has none."""
    drawing: str
    """SVG; "" where the number says all."""

    @property
    def judged(self) -> bool:
        """Whether the study has what the check reads."""
        return self.state.pressing or self.state is CheckState.PASSED

    @property
    def mark(self) -> str:
        return MARKS[self.state][0]

    @property
    def word(self) -> str:
        return MARKS[self.state][1]


@dataclass(frozen=True)
class StateFilter:
    """A choice of rows: those of some states."""

    key: str
    words: str
    n: int


@dataclass(frozen=True)
class ChecksShown:
    """All checks, those first that somebody should look at."""

    rows: list[CheckRow]

    @property
    def found(self) -> list[CheckRow]:
        """Those to look at."""
        return [row for row in self.rows if row.state.pressing]

    @property
    def n_passed(self) -> int:
        return self._number(CheckState.PASSED)

    @property
    def title(self) -> str:
        """How many there are to look at, in a heading."""
        if not self.found:
            return f"Nothing to look at, {count(self.n_passed, 'check')} passed"
        return f"{count(len(self.found), 'check')} to look at, {self.n_passed} passed"

    @property
    def filters(self) -> list[StateFilter]:
        """What a reader may choose from, the first being chosen: nothing that is empty."""
        others = (CheckState.PASSED, CheckState.NOT_APPLICABLE, CheckState.IGNORED)
        choices = [StateFilter("pressing", "to look at", len(self.found))]
        choices += [StateFilter(str(s), MARKS[s][1], self._number(s)) for s in others]
        kept = [choice for choice in choices if choice.n]
        return [*kept, StateFilter("all", "all", len(self.rows))]

    def _number(self, state: CheckState) -> int:
        return sum(row.state is state for row in self.rows)


def checks_shown(
    frames: Frames, anchors: Collection[str] = (), *, runs: bool = False
) -> ChecksShown:
    """The rows of a study's page, which has sections with these anchors; ``runs`` says whether
    somebody runs the study at this moment.
    """
    known = ALWAYS | set(anchors)
    rows = [_row(frames, one, known) for one in by_urgency(frames.checked)]
    if runs:
        rows = [replace(row, action=WHILE_IT_RUNS.get(row.code, row.action)) for row in rows]
    return ChecksShown(rows)


def _row(frames: Frames, one: Checked, anchors: Collection[str]) -> CheckRow:
    check = one.check
    return CheckRow(
        code=check.code,
        title=one.title,
        state=one.result.state,
        number=_number(frames, one),
        found=[_typeset(sentence) for sentence in one.result.found],
        action=_typeset(one.action),
        how=check.how,
        why=check.why,
        shown_in=check.shown_in if check.shown_in in anchors else "",
        drawing=drawing_of(frames, one),
    )


def _number(frames: Frames, one: Checked) -> str:
    """The number that decided, with its unit."""
    value, unit = one.result.value, one.check.unit
    if not math.isfinite(value):
        return ""
    if unit is Unit.SHARE:
        return f"{percent(value) if value >= TINY else digits(value, 2)} {one.check.of}"
    if unit is Unit.OBJECTIVE:
        return _of_objective(frames.objective, value, one.result.numbers)
    return digits(value, 2) if unit is Unit.NONE else count(value, unit.singular, str(unit))


def _of_objective(metric: Metric, value: float, numbers: Mapping[str, float]) -> str:
    """A value, or a gain as exact as its interval, as the first screen has both."""
    if not {"low", "high"} <= numbers.keys():
        return value_text(metric, value)
    gain, low, high = (scale_of(metric) * v for v in (value, numbers["low"], numbers["high"]))
    unit = " points" if metric == ACCURACY else ""
    return difference_alone(gain, low, high, unit)


def _typeset(sentence: str) -> str:
    """A sentence of a rule with numbers as pages write them."""
    return typeset(_MINUS.sub("−", sentence))
