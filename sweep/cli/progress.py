"""Progress of a study: a bar with counts, best value and time left, or plain lines."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from sweep.cli._decoding import PLAIN_SECONDS, DecodingBar, DecodingLines
from sweep.records.trial import Observer, Progress
from sweep.study.study import Study

logger = logging.getLogger("sweep")


@contextmanager
def shown_progress(study: Study) -> Iterator[Observer]:
    """An observer that shows a study's progress, and log lines, until the block ends.

    In a notebook rich needs ipywidgets for a bar that moves; without them there are lines.
    """
    widgets = in_notebook() and find_spec("ipywidgets") is not None
    if widgets or (sys.stderr is not None and sys.stderr.isatty()):
        with _bar(study) as observer:
            yield observer
        return
    with shown_steps():
        yield _Lines(study)


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this process: IPython's shell there has a ``kernel``."""
    ipython = sys.modules.get("IPython")  # no kernel runs without it
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


@contextmanager
def shown_steps() -> Iterator[None]:
    """Log lines, of long steps too, go to stderr until the block ends."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.addFilter(DecodingLines())
    with _logging_to(handler):
        yield


@contextmanager
def _logging_to(handler: logging.Handler) -> Iterator[None]:
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class _Lines:
    """One line now and then, and one at the end of each phase."""

    def __init__(self, study: Study):
        self.study = study
        self.last, self.phase = time.monotonic(), ""

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.phase == self.phase and now - self.last < PLAIN_SECONDS:
            return
        self.last, self.phase = now, progress.phase
        logger.info("%s", _words(progress, self.study))  # a lost stderr ends no sweep


def _words(progress: Progress, study: Study) -> str:
    parts = [
        f"{progress.phase}: {progress.done_runs} of at most {progress.total_runs} runs",
        f"{100 * progress.share:.0f} %",
    ]
    if math.isfinite(progress.best):
        parts.append(_best(progress, study))
    if math.isfinite(progress.seconds_left):
        parts.append(f"{format_seconds(progress.seconds_left)} left")
    return ", ".join(parts)


def _best(progress: Progress, study: Study) -> str:
    """The best value of any trial, as what it is: the lowest or highest of many that are noisy."""
    metric = study.study.metric
    which = "highest" if metric.maximize else "lowest"
    return f"{which} {metric.validation} so far {progress.best:.4g}"


def format_seconds(seconds: float) -> str:
    """``42 s``, ``3 min 05 s``, ``2 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


@contextmanager
def _bar(study: Study) -> Iterator[Observer]:
    from rich.console import Console
    from rich.logging import RichHandler
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[words]}"),
    )
    handler = RichHandler(console=console, show_time=False, show_path=False, show_level=False)
    with _logging_to(handler), Bar(*columns, console=console) as bar:
        handler.addFilter(DecodingBar(bar))
        task = bar.add_task("start", total=1.0, words="")

        def observe(progress: Progress) -> None:
            words = [f"{progress.done_runs}/{progress.total_runs} runs"]
            if math.isfinite(progress.best):
                words.append(_best(progress, study))
            if math.isfinite(progress.seconds_left):
                words.append(f"{format_seconds(progress.seconds_left)} left")
            bar.update(
                task,
                completed=progress.share,
                description=progress.phase,
                words="  ".join(words),
            )

        yield observe
        bar.update(task, completed=1.0, words="done")
