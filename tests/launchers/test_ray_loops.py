"""Loops of a user's on Ray: places for runs, and the same numbers as on this machine."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sweep
from sweep.errors import HardwareError, StudyError
from sweep.launchers._ray_loops import RayProcesses, asked_of_ray, n_places
from sweep.launchers.choose import make_launcher
from sweep.launchers.loop_context import LoopContext
from sweep.records.trial import Draw, Phase, Run, RunResult, State, Trial
from sweep.training.jobs import Segment
from tests.support.late_runs import late_once_reported
from tests.support.own_loops import FUNCTION, write_study

LOOP = """
import os, pathlib, signal, sys, time

MARK = pathlib.Path(__file__).with_name("lost")

def parent_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

def shows(run):
    assert run.device == "cuda"
    run.report(train_loss=1.0, val_loss=float(os.environ["CUDA_VISIBLE_DEVICES"] != ""))

def loses_its_machine(run):
    for epoch in range(run.epochs):
        run.report(train_loss=1.0, val_loss=float(run.seed + epoch))
        if run.seed == 7 and (run.params["again"] or not MARK.exists()):
            MARK.touch()
            os.kill(parent_of(os.getppid()), signal.SIGKILL)  # the server's parent: Ray's worker
            time.sleep(600)

def hangs(run):
    print("deep in thought", file=sys.stderr, flush=True)
    run.report(train_loss=1.0, val_loss=1.0)
    time.sleep(600)
"""


def study(folder: Path, function: str, again: int = 0, **hardware: float) -> sweep.Study:
    (folder / "loops.py").write_text(LOOP)
    return sweep.Study(
        study={"name": "loops"},
        training={
            "function": f"{folder}/loops.py:{function}",
            "epochs": 3,
            "run_seconds": 3.0 if function == "hangs" else 600.0,
        },
        search={"penalties": ["l2"], "axes": {"again": {"choices": [0, 1]}}},
        hardware=hardware,
    )


def trained(own: sweep.Study, workers: int | None, n: int, again: int = 0) -> list[RunResult]:
    """What became of so many runs, in their order."""
    launcher = make_launcher("ray", workers, LoopContext(own, "cpu"))
    trial = Trial(0, Phase.EXPLORE, 0, "l2", 0.1, {}, {"again": again})
    waiting = deque(Segment(Run(0, i, Draw(0, 0, 0, 5, 7 + i)), trial, 3) for i in range(n))
    try:
        found = [outcome.result for some in launcher.train(waiting) for outcome in some]
    finally:
        launcher.close()
    return sorted(found, key=lambda result: result.run.number)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray with two cores and the word of a GPU, which others leave running."""
    ray = pytest.importorskip("ray", reason="ray is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(num_cpus=2, num_gpus=1, include_dashboard=False, log_to_driver=False)
        yield ray
        assert ray.is_initialized(), "no launcher has ended it"
        ray.shutdown()


def on_ray(test: Callable[..., None]) -> Callable[..., None]:
    """A test with a Ray, which takes seconds to start."""
    for mark in (
        pytest.mark.long,
        pytest.mark.usefixtures("cluster"),
        pytest.mark.filterwarnings("ignore::FutureWarning"),
        pytest.mark.filterwarnings("ignore::ResourceWarning"),
    ):
        test = mark(test)
    return test


@on_ray
def test_a_study_comes_to_the_same_as_on_this_machine(tmp_path: Path) -> None:
    """With rungs, at which runs wait in their processes while others have their places."""
    found = []
    for launcher in ("ray", "local"):
        store = sweep.open_store(f"sqlite:///{tmp_path}/{launcher}.db")
        own = sweep.load_study(write_study(tmp_path, FUNCTION))
        sweep.run_study(own, store, launcher=launcher, workers=2)
        found.append(sweep.runs_frame(store, "own").drop(columns="seconds"))
    assert set(found[0]["state"]) == {"complete", "pruned"}
    pd.testing.assert_frame_equal(*found)


@on_ray
def test_runs_of_a_lost_worker_are_trained_anew(tmp_path: Path) -> None:
    results = trained(study(tmp_path, "loses_its_machine"), 2, 4)
    assert (tmp_path / "lost").exists()
    assert [result.state for result in results] == [State.COMPLETE] * 4
    for place, result in enumerate(results):
        (curve,) = (c for c in result.curves if c.metric == "val_loss")
        assert curve.values == (7.0 + place, 8.0 + place, 9.0 + place)


@on_ray
def test_a_run_that_loses_its_worker_every_time_ends_the_launch_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.launchers._ray_loops.MOST_LOST", 1)
    with pytest.raises(HardwareError, match="must live, found one lost 2 times") as caught:
        trained(study(tmp_path, "loses_its_machine"), 1, 1, again=1)
    assert "\n" not in str(caught.value)


@on_ray
def test_a_hung_run_is_ended_and_its_last_words_are_kept(tmp_path: Path) -> None:
    with late_once_reported():
        (result,) = trained(study(tmp_path, "hangs"), 1, 1)
    assert (result.state, result.epochs) == (State.FAILED, 1)
    assert result.note == (
        "it took more than training.run_seconds = 3; stderr ends: deep in thought"
    )


@on_ray
def test_two_runs_share_a_gpu(tmp_path: Path) -> None:
    own = study(tmp_path, "shows", cpus=0.5, gpus=0.5)
    assert RayProcesses(LoopContext(own, "cpu"), None).n_workers == 2
    results = trained(own, 2, 3)
    assert [result.state for result in results] == [State.COMPLETE] * 3
    assert all(result.metrics["val_loss"] == 1.0 for result in results)


def node(cpus: float, gpus: float = 0.0, alive: bool = True) -> dict[str, Any]:
    return {"Alive": alive, "Resources": {"CPU": cpus, "GPU": gpus} if gpus else {"CPU": cpus}}


@pytest.mark.parametrize(
    ("nodes", "cpus", "gpus", "wanted"),
    [
        ([node(8)], 1.0, 0.0, 8),
        ([node(8), node(3), node(9, alive=False)], 2.0, 0.0, 5),
        ([node(64, 2), node(8)], 4.0, 0.25, 8),
        ([node(64, 2)], 4.0, 1.0, 2),
        ([node(10, 1)], 1.0, 0.1, 10),
        ([node(64)], 1.0, 1.0, 1),
    ],
)
def test_a_cluster_has_places_where_cores_and_gpus_are_enough(
    nodes: list[dict[str, Any]], cpus: float, gpus: float, wanted: int
) -> None:
    assert n_places(nodes, {"num_cpus": cpus, "num_gpus": gpus}, is_own=False) == wanted


def test_what_this_machine_has_not_is_refused_in_one_line() -> None:
    with pytest.raises(HardwareError, match="2 cores and 1 GPUs, found none; ask for less"):
        n_places([node(8)], {"num_cpus": 2.0, "num_gpus": 1.0}, is_own=True)


def test_a_run_asks_for_its_threads_unless_the_study_says_so(tmp_path: Path) -> None:
    def asked(**hardware: float) -> dict[str, float]:
        return asked_of_ray(LoopContext(study(tmp_path, "shows", **hardware), "cpu"))

    assert asked(threads=3) == {"num_cpus": 3.0, "num_gpus": 0.0}
    assert asked(cpus=0.5, gpus=0.25) == {"num_cpus": 0.5, "num_gpus": 0.25}


@pytest.mark.parametrize(
    ("hardware", "said"),
    [
        ({"gpus": 1.5}, "hardware.gpus: a share from 0 to 1 or a whole number must be given"),
        ({"gpus": -1.0}, "hardware.gpus: a share from 0 to 1"),
        ({"gpus": 0.5, "device": "cpu"}, "trains on cuda, found device = 'cpu'"),
        ({"cpus": -1.0}, "hardware.cpus"),
    ],
)
def test_what_no_run_can_ask_for_is_refused(
    tmp_path: Path, hardware: dict[str, Any], said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        study(tmp_path, "shows", **hardware)


@pytest.mark.parametrize("key", ["cpus", "gpus"])
def test_networks_of_this_package_ask_for_none_of_it(key: str) -> None:
    with pytest.raises(StudyError, match=rf"hardware.{key}: training.function or"):
        sweep.Study(study={"name": "mine"}, data={"name": "digits"}, hardware={key: 1})


def test_an_unknown_launcher_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HardwareError, match="local or ray must be given, found 'slurm'"):
        make_launcher("slurm", 1, LoopContext(study(tmp_path, "shows"), "cpu"))
