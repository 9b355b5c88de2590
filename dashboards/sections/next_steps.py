"""What to change in the study file next, and about how many minutes that takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dashboards.gather.outcome import UNADVISED, Finding, Outcome
from dashboards.gather.sides import undefined_by, zone_end
from dashboards.gather.study_file import tables_of
from sweep.checks.estimates import overlap_of
from sweep.records.facts import StoredStudy
from sweep.regularizers.catalogue import REGULARIZERS
from sweep.statistics.paired_tests import saturated
from sweep.statistics.verdicts import SideVerdict, Verdict

UNITS = 5
"""Resamples of a study that says nothing of them."""
GOOD_UNITS = 10
"""Resamples that are recommended."""
MUCH = 0.5
"""A share of the gain from which on early stopping belongs among the penalties."""
MOST = 4
POINTS = 13
"""Strengths of a path that a study has which says nothing of them."""
FURTHER = 10.0
"""By how much an end of a range is moved."""
STOPPER = next(name for name, known in REGULARIZERS.items() if known.setting == "patience")


@dataclass(frozen=True)
class NextStep:
    """A line of the study file."""

    line: str
    why: str
    minutes: float = math.nan
    """More than this study took, 0 for no more; nan where that is not known."""

    @property
    def cost(self) -> str:
        """The time in words; "" where it is not known."""
        if not math.isfinite(self.minutes):
            return ""
        if self.minutes == 0:
            return "about as long as now"
        return "under a minute more" if self.minutes < 1 else f"about {self.minutes:.0f} min more"


def next_steps(outcome: Outcome) -> list[NextStep]:
    """The first few of what would help, the most pressing first."""
    if not outcome.finished or outcome.frames.study.source:  # which has no study file
        return []
    found = [step for rule in RULES for step in rule(outcome)]
    return list({step.line: step for step in found}.values())[:MOST]


def _slower(outcome: Outcome) -> Iterator[NextStep]:
    if outcome.finding is Finding.DIVERGED:
        lowest = float(outcome.frames.trials["lr"].min())
        yield NextStep(f"training.lr = {_toml(lowest / 10)}", "every run diverged")


def _paths(outcome: Outcome) -> Iterator[NextStep]:
    if not outcome.frames.penalties and outcome.finding is not Finding.DIVERGED:
        why = "no path was trained, so there are no limits"
        runs = POINTS * _units(outcome.frames.study) * len(outcome.frames.study.penalties)
        yield NextStep(f"path.points = {POINTS}", why, _minutes(outcome, runs, "explore"))


def _wider(outcome: Outcome) -> Iterator[NextStep]:
    """Ends of ranges beyond which the best or a boundary may lie."""
    for penalty, table in outcome.frames.paths.items():
        boundary = outcome.frames.boundary(penalty)
        ladder = table.loc[table["strength"] > 0, "strength"]
        if boundary is None or ladder.empty:
            continue
        verdict = undefined_by(boundary)
        left = zone_end(boundary, "left").verdict
        ends = {
            "low": verdict in (Verdict.EXTEND_WEAKER, Verdict.EXTEND_BOTH)
            or left is SideVerdict.BELOW_RANGE,
            "high": verdict in (Verdict.EXTEND_STRONGER, Verdict.EXTEND_BOTH),
        }
        values = {"low": float(ladder.min()) / FURTHER, "high": float(ladder.max()) * FURTHER}
        for end in (end for end, wanted in ends.items() if wanted):
            line = f"search.strength.{penalty}.{end} = {_toml(values[end])}"
            yield NextStep(line, f"the best may lie beyond the {end} end", 0.0)


def _stopping(outcome: Outcome) -> Iterator[NextStep]:
    stop, penalties = outcome.early_stop, outcome.frames.study.penalties
    if stop is None or STOPPER in penalties or outcome.finding in UNADVISED:
        return
    if outcome.frames.study.loop:  # which stops its runs itself
        return
    if stop.beats_strength or (math.isfinite(stop.share) and stop.share >= MUCH):
        runs = _runs_of(outcome) / max(1, len(outcome.frames.penalties))
        names = ", ".join(f'"{name}"' for name in [*penalties, STOPPER])
        why = "stopping early alone gets much of the gain"
        yield NextStep(f"search.penalties = [{names}]", why, _minutes(outcome, runs))


def _resamples(outcome: Outcome) -> Iterator[NextStep]:
    frames = outcome.frames
    counts = [int(table["units"].max()) for table in frames.paths.values()]
    if outcome.finding is Finding.NO_SIGNAL:  # which more resamples would only confirm
        return
    if not counts or frames.study.design == "kfold":
        return
    n = min(counts)
    if n < GOOD_UNITS and not saturated(n, overlap_of(frames.study)):
        runs = _runs_of(outcome) * (GOOD_UNITS / n - 1)
        why = "narrower intervals"
        yield NextStep(f"path.resamples = {GOOD_UNITS}", why, _minutes(outcome, runs))


RULES = (_slower, _paths, _wider, _stopping, _resamples)


def _units(study: StoredStudy) -> int:
    """On how many divisions of the rows every strength of a path is trained."""
    if study.n_folds:
        return study.n_folds
    return int(tables_of(study.text).get("path", {}).get("resamples", UNITS))


def _runs_of(outcome: Outcome, phase: str = "path") -> float:
    trials = outcome.frames.trials
    own = trials.loc[trials["phase"] == phase, "trial"]
    return float(outcome.frames.runs["trial"].isin(own).sum())


def _minutes(outcome: Outcome, runs: float, phase: str = "path") -> float:
    """How long so many more runs take, by how long those of a phase took on this machine."""
    table, done = outcome.frames.occupancy, _runs_of(outcome, phase)
    if table.empty or not done:
        return math.nan
    seconds = float(table.loc[table["phase"] == phase, "seconds"].sum())
    return seconds / done * runs / 60 if seconds else math.nan


def _toml(value: float) -> str:
    """A number that TOML reads, as short as it can be."""
    return f"{float(f'{value:.2g}'):g}"
