"""regsweep: how much regularization a PyTorch model needs, of which kind, on which layers.

The notebook's door. Names are loaded when they are first used, so ``import sweep`` is quick and
loads neither torch nor Optuna.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sweep.checks.frame import checks_frame
    from sweep.cli.notebook import run_study
    from sweep.errors import (
        DataError,
        HardwareError,
        ModelError,
        StoreError,
        StudyError,
        SweepError,
    )
    from sweep.estimators.regularized import RegularizedClassifier, RegularizedRegressor
    from sweep.imports.from_frame import import_frame
    from sweep.imports.from_optuna import import_optuna
    from sweep.launchers.own_run import OwnRun, RunPruned
    from sweep.phases.best import train_best
    from sweep.phases.check import CheckedStudy, check
    from sweep.records.trial import Progress
    from sweep.regularize import Regularizer
    from sweep.regularizers.penalty import Layer, Penalty
    from sweep.statistics.boundary import Boundary, describe_boundary, estimate_boundary
    from sweep.store.frames import (
        boundaries_frame,
        curves_frame,
        describe_frame,
        layers_frame,
        occupancy_frame,
        row_losses_frame,
        runs_frame,
        trials_frame,
    )
    from sweep.store.store import Store, default_database, open_store
    from sweep.study.loading import load_study
    from sweep.study.study import Study

_HOMES = {
    "statistics.boundary": ("Boundary", "describe_boundary", "estimate_boundary"),
    "checks.frame": ("checks_frame",),
    "cli.notebook": ("run_study",),
    "launchers.own_run": ("OwnRun", "RunPruned"),
    "phases.check": ("CheckedStudy", "check"),
    "errors": (
        "DataError",
        "HardwareError",
        "ModelError",
        "StoreError",
        "StudyError",
        "SweepError",
    ),
    "estimators.regularized": ("RegularizedClassifier", "RegularizedRegressor"),
    "store.frames": (
        "boundaries_frame",
        "occupancy_frame",
        "curves_frame",
        "describe_frame",
        "layers_frame",
        "row_losses_frame",
        "runs_frame",
        "trials_frame",
    ),
    "regularizers.penalty": ("Layer", "Penalty"),
    "records.trial": ("Progress",),
    "store.store": ("Store", "default_database", "open_store"),
    "study.loading": ("load_study",),
    "study.study": ("Study",),
    "phases.best": ("train_best",),
    "regularize": ("Regularizer",),
    "imports.from_frame": ("import_frame",),
    "imports.from_optuna": ("import_optuna",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Boundary",
    "CheckedStudy",
    "DataError",
    "HardwareError",
    "Layer",
    "ModelError",
    "OwnRun",
    "Penalty",
    "Progress",
    "RegularizedClassifier",
    "RegularizedRegressor",
    "Regularizer",
    "RunPruned",
    "Store",
    "StoreError",
    "Study",
    "StudyError",
    "SweepError",
    "boundaries_frame",
    "check",
    "checks_frame",
    "curves_frame",
    "default_database",
    "describe_boundary",
    "describe_frame",
    "estimate_boundary",
    "import_frame",
    "import_optuna",
    "layers_frame",
    "load_study",
    "occupancy_frame",
    "open_store",
    "read_study",
    "row_losses_frame",
    "run_study",
    "runs_frame",
    "train_best",
    "trials_frame",
]


def read_study(store: Store, name: str) -> dict[str, Any]:
    """What is known of a study beside its frames: text, question, machine, versions, times.

    Args:
        store: The store to read.
        name: The name of the study.

    Returns:
        By name: ``text`` of the study file, ``winner`` (number of the best trial, None until the
        study has finished), ``created_at`` and ``finished_at`` (UTC), ``database`` without its
        password, and what the launch found out, such as ``question``, ``n_train`` and ``device``.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    import_module("sweep.store.store").check_store(store)
    return store.study_values(name)


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(f"sweep.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'sweep' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
