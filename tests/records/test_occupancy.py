"""The log of occupied slots: short, and true to the time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sweep
from sweep.phases.path_boundaries import conclude
from sweep.records.occupancy import MOST_ROWS, OccupancyLog, Stretch

STUDY = """
[study]
name = "full"
[data]
name = "digits"
[model]
hidden = [8]
[training]
epochs = 4
[search]
penalties = ["decay", "l1"]
trials = 8
round = 4
control = true
[path]
points = 5
resamples = 2
[hardware]
population = 4
"""


def test_a_long_launch_keeps_few_rows_and_all_of_its_time() -> None:
    log = OccupancyLog()
    for tick in range(20_000):
        phase = "explore" if tick < 12_000 else "path"
        log.note(Stretch(phase, 0.1 * tick, 0.1, float(tick % 7), 8.0, 0.0))
    rows = log.stretches
    assert 50 < len(rows) <= MOST_ROWS
    assert sum(row.seconds for row in rows) == pytest.approx(2000)
    explore = [row for row in rows if row.phase == "explore"]
    assert sum(row.seconds for row in explore) == pytest.approx(1200)
    mean = sum(row.occupied * row.seconds for row in rows) / 2000
    assert mean == pytest.approx(sum(t % 7 for t in range(20_000)) / 20_000)
    ends = [row.start_seconds + row.seconds for row in rows]
    assert ends[:-1] == pytest.approx([row.start_seconds for row in rows[1:]])


def test_phases_that_take_turns_at_every_tick_need_no_more_rows() -> None:
    """A stretch is of the phase that filled more slots for longer."""
    log = OccupancyLog()
    for tick in range(5_000):
        phase, occupied = ("explore", 6.0) if tick % 2 else ("path", 2.0)
        log.note(Stretch(phase, 0.1 * tick, 0.1, occupied, 8.0, 0.0))
    rows = log.stretches
    assert 50 < len(rows) <= MOST_ROWS
    assert sum(row.seconds for row in rows) == pytest.approx(500)
    assert sum(row.occupied * row.seconds for row in rows) == pytest.approx(2000)
    explored = sum(row.seconds for row in rows if row.phase == "explore")
    assert explored > 400


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, sweep.Store]]:
    folder = tmp_path_factory.mktemp("full")
    (folder / "full.toml").write_text(STUDY)
    store = sweep.open_store(f"sqlite:///{folder}/s.db")
    sweep.run_study(sweep.load_study(folder / "full.toml"), store)
    yield folder, store
    store.close()


def test_a_study_says_how_full_its_slots_were(done: tuple[Path, sweep.Store]) -> None:
    frame = sweep.occupancy_frame(done[1], "full")
    assert list(dict.fromkeys(frame["phase"])) == ["explore", "path", "confirm", "control"]
    assert (frame["occupied"] <= frame["slots"]).all()
    assert frame["slots"].max() <= 4
    assert (frame["occupied"] > 0).all()
    path = frame[frame["phase"] == "path"]
    share = (path["occupied"] * path["seconds"]).sum() / (path["slots"] * path["seconds"]).sum()
    assert share > 0.7, "24 runs through 4 slots, refilled as they end"


def test_the_control_trains_what_was_pruned_to_its_end_and_tells_nobody(
    done: tuple[Path, sweep.Store],
) -> None:
    trials = sweep.trials_frame(done[1], "full")
    pruned = trials[trials["state"] == "pruned"]
    control = trials[trials["phase"] == "control"]
    assert len(pruned) > 0
    assert list(control["path"]) == [f"trial {n}" for n in pruned["trial"]]
    assert list(control["strength"]) == list(pruned["strength"])
    assert (control["epochs"] == 4).all()
    curves = sweep.curves_frame(done[1], "full")
    losses = curves[curves["metric"] == "val_loss"].set_index(["trial", "epoch"])["value"]
    for stopped, whole in zip(pruned["trial"], control["trial"], strict=True):
        kept = losses.loc[stopped]
        assert len(kept) in (2, 3), "a pruned trial keeps its curve up to its rung"
        pd.testing.assert_series_equal(kept, losses.loc[whole].iloc[: len(kept)], rtol=1e-6)


def test_a_study_without_control_explores_paths_and_confirms_the_same(
    done: tuple[Path, sweep.Store], tmp_path: Path
) -> None:
    path = tmp_path / "full.toml"
    path.write_text(STUDY.replace("control = true", "control = false"))
    store = sweep.open_store(f"sqlite:///{tmp_path}/s.db")
    sweep.run_study(sweep.load_study(path), store)
    with_control = sweep.trials_frame(done[1], "full")
    rest = with_control[with_control["phase"] != "control"]
    columns = ["trial", "phase", "penalty", "strength", "state", "val_loss", "test_loss"]
    mine = sweep.trials_frame(store, "full")
    store.close()
    pd.testing.assert_frame_equal(
        mine[columns].reset_index(drop=True), rest[columns].reset_index(drop=True), rtol=1e-5
    )


def test_how_full_the_slots_were_is_stored_while_a_study_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a launch that is killed after its search has left what is known of it."""
    path = tmp_path / "full.toml"
    path.write_text(STUDY.replace("control = true", "control = false"))
    store, seen = sweep.open_store(f"sqlite:///{tmp_path}/s.db"), []

    def look_first(*given: Any) -> list[dict[str, Any]]:
        seen.append(sweep.occupancy_frame(store, "full"))
        return conclude(*given)

    monkeypatch.setattr("sweep.phases.driver.conclude", look_first)
    sweep.run_study(sweep.load_study(path), store)
    (during,), after = seen, sweep.occupancy_frame(store, "full")
    store.close()
    assert during["phase"].iloc[0] == "explore"
    assert set(after["launch"]) == {1}
    assert set(after["phase"]) >= {"explore", "path", "confirm"}
    assert len(during) < len(after)
    pd.testing.assert_frame_equal(after.head(len(during)), during)
