"""The ended trials of a study in Optuna's own tables of the same database.

So ``optuna.load_study`` and optuna-dashboard open it while the sweep runs. Optuna makes the tables
and the study; the rows are inserted here, a whole batch at once, which is some fifty times cheaper
than its ``add_trial``. That way is kept for versions of the tables that are not known here.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Literal, TypeVar

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

from sweep.errors import StoreError
from sweep.records.parameters import LAYER_STRENGTH, STRENGTH, TAU
from sweep.records.trial import FinishedTrial, State
from sweep.regularizers.catalogue import NONE, has_one_strength
from sweep.search._dashboard_note import has_note, note_of, write_note
from sweep.store.database import Database
from sweep.store.database_errors import is_of_the_disk
from sweep.study.study import Study

TRIAL_ATTRIBUTE = "regsweep_trial"
TABLES_VERSION = "v3.2.0.a"
"""The version of Optuna's tables (since Optuna 3.2) whose rows are written here."""
WHOLE, NUMBER, TIME, WORD = sa.Integer, sa.Float, sa.DateTime, sa.types.NullType
"""Types of columns; words go as they are, since some are enumerations on a server."""
COLUMNS: Mapping[str, Mapping[str, type[sa.types.TypeEngine[Any]]]] = {
    "trials": {
        "trial_id": WHOLE,
        "number": WHOLE,
        "study_id": WHOLE,
        "state": WORD,
        "datetime_start": TIME,
        "datetime_complete": TIME,
    },
    "trial_params": {
        "trial_id": WHOLE,
        "param_name": WORD,
        "param_value": NUMBER,
        "distribution_json": WORD,
    },
    "trial_values": {"trial_id": WHOLE, "objective": WHOLE, "value": NUMBER, "value_type": WORD},
    "trial_intermediate_values": {
        "trial_id": WHOLE,
        "step": WHOLE,
        "intermediate_value": NUMBER,
        "intermediate_value_type": WORD,
    },
    "trial_user_attributes": {"trial_id": WHOLE, "key": WORD, "value_json": WORD},
}
"""The columns that are written here, of that version: to ask the database for them at every launch
would take a tenth of its start."""
OPTUNA_TABLES = {
    name: sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))
    for name, columns in COLUMNS.items()
}
IN_UTC = int(optuna.__version__.partition(".")[0]) >= 5
"""Whether this Optuna keeps times as UTC in its tables; before, they were local."""
OPTUNA_STATES = {State.COMPLETE: TrialState.COMPLETE, State.PRUNED: TrialState.PRUNED}

CREATION_SECONDS = 15.0
"""So long Optuna's tables are tried to be made: first launches of other studies make them too."""

T = TypeVar("T")

Axes = Callable[[str], Mapping[str, BaseDistribution]]
"""The axes of a penalty's trials."""


class OptunaTables:
    """One study as Optuna sees it; StoreError where its tables are of a version unknown to it.

    A database that is locked or away is waited for, as in every write of ours.
    """

    def __init__(self, database: Database, study: Study):
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.database, self.study = database, study
        self.known: set[int | None] = set()
        """The numbers of the trials that are there."""
        database.retry(self._open)

    def _open(self, _repeated: bool) -> None:
        with _database_errors(self.database):
            self.storage = _storage(self.database)
            try:
                version = _checked_version(self.storage, self.database)
                self.optuna_study = _optuna_study(self.storage, self.study)
                self.known = self._stored()
                self._check_own()
                self._name_metric()
                self.study_id = self.storage.get_study_id_from_name(self.study.study.name)
                self.by_rows = version == TABLES_VERSION
            except BaseException:
                self.close()
                raise

    def _check_own(self) -> None:
        """StoreError for somebody else's study of the same name: its best trial would be wrong."""
        wanted = _direction(self.study)
        directions = [direction.name.lower() for direction in self.optuna_study.directions]
        found = "" if directions == [wanted] else f"one to {' and '.join(directions)}"
        if self.known == {None}:
            found = "trials of somebody else's in it"
        if found:
            raise StoreError(
                f"{self.database.masked_url}: Optuna's study {self.study.study.name!r} must be one "
                f"to {wanted} with the trials of this sweep alone, found {found}; give this study "
                "another name, or take another database"
            )

    def _name_metric(self) -> None:
        """Plots call it by its name instead of "Objective 0"."""
        if self.optuna_study.metric_names is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                self.optuna_study.set_metric_names([self.study.study.metric.validation])

    def _stored(self) -> set[int | None]:
        trials = self.optuna_study.get_trials(deepcopy=False)
        return {trial.user_attrs.get(TRIAL_ATTRIBUTE) for trial in trials}

    def write_note(self, sentences: Sequence[str] = ()) -> None:
        """Says in optuna-dashboard what the study asks, and what was found.

        Without sentences a note that is there is left.
        """
        question = self.study.study
        text = note_of(question.name, question.question, sentences)

        def write(_repeated: bool) -> None:
            with _database_errors(self.database):
                if sentences or not has_note(self.storage, self.study_id):
                    write_note(self.storage, self.study_id, text)

        self.database.retry(write)

    def close(self) -> None:
        """Closes its connections to the database."""
        self.storage.remove_session()
        self.storage.engine.dispose()

    def write(
        self,
        finished: Iterable[FinishedTrial],
        axes: Axes,
        asked: Mapping[int, dt.datetime] = MappingProxyType({}),
    ) -> None:
        """Appends the trials that are not there yet; ``asked`` is when, where that is known."""
        new = [t for t in finished if t.trial.number not in self.known]
        trials = [self._trial(t, axes(t.trial.penalty)) for t in new]
        for t, trial in zip(new, trials, strict=True):
            if (start := asked.get(t.trial.number)) and trial.datetime_complete:
                times = (start, trial.datetime_complete)  # the clock may have been set back
                trial.datetime_start = min(times, key=dt.datetime.timestamp)
        if self.by_rows and trials:
            self.database.retry(lambda repeated: self._insert(trials, repeated))
        else:
            self.database.retry(lambda repeated: self._add(trials, repeated))
        self.known |= {t.trial.number for t in new}

    def _add(self, trials: Sequence[FrozenTrial], repeated: bool) -> None:
        """Through Optuna, each trial in a transaction of its own."""
        with _database_errors(self.database):
            there = self._stored() if repeated else set()
            self.optuna_study.add_trials(
                [trial for trial in trials if trial.user_attrs[TRIAL_ATTRIBUTE] not in there]
            )

    def _insert(self, trials: Sequence[FrozenTrial], repeated: bool) -> None:
        """All rows of these trials in one transaction, if they did not come with the last try."""
        table = OPTUNA_TABLES["trials"]
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
                    "datetime_start": _time_in_table(trial.datetime_start),
                    "datetime_complete": _time_in_table(trial.datetime_complete),
                }
                for i, trial in enumerate(trials)
            ]
            connection.execute(sa.insert(table), rows)
            query = sa.select(table.c.trial_id).where(own, table.c.number >= first)
            ids = connection.execute(query.order_by(table.c.number)).scalars().all()
            for name, details in _details(dict(zip(ids, trials, strict=True))).items():
                if details:
                    connection.execute(sa.insert(OPTUNA_TABLES[name]), details)

    def _is_there(self, connection: sa.Connection, trial: FrozenTrial) -> bool:
        table, details = (OPTUNA_TABLES[n] for n in ("trials", "trial_user_attributes"))
        number = json.dumps(trial.user_attrs[TRIAL_ATTRIBUTE])
        query = sa.select(table.c.trial_id).join(details, details.c.trial_id == table.c.trial_id)
        own = (table.c.study_id == self.study_id, details.c.value_json == number)
        found = query.where(*own, details.c.key == TRIAL_ATTRIBUTE)
        return connection.execute(found).first() is not None

    def _trial(self, finished: FinishedTrial, axes: Mapping[str, BaseDistribution]) -> FrozenTrial:
        trial, search = finished.trial, self.study.search
        space: dict[str, BaseDistribution] = {
            "penalty": CategoricalDistribution(sorted({NONE, *search.names}))
        }
        params: dict[str, float | int | str] = {"penalty": trial.penalty}
        if trial.strength > 0 and TAU not in axes and has_one_strength(trial.penalty):
            low, high = search.range(trial.penalty)
            space[STRENGTH] = FloatDistribution(
                min(low, trial.strength), max(high, trial.strength), log=True
            )
            params[STRENGTH] = trial.strength
        for name, value in trial.params.items():
            if name in axes:
                space[name], params[name] = _holding(axes[name], value), value
        known = math.isfinite(finished.value)
        state = OPTUNA_STATES.get(finished.state, TrialState.FAIL) if known else TrialState.FAIL
        return optuna.create_trial(
            state=state,
            value=finished.value if state is TrialState.COMPLETE else None,
            params=params,
            distributions=space,
            intermediate_values={finished.epochs: finished.value} if known else {},
            user_attrs={
                TRIAL_ATTRIBUTE: trial.number,
                "phase": str(trial.phase),
                "role": str(trial.role),
                "layer": trial.layer,
                "state": str(finished.state),
                **({STRENGTH: trial.strength} if TAU in axes else {}),
                **{LAYER_STRENGTH.name_of(n): value for n, value in trial.strengths.items()},
            },
        )


def has_optuna_tables(database: Database) -> bool:
    """Whether Optuna's tables are there: their version is."""
    return database.write(lambda connection, _: sa.inspect(connection).has_table("alembic_version"))


@contextmanager
def _database_errors(database: Database) -> Iterator[None]:
    """Errors of the database as SQLAlchemy raises them, without the one that Optuna puts around;
    StoreError for tables that Optuna cannot read.
    """
    try:
        yield
    except optuna.exceptions.StorageInternalError as error:
        raise error.__cause__ or error from error
    except (ValueError, KeyError, AssertionError) as error:
        raise StoreError(
            f"{database.masked_url}: Optuna's tables must hold what Optuna wrote, found others "
            f"({type(error).__name__}: {error}); drop them, and they are written again from ours"
        ) from error


def _storage(database: Database) -> optuna.storages.RDBStorage:
    """Optuna's storage; its tables are made if need be."""
    storage = _against_others(
        lambda: optuna.storages.RDBStorage(
            database.optuna_url,
            engine_kwargs=database.engine_options(),
            skip_compatibility_check=True,  # _checked_version says it better
        )
    )
    database.lock_at_begin(storage.engine)
    return storage


def _checked_version(storage: optuna.storages.RDBStorage, database: Database) -> str:
    """The version of Optuna's tables; StoreError unless this Optuna writes it."""
    found, head = storage.get_current_version(), storage.get_head_version()
    if found == head:
        return str(found)
    older = found in storage.get_all_versions()
    todo = "run `optuna storage upgrade --storage URL`" if older else "update Optuna"
    raise StoreError(
        f"{database.masked_url}: Optuna's tables must be of version {head}, "
        f"which Optuna {optuna.__version__} writes, found {found}; {todo}"
    )


def _direction(study: Study) -> Literal["minimize", "maximize"]:
    return "maximize" if study.study.metric.maximize else "minimize"


def _optuna_study(storage: optuna.storages.RDBStorage, study: Study) -> optuna.Study:
    """Its study of the same name, made if need be."""
    return _against_others(
        lambda: optuna.create_study(
            study_name=study.study.name,
            storage=storage,
            direction=_direction(study),
            load_if_exists=True,
        )
    )


def _against_others(make: Callable[[], T]) -> T:
    """What ``make`` gives; first launches that make the same at the same moment may disturb it.

    It stays apart from the database's ``retry``, inside which it is called. What disturbs here
    is of many kinds, as a table that is there by now, so all but a fault of the disk is tried
    again, for a short time, and with random pauses, lest two launches meet again.
    """
    end = time.monotonic() + CREATION_SECONDS
    while True:
        try:
            return make()
        except (DBAPIError, optuna.exceptions.StorageInternalError) as error:
            own = error if isinstance(error, DBAPIError) else error.__cause__
            if time.monotonic() > end or is_of_the_disk(own):
                raise
            time.sleep(random.uniform(0.05, 0.2))


def _time_in_table(local: dt.datetime | None) -> dt.datetime | None:
    """A trial's local time as this Optuna keeps it in its table; both are without a zone."""
    if local is None or not IN_UTC:
        return local
    return local.astimezone(dt.UTC).replace(tzinfo=None)


def _holding(axis: BaseDistribution, value: float | int | str) -> BaseDistribution:
    """The axis, wide enough for the value of a path that went beyond it."""
    if isinstance(axis, FloatDistribution) and not axis.low <= float(value) <= axis.high:
        low, high = min(axis.low, float(value)), max(axis.high, float(value))
        return FloatDistribution(low, high, log=axis.log)
    return axis


def _details(trials: Mapping[int, FrozenTrial]) -> dict[str, list[dict[str, object]]]:
    """Rows of the tables that hang on ``trials``, by table; every value is finite."""
    rows: dict[str, list[dict[str, object]]] = {
        name: [] for name in sorted(OPTUNA_TABLES.keys() - {"trials"})
    }
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
