"""Where a study stands while it is run: phase, runs done, time left, and who runs it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from dashboards.gather.frames import Frames
from dashboards.gather.names import listed, setting_name
from dashboards.gather.numbers import count, percent
from sweep.cli.progress import format_seconds
from sweep.errors import StudyError

ENDED = ("complete", "pruned", "diverged", "failed")
STALE = 0.1
"""Share of all runs that may be recorded after the launch said how much is done."""
NUMBERS = ("done_runs", "total_runs", "share", "seconds_left")


@dataclass(frozen=True)
class Launch:
    """Where the launch says that it stands, as ``sweep.records.trial.Progress`` has it."""

    phase: str
    done_runs: int
    total_runs: int
    share: float
    seconds_left: float
    """nan until it is known."""


@dataclass(frozen=True)
class Standing:
    """How far a study is, and whether somebody runs it at this moment."""

    runner: str = ""
    launch: Launch | None = None
    finished: bool = False

    @property
    def is_live(self) -> bool:
        """Whether its page will be written again."""
        return bool(self.runner) and not self.finished

    @property
    def share(self) -> float:
        """The share of the work that is done; nan where it is not known."""
        if self.finished:
            return 1.0
        return math.nan if self.launch is None else self.launch.share


def read_launch(text: str) -> Launch:
    """The launch that a JSON object tells of; StudyError, in one line, for anything else."""
    try:
        found: Any = json.loads(text)
        numbers = {name: math.nan if found[name] is None else found[name] for name in NUMBERS}
        done, total, share, left = (float(value) for value in numbers.values())
        if min(done, total, share, left) < 0 or share > 1:
            raise ValueError("counts, shares and seconds are not below 0")
        return Launch(str(found["phase"]), int(done), int(total), share, left)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise StudyError(
            "--progress: a JSON object with phase, done_runs, total_runs, share and seconds_left "
            f"must be given, found {text[:80]!r}; leave it out"
        ) from error


def standing_words(standing: Standing, frames: Frames) -> list[str]:
    """What the page of a study under way says first, in parts; none once it has ended."""
    if standing.finished:
        return []
    phase = str(frames.trials["phase"].iloc[-1]) if len(frames.trials) else ""
    launch = standing.launch
    done = f"{count(len(frames.runs), 'run')} done"
    parts = []
    if launch is not None:
        phase = phase or launch.phase  # the records are younger than the launch's word
        done = f"{len(frames.runs):,} of at most {count(launch.total_runs, 'run')} done"
    parts += [f"phase {phase}"] if phase else []
    parts.append(done)
    if standing.is_live and launch is not None and _is_current(launch, len(frames.runs)):
        parts.append(f"{percent(round(launch.share, 2))} of the work")
        if math.isfinite(launch.seconds_left):
            parts.append(f"about {format_seconds(launch.seconds_left)} left")
    runs = f"run by {standing.runner}" if standing.runner else "nobody runs it: launch it again"
    return [*parts, runs]


def _is_current(launch: Launch, n_runs: int) -> bool:
    """Whether the launch's word is about as young as the records."""
    return n_runs - launch.done_runs <= STALE * launch.total_runs


def provisional_words(frames: Frames) -> str:
    """That estimates are provisional, and from which paths; "" where there are none or all are
    final.
    """
    if not frames.provisional:
        return ""
    paths = listed(setting_name(penalty) for penalty in frames.provisional)
    return (
        f"Provisional estimates, from the paths that are complete so far ({paths}): strengths "
        "that are added later may move them, and the test split has not been met."
    )
