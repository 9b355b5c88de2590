"""The plan of a launch: given, kept or measured, and revised by what training takes."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import Here
from sweep.launchers.plans import Plans
from sweep.launchers.revision import TURN_SECONDS, TURNS, Revision
from sweep.phases.kept_plan import KeptPlan, plan_key
from sweep.records.execution import ExecutionPlan
from sweep.records.trial import Phase, Run, Trial
from sweep.store.store import open_store
from sweep.training.jobs import Segment, SegmentResult

TWO, ONE = ExecutionPlan(8, 2, batched=True), ExecutionPlan(8, 1, batched=True)
N_RUNS = 24
MUCH = 10**9
"""Epochs that wait."""


@dataclass
class Machine:
    """Trains as fast as it is told to, by a clock of its own."""

    speeds: dict[ExecutionPlan, float]
    """Epochs of runs per second."""
    now: float = 0.0
    trained: int = 0

    def train(self, revision: Revision, full: bool = True, waiting: int = MUCH) -> ExecutionPlan:
        """One epoch of every slot; returns what trained it."""
        plan = revision.plan
        n_slots = plan.width * plan.n_lanes
        self.trained += n_slots
        self.now += n_slots / self.speeds[plan]
        revision.note(self.trained, n_slots, full, waiting)
        return plan


def decided(speeds: dict[ExecutionPlan, float]) -> tuple[ExecutionPlan, list[ExecutionPlan]]:
    """What is taken in the end, and what trained until then."""
    machine = Machine(speeds)
    revision = Revision(list(speeds), lambda: machine.now)
    used = []
    while not revision.ended:
        used.append(machine.train(revision))
    return revision.plan, used


def test_the_plan_that_trains_fastest_is_taken_after_turns_of_all() -> None:
    wide = replace(TWO, width=16)
    found, used = decided({TWO: 100.0, ONE: 60.0, wide: 130.0})
    assert found == wide
    turns = [plan for plan, _ in itertools.groupby(used)]
    assert turns == [TWO, ONE, wide] * TURNS


@pytest.mark.parametrize(("other", "taken"), [(102.0, TWO), (104.0, ONE)])
def test_another_plan_must_train_clearly_faster(other: float, taken: ExecutionPlan) -> None:
    assert decided({TWO: 100.0, ONE: other})[0] == taken


def test_a_turn_that_was_disturbed_does_not_decide() -> None:
    """The first turn of the first plan is three times as slow as it is by itself."""
    machine = Machine({TWO: 100.0, ONE: 60.0})
    revision = Revision([TWO, ONE], lambda: machine.now)
    machine.speeds[TWO] = 33.0
    while revision.turn == 0:
        machine.train(revision)
    machine.speeds[TWO] = 100.0
    while not revision.ended:
        machine.train(revision)
    assert revision.plan == TWO


def test_slots_that_were_not_full_are_not_timed() -> None:
    machine = Machine({TWO: 100.0, ONE: 60.0})
    revision = Revision([TWO, ONE], lambda: machine.now)
    for _ in range(1000):
        machine.train(revision, full=False)
    assert (revision.turn, revision.best) == (0, [0.0, 0.0])


def test_little_work_is_not_worth_a_turn() -> None:
    machine = Machine({TWO: 100.0, ONE: 200.0})
    revision = Revision([TWO, ONE], lambda: machine.now)
    while not revision.ended:
        assert machine.train(revision, waiting=1000) == TWO
    assert machine.now < 10 * TURN_SECONDS
    assert revision.plan == TWO


# ---- in training ---------------------------------------------------------------------------------


def context(network: object = None, **tables: dict[str, object]) -> TrainingContext:
    """That of a small study, with these settings beside or in place of its own."""
    random = torch.Generator().manual_seed(0)
    x = torch.randn(120, 5, generator=random)
    y = x[:, :1] + torch.randn(120, 1, generator=random)
    own: dict[str, Any] = {
        "study": {"name": "mine"},
        "model": {"hidden": [4]},
        "training": {"epochs": 6, "batch_size": 30},
    }
    settings: dict[str, Any] = {
        name: own.get(name, {}) | tables.get(name, {}) for name in {**own, **tables}
    }
    if network is not None:
        settings["model"] = network
    return TrainingContext(sweep.Study(data=(x, y), **settings))


def on_two_cores(own: TrainingContext) -> TrainingContext:
    own.study_data.n_cores = 2
    return own


class Memory:
    """Keeps a plan as long as it lives."""

    def __init__(self, plan: ExecutionPlan | None = None):
        self.plan = plan
        self.written: list[ExecutionPlan] = []

    def read(self) -> ExecutionPlan | None:
        return self.plan

    def write(self, plan: ExecutionPlan) -> None:
        self.plan = plan
        self.written.append(plan)


def never(*_: object) -> list[ExecutionPlan]:
    raise AssertionError("measured")


def results(launcher: Here) -> dict[int, SegmentResult]:
    draw = launcher.context.draws[Phase.EXPLORE][0]
    layers = launcher.context.layers
    trials = [
        Trial(i, Phase.EXPLORE, 0, "l2", 0.01 * i, dict.fromkeys(layers, 0.01 * i), {})
        for i in range(N_RUNS)
    ]
    waiting = deque(Segment(Run(i, 0, draw), trial, 6) for i, trial in enumerate(trials))
    found = [o for batch in launcher.train(waiting) for o in batch]
    assert launcher.trained_epochs == 6 * N_RUNS
    return {o.segment.trial.number: o for o in found}


def test_turns_change_no_result_and_the_plan_that_was_taken_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = context()
    narrow, wide = ExecutionPlan(2, 1, batched=True), ExecutionPlan(3, 2, batched=True)
    monkeypatch.setattr("sweep.launchers.plans.measured_plans", lambda _: [narrow, wide])
    monkeypatch.setattr("sweep.launchers.revision.SMALL_SHARE", 1e9)
    ticks = itertools.count()
    memory = Memory()
    launcher = Here(own, Plans(own, memory=memory))
    launcher.plans.revision.clock = lambda: float(next(ticks))
    found = results(launcher)
    assert launcher.plans.revision.ended
    assert memory.written == [narrow, launcher.plan]
    alone = results(Here(own, Plans(own, ExecutionPlan(1, 1, batched=True))))
    for number, outcome in alone.items():
        assert found[number].result.metrics == pytest.approx(outcome.result.metrics, rel=1e-5)


def test_a_plan_that_is_kept_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sweep.launchers.plans.measured_plans", never)
    own = on_two_cores(context())
    launcher = Here(own, Plans(own, memory=Memory(TWO)))
    assert len(results(launcher)) == N_RUNS
    assert launcher.plan == TWO


@pytest.mark.parametrize(
    ("width", "n_lanes"), [(0, 1), (-3, 1), (10**9, 1), ("many", 1), (2.5, 1), (8, 0), (8, 1000)]
)
def test_sizes_that_cannot_have_been_kept_are_measured_again(
    width: int, n_lanes: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sweep.launchers.plans.measured_plans", lambda _: [ONE])
    memory = Memory(kept := ExecutionPlan(width, n_lanes, batched=True))
    assert Plans(on_two_cores(context()), memory=memory).plan == ONE
    assert memory.written == [ONE]
    assert caplog.messages[-1] == (
        "the sizes that the database keeps for this network cannot be, found "
        f"{kept.sizes}: they are measured again"
    )


def test_a_kept_width_is_narrowed_to_the_memory_that_is_free_for_this_launch_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="sweep")
    monkeypatch.setattr("sweep.launchers.sizing.free_bytes", lambda _: 60_000)
    memory = Memory(replace(TWO, width=128))
    plan = Plans(on_two_cores(context()), memory=memory).plan
    assert 1 <= plan.width < 16
    assert memory.written == []
    said = f"2 populations of {plan.width} runs, as an earlier launch found, which had the memory"
    assert said in caplog.text
    own = on_two_cores(context(hardware={"population": 256}))
    assert Plans(own, memory=memory).plan == memory.plan, "as the study says"


def test_sizes_that_the_study_asks_for_are_said_to_be_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="sweep")
    own, memory = on_two_cores(context(hardware={"population": 3})), Memory(None)
    for _ in range(2):  # as asked for, and as kept
        caplog.clear()
        assert Plans(own, memory=memory).plan == replace(TWO, width=2)
        assert caplog.messages == ["2 populations of 2 runs, as hardware.population says"]
    assert replace(ONE, width=1).sizes == "1 population of 1 run"


@pytest.mark.parametrize(
    ("hardware", "tried"),
    [({}, [ONE, TWO]), ({"population": 8}, [ONE]), ({"compile": True}, [ONE])],
)
def test_a_kept_plan_of_fewer_lanes_than_cores_is_tried_again_in_all(
    hardware: dict[str, object], tried: list[ExecutionPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be of a moment when others had the cores."""
    monkeypatch.setattr(TrainingContext, "most_lanes", 2)
    own = context(hardware=hardware)
    assert list(Plans(own, memory=Memory(ONE)).revision.plans) == tried
    assert list(Plans(own, memory=Memory(TWO)).revision.plans) == [TWO]


def test_a_plan_that_is_given_is_not_written_over_what_is_kept() -> None:
    own, memory = context(), Memory(TWO)
    launcher = Here(own, Plans(own, ONE, memory))
    results(launcher)
    assert (launcher.plan, memory.written) == (ONE, [])


def test_a_width_that_was_too_large_for_the_memory_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sweep.training.population import Population

    real = Population.train_epoch

    def tight(self: Population) -> list[SegmentResult]:
        if len(self.slots) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return real(self)

    monkeypatch.setattr(Population, "train_epoch", tight)
    own, memory = context(), Memory(ExecutionPlan(12, 1, batched=True))
    launcher = Here(own, Plans(own, memory=memory))
    results(launcher)
    assert launcher.plan == memory.plan == ExecutionPlan(3, 1, batched=True)


@pytest.mark.parametrize(
    ("table", "key", "value", "same"),
    [
        ("study", "name", "other", True),
        ("study", "seed", 7, True),
        ("search", "strength", {"low": 1e-2, "high": 1.0}, True),
        ("path", "resamples", 4, False),
        ("training", "batch_size", 31, False),
        ("training", "optimizer", "sgd", False),
        ("model", "hidden", [5], False),
        ("hardware", "threads", 2, False),
        ("hardware", "population", 3, False),
    ],
)
def test_the_key_of_a_plan_is_of_all_that_its_speed_depends_on(
    table: str, key: str, value: object, same: bool
) -> None:
    """More runs at once may suit another width."""
    assert (plan_key(context()) == plan_key(context(**{table: {key: value}}))) is same


class Shuffling(nn.Sequential):
    """Draws from torch's own generator if it is told to, with the same layers."""

    def __init__(self, shuffles: bool = False):
        super().__init__(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1))
        self.shuffles = shuffles

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shuffled = self.shuffles and self.training
        return super().forward(x[:, torch.randperm(5)] if shuffled else x)


code = {"shuffles": False}
"""Stands for what a file of the user's says at the moment."""


def by_code() -> Shuffling:
    return Shuffling(code["shuffles"])


def test_a_network_whose_code_draws_by_now_has_a_plan_of_its_own() -> None:
    """It must train one run at a time, and only its code differs."""
    code["shuffles"] = False
    before = plan_key(context(by_code))
    code["shuffles"] = True
    assert context(by_code).probe.noisy
    assert before != plan_key(context(by_code)) == plan_key(context(by_code))


def test_runs_that_draw_are_the_same_beside_others_of_another_shape() -> None:
    """Torch has one generator for all lanes, from which networks are built as well."""
    axes = {"model": {"shuffles": {"choices": [False, True]}}}
    own = context(Shuffling, hardware={"precision": "float64"}, search={"axes": axes})
    draw, found = own.draws[Phase.EXPLORE][0], list[dict[int, float]]()
    for plan in (ExecutionPlan(1, 1, batched=True), ExecutionPlan(3, 2, batched=True)):
        trials = [
            Trial(i, Phase.EXPLORE, 0, "l2", 0.01, {}, {"model.shuffles": i % 3 > 0})
            for i in range(9)
        ]
        waiting = deque(Segment(Run(i, 0, draw), trial, 4) for i, trial in enumerate(trials))
        ended = [o for batch in Here(own, Plans(own, plan)).train(waiting) for o in batch]
        found.append({o.segment.trial.number: o.result.metrics["val_loss"] for o in ended})
    assert found[1] == pytest.approx(found[0], rel=1e-12)


def test_a_second_study_of_the_network_begins_with_what_the_first_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="sweep")
    asked = {"trials": 2, "round": 2, "strength": {"low": 1e-3, "high": 1.0}}
    brief = {"search": asked, "path": {"points": 0, "resamples": 1}}
    store = open_store(f"sqlite:///{tmp_path}/sweep.db")
    sweep.run_study(context(**brief).study, store)
    kept = KeptPlan(store, context(**brief)).read()
    assert kept is not None
    monkeypatch.setattr("sweep.launchers.plans.measured_plans", never)
    again = context(**brief, study={"name": "again", "seed": 5})
    caplog.clear()
    sweep.run_study(again.study, store)
    assert f"{kept.sizes}, as an earlier launch found" in caplog.text
    assert sweep.runs_frame(store, "again")["state"].eq("complete").any()
