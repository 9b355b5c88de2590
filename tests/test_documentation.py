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
import optuna
import pandas as pd
import pytest

import sweep
from dashboards import plot_boundary
from sweep.cli.app import app
from sweep.regularizers.penalties import PENALTIES
from sweep.statistics.boundary import estimate_boundary
from sweep.store.schema import VIEWS
from sweep.study.loading import load_study, parse_study
from tests.pictures import NUMBERS
from tests.support.report_frames import fill_store, make_frames, make_study
from tests.support.ridge_truth import Problem, fresh_study
from tests.tree import FILES, FOLDERS, SECTION, WINGS, render_tree, summary_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


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


def ridge_table(n_columns: int) -> pd.DataFrame:
    """One row per strength and column of a study of ridge regression, as trackers keep them."""
    problem, strengths = Problem(100, 80), np.logspace(-3, 3, 13)
    table = fresh_study(problem, strengths, n_columns, np.random.default_rng(7))
    places = [(k, r) for k in range(13) for r in range(n_columns)]
    return pd.DataFrame(
        {
            "strength": [float(strengths[k]) for k, _ in places],
            "column": [r for _, r in places],
            "val_loss": [float(table.validation[k, r]) for k, r in places],
            "train_loss": [float(table.training[k, r]) for k, r in places],
            "null_loss": [float(table.null[r]) for _, r in places],
        }
    )


def example(word: str) -> str:
    (code,) = [block for block in PYTHON if word in block]
    return code


def sentence_of(code: str, capsys: pytest.CaptureFixture[str]) -> str:
    exec(compile(code, "README", "exec"), {})
    return capsys.readouterr().out.strip()


def test_the_scikit_learn_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sentence = sentence_of(example("validation_curve"), capsys)
    assert re.match(r"ridge: overfitting ends at \d+ \[.*underfitting starts at \d+ \[", sentence)
    assert sentence.split(" (")[0] in (tmp_path / "ridge.html").read_text(encoding="utf-8")


def test_the_optuna_example_gives_what_the_arrays_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    table = ridge_table(5)
    rows = {(row["strength"], row["column"]): row for row in table.to_dict("records")}
    grid = {"strength": sorted(set(table["strength"])), "fold": list(range(5))}
    study = optuna.create_study(
        study_name="ridge",
        storage="sqlite:///optuna.db",
        sampler=optuna.samplers.GridSampler(grid, seed=0),
    )

    def objective(trial: optuna.Trial) -> float:
        strength = trial.suggest_float("strength", 1e-9, 1e9)
        row = rows[strength, trial.suggest_int("fold", 0, 4)]
        for name in ("train_loss", "null_loss"):
            trial.set_user_attr(name, row[name])
        return float(row["val_loss"])

    study.optimize(objective)
    sentence = sentence_of(example("load_study"), capsys)
    assert sentence == direct(table, "ridge", design="kfold", n_folds=5)
    assert (tmp_path / "ridge.html").is_file()


def test_the_wandb_example_gives_what_the_arrays_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table = ridge_table(6)
    names = {"strength": "weight_decay", "column": "seed"}
    export = table.rename(columns=names).assign(State="finished")
    export["Name"] = [f"run-{i}" for i in range(len(export))]
    crashed = export.iloc[:2].assign(State="crashed", val_loss=None)
    shuffled = pd.concat([export, crashed]).sample(frac=1, random_state=0)
    shuffled.to_csv("wandb_export.csv", index=False)
    sentence = sentence_of(example("wandb_export.csv"), capsys)
    assert sentence == direct(table, "weight decay", design="holdout")
    assert (tmp_path / "decay.html").is_file()


def direct(table: pd.DataFrame, name: str, **design: Any) -> str:
    """The sentence on the same numbers, given as plain arrays."""
    n = table["column"].nunique()
    losses = [table[c].to_numpy().reshape(-1, n) for c in ("val_loss", "train_loss", "null_loss")]
    strengths = table["strength"].to_numpy().reshape(-1, n)[:, 0]
    boundary = estimate_boundary(strengths, losses[0], losses[1], losses[2][0], **design)
    assert boundary.underfitting_starts > boundary.overfitting_ends > 0
    return sweep.describe_boundary(boundary, name)
