"""Checks of a study: what one is, and what all of them came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dashboards.gather.frames import Frames
from dashboards.gather.numbers import count


@dataclass(frozen=True)
class Check:
    """A rule, and what it is called when it finds something and when it does not."""

    code: str
    title: str
    """What was found, in a line."""
    passed: str
    find: Callable[[Frames], Iterator[str]]


@dataclass(frozen=True)
class Found:
    """A check that found something."""

    code: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """What all checks came to."""

    found: list[Found]
    passed: list[str]

    @property
    def n_passed(self) -> int:
        return len(self.passed)

    @property
    def title(self) -> str:
        """How many there are to look at, in a heading."""
        if not self.found:
            return f"All {count(self.n_passed, 'check')} passed"
        return f"{count(len(self.found), 'check')} to look at, {self.n_passed} passed"


def run_all(checks: Sequence[Check], frames: Frames) -> Checked:
    """What each check says of a study, in their order."""
    found = {check.code: tuple(dict.fromkeys(check.find(frames))) for check in checks}
    shown = [Found(c.code, c.title, found[c.code]) for c in checks if found[c.code]]
    return Checked(shown, [c.passed for c in checks if not found[c.code]])
