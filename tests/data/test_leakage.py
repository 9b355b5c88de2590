"""Copies across a split and classes without rows, against rows that were put there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import sweep
from dashboards.gather.frames import Frames
from sweep.data.leakage import Leakage, find_leakage
from tests.cli.test_app import call
from tests.support.report_frames import make_small_frames, make_study
from tests.support.report_parts import find_caveats
from tests.support.training import split


@pytest.mark.parametrize("n", [0, 3, 30])
def test_copies_are_counted_by_inputs_and_target(n: int, caplog: pytest.LogCaptureFixture) -> None:
    data = split()
    x, y = data.x_validation.clone(), data.y_validation.clone()
    x[:n], y[:n] = data.x_train[:n], data.y_train[:n]
    with caplog.at_level("WARNING", logger="sweep"):
        found = find_leakage(replace(data, x_validation=x, y_validation=y), "classification", 3)
    assert found == Leakage(n, ())
    assert (f"{n} of 30 validation rows" in caplog.text) == (n > 0)
    other = (y + 1) % 3  # the same inputs with other targets are no copies
    unlike = replace(data, x_validation=x, y_validation=other)
    assert find_leakage(unlike, "classification", 3).copied_rows == 0


def test_zeros_of_either_sign_are_the_same_and_regressions_are_compared_too() -> None:
    data = split()
    x = torch.zeros_like(data.x_train)
    y = data.y_train.double()[:, None]
    minus = replace(data, x_train=x, y_train=y, x_validation=-x[:5], y_validation=y[:5])
    assert find_leakage(minus, "regression", 1) == Leakage(5, ())


def test_a_class_without_a_training_row_is_named(caplog: pytest.LogCaptureFixture) -> None:
    data = split()
    few = replace(data, y_train=data.y_train.clamp(max=1))
    with caplog.at_level("WARNING", logger="sweep"):
        assert find_leakage(few, "classification", 4).missing_classes == (2, 3)
    assert "none of class 2, 3" in caplog.text


def test_groups_on_both_sides_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    rng = np.random.default_rng(0)
    patients = rng.permutation(np.repeat(np.arange(60), 10))
    x = torch.from_numpy(rng.normal(size=(60, 6))[patients] + 0.1 * rng.normal(size=(600, 6)))
    y = torch.from_numpy(rng.normal(size=(60, 1))[patients])
    whole = replace(split(), x_train=x[:480], y_train=y[:480])
    with caplog.at_level("WARNING", logger="sweep"):
        find_leakage(replace(whole, x_validation=x[480:], y_validation=y[480:]), "regression", 1)
    assert "rows must be independent of each other" in caplog.text


@pytest.mark.parametrize(("factor", "offset"), [(1e5, 0), (1, 1e5), (1e-5, 0), (1, 0)])
def test_a_target_far_from_one_is_warned_of(
    factor: float, offset: float, caplog: pytest.LogCaptureFixture
) -> None:
    data = split()
    y = torch.randn(len(data.y_train), 1, dtype=torch.float64) * factor + offset
    with caplog.at_level("WARNING", logger="sweep"):
        find_leakage(replace(data, y_train=y, y_validation=y[:30]), "regression", 1)
    assert ("a target of about 1 must be given" in caplog.text) == ((factor, offset) != (1, 0))


def test_the_report_says_so_in_a_caveat() -> None:
    study = make_study(copied_rows=7, missing_classes=[2])
    caveats = find_caveats(Frames(study=study, **make_small_frames()))
    assert any(text.startswith("7 of ") and "training rows too" in text for text in caveats)
    assert any("is of class 2" in text for text in caveats)


SEEDED = """
import torch

def net(n_inputs, n_outputs, seed=None):
    if seed is not None:
        torch.manual_seed(seed)
    return torch.nn.Linear(n_inputs, n_outputs)
"""


@pytest.mark.parametrize("args", ["", "args = { seed = 42 }"])
def test_a_network_that_begins_with_the_same_weights_in_every_run_is_told(
    tmp_path: Path, args: str
) -> None:
    (tmp_path / "seeded.py").write_text(SEEDED)
    (tmp_path / "seeded.toml").write_text(
        f'[study]\nname = "seeded"\n[data]\nname = "digits"\n[model]\n'
        f'name = "seeded.py:net"\n{args}\n'
        '[training]\nepochs = 1\n[search]\npenalties = ["l2"]\ntrials = 2\nround = 1\n'
        "[path]\npoints = 0\nresamples = 1\n[hardware]\npopulation = 2\n"
    )
    url = f"sqlite:///{tmp_path}/sweep.db"
    checked = call("check", str(tmp_path / "seeded.toml"))
    assert ("initial weights: the same in every run" in checked.stdout) == bool(args)
    assert call("run", str(tmp_path / "seeded.toml"), "--database", url).returncode == 0
    stored = sweep.open_store(url).read_study("seeded")
    assert stored.same_weights == bool(args)
    caveats = find_caveats(Frames(study=stored, **make_small_frames()))
    assert any("begins with the same weights" in text for text in caveats) == bool(args)
