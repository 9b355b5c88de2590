"""What to change in the study file next, and about how many minutes that takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.gather.finalists import lost_finalists
from dashboards.gather.frames import Frames
from dashboards.gather.outcome import UNADVISED, Finding, Outcome
from dashboards.gather.sides import undefined_by, zone_end
from dashboards.gather.study_file import tables_of
from dashboards.gather.tables import path_trials
from dashboards.sections.next_ranges import may_grow, range_line, short, wider
from sweep.checks.estimates import overlap_of
from sweep.checks.tables import diverged_ends
from sweep.records.facts import StoredStudy
from sweep.records.parameters import MAX_EPOCHS
from sweep.regularizers.catalogue import REGULARIZERS
from sweep.statistics.advice import FLOOR, wants_strengths
from sweep.statistics.endings import Ending
from sweep.statistics.ladder import BEYOND, COARSE
from sweep.statistics.paired_tests import saturated
from sweep.statistics.verdicts import Advice, SideVerdict, Verdict
from sweep.study.settings import STRENGTH_RUNS

UNITS = 5
"""Resamples of a study that says nothing of them."""
GOOD_UNITS = 10
"""Resamples that are recommended."""
MUCH = 0.5
"""A share of the gain from which on early stopping belongs among the penalties."""
MOST = 4
POINTS = 13
"""Strengths of a path that a study has which says nothing of them."""
MORE_POINTS = COARSE - 1
"""Strengths that a ladder is given more: as many as the gaps that it began with."""
FACTOR = 5.0
"""How far the learning rates to try next lie from the one that was tried."""
STOPPER = next(name for name, known in REGULARIZERS.items() if known.setting == "patience")


@dataclass(frozen=True)
class NextStep:
    """A line of the study file; its key is dotted, so that it says its table."""

    line: str
    why: str
    minutes: float = math.nan
    """More than this study took, 0 for no more; nan where that is not known."""

    @property
    def table(self) -> str:
        """The table of the file that it belongs to."""
        return self.line.partition(".")[0]

    @property
    def key(self) -> str:
        """The line as it stands below the table's head."""
        return self.line.partition(".")[2]

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


def _finalists(outcome: Outcome) -> Iterator[NextStep]:
    """Lower learning rates, where no finalist of a penalty completed."""
    trials = outcome.frames.trials
    for penalty, own in lost_finalists(trials).items():
        lowest, is_axis = float(own["lr"].min()), trials["lr"].nunique() > 1
        if math.isfinite(lowest):  # a loop of the user's may have none
            low, high = _toml(lowest / FACTOR), _toml(lowest)
            axis = f'search.axes.lr = {{ low = {low}, high = {high}, scale = "log" }}'
            why = f"no finalist of {penalty} completed"
            yield NextStep(axis if is_axis else f"training.lr = {low}", why, 0.0)


def _paths(outcome: Outcome) -> Iterator[NextStep]:
    if not outcome.frames.penalties and outcome.finding is not Finding.DIVERGED:
        why = "no path was trained, so there are no limits"
        runs = POINTS * _units(outcome.frames.study) * len(outcome.frames.study.penalties)
        yield NextStep(f"path.points = {POINTS}", why, _minutes(outcome, runs, "explore"))


def _wider(outcome: Outcome) -> Iterator[NextStep]:
    """Ends of ranges beyond which the best or a boundary may lie."""
    if pressing := _ranges(outcome, _beyond):
        yield _range_step(outcome, pressing, "the best may lie beyond an end of the range of")


def _further(outcome: Outcome) -> Iterator[NextStep]:
    """Stronger strengths, where the strongest shows no underfitting yet."""
    ranges = {} if _ranges(outcome, _beyond) else _ranges(outcome, _without_underfitting)
    if ranges:
        yield _range_step(outcome, ranges, "the strongest strength shows no underfitting by")


Ranges = dict[str, tuple[float, float]]


def _range_step(outcome: Outcome, ranges: Ranges, why: str) -> NextStep:
    line = range_line(outcome.frames.study.text, ranges)
    return NextStep(line, f"{why} {', '.join(ranges)}", 0.0)


def _ranges(outcome: Outcome, open_ends: Callable[[Mapping[str, Any]], set[str]]) -> Ranges:
    """Wider ranges by penalty, where a path has an open end beyond which runs do not diverge."""
    found: Ranges = {}
    for penalty, table in outcome.frames.paths.items():
        boundary = outcome.frames.boundary(penalty)
        ladder = table.loc[table["strength"] > 0, "strength"]
        if boundary is None or ladder.empty:
            continue
        low, high = float(ladder.min()), float(ladder.max())
        closed = set(diverged_ends(path_trials(outcome.frames.trials, penalty)))
        closed |= set() if may_grow(penalty, high) else {"high"}
        if ends := open_ends(boundary) - closed:
            found[penalty] = wider(penalty, low, high, ends)
    return found


def _beyond(boundary: Mapping[str, Any]) -> set[str]:
    verdict, left = undefined_by(boundary), zone_end(boundary, "left").verdict
    weaker = verdict in (Verdict.EXTEND_WEAKER, Verdict.EXTEND_BOTH)
    ends = {"low"} if weaker or left is SideVerdict.BELOW_RANGE else set()
    return ends | ({"high"} if verdict in (Verdict.EXTEND_STRONGER, Verdict.EXTEND_BOTH) else set())


def _without_underfitting(boundary: Mapping[str, Any]) -> set[str]:
    seen = undefined_by(boundary) in (None, Verdict.NO_EFFECT)
    return {"high"} if seen and boundary["advice_kind"] == Advice.EXTEND_STRONGER else set()


def _longer(outcome: Outcome) -> Iterator[NextStep]:
    """Twice the epochs, where training was still improving at its end."""
    facts = outcome.frames.study
    if _asked(outcome, "RS304") and facts.epochs and MAX_EPOCHS not in outcome.frames.trials:
        why = "training was still improving at its end"
        minutes = _minutes(outcome, _runs_of(outcome))
        yield NextStep(f"training.epochs = {2 * facts.epochs}", why, minutes)


def _rate(outcome: Outcome) -> Iterator[NextStep]:
    """The learning rate among the axes, where it was held fixed."""
    rates = outcome.frames.trials["lr"].dropna().unique()
    if _asked(outcome, "RS405") and len(rates) == 1 and not outcome.frames.study.loop:
        low, high = _toml(rates[0] / FACTOR), _toml(rates[0] * FACTOR)
        line = f'search.axes.lr = {{ low = {low}, high = {high}, scale = "log" }}'
        yield NextStep(line, "one learning rate was tried")


def _strengths(outcome: Outcome) -> Iterator[NextStep]:
    """More strengths on the ladders, where some path asks for them and not for a wider range."""
    frames = outcome.frames
    boundaries = [b for b in map(frames.boundary, frames.paths) if b is not None]
    within = [b for b in boundaries if undefined_by(b) not in BEYOND]
    short = sum(wants_strengths(Advice(b["advice_kind"]), Ending(b["ending_kind"])) for b in within)
    why = "the ladder has too few strengths"
    path = _path_of(frames.study)
    points, runs = int(path.get("points", POINTS)), path.get("runs")
    bought = math.inf if runs is None else int(runs) // STRENGTH_RUNS
    if short and bought < points and (step := _more_runs(outcome, why)):
        yield step
    elif short:
        minutes = _minutes(outcome, short * MORE_POINTS * _units(frames.study))
        yield NextStep(f"path.points = {points + MORE_POINTS}", why, minutes)


def _asked(outcome: Outcome, code: str) -> bool:
    """Whether a check found something."""
    found = {one.check.code: one.result.state for one in outcome.frames.checked}
    return code in found and found[code].pressing


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
    """More resamples, where the intervals of some path would be narrower by them."""
    frames = outcome.frames
    if outcome.finding is Finding.NO_SIGNAL:  # which more resamples would only confirm
        return
    if frames.study.design == "kfold":
        return
    counts = {penalty: int(table["units"].max()) for penalty, table in frames.paths.items()}
    short = [n for penalty, n in counts.items() if n < GOOD_UNITS and _narrows(frames, penalty, n)]
    if short:
        why = "narrower intervals"
        minutes = _minutes(outcome, _runs_of(outcome) * (GOOD_UNITS / min(short) - 1))
        step = NextStep(f"path.resamples = {GOOD_UNITS}", why, minutes)
        yield _more_runs(outcome, why) or step


def _more_runs(outcome: Outcome, why: str) -> NextStep | None:
    """Twice the runs of each path, where the study says how many those are."""
    runs = _path_of(outcome.frames.study).get("runs")
    if runs is None:
        return None
    return NextStep(f"path.runs = {2 * int(runs)}", why, _minutes(outcome, _runs_of(outcome)))


def _narrows(frames: Frames, penalty: str, n_resamples: int) -> bool:
    """Whether more resamples would narrow a path's intervals, as its advice has it: those that rest
    on the losses of single rows want more rows.
    """
    boundary = frames.boundary(penalty)
    if n_resamples < FLOOR or boundary is None:
        return True
    kept = math.inf if boundary.get("n_rows") else overlap_of(frames.study)
    return not saturated(n_resamples, kept)


RULES = (
    *(_slower, _finalists, _paths, _wider, _further, _longer, _stopping, _rate, _strengths),
    _resamples,
)


def _path_of(study: StoredStudy) -> dict[str, Any]:
    """What the study file says of paths."""
    path: dict[str, Any] = tables_of(study.text).get("path", {})
    return path


def _units(study: StoredStudy) -> int:
    """On how many divisions of the rows every strength of a path is trained."""
    if study.n_folds:
        return study.n_folds
    return int(_path_of(study).get("resamples", UNITS))


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
    return f"{short(value):g}"
