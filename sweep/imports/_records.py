"""Imported runs as a study's trials, results and boundaries, as the store keeps them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.errors import DataError
from sweep.imports._groups import RunGroup
from sweep.imports._table import WHERE, ImportedRun, Parameter, Unit
from sweep.metrics.metric import ACCURACY, LOSS, Metric, averaged_columns
from sweep.phases.history import StudyHistory
from sweep.phases.path_boundaries import SAME_NULL, boundary_row, losses_boundary, losses_of
from sweep.records.parameters import ALL_LAYERS
from sweep.records.summary import summarize
from sweep.records.trial import (
    Draw,
    Phase,
    Role,
    Run,
    RunResult,
    State,
    Trial,
    TrialSummary,
)
from sweep.store.whole_study import StudyRows


@dataclass(frozen=True, kw_only=True)
class PathDesign:
    """What the seeds of a table stand for."""

    design: str
    n_folds: int | None
    n_train: int | None
    n_validation: int | None

    @property
    def overlap(self) -> dict[str, Any]:
        """What says how much the training rows of two runs have in common."""
        ratio = None
        if self.design == "resample" and self.n_train and self.n_validation:
            ratio = self.n_validation / self.n_train
        folds = self.n_folds if self.design == "kfold" else None
        return {"design": self.design, "n_folds": folds, "validation_ratio": ratio}

    def draw(self, place: int) -> Draw:
        """The draw of the seed at this place of all."""
        if self.design == "holdout":
            return Draw(0, 0, place, 0, place)
        if self.design == "kfold" and self.n_folds:
            return Draw(place // self.n_folds, place % self.n_folds, 0, 0, place)
        return Draw(place, 0, 0, place, place)


def study_rows(
    groups: Sequence[RunGroup],
    design: PathDesign,
    metrics: Sequence[Metric],
    *,
    strongest_is_null: bool,
) -> StudyRows:
    """All rows of an imported study. DataError where a path lacks what its boundaries need."""
    trials: list[Trial] = []
    results: list[RunResult] = []
    boundaries: list[dict[str, Any]] = []
    for group in groups:
        own, ended = _trained(group, design, len(trials))
        if group.is_path:
            ended = _with_null(ended, own, group, strongest_is_null)
            boundaries += _boundaries(group, own, ended, design, metrics)
        trials += own
        results += ended
    return StudyRows(
        trials=trials,
        results=results,
        summaries=_summaries(results),
        boundaries=boundaries,
        defaults={"lr": 0.0, "optimizer": ""},
    )


def _trained(
    group: RunGroup, design: PathDesign, first: int
) -> tuple[list[Trial], list[RunResult]]:
    """The trials of a group by strength, those of a search as they come, and their ended runs."""
    place_of = {unit: place for place, unit in enumerate(group.units)}
    by_setting: dict[tuple[Any, ...], list[ImportedRun]] = {}
    for number, run in enumerate(group.runs):
        alone = number if run.key.unit == () else -1
        by_setting.setdefault((run.key.strength, run.key.settings, alone), []).append(run)
    settings = list(by_setting.values())
    if group.is_path:
        settings.sort(key=lambda runs: runs[0].key.strength)
    trials, results = [], []
    for number, runs in enumerate(settings, first):
        trials.append(_trial(group, number, runs[0]))
        ordered = sorted(runs, key=lambda run: place_of[run.key.unit])
        for index, run in enumerate(ordered):
            draw = design.draw(place_of[run.key.unit])
            results.append(_result(Run(number, index, draw), run))
    return trials, results


def _trial(group: RunGroup, number: int, run: ImportedRun) -> Trial:
    settings: Mapping[str, Parameter] = dict(run.key.settings)
    phase, role, layer = Phase.PATH, Role.POINT, group.layer
    if not group.is_path:
        phase, role, layer = Phase.EXPLORE, Role.SETTING, ""
        if group.layer != ALL_LAYERS:
            settings = {**settings, "layer": group.layer}
    strength = run.key.strength
    return Trial(number, phase, 0, group.penalty, strength, {}, settings, role, layer)


def _result(run: Run, imported: ImportedRun) -> RunResult:
    own = {
        column: value
        for column, value in imported.metrics.items()
        if column not in (*LOSS.columns, *ACCURACY.columns, "best_val_loss", "best_epoch")
    }
    return RunResult(
        run, imported.state, imported.epochs, imported.metrics, imported.curves, own=own
    )


def _with_null(
    results: Sequence[RunResult],
    trials: Sequence[Trial],
    group: RunGroup,
    strongest_is_null: bool,
) -> list[RunResult]:
    """The runs of a path with the null loss of their seed, which all strengths share."""
    null = _nulls(results, group, LOSS.null)
    if strongest_is_null:
        strongest = trials[-1].number
        null = {
            r.run.number: r.metrics[LOSS.validation]
            for r in results
            if r.run.trial == strongest and r.state is State.COMPLETE
        }
    missing = [unit for place, unit in enumerate(group.units) if place not in null]
    if missing:
        whom = "" if len(missing) == len(group.units) else f" for {_words(missing[0])}"
        raise DataError(
            f"{WHERE}: null_loss: the validation loss of a constant predictor must be given, "
            f"found none{whom} of {group.name}; name its column or give the number (for squared "
            "error the variance of the target, for cross-entropy the entropy of the classes), or "
            "say strongest_is_null where the strongest strength leaves nothing but a constant"
        )
    return [
        RunResult(
            r.run, r.state, r.epochs, {**r.metrics, LOSS.null: null[r.run.number]}, r.curves,
            own=r.own,
        )
        for r in results
    ]  # fmt: skip


def _nulls(results: Iterable[RunResult], group: RunGroup, column: str) -> dict[int, float]:
    """What the constant predictor has on every seed. DataError where it is not one number."""
    found: dict[int, float] = {}
    for result in results:
        value = result.metrics.get(column)
        if value is None:
            continue
        first = found.setdefault(result.run.number, value)
        if not math.isclose(first, value, rel_tol=SAME_NULL):
            raise DataError(
                f"{WHERE}: {column}: runs of one seed must have the same constant predictor, found "
                f"{first:g} and {value:g} with {_words(group.units[result.run.number])} of "
                f"{group.name}; the same seed must stand for the same rows at every strength"
            )
    return found


def _words(unit: Unit) -> str:
    return f"seed {' '.join(map(str, unit))}"


def _boundaries(
    group: RunGroup,
    trials: Sequence[Trial],
    results: Sequence[RunResult],
    design: PathDesign,
    metrics: Sequence[Metric],
) -> list[dict[str, Any]]:
    """The row of each metric by which the path can be judged."""
    history = StudyHistory(LOSS, {}, settled=(Phase.PATH,))
    history.add_trials(trials)
    for result in results:
        history.end_run(result)
    rows = []
    for metric in (LOSS, *metrics):
        nulls = _nulls(results, group, metric.null)
        if len(nulls) < len(group.units):
            continue  # nothing says how much there is to lose
        boundary = losses_boundary(
            losses_of(history, trials, metric, history.n_ended),
            design=design.design,
            overlap=design.overlap,
            resolution=_resolution(metric, design),
        )
        rows.append(boundary_row(boundary, (group.penalty, group.layer), metric.validation))
    return rows


def _resolution(metric: Metric, design: PathDesign) -> float:
    if metric == ACCURACY and not design.n_validation:
        raise DataError(
            f"{WHERE}: n_validation: the number of validation rows must be given where accuracies "
            "are judged, found none: they move in steps of one row"
        )
    return metric.resolution(design.n_validation or 1)


def _summaries(results: Iterable[RunResult]) -> list[TrialSummary]:
    ended: dict[int, list[RunResult]] = {}
    for result in results:
        ended.setdefault(result.run.trial, []).append(result)
    averaged = averaged_columns(LOSS)
    return [
        summarize(
            number,
            [run.state for run in runs],
            [{**run.metrics, "epochs": run.epochs, "seconds": run.seconds} for run in runs],
            averaged,
        )
        for number, runs in ended.items()
    ]
