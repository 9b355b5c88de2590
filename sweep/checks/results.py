"""What a check came to: its state, its number, what was found and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class CheckState(StrEnum):
    """How a check ended; the most pressing comes first."""

    FAILED = "failed"
    """The answer cannot be used as it stands."""
    ATTENTION = "attention"
    """The answer is to be read with this in mind."""
    PASSED = "passed"
    NOT_APPLICABLE = "not_applicable"
    """The study has not recorded what the check reads; what was found says why."""
    IGNORED = "ignored"
    """The study file switches the check off."""

    @property
    def pressing(self) -> bool:
        """Whether somebody should look at it."""
        return self in (CheckState.FAILED, CheckState.ATTENTION)


@dataclass(frozen=True)
class CheckResult:
    """What a rule returns."""

    state: CheckState
    found: tuple[str, ...] = ()
    """Sentences."""
    value: float = math.nan
    """The number that decided, in the unit of the catalogue; nan where there is none."""
    action: str = ""
    """What to do in this study; "" for what the catalogue says."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Other numbers by name, for figures and programs."""


def judged(
    pressing: bool,
    found: str | Iterable[str],
    value: float = math.nan,
    action: str = "",
    numbers: Mapping[str, float] | None = None,
    state: CheckState = CheckState.ATTENTION,
) -> CheckResult:
    """A result that is passed, or ``state`` where it is pressing."""
    sentences = (found,) if isinstance(found, str) else tuple(dict.fromkeys(found))
    ended = state if pressing else CheckState.PASSED
    return CheckResult(ended, tuple(filter(None, sentences)), value, action, numbers or {})


def not_applicable(why: str) -> CheckResult:
    """A result of a check that cannot be made, and why."""
    return CheckResult(CheckState.NOT_APPLICABLE, (why,))
