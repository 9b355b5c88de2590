"""Parts of a study ask side by side, and what is asked never hangs on when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

import sweep
from sweep.launchers.own_run import OwnRun
from sweep.metrics.metric import LOSS
from sweep.phases._numbers import TrialNumbers
from sweep.phases._schedule import Part, Schedule, wait_until
from sweep.phases.history import EndedRun, StudyHistory
from sweep.records.trial import Phase, State, Trial
from sweep.training.jobs import Segment
from tests.support.ordered_runs import (
    EPOCHS,
    Choose,
    OrderedRuns,
    at_random,
    late,
    newest,
    oldest,
    run_ordered,
)

SEARCH = {
    "penalties": ["none", "l2", "l1", "decay"],
    "strength": {"low": 1e-4, "high": 10.0},
    "axes": {"lr": {"low": 1e-3, "high": 1.0, "scale": "log"}},
    "trials": 16,
    "round": 8,
    "finalists": 2,
    "control": True,
}


def fit(run: OwnRun) -> None: ...


def study(**search: object) -> sweep.Study:
    return sweep.Study(
        study={"name": "many"},
        train=fit,
        training={"epochs": EPOCHS},
        search={**SEARCH, **search},
        path={"points": 9, "resamples": 3},
    )


def numbers(store: sweep.Store) -> tuple[pd.DataFrame, ...]:
    """Everything that a study came to."""
    frames = (sweep.trials_frame, sweep.runs_frame, sweep.curves_frame, sweep.boundaries_frame)
    found = [frame(store, "many").drop(columns="seconds", errors="ignore") for frame in frames]
    return (*found, pd.DataFrame({"winner": [store.read_study("many").winner]}))


def same(store: sweep.Store, other: sweep.Store) -> None:
    for mine, theirs in zip(numbers(store), numbers(other), strict=True):
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


@pytest.fixture(
    scope="module",
    params=[True, pytest.param(False, marks=pytest.mark.long)],
    ids=["null loss", "none reported"],
)
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, sweep.Store]:
    """Whether runs report the constant predictor, and a study of one run at a time."""
    url = f"sqlite:///{tmp_path_factory.mktemp('whole')}/a.db"
    return request.param, run_ordered(study(), url, OrderedRuns(1, oldest, null=request.param))


@pytest.mark.parametrize(
    ("n_workers", "choose"),
    [
        pytest.param(3, newest, marks=pytest.mark.long),
        (5, at_random(1)),
        (40, late("l2", "none")),
        pytest.param(2, late("l1", "decay"), marks=pytest.mark.long),
    ],
    ids=["newest first", "at random", "l2 late", "two late"],
)
def test_a_study_comes_to_the_same_in_whatever_order_its_runs_end(
    whole: tuple[bool, sweep.Store], n_workers: int, choose: Choose, tmp_path: Path
) -> None:
    null, expected = whole
    launcher = OrderedRuns(n_workers, choose, null=null)
    store = run_ordered(study(), f"sqlite:///{tmp_path}/a.db", launcher)
    same(store, expected)
    keys = [(s.run.trial, s.run.number, s.stop) for s in launcher.ended]
    assert len(keys) == len(set(keys)), "nothing is trained twice"
    trials = numbers(store)[0]
    assert set(trials["phase"]) == {"explore", "select", "path", "confirm", "control"}
    assert trials["trial"].is_unique


def test_a_study_that_is_stopped_again_and_again_comes_to_the_same(
    whole: tuple[bool, sweep.Store], tmp_path: Path
) -> None:
    null, expected = whole
    ended = list[Segment]()
    for launch in range(100):
        launcher = OrderedRuns(4, at_random(launch), null=null, stop_after=26 + launch % 5)
        store = run_ordered(study(), f"sqlite:///{tmp_path}/a.db", launcher)
        ended += launcher.ended
        if len(launcher.ended) < launcher.stop_after:
            break
    assert launch > 4
    same(store, expected)
    keys = [(s.run.trial, s.run.number) for s in ended if s.trial.phase is not Phase.EXPLORE]
    assert len(keys) == len(set(keys)), "no run is trained twice"


def together(launcher: OrderedRuns, one: tuple[Phase, str], other: tuple[Phase, str]) -> bool:
    """Whether runs of ``one`` ever trained or waited while one of the ``other`` trained."""

    def of(segments: Sequence[Segment], key: tuple[Phase, str]) -> bool:
        return any((s.trial.phase, s.trial.penalty) == key for s in segments)

    return any(
        of([*training, *waiting], one) and of(training, other)
        for training, waiting in launcher.seen
    )


def test_each_penalty_goes_on_while_others_are_behind(tmp_path: Path) -> None:
    searching, climbing = (Phase.EXPLORE, "l2"), (Phase.PATH, "l2")
    launcher = OrderedRuns(20, late("l2"))
    run_ordered(study(), f"sqlite:///{tmp_path}/a.db", launcher)
    for phase in (Phase.SELECT, Phase.PATH, Phase.CONFIRM):
        assert together(launcher, (phase, "l1"), searching)
    launcher = OrderedRuns(20, late("l2", phases=[Phase.PATH]))
    store = run_ordered(study(), f"sqlite:///{tmp_path}/b.db", launcher)
    assert together(launcher, (Phase.CONFIRM, "decay"), climbing)
    assert together(launcher, (Phase.CONFIRM, "none"), climbing)
    assert not together(launcher, (Phase.CONFIRM, "l2"), climbing)
    for _, waiting in launcher.seen:
        later = [segment.trial.phase is Phase.CONTROL for segment in waiting]
        assert later == sorted(later), "the control of pruning comes last"
    occupancy = sweep.occupancy_frame(store, "many")
    assert (occupancy["occupied"] <= occupancy["slots"]).all()


def test_a_path_waits_for_the_beginning_of_others_only_for_want_of_a_constant_predictor(
    tmp_path: Path,
) -> None:
    for null in (True, False):
        launcher = OrderedRuns(60, late("l2"), null=null)
        run_ordered(study(), f"sqlite:///{tmp_path}/{null}.db", launcher)
        assert together(launcher, (Phase.PATH, "l1"), (Phase.EXPLORE, "l2"))
        early = [
            {s.trial.strength for s in training if (s.trial.phase, s.trial.penalty) == L1_PATH}
            for training, _ in launcher.seen
            if any((s.trial.phase, s.trial.penalty) == (Phase.EXPLORE, "l2") for s in training)
        ]
        assert (len(set(chain(*early))) > 8) == null, "eight strengths are the beginning"


L1_PATH = (Phase.PATH, "l1")


def test_a_study_of_an_earlier_version_goes_on_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    """Numbers followed each other then, in the order in which all paths asked together."""
    expected = run_ordered(study(), f"sqlite:///{tmp_path}/b.db", OrderedRuns(1, oldest))
    url, first = f"sqlite:///{tmp_path}/a.db", OrderedRuns(1, oldest, stop_after=60)
    store = run_ordered(study(), url, first)
    before = sweep.trials_frame(store, "many")
    store.close()
    begun = before.loc[before["phase"] == "path", "trial"].tolist()
    assert len(begun) == 3 * 8
    start = 1 + before.loc[before["phase"] == "select", "trial"].max()
    contiguous = [(int(start) + place, number) for place, number in enumerate(begun)]
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        change = "UPDATE regsweep_trial SET number = ? WHERE number = ?"
        connection.executemany(change, [(1000 + new, old) for new, old in contiguous])
        connection.executemany(change, [(new, 1000 + new) for new, _ in contiguous])
        connection.commit()
    rest = OrderedRuns(3, at_random(0))
    store = run_ordered(study(), url, rest)
    keys = ["phase", "penalty", "path", "strength", "lr"]
    found, wanted = (
        sweep.trials_frame(one, "many")
        .drop(columns=["seconds", "trial"])
        .sort_values([*keys, "val_loss"])
        for one in (store, expected)
    )
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), wanted.reset_index(drop=True), check_exact=True
    )


def one_penalty(data: Mapping[str, object] = MappingProxyType({}), **path: object) -> sweep.Study:
    return sweep.Study(
        study={"name": "many"},
        data=data,
        train=fit,
        training={"epochs": EPOCHS},
        search={**SEARCH, "penalties": ["l2"], "control": False},
        path={"points": 12, "resamples": 3, "width": 2.0, **path},
    )


def test_numbers_of_one_penalty_follow_each_other(tmp_path: Path) -> None:
    store = run_ordered(one_penalty(), f"sqlite:///{tmp_path}/a.db", OrderedRuns(4, newest))
    trials = sweep.trials_frame(store, "many")
    assert trials["trial"].tolist() == list(range(len(trials)))
    assert trials["phase"].drop_duplicates().tolist() == ["explore", "select", "path", "confirm"]
    assert (trials["phase"] == "path").sum() < 13, "the path needed fewer than it may have"


def test_optuna_is_shown_what_trials_of_a_budget_came_to_over_all_their_runs(
    tmp_path: Path,
) -> None:
    """A trial that gets more resamples has a mean before, of those that it had."""
    url = f"sqlite:///{tmp_path}/a.db"
    budget = one_penalty(data={"design": "fresh"}, resamples=2, runs=60, width=0.3)
    store = run_ordered(budget, url, OrderedRuns(1, oldest))
    trials = sweep.trials_frame(store, "many").set_index("trial")
    path = trials[trials["phase"] == "path"]
    assert path["n_runs"].nunique() > 1, "some got more than others"
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        query = (
            "SELECT value_json, value FROM trial_values JOIN trial_user_attributes "
            "USING (trial_id) WHERE key = 'regsweep_trial'"
        )
        values = {int(number): value for number, value in connection.execute(query)}
    shown = pd.Series(values)
    assert set(path.index) <= set(shown.index)
    assert (shown == trials.loc[shown.index, "val_loss"]).all()


def test_every_trial_has_a_number_of_its_own_whoever_asks_first() -> None:
    many, history = study(), StudyHistory(LOSS, {})
    given = TrialNumbers(many, history)
    found = [given.of_finalist(name, i) for name in SEARCH["penalties"] for i in range(2)]  # type: ignore[attr-defined]
    found += [
        given.of_path(name, "all", i, -1) for name in ("l2", "l1", "decay") for i in range(10)
    ]
    found += [given.of(Phase.CONFIRM, i) for i in range(4)]
    found += [given.of(Phase.CONTROL, i) for i in range(16)]
    assert sorted(found) == list(range(16, 16 + len(found)))


def test_a_number_of_an_earlier_version_is_passed_over() -> None:
    given = TrialNumbers(study(), StudyHistory(LOSS, {Phase.PATH: 1}))
    wanted = given.of_path("l2", "all", 0, -1)
    given.history.add_trials([Trial(wanted, Phase.PATH, 0, "l1", 1.0, {}, {})])
    other = given.of_path("l2", "all", 0, -1)
    assert other == wanted + given.end
    assert given.of_path("l2", "all", 1, other) > other, "a path's numbers rise as it asks"


def test_a_part_goes_on_once_its_own_batch_has_ended() -> None:
    history, queued = StudyHistory(LOSS, {Phase.PATH: 1}), list[int]()

    def trial(number: int) -> Trial:
        return Trial(number, Phase.PATH, 0, "l2", 1.0, {}, {})

    def batches(*numbers: int) -> Iterator[Sequence[Trial]]:
        for number in numbers:
            yield [trial(number)]

    def after() -> Part:
        yield from wait_until(lambda: 2 in history.summaries)
        yield from batches(9)

    def queue(trials: Sequence[Trial]) -> None:
        queued.extend(t.number for t in history.add_trials(trials))

    schedule = Schedule(history, [after(), batches(1, 2), batches(5)], queue)
    schedule.go_on()
    assert queued == [1, 5]
    for number, more in ((1, [2]), (2, [9]), (9, []), (5, [])):
        assert not schedule.has_ended
        ended = EndedRun(State.COMPLETE, {"val_loss": 1.0, "epochs": 1.0, "seconds": 0.0})
        history.restore_run((number, 0), ended)
        before = len(queued)
        schedule.go_on()
        assert queued[before:] == more
    assert schedule.has_ended
