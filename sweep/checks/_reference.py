"""The catalogue of checks as a page, ``sweep/checks/CHECKS.md``.

Run ``python -m sweep.checks._reference`` (or ``make docs``) after changing it; a test compares
them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from sweep.checks.catalogue import CHECKS
from sweep.checks.check import Check, Unit

TARGET = Path(__file__).with_name("CHECKS.md")
HEAD = """# Checks of a study

Written by `make docs` from `sweep/checks/catalogue.py`. A study's page lists them under Checks,
`checks.json` beside it and `sweep.checks_frame` have them for programs. A check is passed, asks for
attention, has failed (the answer cannot be used as it stands), or is not applicable where the study
has not recorded what it reads. `[report] ignore = ["RS104"]` in the study file switches a check
off: it is then listed as ignored.
"""
WORDS = {Unit.NONE: "-", Unit.OBJECTIVE: "the objective"}


def render_checks() -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, *_parts()])


def _parts() -> Iterator[str]:
    for group, checks in groupby(CHECKS.values(), key=lambda check: check.group):
        yield f"## {str(group).capitalize()}\n"
        yield "| code | passed where | how it is found | why it matters | what to do | number |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from map(_line, checks)
        yield ""


def _line(check: Check) -> str:
    number = WORDS.get(check.unit, str(check.unit))
    cells = (check.code, check.claim, check.how, check.why, check.action, number)
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Writes ``sweep/checks/CHECKS.md``."""
    TARGET.write_text(render_checks(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")


if __name__ == "__main__":
    main()
