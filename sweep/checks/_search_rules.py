"""Rules on the search: ranges, how many trials were good, and what was held fixed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sweep.checks._words import listed, percent
from sweep.checks.best_of import best_of_penalties, complete_of, values_of
from sweep.checks.results import CheckResult, judged, not_applicable
from sweep.checks.tables import StudyTables, diverged_ends, once
from sweep.metrics.columns import read_column
from sweep.records.parameters import ALL_LAYERS, LAYER_STRENGTH, TAU, USE
from sweep.records.trial import Phase, State
from sweep.regularizers.catalogue import has_path, has_timescale, is_mixture
from sweep.statistics.ladder import BEYOND
from sweep.statistics.number_words import count, two_digits
from sweep.statistics.verdicts import SideVerdict, Verdict
from sweep.store.frames import describe_frame

NO_PATHS = "No path has results at two strengths."
FEWEST_STRENGTHS = 3
"""In a good zone; between fewer the curve may bend unseen."""
FEWEST_GOOD, FEWEST_TRIALS = 3, 4
GOOD_SHARE = 0.05
"""Of the skill: what is within it of the best is as good, as the boundaries have it."""
ENOUGH_SHARE = 0.02
"""Of the skill: what the second half of a search may still save."""
FEWEST_FOR_BEST = 8
LEAST_LADDER = 4
"""Strengths of a path, above which one step from its end is near the edge."""


def best_inside(tables: StudyTables) -> CheckResult:
    """Best strengths within one step of an end of the ladder."""
    if not tables.ladders:
        return not_applicable(NO_PATHS)
    known = {p: e for p in tables.ladders if (e := _near_ends(tables, p)) is not None}
    if not known:
        return not_applicable("No path has a best strength of its own.")
    near = {penalty: ends for penalty, ends in known.items() if ends}
    words = [
        f"{penalty}: the best strength lies within one step of the {' and the '.join(ends)} end of "
        "the searched range."
        for penalty, ends in near.items()
    ]
    moves = [_move(tables, penalty, end) for penalty, ends in near.items() for end in ends]
    passed = f"The best of {listed(known)} has stronger and weaker ones beside it."
    return judged(bool(near), words or passed, float(len(near)), " ".join(moves))


def _near_ends(tables: StudyTables, penalty: str) -> tuple[str, ...] | None:
    """The ends of a path that its best strength is near; None where the path has no one best, or
    does as well without regularization.
    """
    boundary, ladder = tables.boundary(penalty), tables.ladders[penalty]
    if boundary is None:
        return None
    if (verdict := Verdict(boundary["verdict"])) in BEYOND:
        return BEYOND[verdict]
    left, right = _sides(boundary)
    strengths = ladder.loc[ladder["strength"] > 0, "strength"].to_numpy()
    open_left = left in (SideVerdict.UNDEFINED, SideVerdict.NONE, SideVerdict.INCONCLUSIVE)
    if open_left or right is SideVerdict.UNDEFINED or len(strengths) <= LEAST_LADDER:
        return None
    best = float(tables.best_point(penalty)["strength"])
    ends = {"low": strengths[:2], "high": strengths[-2:]}
    return tuple(end for end, steps in ends.items() if best in steps)


def _sides(boundary: Mapping[str, Any]) -> tuple[SideVerdict, SideVerdict]:
    left, right = boundary["overfitting_verdict"], boundary["underfitting_verdict"]
    return SideVerdict(left), SideVerdict(right)


def _move(tables: StudyTables, penalty: str, end: str) -> str:
    """What to do to see beyond an end."""
    further = "weaker" if end == "low" else "stronger"
    if tables.study.source:
        return f"Train at {further} strengths of {penalty} too."
    if end in diverged_ends(tables.path(penalty)):
        return f"Lower the learning rate: runs diverge at {further} strengths of {penalty}."
    key = f"search.strength.{penalty}.{end}"
    if has_timescale(penalty) and tables.study.timescale:
        key = f"search.timescale.{'high' if end == 'low' else 'low'}"
    return f"Move {key} further out."


def strengths_in_zone(tables: StudyTables) -> CheckResult:
    """How many strengths of a path lie in its good zone."""
    counts = {p: n for p in tables.ladders if (n := _in_zone(tables, p)) is not None}
    if not counts:
        return not_applicable("No path has a good zone whose ends are known.")
    few = [p for p, n in counts.items() if n < FEWEST_STRENGTHS]
    words = [
        f"{p}: {count(counts[p], 'strength')} {'lies' if counts[p] == 1 else 'lie'} in the good "
        "zone."
        for p in few or counts
    ]
    numbers = {p: float(n) for p, n in counts.items()}
    return judged(bool(few), words, min(numbers.values()), numbers=numbers)


def _in_zone(tables: StudyTables, penalty: str) -> int | None:
    """Strengths of a penalty's path in its good zone; None where an end of that is not known."""
    boundary = tables.boundary(penalty)
    if boundary is None:
        return None
    known = (SideVerdict.FOUND, SideVerdict.NONE, SideVerdict.BELOW_RANGE)
    left, right = _sides(boundary)
    if left not in known or right not in known:
        return None
    low = float(boundary["overfitting_ends"]) if left is SideVerdict.FOUND else 0.0
    high = float(boundary["underfitting_starts"]) if right is SideVerdict.FOUND else math.inf
    strengths = tables.ladders[penalty]["strength"]
    return int(((strengths > 0) & (strengths >= low) & (strengths <= high)).sum())


def trials_in_good_region(tables: StudyTables) -> CheckResult:
    """How many complete trials of each penalty are about as good as its best."""
    counts = {}
    for penalty, values in values_of(tables).items():
        tolerance = GOOD_SHARE * tables.skill(complete_of(tables, penalty))
        if len(values) >= FEWEST_TRIALS and tolerance > 0:
            counts[penalty] = int((values <= values.min() + tolerance).sum())
    if not counts:
        return not_applicable(
            f"No penalty has {FEWEST_TRIALS} complete trials and a known constant predictor."
        )
    few = [p for p, n in counts.items() if n < FEWEST_GOOD]
    total = {p: len(values) for p, values in values_of(tables).items()}
    words = [
        f"{p}: {counts[p]} of {count(total[p], 'complete trial')} {_are(counts[p])} about as good "
        "as its best."
        for p in few or counts
    ]
    numbers = {p: float(n) for p, n in counts.items()}
    return judged(bool(few), words, min(numbers.values()), numbers=numbers)


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def search_enough(tables: StudyTables) -> CheckResult:
    """What half of the search would have found, beside all of it."""
    saved, sizes = {}, {}
    for penalty, curve in best_of_penalties(tables).items():
        skill = tables.skill(complete_of(tables, penalty))
        if curve.n >= FEWEST_FOR_BEST and skill > 0:
            saved[penalty], sizes[penalty] = curve.second_half / skill, curve.n
    if not saved:
        return not_applicable(f"No penalty has {FEWEST_FOR_BEST} trials and a known skill.")
    worst = max(saved, key=lambda p: saved[p])
    words = [
        f"{p}: the second half of its {sizes[p]} trials is expected to have saved "
        f"{percent(saved[p])} of what there is to learn."
        for p in [p for p in saved if saved[p] > ENOUGH_SHARE] or [worst]
    ]
    return judged(saved[worst] > ENOUGH_SHARE, words, saved[worst], numbers=saved)


def kept_fixed(tables: StudyTables) -> CheckResult:
    """Hyperparameters as swept beside the strength (nuisance), and fixed."""
    facts = tables.study
    if facts.source or tables.explored.empty:
        return not_applicable("No search of this program has ended trials.")
    nuisance = moving_axes(tables)
    fixed = {
        "lr": _one(tables.explored["lr"]),
        "optimizer": facts.optimizer,
        "batch_size": facts.batch_size,
        "epochs": facts.epochs,
        "schedule": facts.schedule,
    }
    if facts.loop:  # which has an optimizer and a schedule of its own, and often a rate
        fixed = {key: fixed[key] for key in ("lr", "batch_size", "epochs")}
    kept = [f"{n} ({_plain(v)})" for n, v in fixed.items() if n not in nuisance and _known(v)]
    rest = ", and what the loop itself sets" if facts.loop else ""
    words = [
        f"Swept: the strength of {listed(tables.searched_penalties) or 'nothing'}.",
        f"Searched beside it: {listed(nuisance) or 'nothing'}.",
        f"Fixed: {listed(kept) or 'nothing'}{rest}.",
    ]
    is_unknown = bool(facts.loop) and fixed["lr"] is None
    alone = not nuisance if is_unknown else "lr" not in nuisance
    return judged(alone, words, float(len(nuisance)))


@once
def moving_axes(tables: StudyTables) -> list[str]:
    """What differs between trials of the search, strengths and those of a mixture aside."""
    explored, mixed = tables.explored, set(tables.study.cocktail)
    described = {*describe_frame("trials_frame")["column"], TAU} - {"lr", "optimizer"}
    names = [
        name
        for name in map(str, explored.columns)
        if name not in described | mixed
        and name not in LAYER_STRENGTH
        and name not in USE
        and read_column(name) is None
    ]
    return [name for name in names if explored[name].nunique() > 1]


def _one(values: pd.Series) -> float | None:
    found = values.dropna().unique()
    return float(found[0]) if len(found) else None


def _known(value: object) -> bool:
    return value is not None and value != ""


def _plain(value: object) -> str:
    return two_digits(value) if isinstance(value, float) else str(value)


def every_path(tables: StudyTables) -> CheckResult:
    """Penalties that have no path."""
    movable = [p for p in tables.study.penalties if has_path(p)]
    if tables.study.source:
        return not_applicable("The runs were trained elsewhere (RS102).")
    if not tables.finished:
        return not_applicable("The study has not finished (RS101).")
    if not movable:
        return not_applicable("No penalty of the study has a strength to move.")
    trials = tables.trials[tables.trials["phase"] == str(Phase.PATH)]
    mixed = set(trials.loc[trials["path"] != ALL_LAYERS, "penalty"])
    missing = [
        p for p in movable if p not in tables.penalties and not (is_mixture(p) and p in mixed)
    ]
    words = f"Paths were trained for {listed(movable)}."
    action = ""
    if missing:
        words = f"No path was trained for {', '.join(sorted(missing))}: no boundaries for it."
        if not (tables.runs["state"] == str(State.COMPLETE)).any():
            action = "None of its runs came to an end: lower the learning rate."
    return judged(bool(missing), words, float(len(missing)), action)
