"""Cases of a test that ``make test-long`` runs and ``make test`` does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def long(*values: Any) -> Any:
    """A case that takes long."""
    return pytest.param(*values, marks=pytest.mark.long)


def long_but(cases: Iterable[Any], short: Iterable[Any]) -> list[Any]:
    """All cases, of which only the ``short`` ones are run by ``make test``."""
    wanted = list(short)
    return [case if case in wanted else long(case) for case in cases]
