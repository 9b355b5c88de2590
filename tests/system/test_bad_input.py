"""Studies and data that cannot be: one line each from ``run`` and ``check``, and no database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dashboards
import sweep
from tests.cli.test_app import call, one_line

STUDY = """
[study]
name = "bad"
[data]
name = "csv"
path = "table.csv"
target = "label"
[model]
name = "linear"
[training]
epochs = 1
batch_size = 6
[search]
penalties = ["l2"]
strength = { low = 1e-3, high = 1.0 }
trials = 2
round = 1
[path]
points = 5
resamples = 2
"""


def table(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["x", "y", "z"])
    return frame.assign(label=["a", "b", "c"] * (n // 3) + ["a", "b", "c"][: n % 3])


def write(folder: Path, text: str, frame: pd.DataFrame) -> list[str]:
    frame.to_csv(folder / "table.csv", index=False)
    (folder / "bad.toml").write_text(text)
    return ["run", str(folder / "bad.toml"), "--database", f"sqlite:///{folder}/sweep.db"]


def refused(run: list[str], words: str) -> None:
    """The command says these words in one line, and ``check`` says the same line."""
    done = call(*run)
    one_line(done, words)
    check = call("check", run[1])
    assert (check.returncode, check.stderr) == (2, done.stderr)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("low = 1e-3", "low = -1.0", "0 < low < high must hold"),
        ("low = 1e-3", "low = 0.0", "0 < low < high must hold"),
        ("low = 1e-3", "low = nan", "search.strength.low"),
        ("high = 1.0", "high = inf", "search.strength.high"),
        ("high = 1.0", "high = 1e-4", "search.strength"),
        ("epochs = 1", "epochs = 0", "training.epochs"),
        ("epochs = 1", "epochs = 1.5", "training.epochs"),
        ("epochs = 1", "epochs = true", "training.epochs"),
        ("trials = 2", "trials = 1_000_000_000", "search.trials"),
        ("trials = 2", "trials = -1", "search.trials"),
        ("resamples = 2", "resamples = 1_000_000_000", "path.resamples"),
        ("points = 5", "points = 1_000_000_000", "path.points"),
        ("epochs = 1", "epochs = 1_000_000_000_000", "training.epochs"),
        ("batch_size = 6", "batch_size = 0", "training.batch_size"),
        ("batch_size = 6", 'batch_size = "six"', "training.batch_size"),
        ('penalties = ["l2"]', "penalties = []", "search.penalties"),
        ('penalties = ["l2"]', 'penalties = ["l2", "l2"]', "search.penalties"),
        ("trials = 2", "trials = 2\ntrials = 3", "given twice"),
        ("trials = 2", "trails = 2", "search.trails: unknown key; did you mean trials?"),
        ("[path]", "[paths]", "paths"),
        ('target = "label"', 'target = "label"\ndesign = "kfold"\nn_folds = 100', "n_folds"),
    ],
)
def test_a_study_that_cannot_be_gets_one_line(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in STUDY
    refused(write(tmp_path, STUDY.replace(old, new, 1), table()), words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.toml", "table.csv"]


def with_nan(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc[3, "y"] = np.nan
    return frame


def with_infinity(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc[3, "y"] = np.inf
    return frame


def of_one_class(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(label="a")


def of_two_rows(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.head(2)


def of_no_rows(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.head(0)


def of_words(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(x=[f"word {i}" for i in range(len(frame))])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_nan, "found missing values: 1 in 'y'"),
        (with_infinity, "infinit"),
        (of_one_class, "class"),
        (of_two_rows, "rows"),
        (of_no_rows, "rows must be there, found none"),
        (of_words, "'x'"),
    ],
)
def test_data_that_cannot_be_trained_on_get_one_line(
    tmp_path: Path, change: object, words: str
) -> None:
    assert callable(change)
    refused(write(tmp_path, STUDY, change(table())), words)
    assert not (tmp_path / "sweep.db").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp037"])
def test_a_table_in_another_encoding_gets_one_line(tmp_path: Path, encoding: str) -> None:
    words = write(tmp_path, STUDY, table().rename(columns={"x": "größe"}))
    text = (tmp_path / "table.csv").read_text(encoding="utf-8")
    (tmp_path / "table.csv").write_bytes(text.encode(encoding))
    refused(words, "table.csv: a table must be readable, found: 'utf-8' codec can't")
    assert not (tmp_path / "sweep.db").exists()


def test_constant_columns_and_copies_of_rows_are_trained_on_and_the_copies_named(
    tmp_path: Path,
) -> None:
    frame = table().assign(constant=7.0)
    frame = pd.concat([frame, frame.head(30)])
    done = call(*write(tmp_path, STUDY, frame))
    assert done.returncode == 0, done.stderr
    assert "also training rows" in done.stderr
    runs = sweep.runs_frame(sweep.open_store(f"sqlite:///{tmp_path}/sweep.db"), "bad")
    assert np.isfinite(runs["val_loss"]).all()


@pytest.mark.parametrize("design", ["holdout", "resample", "kfold"])
def test_a_class_that_any_split_leaves_out_of_training_is_named_before_the_first_run(
    tmp_path: Path, design: str
) -> None:
    """The one row of a class is in some fold, and then in no other; random splits learn from it."""
    frame = table()
    frame.loc[0, "label"] = "rare"
    text = STUDY.replace('target = "label"', f'target = "label"\ndesign = "{design}"')
    words = write(tmp_path, text.replace("resamples = 2", "resamples = 5"), frame)
    if design == "kfold":
        refused(words, "every class must be in the training rows, found none of 'rare'")
        assert not (tmp_path / "sweep.db").exists()
    else:
        done = call(*words)
        assert done.returncode == 0, done.stderr


URL = "sqlite:///sweep.db"
STORES = "an open store must be given, found str; open it with sweep.open_store"
STUDIES = "a sweep.Study must be given, found str; read a study file with sweep.load_study"


@pytest.mark.parametrize(
    ("call_it", "words"),
    [
        (lambda: sweep.trials_frame(URL, "bad"), STORES),
        (lambda: sweep.checks_frame(URL), STORES),
        (lambda: sweep.read_study(URL, "bad"), STORES),
        (lambda: sweep.import_frame(pd.DataFrame(), URL, name="bad", strength="x"), STORES),
        (lambda: dashboards.build_report(URL), STORES),
        (lambda: sweep.run_study("bad.toml", sweep.open_store(URL)), STUDIES),
        (lambda: sweep.train_best("bad.toml", sweep.open_store(URL)), STUDIES),
        (lambda: sweep.check("bad.toml"), STUDIES),
    ],
)
def test_a_url_or_a_path_in_place_of_what_it_opens_is_refused_in_one_line(
    call_it: Callable[[], object], words: str
) -> None:
    with pytest.raises(sweep.SweepError, match=words) as caught:
        call_it()
    assert "\n" not in str(caught.value)
