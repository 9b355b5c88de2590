"""From the path's runs to rows of ``boundaries_frame``: one per path and metric."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sweep.errors import DataError
from sweep.metrics.metric import Metric
from sweep.phases._path_rows import PathRows
from sweep.phases.history import EndedRun, StudyHistory
from sweep.phases.path_effect import judge_effect
from sweep.records.parameters import ALL_LAYERS
from sweep.records.trial import Phase, State, Trial
from sweep.regularizers.catalogue import is_mixture
from sweep.statistics.boundary import estimate_boundary
from sweep.statistics.double_sampling import complete
from sweep.statistics.endings import NEVER, Ended
from sweep.statistics.paired_tests import training_overlap
from sweep.statistics.verdicts import Boundary
from sweep.statistics.wording import describe_boundary
from sweep.store.schema import BOUNDARY_NUMBERS, BOUNDARY_WORDS
from sweep.study.study import Study

NOT_ENDED = EndedRun(State.WAITING, {})
SAME_NULL = 1e-5
"""Relative difference of two values of one constant predictor on the same rows, at most."""


@dataclass(frozen=True)
class PathLosses:
    """The losses of K strengths on R resamples, lower better; nan where a run did not complete."""

    strengths: np.ndarray
    """(K,), ascending."""
    validation: np.ndarray
    """(K, R)."""
    training: np.ndarray
    """(K, R); where none is known zeros, which never differ, so that no cause is found."""
    null: np.ndarray
    """(R,), of the constant predictor."""
    by_row: Mapping[str, Any] = field(default_factory=dict)
    """What ``estimate_boundary`` is given of single rows, by the names of its arguments."""
    counts: list[int] | None = None
    """(K,), how many of the resamples each strength has, the first; None for all of them."""

    @property
    def completed(self) -> np.ndarray:
        """The validation losses with what is lacking of strengths that have fewer resamples."""
        if self.counts is None:
            return self.validation
        found, more = complete(self.validation, self.counts, self.strengths.tolist())
        return np.asarray(found + more)


@dataclass(frozen=True)
class Resamples:
    """What every strength of a path is repeated over."""

    study: Study
    n_runs: int
    """The most, where each strength has its own."""
    n_validation: int | None
    """None where a loop of the user's alone knows."""
    validation_ratio: float
    """n_validation / n_training."""
    added: float | None = None
    """What the overlap of training rows adds to 1/R, where the design alone does not say."""
    rows: PathRows | None = None
    """The validation rows of the runs, where their losses are kept."""

    @property
    def overlap(self) -> dict[str, Any]:
        """What says how much the training rows of two runs have in common."""
        data = self.study.data
        if self.added is not None:
            return {"design": "resample", "n_folds": None, "validation_ratio": self.added}
        return {
            "design": data.design,
            "n_folds": data.n_folds if data.design == "kfold" else None,
            "validation_ratio": self.validation_ratio if data.design == "resample" else None,
        }


def conclude(
    history: StudyHistory,
    resamples: Resamples,
    metrics: Iterable[Metric],
    endings: Mapping[tuple[str, str], Ended],
) -> list[dict[str, Any]]:
    """One row per path and metric, judged as losses: an accuracy as an error rate.

    ``endings`` say why each ladder ended, by penalty and layer.
    """
    judged = tuple(metrics)
    paths: dict[tuple[str, str], list[Trial]] = {}
    for penalty in resamples.study.search.names:
        for trial in history.of_phase(Phase.PATH, penalty):
            paths.setdefault((penalty, trial.layer), []).append(trial)
    rows = []
    numbers = [trial.number for trials in paths.values() for trial in trials]
    n_runs = dict.fromkeys(numbers, resamples.n_runs)
    n_runs |= {n: history.summaries[n].n_runs for n in numbers if n in history.summaries}
    strongest = {
        metric: worst_strongest(history, paths.values(), metric, n_runs) for metric in judged
    }
    for key, trials in paths.items():
        for metric in judged:
            if metric != history.metric and not _is_known(history, trials, metric):
                continue
            boundary = path_boundary(
                history, trials, metric, resamples, strongest[metric], n_runs=n_runs
            )
            ended = endings.get(key, NEVER) if metric == history.metric else NEVER
            rows.append(boundary_row(boundary, key, metric.validation, ended))
    return rows


def _is_known(history: StudyHistory, trials: Iterable[Trial], metric: Metric) -> bool:
    """Whether any run of the trials has the metric: a loop of the user's reports what it likes."""
    wanted = {trial.number for trial in trials}
    return any(
        number in wanted and math.isfinite(metrics.get(metric.validation, math.nan))
        for (number, _), (_, metrics) in history.runs.items()
    )


def path_boundary(
    history: StudyHistory,
    trials: Iterable[Trial],
    metric: Metric,
    resamples: Resamples,
    strongest: np.ndarray | None = None,
    *,
    n_runs: Mapping[int, int],
    effect: bool = True,
) -> Boundary:
    """The boundary of a path's trials by their first ``n_runs`` (by number), which have ended.

    Without ``effect`` it is not asked whether the strengths differ by more than noise.

    Losses ``strongest`` (R,) stand for the constant predictor where none was reported; left out,
    those of the path itself.
    """
    return losses_boundary(
        losses_of(history, trials, metric, n_runs, resamples.rows, strongest),
        design=resamples.study.data.design,
        overlap=resamples.overlap,
        resolution=_resolution(metric, resamples),
        seed=resamples.study.study.seed,
        effect=effect,
    )


def losses_boundary(
    losses: PathLosses,
    *,
    design: str,
    overlap: Mapping[str, Any],
    resolution: float,
    seed: int = 0,
    effect: bool = True,
) -> Boundary:
    """The boundary of losses that move in steps of ``resolution``; ``effect`` as above."""
    boundary = estimate_boundary(
        losses.strengths,
        losses.validation,
        losses.training,
        losses.null,
        seed=seed,
        resolution=resolution,
        counts=losses.counts,
        **overlap,
        **losses.by_row,
    )
    boundary = replace(boundary, design=design)
    if not effect:
        return boundary
    correction = 1 / len(losses.null) + training_overlap(**overlap)
    return judge_effect(boundary, losses.completed, correction, resolution)


def losses_of(
    history: StudyHistory,
    trials: Iterable[Trial],
    metric: Metric,
    n_runs: Mapping[int, int],
    rows: PathRows | None = None,
    strongest: np.ndarray | None = None,
) -> PathLosses:
    """What the runs of a path came to, from the weakest strength upwards; ``n_runs`` and
    ``strongest`` as in ``path_boundary``.
    """
    ordered = sorted(trials, key=lambda trial: trial.strength)
    counts = [n_runs[trial.number] for trial in ordered]
    n_resamples = max(counts)
    validation = metric.as_loss(_table(history, ordered, metric.validation, n_runs))
    null = reported_null(history, ordered, metric, n_resamples)
    training = metric.as_loss(_table(history, ordered, metric.training, n_runs))
    if strongest is None:
        strongest = _strongest(history, ordered, metric, n_runs)
    return PathLosses(
        np.array([trial.strength for trial in ordered]),
        validation,
        training if np.isfinite(training).any() else np.zeros_like(training),
        np.where(np.isfinite(null), null, strongest[:n_resamples]),
        {} if rows is None else rows.losses(history, ordered, metric),
        counts if min(counts) < n_resamples else None,
    )


def boundary_row(
    boundary: Boundary, key: tuple[str, str], metric: str, ended: Ended = NEVER
) -> dict[str, Any]:
    """The row of a path's boundary by a metric; ``key`` is its penalty and layer."""
    penalty, layer = key
    named = penalty if layer == ALL_LAYERS else f"{penalty} on {layer}"
    if is_mixture(penalty):
        named = f"{layer} in the cocktail"
    sentence = describe_boundary(boundary, named, metric)
    words = {"sentence": sentence, "ending_kind": str(ended.kind), "ending": ended.reason}
    return {
        **{name: float(getattr(boundary, name)) for name in BOUNDARY_NUMBERS},
        **{name: str(getattr(boundary, name)) for name in BOUNDARY_WORDS if name not in words},
        **words,
        "penalty": penalty,
        "layer": layer,
        "metric": metric,
        "n_strengths": boundary.n_strengths,
        "n_resamples": boundary.n_resamples,
        "n_rows": boundary.n_rows,
    }


def _table(
    history: StudyHistory, trials: list[Trial], metric: str, n_runs: Mapping[int, int]
) -> np.ndarray:
    """A metric as (strengths, resamples); nan where a run did not complete, or was not wanted."""
    counts = [n_runs[trial.number] for trial in trials]
    table = np.full((len(trials), max(counts)), math.nan)
    for row, trial in enumerate(trials):
        for column in range(counts[row]):
            state, metrics = history.runs.get((trial.number, column), NOT_ENDED)
            if state is State.COMPLETE:
                table[row, column] = metrics.get(metric, math.nan)
    return table


def reported_null(
    history: StudyHistory, trials: Iterable[Trial], metric: Metric, n_runs: int
) -> np.ndarray:
    """What the constant predictor loses on every resample (R,); nan where nobody reported it.

    Raises:
        DataError: A loop of the user's reported another one at another strength.
    """
    return np.asarray(metric.as_loss(_null(history, trials, metric.null, n_runs)))


def _null(history: StudyHistory, trials: Iterable[Trial], metric: str, n_runs: int) -> np.ndarray:
    """What the constant predictor has on every resample (R,): the same at every strength.

    Raises:
        DataError: A loop of the user's reported another one at another strength.
    """
    row = np.full(n_runs, math.nan)
    for trial in trials:
        for column in range(n_runs):
            _, metrics = history.runs.get((trial.number, column), NOT_ENDED)
            found = metrics.get(metric, row[column])
            if not (math.isnan(row[column]) or math.isclose(found, row[column], rel_tol=SAME_NULL)):
                raise DataError(
                    f"run.report: {metric}: the constant predictor must have one value on a "
                    f"resample, whatever the strength, found {row[column]:g} and {found:g} on "
                    f"resample {column} of {trial.penalty}; compute it from the run's rows alone"
                )
            row[column] = found
    return row


def _strongest(
    history: StudyHistory, ordered: list[Trial], metric: Metric, n_runs: Mapping[int, int]
) -> np.ndarray:
    """The losses (R,) at the strongest strength of a path that ended; what it lacks, completed."""
    losses = metric.as_loss(_table(history, ordered, metric.validation, n_runs))
    counts = [n_runs[trial.number] for trial in ordered]
    return strongest_losses(complete(losses, counts, [trial.strength for trial in ordered])[0])


def strongest_losses(validation: np.ndarray) -> np.ndarray:
    """Of losses (strengths, R) those at the strongest strength that ended (R,)."""
    ended = np.isfinite(validation)
    last = len(validation) - 1 - ended[::-1].argmax(0)
    found: np.ndarray = validation[last, np.arange(validation.shape[1])]
    return found


def worst_strongest(
    history: StudyHistory,
    paths: Iterable[list[Trial]],
    metric: Metric,
    n_runs: Mapping[int, int],
) -> np.ndarray | None:
    """What stands for the constant predictor in all paths of a study where none was reported.

    It is one thing for all penalties, and nothing learns less: so it is taken from the penalty
    whose strongest strength has the highest loss. Resamples that only other penalties have get its
    mean. None without a path.
    """
    found = [
        _strongest(history, sorted(trials, key=lambda trial: trial.strength), metric, n_runs)
        for trials in paths
    ]
    if not found:
        return None
    worst = max(found, key=_finite_mean)
    more = max(map(len, found)) - len(worst)
    return np.concatenate([worst, np.full(more, worst.mean())])


def _finite_mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else -math.inf


def _resolution(metric: Metric, resamples: Resamples) -> float:
    return metric.resolution(resamples.n_validation) if resamples.n_validation else 0.0
