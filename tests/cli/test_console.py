"""What becomes of lines where nothing takes them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from sweep.cli import console
from sweep.errors import StoreError


def print_nothing() -> None:
    with console.reporting_output_errors():
        pass


@pytest.mark.parametrize("printing", [lambda: console.echo("found"), print_nothing])
def test_a_standard_output_that_the_code_of_a_study_closed_gets_one_line(
    monkeypatch: pytest.MonkeyPatch, printing: Callable[[], None]
) -> None:
    discarded: list[bool] = []
    monkeypatch.setattr(console, "discard_output", lambda: discarded.append(True))
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    with pytest.raises(StoreError, match=r"standard output: .*found I/O operation on closed file"):
        printing()
    assert discarded
