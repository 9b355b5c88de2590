"""Which runs of a table are a path, and why others are a search and no more.

A path is a strength moved alone, every strength trained with the same seeds or folds: then points
differ in the strength and in nothing else. Trials of a search lie where a sampler liked them and
differ in more, so no curve is drawn through them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sweep.errors import DataError
from sweep.imports._table import WHERE, ImportedRun, Unit
from sweep.records.parameters import ALL_LAYERS

FEWEST_STRENGTHS = 4
"""Above 0, for a curve."""


@dataclass(frozen=True)
class RunGroup:
    """The runs of one penalty, or of one layer of it."""

    penalty: str
    layer: str
    runs: tuple[ImportedRun, ...]
    units: tuple[Unit, ...]
    """The seeds or folds of a path, in order; of a search all there are."""
    why_no_path: str
    """Why they are a search; "" for a path."""

    @property
    def is_path(self) -> bool:
        return not self.why_no_path

    @property
    def name(self) -> str:
        """What they are called in a sentence."""
        return self.penalty if self.layer == ALL_LAYERS else f"{self.penalty} on {self.layer}"


def grouped(
    runs: Iterable[ImportedRun], seeds: Sequence[str], strength: str, *, uneven: bool = False
) -> list[RunGroup]:
    """The groups of a table in the order of their first runs.

    ``seeds`` and ``strength`` name columns, for messages; where it may be ``uneven``, strengths of
    a path may have the first seeds alone.
    """
    found: dict[tuple[str, str], list[ImportedRun]] = {}
    for run in runs:
        found.setdefault((run.key.penalty, run.key.layer), []).append(run)
    groups = []
    for (penalty, layer), mine in found.items():
        units = tuple(sorted({run.key.unit for run in mine}, key=_order))
        group = RunGroup(penalty, layer, tuple(mine), units, _why_no_path(mine, seeds, strength))
        if group.is_path and not (uneven and _has_first_seeds(group)):
            _refuse_holes(group, seeds, strength)
        groups.append(group)
    return groups


def _order(unit: Unit) -> tuple[tuple[bool, int | str], ...]:
    """Numbers by size, then words."""
    return tuple((isinstance(part, str), part) for part in unit)


def _why_no_path(runs: Sequence[ImportedRun], seeds: Sequence[str], strength: str) -> str:
    """What these runs lack to be a path; "" for nothing but, maybe, single runs."""
    if not seeds:
        return "no column of seeds or folds was named, so no two strengths are known to share one"
    if varied := _varied(runs):
        words = f"{', '.join(varied)} {'differs' if len(varied) == 1 else 'differ'}"
        return (
            f"{words} between its runs, so more than {strength} moved; import the runs of one "
            "setting as a study of their own"
        )
    strengths = {run.key.strength for run in runs}
    units = [{run.key.unit for run in runs if run.key.strength == s} for s in sorted(strengths)]
    if max(map(len, units)) == 1:
        return "every strength was trained once, so nothing says how large the noise is"
    n_positive = len(strengths - {0.0})
    if n_positive < FEWEST_STRENGTHS:
        return (
            f"it has {n_positive} strength{'s' * (n_positive != 1)} above 0, and a curve needs "
            f"{FEWEST_STRENGTHS}"
        )
    if all(sum(unit in own for own in units) == 1 for unit in set().union(*units)):
        return (
            f"no two strengths share a {' and '.join(seeds)}, so they cannot be compared in pairs"
        )
    return ""


def _varied(runs: Sequence[ImportedRun]) -> list[str]:
    """The settings that are not the same in all runs."""
    names = dict.fromkeys(name for run in runs for name, _ in run.key.settings)
    settings = [dict(run.key.settings) for run in runs]
    return [name for name in names if len({own.get(name) for own in settings}) > 1]


def _has_first_seeds(group: RunGroup) -> bool:
    """Whether each strength of a path has the first seeds of all, two at least, in their order."""
    own: dict[float, set[Unit]] = {}
    for run in group.runs:
        own.setdefault(run.key.strength, set()).add(run.key.unit)
    firsts = (set(group.units[: len(seen)]) for seen in own.values())
    return all(
        len(seen) > 1 and seen == first for seen, first in zip(own.values(), firsts, strict=True)
    )


def _refuse_holes(group: RunGroup, seeds: Sequence[str], strength: str) -> None:
    """DataError where a strength lacks a seed that another has."""
    there = {(run.key.strength, run.key.unit) for run in group.runs}
    strengths = sorted({run.key.strength for run in group.runs})
    holes = [(s, unit) for s in strengths for unit in group.units if (s, unit) not in there]
    if holes:
        value, unit = holes[0]
        words = " ".join(f"{c} {v}" for c, v in zip(seeds, unit, strict=True))
        more = f" and {len(holes) - 1} more like it" if len(holes) > 1 else ""
        raise DataError(
            f"{WHERE}: {group.name}: every strength must have the same {' and '.join(seeds)}, "
            f"found no run of {strength} {value:g} with {words}{more}; add it (an empty loss for "
            "a run that diverged), leave that strength or seed out of the table, or name no seed "
            "to keep all runs as a search"
        )
