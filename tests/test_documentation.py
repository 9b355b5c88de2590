"""What the documents say is there, and their examples run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import sweep
from sweep.boundary import estimate_boundary
from sweep.cli import app
from sweep.schema import VIEWS
from sweep.study import load_study, parse_study
from tests.report_frames import fill_store, make_frames, make_study

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_every_make_target_that_is_named_exists_and_make_lists_them() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^make (\w+) ", listed, re.MULTILINE))
    wanted = {"sweep", "setup", "test", "check", "report", "dashboard", "bench", "docs", "clean"}
    assert wanted <= targets
    named = re.findall(r"`make (\w+)", README + (ROOT / "CONTRIBUTING.md").read_text())
    assert set(named) <= targets


def test_every_command_that_is_named_exists() -> None:
    commands = {
        command.callback.__name__ for command in app.registered_commands if command.callback
    }
    named = set(re.findall(r"python -m sweep (\w+)", README))
    assert named <= commands
    assert {"check", "run", "status", "best", "export", "migrate"} == commands


def test_every_file_and_picture_that_is_named_exists() -> None:
    tree = README.split("## Files")[1].split("```")[1]
    for line in tree.splitlines():
        names = line.strip().split("   ")[0]
        for name in re.findall(r"^[\w.]+/?$", names) or (names.split() if "." in names else []):
            assert (ROOT / name).exists(), name
    for files in re.findall(r"^  ([a-z_ ]+?)   ", tree, re.MULTILINE):
        for name in files.split():
            assert (ROOT / "sweep" / f"{name}.py").is_file(), name
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


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


def test_the_plain_array_example_has_the_arguments_of_the_function() -> None:
    import inspect

    arguments = re.findall(r"(\w+)=", PYTHON[2].split("estimate_boundary(")[1].split(")")[0])
    assert set(arguments) <= set(inspect.signature(estimate_boundary).parameters)
