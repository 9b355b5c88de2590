"""Worker processes: what travels to them and back, and what is said when it cannot."""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import time
import warnings
from collections import deque
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.errors import HardwareError
from sweep.launchers._processes import Processes
from sweep.launchers._ray_launcher import Ray
from sweep.launchers.choose import Suited, make_launcher
from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import Here, Launcher, Workers
from sweep.launchers.plans import Plans
from sweep.launchers.sizing import (
    StepCosts,
    measure_costs,
    suited_processes,
)
from sweep.records.execution import ExecutionPlan
from sweep.records.trial import Phase, Run, RunResult, State, Trial
from sweep.training._step_kernel import steps
from sweep.training.jobs import Segment, SegmentResult
from tests.support.databases import wait_until

N_CHECKPOINTS, FILES = 200, 64


@pytest.fixture
def few_files() -> Iterator[None]:
    """Hardly more files than are open may be opened, here and in the processes started here."""
    resource = pytest.importorskip("resource", reason="limits of open files are Unix's")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(map(int, os.listdir("/dev/fd"))) + FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.long
@pytest.mark.usefixtures("few_files")
def test_a_round_of_many_checkpoints_needs_no_file_for_each() -> None:
    context = context_of({"name": "linear"})
    trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
    draw = context.draws[Phase.EXPLORE][0]
    segments = [Segment(Run(0, i, draw), trial, 1) for i in range(N_CHECKPOINTS)]
    plan = ExecutionPlan(N_CHECKPOINTS // 2, 1, batched=True)
    launcher = make_launcher("local", 2, context, plan)
    checkpoint = [o for batch in launcher.train(deque(segments)) for o in batch]
    again = [replace(o.segment, stop=2, checkpoint=o.checkpoint) for o in checkpoint]
    ended = [o for batch in launcher.train(deque(again)) for o in batch]
    launcher.close()
    assert len(checkpoint) == N_CHECKPOINTS
    assert [o.result.state for o in ended] == [State.COMPLETE] * N_CHECKPOINTS


def build(n_inputs: int, n_outputs: int) -> nn.Module:
    return nn.Linear(n_inputs, n_outputs)


def context_of(model: Any) -> TrainingContext:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(400, 10, generator=random)
    y = x[:, :1] + torch.randn(400, 1, generator=random)
    return TrainingContext(
        sweep.Study(study={"name": "mine"}, data=(x, y), model=model, training={"epochs": 2})
    )


@pytest.mark.skipif(not steps()[0], reason=f"the library {steps()[1]}")
def test_a_launch_begins_with_few_runs_where_they_train_one_after_the_other() -> None:
    context = context_of({"name": "mlp", "hidden": [8]})
    launcher = Here(context, Plans(context, ExecutionPlan(8, 1, batched=True)))
    trial, draw = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {}), context.draws[Phase.EXPLORE][0]
    runs = [Segment(Run(0, i, draw), trial, 2) for i in range(12)]

    def occupancy() -> list[tuple[int, int]]:
        return [launcher.occupancy for _ in launcher.train(deque(runs))]

    assert occupancy() == [(4, 4), (4, 4), (8, 8), (8, 8)]
    assert occupancy() == [(8, 8), (8, 8), (4, 4), (4, 4)]


def test_a_model_that_other_processes_cannot_find_is_reported_in_one_line() -> None:
    def local(n_inputs: int, n_outputs: int) -> nn.Module:
        return nn.Linear(n_inputs, n_outputs)

    for model in (local, lambda n_inputs, n_outputs: nn.Linear(n_inputs, n_outputs)):
        with pytest.raises(HardwareError) as caught:
            make_launcher("local", 2, context_of(model))
        said = str(caught.value)
        assert re.match(r"--workers: .* found: .*(local|lambda).*; define them at the top", said)
        assert "\n" not in said


def test_a_function_at_the_top_of_a_module_reaches_other_processes() -> None:
    launcher = make_launcher("local", 2, context_of(build))
    launcher.close()


class Shuffling(nn.Module):
    """Draws what no hash replaces, so its runs train one at a time."""

    def __init__(self, n_inputs: int, n_outputs: int) -> None:
        super().__init__()
        self.output = nn.Linear(n_inputs, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(x[:, torch.randperm(x.shape[1])])  # type: ignore[no-any-return]


class Endless(Shuffling):
    """Never comes to an end in another process."""

    def forward(self, x: Tensor) -> Tensor:
        while multiprocessing.parent_process() is not None:
            time.sleep(0.1)
        return super().forward(x)


@pytest.fixture
def two_threads() -> Iterator[None]:
    most = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(most)


def losses(launcher: Launcher, context: TrainingContext) -> list[float]:
    draw = context.draws[Phase.EXPLORE][0]
    trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
    waiting = deque(Segment(Run(0, i, draw), trial, 2) for i in range(4))
    found = {o.segment.run.number: o.result for batch in launcher.train(waiting) for o in batch}
    assert launcher.trained_epochs == 8
    return [found[i].metrics["val_loss"] for i in range(4)]


@pytest.mark.usefixtures("two_threads", "loaded_workers")
@pytest.mark.parametrize(
    ("network", "apart", "kind"),
    [("alone", 2.0, Processes), ("alone", 9.0, Here), ("stacked", 2.0, Processes)],
    ids=["much faster", "hardly faster", "stacked"],
)
def test_runs_go_to_processes_where_that_was_measured_to_pay(
    network: str, apart: float, kind: type[Launcher], caplog: pytest.LogCaptureFixture
) -> None:
    """With the same numbers; the costs of a step are given, so that no clock decides the test."""
    caplog.set_level(logging.INFO, logger="sweep")
    context = context_of(Shuffling if network == "alone" else build)
    assert isinstance(make_launcher("local", None, context), Suited)
    launcher = Suited(context, costs=StepCosts(10.0, apart))
    found = losses(launcher, context)
    assert type(launcher.chosen) is kind
    assert ("training in 2 processes with a population each" in caplog.text) == (kind is Processes)
    launcher.close()
    assert found == pytest.approx(losses(Here(context), context), rel=1e-6)
    if network == "alone":
        assert found == losses(Here(context), context)


@pytest.mark.usefixtures("two_threads")
def test_processes_are_not_started_for_little_work_nor_where_steps_hardly_need_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> StepCosts:
        raise AssertionError("timed")

    monkeypatch.setattr("sweep.launchers.choose.measure_costs", never)
    little, stacked = context_of(Shuffling), context_of({"name": "linear"})
    together = ExecutionPlan(4, 1, batched=True)
    for context, plan, costs in ((little, None, StepCosts(1e-3, 1e-4)), (stacked, together, None)):
        launcher = Suited(context, Plans(context, plan), costs)
        losses(launcher, context)
        assert isinstance(launcher.chosen, Here)
    assert suited_processes(stacked) == 1


@pytest.mark.usefixtures("two_threads")
def test_processes_are_started_for_what_a_study_will_train_and_not_for_what_waits_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context, asked = context_of(Shuffling), list[int]()
    monkeypatch.setattr(Suited, "_processes", lambda _: asked.append(1))
    launcher = Suited(context, costs=StepCosts(1e-3, 1e-4))
    losses(launcher, context)
    assert not asked
    launcher.expected_epochs = 1e5
    losses(launcher, context)
    assert asked


def test_a_step_in_this_process_and_in_others_is_measured() -> None:
    context = context_of(Shuffling)
    costs = measure_costs(context, Plans(context).plan)
    assert 0 < costs.apart < 100 * costs.here


class InTurn(Workers):
    """Workers whose jobs are noted, and end in the order of their start."""

    def __init__(self, context: TrainingContext, n_workers: int, plan: ExecutionPlan):
        super().__init__(context, n_workers, 1, Plans(context, plan))
        self.jobs: list[list[Segment]] = []

    def submit(self, job: list[Segment]) -> int:
        self.jobs.append(job)
        return len(self.jobs) - 1

    def next_done(self, tickets: list[int]) -> tuple[int, list[SegmentResult]]:
        results = [RunResult(s.run, State.COMPLETE, s.stop) for s in self.jobs[tickets[0]]]
        pairs = zip(self.jobs[tickets[0]], results, strict=True)
        return tickets[0], [SegmentResult(*pair) for pair in pairs]


def test_a_worker_gets_its_share_of_all_that_waits_or_is_under_way() -> None:
    """What comes while others are busy is not one worker's alone."""
    context = context_of(build)
    trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
    draw = context.draws[Phase.EXPLORE][0]
    runs = deque(Segment(Run(0, i, draw), trial, 1) for i in range(60))
    waiting = deque(runs.popleft() for _ in range(20))
    launcher = InTurn(context, 2, ExecutionPlan(32, 1, batched=True))
    for _ in launcher.train(waiting):
        waiting.extend(runs)
        runs.clear()
    assert [len(job) for job in launcher.jobs] == [10, 10, 25, 15]
    assert launcher.trained_epochs == 60


MORTAL = """
import os
import pathlib
import torch

HERE = pathlib.Path(__file__).parent

def build():
    launching = int((HERE / "launching").read_text())
    if os.getpid() != launching and not (HERE / "died").exists():
        (HERE / "died").touch()
        os._exit(1)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
"""


@pytest.fixture(scope="module")
def started_ray() -> Iterator[None]:
    """A Ray that a launcher has started, which others use until that one is closed."""
    ray = pytest.importorskip("ray", reason="ray is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", ResourceWarning)
        first = Ray(context_of(build), 0)
        yield
        assert ray.is_initialized(), "no other launcher has ended it"
        first.close()
        assert not ray.is_initialized()


@pytest.mark.long
@pytest.mark.usefixtures("started_ray")
@pytest.mark.filterwarnings("ignore::FutureWarning:ray")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_ray_worker_that_dies_is_started_again_and_its_runs_come_to_the_same(
    tmp_path: Path,
) -> None:
    found, occupancy = [], []
    for launcher, workers in (("ray", 2), ("local", 1)):
        store = sweep.open_store(f"sqlite:///{tmp_path}/{launcher}.db")
        sweep.run_study(mortal(tmp_path), store, launcher=launcher, workers=workers)
        found.append(sweep.runs_frame(store, "mortal").drop(columns="seconds"))
        occupancy.append(sweep.occupancy_frame(store, "mortal"))
    assert (tmp_path / "died").exists()
    assert (occupancy[0]["slots"] == 2).all()
    pd.testing.assert_frame_equal(*found, rtol=1e-4)


@pytest.mark.long
@pytest.mark.usefixtures("started_ray")
@pytest.mark.filterwarnings("ignore::FutureWarning:ray")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_ray_worker_that_dies_every_time_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.launchers._ray_launcher.MOST_LOST", 1)
    study, store = mortal(tmp_path), sweep.open_store(f"sqlite:///{tmp_path}/dead.db")
    (tmp_path / "mortal.py").write_text(MORTAL.replace(".touch()", ""))
    with pytest.raises(HardwareError, match="must live, found one lost 2 times") as caught:
        sweep.run_study(study, store, launcher="ray", workers=1)
    assert "\n" not in str(caught.value)


def mortal(folder: Path) -> sweep.Study:
    (folder / "mortal.py").write_text(MORTAL)
    (folder / "launching").write_text(str(os.getpid()))
    text = (
        '[study]\nname = "mortal"\n[data]\nname = "digits"\n[model]\nname = "mortal.py:build"\n'
        '[training]\nepochs = 2\n[search]\npenalties = ["decay"]\ntrials = 4\nround = 4\n'
        "[path]\npoints = 0\nresamples = 1\n"
    )
    (folder / "mortal.toml").write_text(text)
    return sweep.load_study(folder / "mortal.toml")


KILLED = """
import os
import pathlib
import signal
import time
import torch

HERE = pathlib.Path(__file__).parent

class Net(torch.nn.Linear):
    def __init__(self):
        super().__init__(64, 10)

    def forward(self, x):
        if (HERE / "kill").exists() and os.getpid() != int((HERE / "launching").read_text()):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward(x.flatten(1))
"""


@pytest.mark.usefixtures("loaded_workers")
def test_a_worker_that_ended_before_a_job_is_handed_out_is_one_line() -> None:
    context = context_of({"name": "linear"})
    launcher = Processes(context, 1, Plans(context, ExecutionPlan(1, 1, batched=True)))
    ended = launcher.pool.submit(os._exit, 3).exception()
    assert isinstance(ended, BrokenProcessPool)
    with pytest.raises(HardwareError, match="a worker process ended before its job"):
        launcher.submit([])
    launcher.close()


@pytest.mark.usefixtures("loaded_workers")
def test_a_launcher_that_is_closed_waits_for_no_job() -> None:
    """The job never ends; closing it would wait as long."""
    context = context_of(Endless)
    launcher = Processes(context, 1, Plans(context, ExecutionPlan(1, 1, batched=False)))
    trial, draw = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {}), context.draws[Phase.EXPLORE][0]
    job = launcher.submit([Segment(Run(0, 0, draw), trial, 2)])
    wait_until(job.running)
    launcher.close()
    assert isinstance(job.exception(), BrokenProcessPool)


@pytest.mark.usefixtures("loaded_workers")
def test_a_worker_process_that_is_killed_ends_the_launch_in_one_line_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "killed.py").write_text(KILLED)
    (tmp_path / "launching").write_text(str(os.getpid()))
    (tmp_path / "killed.toml").write_text(
        '[study]\nname = "killed"\n[data]\nname = "digits"\n[model]\nname = "killed.py:Net"\n'
        '[training]\nepochs = 2\n[search]\npenalties = ["decay"]\ntrials = 8\nround = 2\n'
        "[path]\npoints = 0\nresamples = 1\n[hardware]\npopulation = 2\n"
    )
    study = sweep.load_study(tmp_path / "killed.toml")
    store = sweep.open_store(f"sqlite:///{tmp_path}/killed.db")
    record = sweep.Store.record

    def recording(store: sweep.Store, *given: Any) -> None:
        record(store, *given)
        (tmp_path / "kill").touch()

    with monkeypatch.context() as patch:
        patch.setattr(sweep.Store, "record", recording)
        with pytest.raises(HardwareError, match="a worker process ended before its job") as caught:
            sweep.run_study(study, store, workers=2)
    assert "\n" not in str(caught.value)
    before = sweep.runs_frame(store, "killed")
    assert 0 < len(before) < 9
    (tmp_path / "kill").unlink()
    sweep.run_study(study, store)
    after = sweep.runs_frame(store, "killed")
    assert len(after.merge(before, on=list(before.columns))) == len(before)
    whole = sweep.open_store(f"sqlite:///{tmp_path}/whole.db")
    sweep.run_study(study, whole)
    columns = ["trial", "run", "state", "epochs", "seed", "val_loss", "test_loss"]
    expected = sweep.runs_frame(whole, "killed")[columns]
    pd.testing.assert_frame_equal(after[columns], expected, rtol=1e-5)
    store.close()
    whole.close()
