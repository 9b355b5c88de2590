"""The ended trials of a study in Optuna's own tables of the same database.

So ``optuna.load_study`` and optuna-dashboard open it while the sweep runs. Optuna makes the tables
and the study; the rows are inserted here, a whole batch at once, which is some fifty times cheaper
than its ``add_trial``. That way is kept for versions of the tables that are not known here.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import optuna
import sqlalchemy as sa
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    distribution_to_json,
)
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import DBAPIError

from sweep.records import State, Told
from sweep.regularizers import COCKTAIL
from sweep.study import Study

TRIAL_ATTRIBUTE = "regsweep_trial"
TABLES_VERSION = "v3.2.0.a"
"""The version of Optuna's tables (since Optuna 3.2) whose rows are written here."""
TABLES = {
    "trials",
    "trial_params",
    "trial_values",
    "trial_intermediate_values",
    "trial_user_attributes",
}
OPTUNA_STATES = {State.COMPLETE: TrialState.COMPLETE, State.PRUNED: TrialState.PRUNED}

CREATION_TRIES = 20
"""Optuna's tables are tried to be made so often: first launches of other studies make them too."""

Patiently = Callable[[Callable[[bool], Any]], Any]
"""Calls a function again, then with True, while the database is locked or away."""
Axes = Callable[[str], Mapping[str, BaseDistribution]]
"""The axes of a penalty's trials."""


def _at_once(attempt: Callable[[bool], Any]) -> Any:
    return attempt(False)


class OptunaMirror:
    """One study as Optuna sees it."""

    def __init__(self, url: str, study: Study, patiently: Patiently = _at_once):
        """``patiently`` calls what may find the database locked or away."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.study, self.patiently = study, patiently
        self.storage, self.optuna_study = patiently(lambda _: _opened(url, study))
        self.study_id = self.storage.get_study_id_from_name(study.study.name)
        trials = self.optuna_study.get_trials(deepcopy=False)
        self.known = {trial.user_attrs.get(TRIAL_ATTRIBUTE) for trial in trials}
        """The numbers of the trials that are there."""
        self.tables = sa.MetaData()
        self.by_rows = self.storage.get_current_version() == TABLES_VERSION
        if self.by_rows:
            self.tables.reflect(self.storage.engine, only=lambda name, _: name in TABLES)

    def close(self) -> None:
        """Lets go of the database's connections."""
        self.storage.remove_session()
        self.storage.engine.dispose()

    def write(self, told: Iterable[Told], axes: Axes) -> None:
        """Appends the trials that are not there yet."""
        new = [t for t in told if t.trial.number not in self.known]
        trials = [self._trial(t, axes(t.trial.penalty)) for t in new]
        if self.by_rows and trials:
            self.patiently(lambda repeated: self._insert(trials, repeated))
        else:
            self.optuna_study.add_trials(trials)
        self.known |= {t.trial.number for t in new}

    def _insert(self, trials: Sequence[FrozenTrial], repeated: bool) -> None:
        """All rows of these trials in one transaction, if they did not come with the last try."""
        table = self.tables.tables["trials"]
        own = table.c.study_id == self.study_id
        with self.storage.engine.begin() as connection:
            if repeated and self._is_there(connection, trials[0]):
                return
            count = sa.select(sa.func.count()).select_from(table).where(own)
            first = int(connection.execute(count).scalar_one())
            rows = [
                {
                    "number": first + i,
                    "study_id": self.study_id,
                    "state": trial.state.name,
                    "datetime_start": trial.datetime_start,
                    "datetime_complete": trial.datetime_complete,
                }
                for i, trial in enumerate(trials)
            ]
            connection.execute(sa.insert(table), rows)
            query = sa.select(table.c.trial_id).where(own, table.c.number >= first)
            ids = connection.execute(query.order_by(table.c.number)).scalars().all()
            for name, details in _details(dict(zip(ids, trials, strict=True))).items():
                if details:
                    connection.execute(sa.insert(self.tables.tables[name]), details)

    def _is_there(self, connection: sa.Connection, trial: FrozenTrial) -> bool:
        table, details = (self.tables.tables[n] for n in ("trials", "trial_user_attributes"))
        number = json.dumps(trial.user_attrs[TRIAL_ATTRIBUTE])
        query = sa.select(table.c.trial_id).join(details, details.c.trial_id == table.c.trial_id)
        own = (table.c.study_id == self.study_id, details.c.value_json == number)
        found = query.where(*own, details.c.key == TRIAL_ATTRIBUTE)
        return connection.execute(found).first() is not None

    def _trial(self, told: Told, axes: Mapping[str, BaseDistribution]) -> FrozenTrial:
        trial, search = told.trial, self.study.search
        mixed = trial.penalty in ("none", COCKTAIL)
        space: dict[str, BaseDistribution] = {
            "penalty": CategoricalDistribution(sorted({"none", *search.names}))
        }
        params: dict[str, float | int | str] = {"penalty": trial.penalty}
        if trial.strength > 0 and "tau" not in axes and not mixed:
            low, high = search.range(trial.penalty)
            space["strength"] = FloatDistribution(
                min(low, trial.strength), max(high, trial.strength), log=True
            )
            params["strength"] = trial.strength
        for name, value in trial.params.items():
            if name in axes:
                space[name], params[name] = _holding(axes[name], value), value
        known = math.isfinite(told.value)
        state = OPTUNA_STATES.get(told.state, TrialState.FAIL) if known else TrialState.FAIL
        return optuna.create_trial(
            state=state,
            value=told.value if state is TrialState.COMPLETE else None,
            params=params,
            distributions=space,
            intermediate_values={told.epochs: told.value} if known else {},
            user_attrs={
                TRIAL_ATTRIBUTE: trial.number,
                "phase": str(trial.phase),
                "path": trial.path,
                "state": str(told.state),
                **({"strength": trial.strength} if "tau" in axes else {}),
                **{f"strength.{layer}": value for layer, value in trial.strengths.items()},
            },
        )


def _opened(url: str, study: Study) -> tuple[optuna.storages.RDBStorage, optuna.Study]:
    """Optuna's storage and its study, both made if need be."""
    for remaining in reversed(range(CREATION_TRIES)):
        try:
            storage = optuna.storages.RDBStorage(url)
            return storage, optuna.create_study(
                study_name=study.study.name,
                storage=storage,
                direction="maximize" if study.study.metric.maximize else "minimize",
                load_if_exists=True,
            )
        except (DBAPIError, optuna.exceptions.StorageInternalError):
            if not remaining:
                raise
            time.sleep(random.uniform(0.05, 0.2))
    raise AssertionError


def _holding(axis: BaseDistribution, value: float | int | str) -> BaseDistribution:
    """The axis, wide enough for the value of a path that went beyond it."""
    if isinstance(axis, FloatDistribution) and not axis.low <= float(value) <= axis.high:
        low, high = min(axis.low, float(value)), max(axis.high, float(value))
        return FloatDistribution(low, high, log=axis.log)
    return axis


def _details(trials: Mapping[int, FrozenTrial]) -> dict[str, list[dict[str, object]]]:
    """Rows of the tables that hang on ``trials``, by table; every value is finite."""
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in sorted(TABLES - {"trials"})}
    for id_, trial in trials.items():
        for name, value in trial.params.items():
            axis = trial.distributions[name]
            rows["trial_params"].append(
                {
                    "trial_id": id_,
                    "param_name": name,
                    "param_value": axis.to_internal_repr(value),
                    "distribution_json": distribution_to_json(axis),
                }
            )
        if trial.values:
            rows["trial_values"].append(
                {
                    "trial_id": id_,
                    "objective": 0,
                    "value": trial.values[0],
                    "value_type": "FINITE",
                }
            )
        rows["trial_intermediate_values"] += [
            {
                "trial_id": id_,
                "step": step,
                "intermediate_value": value,
                "intermediate_value_type": "FINITE",
            }
            for step, value in trial.intermediate_values.items()
        ]
        rows["trial_user_attributes"] += [
            {"trial_id": id_, "key": key, "value_json": json.dumps(value)}
            for key, value in trial.user_attrs.items()
        ]
    return rows
