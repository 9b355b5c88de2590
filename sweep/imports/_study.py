"""Runs that were trained elsewhere as a study of our database, written at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sweep.errors import StudyError
from sweep.imports._groups import RunGroup, grouped
from sweep.imports._records import PathDesign, study_rows
from sweep.imports._table import WHERE, ImportedRun, TableColumns, read_runs
from sweep.imports._values import checked_penalty
from sweep.metrics.metric import ACCURACY, LOSS
from sweep.metrics.tasks import CLASSIFICATION
from sweep.records.facts import StudyFacts
from sweep.records.parameters import ALL_LAYERS
from sweep.runtime.device import package_versions
from sweep.store.store import Store
from sweep.store.whole_study import StudyRows, WholeStudy, write_whole_study
from sweep.study.validators import check_name, check_text

PACKAGES = ("regsweep", "numpy", "scipy", "pandas")
"""What the boundaries depend on."""
UNKNOWN_LOSS = "as imported"
"""What stands for the name of the loss, which no table has."""


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """What its importer says of a table."""

    name: str
    question: str
    source: str
    """What the table was: ``a table``, ``an Optuna study``."""
    penalty: str
    """Of runs whose table has no column of penalties."""
    columns: TableColumns
    design: PathDesign
    strongest_is_null: bool
    replace: bool


def import_table(frame: pd.DataFrame, store: Store, request: ImportRequest) -> list[str]:
    """Writes the study of a table; returns one sentence per penalty."""
    _check_request(request)
    columns = request.columns
    runs = read_runs(frame, columns, request.penalty)
    fresh = request.design.design == "fresh"
    groups = grouped(runs, columns.seed, columns.strength, uneven=fresh)
    if any(group.is_path for group in groups):
        _check_design(request.design, groups)
    rows = study_rows(
        groups, request.design, columns.metrics, strongest_is_null=request.strongest_is_null
    )
    facts = _facts(request, runs, groups)
    text = _text(request)
    print_ = _fingerprint(text, runs)
    whole = WholeStudy(name=request.name, fingerprint=print_, text=text, facts=facts, rows=rows)
    write_whole_study(store.database, whole, request.replace)
    return sentences_of(groups, rows)


def sentences_of(groups: Sequence[RunGroup], rows: StudyRows) -> list[str]:
    """One sentence per penalty: its boundaries, or why it has none."""
    found = {
        (row["penalty"], row["layer"]): str(row["sentence"])
        for row in rows.boundaries
        if row["metric"] == LOSS.validation
    }
    return [
        found.get((g.penalty, g.layer), f"{g.name}: no boundaries: {g.why_no_path}") for g in groups
    ]


def _check_request(request: ImportRequest) -> None:
    """The name and the question are those of any study; the rest is the table's own."""
    for key, value, check in (
        ("name", request.name, check_name),
        ("question", request.question, check_text),
    ):
        try:
            check(value)
        except (ValueError, AttributeError) as error:  # no text at all has no such methods
            raise StudyError(f"{WHERE}: {key}: {error}") from None
    if request.columns.penalty is None:
        checked_penalty(request.penalty, f"{WHERE}: penalty")
    if request.strongest_is_null and request.columns.null is not None:
        raise StudyError(
            f"{WHERE}: null_loss: it must be given or taken from the strongest strength, found "
            "both; leave one out"
        )


def _check_design(design: PathDesign, groups: Sequence[RunGroup]) -> None:
    """StudyError unless the design says what an interval needs to know."""
    if design.design == "":
        raise StudyError(
            f"{WHERE}: design: it must be said what a seed stands for, found nothing; give "
            "holdout (seeds on one split), resample (random splits of one data set), kfold, or "
            "fresh (new data for each seed)"
        )
    if design.design == "resample" and not (design.n_train and design.n_validation):
        raise StudyError(
            f"{WHERE}: design: resample needs the numbers of rows, found n_train "
            f"{design.n_train} and n_validation {design.n_validation}; give both"
        )
    if design.design != "kfold":
        return
    for group in (g for g in groups if g.is_path):
        if design.n_folds is None or design.n_folds < 2 or len(group.units) % design.n_folds:
            raise StudyError(
                f"{WHERE}: design: kfold needs n_folds, of which every strength has all, found "
                f"{design.n_folds} for {len(group.units)} runs of a strength of {group.name}; "
                "correct it"
            )


def _facts(
    request: ImportRequest, runs: Sequence[ImportedRun], groups: Sequence[RunGroup]
) -> StudyFacts:
    design, metrics = request.design, request.columns.metrics
    return StudyFacts(
        question=request.question,
        objective=LOSS.validation,
        seed=0,
        design=design.design,
        folder=str(Path.cwd()),
        penalties=tuple(dict.fromkeys(group.penalty for group in groups)),
        layers_mode="shared",
        optimizer="",
        versions=package_versions(PACKAGES),
        git_commit="",
        task=CLASSIFICATION if ACCURACY in metrics else "",
        data_fingerprint="",
        n_train=design.n_train,
        n_validation=design.n_validation,
        n_test=None,
        n_folds=design.n_folds,
        n_outputs=None,
        n_parameters=None,
        layers=tuple(_layers(groups)),
        epochs=max(run.epochs for run in runs) or None,
        batch_size=None,
        steps_per_epoch=None,
        precision="",
        stacked=False,
        why_alone="",
        hardware={},
        schedule="",
        metrics={metric.name: metric.maximize for metric in metrics if not metric.built_in},
        loss=UNKNOWN_LOSS,
        source=request.source,
        no_path={group.name: group.why_no_path for group in groups if not group.is_path},
        null_from_strongest=request.strongest_is_null,
    )


def _layers(groups: Sequence[RunGroup]) -> list[str]:
    return list(dict.fromkeys(g.layer for g in groups if g.layer != ALL_LAYERS))


def _text(request: ImportRequest) -> str:
    """What its importer said, as TOML."""
    said = {"name": request.name, "question": request.question, "from": request.source}
    columns = {k: v for k, v in asdict(request.columns).items() if k != "metrics"}
    columns["metrics"] = [metric.name for metric in request.columns.metrics]
    if request.columns.penalty is None:
        columns["penalty_name"] = request.penalty
    columns["strongest_is_null"] = request.strongest_is_null
    tables = {"import": said, "import.columns": columns, "import.design": asdict(request.design)}
    return "\n".join(f"[{table}]\n{_lines(values)}" for table, values in tables.items())


def _lines(values: Mapping[str, Any]) -> str:
    given = {key: value for key, value in values.items() if value not in (None, "", [], (), False)}
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in given.items())


def _fingerprint(text: str, runs: Sequence[ImportedRun]) -> str:
    """The same for the same runs in any order of their rows."""
    parts = sorted(
        repr((run.key, str(run.state), run.epochs, sorted(run.metrics.items()), run.curves))
        for run in runs
    )
    return hashlib.sha256("\n".join([text, *parts]).encode()).hexdigest()
