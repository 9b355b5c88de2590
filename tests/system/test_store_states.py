"""Any sequence of asking, recording, dying, resuming and reporting keeps what was acknowledged."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

import sweep
from sweep.records.summary import summarize
from sweep.records.trial import RunResult, State, TrialSummary
from sweep.store.store import Store, open_store
from tests.store.test_store import AVERAGED, DEFAULTS, result, trial
from tests.support.facts import make_facts

STUDY, N_RUNS = "one", 2
NO_PROCESS = 2**22 + 1
"""Beyond the largest process number of Linux."""
RunKey = tuple[int, int]


class Died(BaseException):
    """The process ends here, in the middle of a write."""


class Launches(RuleBasedStateMachine):
    """A study that is launched over and over; ``trials`` and ``runs`` are what was acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{self.folder.name}/sweep.db"
        self.trials: dict[int, bool] = {}
        """Whether a trial has ended, by its number."""
        self.runs: dict[RunKey, float] = {}
        self.store: Store | None = None
        self.dies = ""

    @initialize()
    def first_launch(self) -> None:
        self._launch()

    def _launch(self) -> None:
        self.store, self.dies = open_store(self.url), ""
        sa.event.listen(self.store.database.engines.writer, "commit", self._before_commit)
        self.store.start_study(STUDY, "f" * 64, "", make_facts())

    def _before_commit(self, _: object) -> None:
        if self.dies == "before":
            raise Died

    # ---- what a launch does --------------------------------------------------------------------

    @precondition(lambda self: self.store is not None)
    @rule(n=st.integers(1, 3))
    def ask(self, n: int) -> None:
        first = max(self.trials, default=-1) + 1
        new = [trial(first + i) for i in range(n)]
        if self._write(lambda store: store.add_trials(STUDY, new, DEFAULTS)):
            self.trials |= {t.number: False for t in new}

    @precondition(lambda self: self.store is not None and self._missing())
    @rule(data=st.data())
    def train_and_record(self, data: st.DataObject) -> None:
        missing = self._missing()
        batch = data.draw(st.lists(st.sampled_from(missing), min_size=1, unique=True))
        states = data.draw(
            st.lists(
                st.sampled_from([State.COMPLETE, State.DIVERGED, State.PRUNED]),
                min_size=len(batch),
                max_size=len(batch),
            )
        )
        done = [
            result(*key, 1.0 + key[0] + key[1] / 10, state)
            for key, state in zip(batch, states, strict=True)
        ]
        after = {**self.runs, **{(r.run.trial, r.run.number): _loss(r) for r in done}}
        ended = sorted({t for t, _ in batch if all((t, i) in after for i in range(N_RUNS))})
        summaries = [_summary(number, after) for number in ended]
        if self._write(lambda store: store.record(STUDY, done, summaries)):
            self.runs = after
            self.trials |= dict.fromkeys(ended, True)

    def _missing(self) -> list[RunKey]:
        keys = ((number, run) for number in self.trials for run in range(N_RUNS))
        return [key for key in keys if key not in self.runs]

    def _write(self, write) -> bool:  # type: ignore[no-untyped-def]
        """Whether it was acknowledged; the launch is over if not."""
        assert self.store is not None
        try:
            write(self.store)
        except Died:
            self._die()
            return False
        return True

    @precondition(lambda self: self.store is not None)
    @rule(when=st.sampled_from(["before", ""]))
    def die(self, when: str) -> None:
        """In the next commit, or between two."""
        self.dies = when
        if not when:
            self._die()

    def _die(self) -> None:
        """No connection is closed and no lease given back, and the process is gone."""
        self.store = None
        with sqlite3.connect(f"{self.folder.name}/sweep.db") as other:
            other.execute("UPDATE regsweep_lease SET process = ?", (NO_PROCESS,))
        other.close()

    @precondition(lambda self: self.store is not None and not self.dies)
    @rule()
    def end(self) -> None:
        assert self.store is not None
        self.store.close()
        self.store = None

    @precondition(lambda self: self.store is None)
    @rule()
    def launch_again(self) -> None:
        self._launch()

    # ---- what holds at any moment --------------------------------------------------------------

    @invariant()
    def what_was_acknowledged_is_there_and_nothing_else(self) -> None:
        if not (Path(self.folder.name) / "sweep.db").exists():
            return
        reader = open_store(self.url)
        stored = {s.trial.number: s.state.ended for s in reader.read_trials(STUDY)}
        assert stored == self.trials
        runs = {(r.trial, r.number): r.metrics["val_loss"] for r in reader.read_runs(STUDY)}
        assert runs == self.runs
        reader.close()

    @precondition(lambda self: self.runs)
    @rule()
    def report(self) -> None:
        reader = open_store(self.url)
        frame = sweep.trials_frame(reader, STUDY).set_index("trial")
        assert frame["state"].ne("waiting").to_dict() == self.trials
        assert len(sweep.runs_frame(reader, STUDY)) == len(self.runs)
        assert len(sweep.curves_frame(reader, STUDY)) == 3 * len(self.runs)
        reader.close()

    def teardown(self) -> None:
        if self.store is not None:
            self.dies = ""
            self.store.close()
        self.folder.cleanup()


def _loss(done: RunResult) -> float:
    return float(done.metrics["val_loss"])


def _summary(number: int, runs: dict[RunKey, float]) -> TrialSummary:
    metrics = [{"val_loss": runs[number, i], "epochs": 3, "seconds": 0.5} for i in range(N_RUNS)]
    return summarize(number, [State.COMPLETE] * N_RUNS, metrics, AVERAGED)


Launches.TestCase.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
TestLaunches = Launches.TestCase
