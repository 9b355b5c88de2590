"""What is said of decoding: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging

from rich.console import Console
from rich.progress import Progress

from sweep.cli._decoding import PLAIN_SECONDS, DecodingBar, DecodingLines
from sweep.records.decoding import Decoding


def record(decoding: Decoding | None, seconds: float = 0.0) -> logging.LogRecord:
    made = logging.LogRecord("sweep", logging.INFO, "", 0, "said", None, None)
    made.created = 1e9 + seconds
    if decoding is not None:
        made.decoding = decoding
    return made


def test_lines_come_now_and_then_and_at_the_end() -> None:
    shown = DecodingLines()
    last = Decoding(9, 9, ended=True)
    times = (0.0, PLAIN_SECONDS - 1, PLAIN_SECONDS + 1, PLAIN_SECONDS + 2)
    assert [shown(record(Decoding(i, 9), s)) for i, s in enumerate(times)] == [
        True,
        False,
        True,
        False,
    ]
    assert shown(record(last, PLAIN_SECONDS + 2))
    assert shown(record(None, PLAIN_SECONDS + 2))


def test_a_bar_moves_and_goes() -> None:
    with Progress(console=Console(quiet=True)) as bars:
        shown = DecodingBar(bars)
        assert shown(record(None))
        assert not shown(record(Decoding(3, 9)))
        (bar,) = bars.tasks
        assert (bar.completed, bar.total, bar.fields["words"]) == (3, 9, "3/9 rows")
        assert not shown(record(Decoding(9, 9, ended=True)))
        assert bars.tasks == []
        shown(record(Decoding(5, None)))
        (bar,) = bars.tasks
        assert (bar.total, bar.fields["words"]) == (None, "5 rows")
