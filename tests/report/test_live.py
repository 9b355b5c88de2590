"""The page of a study under way: after any recorded run, with what is known so far."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import sweep
from dashboards.gather.provisional import provisional_boundaries
from dashboards.pages.live import Launch, Standing, read_launch, standing_words
from dashboards.pages.render import render_study
from dashboards.pages.report import build_report, gather
from sweep.errors import StudyError
from sweep.store.frames import row_losses_by_run
from tests.support.report_frames import fill_store, make_small_frames, make_study, whole
from tests.support.stopped_store import n_runs_of, stop_after

LAUNCH = Launch("path", 40, 80, 0.5, 61.0)
N_CONFIRM = 4
"""Runs after the last of the path."""


@pytest.fixture
def young(tmp_path: Path) -> Iterator[sweep.Store]:
    """A store of one recorded study, which a test stops."""
    store = sweep.open_store(f"sqlite:///{tmp_path}/young.db")
    fill_store(store, make_small_frames("young"), make_study("young"))
    yield store
    store.close()


def page_of(store: sweep.Store, n_runs: int) -> str:
    """The page of the study after so many runs."""
    stop_after(store, "young", n_runs)
    frames = gather(store, "young")
    assert len(frames.runs) == n_runs
    standing = Standing("process 7 on here", LAUNCH)
    page = render_study(frames, dt.datetime(2026, 1, 2, tzinfo=dt.UTC), standing)
    words = standing_words(standing, frames)
    assert f"{n_runs} of at most 80 runs done" in words
    assert words[-1] == "run by process 7 on here"
    assert ("about 1 min 01 s left" in page) == (n_runs <= LAUNCH.done_runs + 8)
    assert ("Provisional estimates" in page) == (not frames.boundaries.empty)
    tested = bool(frames.trials["test_loss"].notna().any())
    assert ("test rows kept apart and not read yet" in page) == (
        "test rows kept apart" in page and not tested
    )
    assert tested or "on the same test rows" not in page
    return page


def test_a_study_has_a_page_at_some_stops(young: sweep.Store) -> None:
    n = n_runs_of(young, "young")
    marked = ["Provisional" in page_of(young, stop) for stop in (n - N_CONFIRM, 1)]
    assert marked == [True, False]


@pytest.mark.long
def test_a_study_has_a_page_after_every_run(young: sweep.Store) -> None:
    for n_runs in range(n_runs_of(young, "young"), -1, -1):
        page_of(young, n_runs)


def short_study(name: str, **path: int) -> sweep.Study:
    """A study of one penalty on the diabetes rows, of a second."""
    return sweep.Study(
        study={"name": name, "seed": 3},
        data={"name": "diabetes", "design": "resample"},
        model={"hidden": [4]},
        training={"epochs": 3, "batch_size": 256},
        search={"penalties": ["l2"], "trials": 2, "round": 2},
        path={"points": 5, "resamples": 3, **path},
    )


def test_provisional_estimates_are_those_that_the_engine_makes_of_the_same_runs(
    tmp_path: Path,
) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/ended.db")
    sweep.run_study(short_study("ended", row_losses=0), store)
    engines = sweep.boundaries_frame(store, "ended")
    facts = store.read_study("ended")
    trials, runs = sweep.trials_frame(store, "ended"), sweep.runs_frame(store, "ended")
    ours = provisional_boundaries(facts, trials, runs, list(engines.columns))
    engines = engines[engines["metric"] == facts.objective].reset_index(drop=True)
    assert len(ours) == 1
    same = [name for name in engines.columns if not name.startswith("ending")]
    pd.testing.assert_frame_equal(ours[same], engines[same], check_dtype=False)


def test_provisional_estimates_rest_on_the_rows_that_were_kept(tmp_path: Path) -> None:
    """As those of the engine do, which knows the constant predictor's rows besides."""
    store = sweep.open_store(f"sqlite:///{tmp_path}/rows.db")
    sweep.run_study(short_study("rows"), store)
    facts, frame = store.read_study("rows"), sweep.boundaries_frame(store, "rows")
    trials, runs = sweep.trials_frame(store, "rows"), sweep.runs_frame(store, "rows")
    by_row = row_losses_by_run(store, "rows")
    engines = frame[frame["metric"] == facts.objective].iloc[0]
    ours = provisional_boundaries(facts, trials, runs, list(frame.columns), by_row).iloc[0]
    assert engines["n_rows"] > 200
    same = ["n_rows", "n_strengths", "best", "best_loss", "threshold_loss", "strength_1se"]
    assert list(ours[same]) == pytest.approx(list(engines[same]), rel=1e-6)
    groups = replace(facts, divided_by="groups")
    ours = provisional_boundaries(groups, trials, runs, list(frame.columns), by_row).iloc[0]
    assert ours["n_rows"] == 0


def test_a_study_that_runs_is_not_to_be_launched_again(young: sweep.Store) -> None:
    stop_after(young, "young", 20)
    frames = gather(young, "young")
    stopped, runs = (render_study(frames, standing=Standing(who)) for who in ("", "process 7"))
    assert "not finished: " in stopped
    assert "nobody runs it: launch it again" in stopped
    assert "Launch it again" in stopped
    assert "under way: " in runs
    assert "aunch it again" not in runs
    assert "Wait for its end: it is being run." in runs


def test_the_page_of_a_launch_that_ends_once_it_is_written_names_no_runner(
    young: sweep.Store, tmp_path: Path
) -> None:
    """The launch holds its lease to its end; what nobody trains is not said to be training."""
    stop_after(young, "young", 0)
    assert young.runner_of("young")
    for stopped, said in ((False, "run by process"), (True, "nobody runs it: launch it again")):
        build_report(young, ["young"], tmp_path, stopped=stopped)
        page = (tmp_path / "young.html").read_text(encoding="utf-8")
        assert said in page
        assert ("this page loads itself anew" in page) == (not stopped)
        assert "No result yet: no run has come to an end" in page
        assert "are training" not in page


def test_a_ladder_that_waits_for_a_run_has_no_estimate() -> None:
    frames = make_small_frames()
    columns = list(frames["boundaries"].columns)
    trials = frames["trials"]
    ended = provisional_boundaries(make_study(), trials, frames["runs"], columns)
    assert list(ended["penalty"]) == ["decay"]
    trials.loc[trials["phase"].eq("path").idxmax(), "state"] = "waiting"
    assert provisional_boundaries(make_study(), trials, frames["runs"], columns).empty


def test_a_first_ladder_has_an_estimate_while_strengths_between_wait() -> None:
    """As if the path had never asked for them."""
    frames = make_small_frames()
    columns, trials, runs = list(frames["boundaries"].columns), frames["trials"], frames["runs"]
    path = trials.index[trials["phase"].eq("path") & trials["penalty"].eq("decay")]
    added = path[len(path) // 2]
    without = trials.drop(index=added)
    wanted = provisional_boundaries(make_study(), without, runs, columns)
    late = trials["trial"].max() + 1
    runs.loc[runs["trial"] == trials.loc[added, "trial"], "trial"] = late
    trials.loc[added, ["trial", "state"]] = [late, "waiting"]
    found = provisional_boundaries(make_study(), trials, runs, columns)
    pd.testing.assert_frame_equal(found, wanted)
    trials.loc[path[-1], "state"] = "waiting"
    assert provisional_boundaries(make_study(), trials, runs, columns).empty


def test_a_share_that_is_older_than_the_records_is_not_said() -> None:
    frames = whole(make_small_frames(), finished_at=None)
    n = len(frames.runs)
    for done, said in ((n, True), (n - 20, True), (n - 21, False)):
        launch = Launch("path", done, 200, 0.5, 61.0)
        words = " · ".join(standing_words(Standing("somebody", launch), frames))
        assert ("50 % of the work · about 1 min 01 s left" in words) == said
        assert f"{n} of at most 200 runs done" in words


def test_where_a_launch_stands_is_read_from_json() -> None:
    text = json.dumps({"phase": "path", "done_runs": 40, "total_runs": 80, "share": 0.5,
                       "seconds_left": 61.0})  # fmt: skip
    assert read_launch(text) == LAUNCH
    odd = [text.replace("40", "1e400"), text.replace("40", "-1"), text.replace("0.5", "7")]
    for wrong in ("", "[]", "{}", "[" * 100_000, text.replace("40", '"many"'), *odd):
        with pytest.raises(StudyError, match="--progress: a JSON object"):
            read_launch(wrong)
