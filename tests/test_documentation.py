"""What the documents say is there, and their examples run."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sweep
from dashboards import plot_boundary
from sweep.cli.app import app
from sweep.data.datasets import load_data
from sweep.regularizers.penalties import PENALTIES
from sweep.statistics.boundary import estimate_boundary
from sweep.store.views import VIEWS
from sweep.study.data_settings import DataSettings
from sweep.study.loading import load_study, parse_study
from tests.pictures import NUMBERS
from tests.support.readme import PYTHON, README, ROOT
from tests.support.report_frames import fill_store, make_frames, make_study
from tests.tree import FILES, FOLDERS, SECTION, WINGS, render_tree, summary_of


def test_named_make_targets_exist_and_are_listed() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^make (\w+) ", listed, re.MULTILINE))
    wanted = {"sweep", "setup", "test", "check", "report", "dashboard", "bench", "docs", "clean"}
    assert wanted <= targets
    named = re.findall(r"`make (\w+)", README + (ROOT / "CONTRIBUTING.md").read_text())
    assert set(named) <= targets


def test_the_example_of_a_penalty_is_l1s_source() -> None:
    example = next(text for text in PYTHON if text.startswith("class L1(Penalty)"))
    assert example.strip() == inspect.getsource(type(PENALTIES["l1"])).strip()


def test_every_command_that_is_named_exists() -> None:
    commands = {
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback
    }
    named = set(re.findall(r"python -m sweep (\w+)", README))
    assert named <= commands
    assert {"check", "run", "status", "best", "export", "import", "migrate"} == commands


def test_the_tree_of_files_is_current() -> None:
    (committed,) = SECTION.findall(README)
    assert committed == render_tree(), "run: python -m tests.tree"
    assert all((ROOT / name).exists() for name in (*FILES.split(), *FOLDERS))


def test_the_example_of_a_draw_is_data_of_the_fresh_design() -> None:
    (code,) = re.findall(r"```py\n(def draw\(.*?)```", README, re.DOTALL)
    names: dict[str, Any] = {"np": np}
    exec(code, names)
    data = load_data(DataSettings(name=names["draw"], design="fresh", args={"n": 40}), Path())
    assert len(data.draw(1).y) == 40
    assert not np.array_equal(data.draw(1).x, data.draw(2).x)


@pytest.mark.parametrize("package", WINGS)
def test_every_wing_is_listed_with_one_sentence(package: str) -> None:
    doors = sorted((ROOT / package).glob("*/__init__.py"))
    assert {door.parent.name for door in doors} == set(WINGS[package].split())
    for door in doors:
        tree = ast.parse(door.read_text(encoding="utf-8"))
        assert len(tree.body) == 1, "a wing's door holds no code"
        assert summary_of(door)


def test_every_file_and_picture_that_is_linked_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_readme_quotes_what_its_picture_says() -> None:
    """``make pictures`` keeps the numbers of the page that it photographs."""
    drawn = json.loads(NUMBERS.read_text(encoding="utf-8"))
    (quoted,) = re.findall(r"^(decay: overfitting ends .*)$", README, re.MULTILINE)
    assert quoted == drawn["sentences"]["decay"]
    (words,) = re.findall(r'default study[^"]*"(.*?)"', README)
    assert drawn["headline"].startswith(words)
    numbers = re.findall(r"[0-9.]+[0-9]", words)
    assert all(number in quoted for number in numbers)


def test_the_study_in_the_readme_is_valid(tmp_path: Path) -> None:
    text = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0]
    for name in ("my_data.py", "my_model.py"):
        (tmp_path / name).touch()
    assert parse_study(text, tmp_path, "README").study.name == "mine"


def test_every_shipped_study_states_a_question() -> None:
    for path in (ROOT / "studies").glob("*.toml"):
        study = load_study(path)
        assert study.study.question.endswith("?")
        assert study.study.name == path.stem


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    folder = tmp_path_factory.mktemp("documents")
    store = sweep.open_store(f"sqlite:///{folder}/sweep.db")
    fill_store(store, make_frames(), make_study())
    return store


def test_the_pandas_examples_run(filled: sweep.Store, capsys: pytest.CaptureFixture[str]) -> None:
    code = PYTHON[0].replace("sqlite:///sweep.db", str(filled.url))
    exec(compile(code, "README", "exec"), {})
    printed = capsys.readouterr().out
    assert "underfitting_starts" in printed
    assert "val_loss_se" in printed
    (query,) = re.findall(r'read_sql\("(.*?)"', README)
    assert len(pd.read_sql(query, str(filled.url))) > 0
    assert "boundaries" in VIEWS


def test_every_frame_that_is_named_is_public() -> None:
    for name in re.findall(r"`(\w+_frame)`", README):
        assert callable(getattr(sweep, name))
        assert not sweep.describe_frame(name).empty


def test_the_array_example_uses_real_arguments() -> None:
    import inspect

    for function in (estimate_boundary, plot_boundary):
        given = PYTHON[2].split(f"{function.__name__}(")[1].split(")")[0]
        arguments = set(re.findall(r"(\w+)=", given))
        assert {"design", "validation_ratio"} <= arguments
        assert arguments <= set(inspect.signature(function).parameters)
