"""Data sets, tables, the person's own functions, and every line that a mistake gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from sweep.data import load_data
from sweep.errors import DataError
from sweep.settings import DataSettings
from sweep.study import Study, parse_study

HERE = Path()


def settings(**data: Any) -> DataSettings:
    return Study(study={"name": "one"}, data=data).data


def test_mnist1d_is_generated_and_leaves_numpys_global_state_alone() -> None:
    one = settings(name="mnist1d", design="fresh", args={"num_samples": 300})
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the state itself is the subject
    data = load_data(one, HERE)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert data.draw is not None
    x, y = data.draw(7)
    again, other = load_data(one, HERE).draw(7), data.draw(8)  # type: ignore[misc]
    assert (x.shape, x.dtype, y.shape) == ((300, 40), np.float32, (300,))
    assert (data.n_outputs, data.input_shape, data.pool) == (10, (1, 40), None)
    np.testing.assert_array_equal(x, again[0])
    assert not np.array_equal(x, other[0])


@pytest.mark.parametrize(
    ("name", "rows", "features", "outputs", "task"),
    [
        ("digits", 1797, 64, 10, "classification"),
        ("breast_cancer", 569, 30, 2, "classification"),
        ("diabetes", 442, 10, 1, "regression"),
    ],
)
def test_bundled_sets_are_scikit_learns(
    name: str, rows: int, features: int, outputs: int, task: str
) -> None:
    import sklearn.datasets

    data = load_data(settings(name=name), HERE)
    made = getattr(sklearn.datasets, f"load_{name}")()
    assert data.pool is not None
    assert data.pool[0].shape == (rows, features)
    assert (data.n_outputs, data.task, data.standardize) == (outputs, task, True)
    np.testing.assert_allclose(data.pool[0], made.data, rtol=1e-6)
    np.testing.assert_allclose(data.pool[1].ravel(), made.target)


def table(folder: Path, **columns: Any) -> DataSettings:
    frame = {"size": [1.0, 2.0, 3.0, 4.0], "colour": ["red", "blue", "red", "green"]}
    pd.DataFrame({**frame, "label": ["yes", "no", "no", "yes"]} | columns).to_csv(
        folder / "t.csv", index=False
    )
    return settings(name="csv", path=str(folder / "t.csv"), target="label")


def test_a_csv_has_numbers_as_they_are_and_categories_one_hot(tmp_path: Path) -> None:
    data = load_data(table(tmp_path, flag=[True, False, True, False]), HERE)
    assert data.feature_names == (
        "size", "colour_blue", "colour_green", "colour_red", "flag_False", "flag_True",
    )  # fmt: skip
    assert data.class_names == ("no", "yes")
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool[0][0], [1, 0, 0, 1, 0, 1])
    np.testing.assert_array_equal(data.pool[1], [1, 0, 0, 1])


def test_parquet_and_csv_give_the_same(tmp_path: Path) -> None:
    csv = load_data(table(tmp_path), HERE)
    pd.read_csv(tmp_path / "t.csv").to_parquet(tmp_path / "t.parquet")
    parquet = settings(name="parquet", path=str(tmp_path / "t.parquet"), target="label")
    assert load_data(parquet, HERE).fingerprint == csv.fingerprint


@pytest.mark.parametrize(
    ("columns", "target", "words"),
    [
        ({"size": [1.0, None, 3.0, None]}, "label", "2 in 'size' missing"),
        ({}, "lable", "did you mean label?"),
        ({"size": [1.0, np.inf, 3.0, 4.0]}, "label", "found inf in 'size'"),
        ({"label": ["no"] * 4}, "label", "two classes or more must be there"),
    ],
)
def test_a_bad_table_gets_one_line(
    tmp_path: Path, columns: dict[str, Any], target: str, words: str
) -> None:
    one = table(tmp_path, **columns).model_copy(update={"target": target})
    with pytest.raises(DataError, match=words.replace("?", r"\?")) as caught:
        load_data(one, HERE)
    assert "\n" not in str(caught.value)


def test_task_follows_the_target_unless_it_is_said() -> None:
    x = np.arange(60.0).reshape(30, 2)
    few, many = np.arange(30) % 3, np.arange(30) * 1.5
    assert load_data(settings(x=x, y=few), HERE).task == "classification"
    assert load_data(settings(x=x, y=many), HERE).task == "regression"
    assert load_data(settings(x=x, y=few, task="regression"), HERE).task == "regression"
    labels = load_data(settings(x=x, y=few * 10 + 5), HERE)
    assert labels.pool is not None
    assert set(labels.pool[1]) == {0, 1, 2}


class Rows(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    def __len__(self) -> int:
        return 6

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        return torch.full((2, 3), float(i)), i % 2


def test_a_function_may_return_a_dataset_and_may_seed_what_it_likes() -> None:
    def load() -> Rows:
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002
        return Rows()

    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    data = load_data(settings(name=load), HERE)
    assert data.pool is not None
    assert data.pool[0].shape == (6, 2, 3)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002


def exits() -> None:
    raise SystemExit(3)


def fails() -> None:
    raise KeyError("weights")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda: 3, "must return (x, y) or a Dataset, found int"),
        (lambda: (np.ones((3, 2)), [0, 1]), "equally many rows, found 3 and 2"),
        (lambda: (np.full((2, 2), np.nan), [0, 1]), "found 4 values that are not"),
        (lambda: (np.array([["a"], ["b"]]), [0, 1]), "x must hold numbers"),
        (lambda: (np.ones(3), [0, 1, 0]), "found shape (3,)"),
        (lambda: (np.ones((0, 2)), []), "found shape (0, 2)"),
        (exits, "it called sys.exit(3)"),
        (fails, "KeyError: 'weights'"),
    ],
)
def test_a_bad_function_gets_one_line(function: Callable[[], Any], words: str) -> None:
    with pytest.raises(DataError) as caught:
        load_data(settings(name=function), HERE)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_a_function_that_takes_a_seed_serves_the_fresh_design() -> None:
    def fixed() -> Any:
        return np.ones((4, 2)), [0, 1, 0, 1]

    def drawn(seed: int) -> Any:
        return np.random.default_rng(seed).normal(size=(4, 2)), [0, 1, 0, 1]

    with pytest.raises(DataError, match="takes no seed"):
        load_data(settings(name=fixed, design="fresh"), HERE)
    data = load_data(settings(name=drawn, design="fresh"), HERE)
    assert data.draw is not None
    assert not np.array_equal(data.draw(1)[0], data.draw(2)[0])


def test_functions_are_found_in_files_beside_the_study(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def load():\n    return [[1.0], [2.0]], [0, 1]\n")

    def named(name: str) -> DataSettings:
        text = f'[study]\nname = "one"\n[data]\nname = "{name}"\n'
        return parse_study(text, tmp_path, "one.toml").data

    assert load_data(named("mine.py:load"), tmp_path).n_outputs == 2
    with pytest.raises(DataError, match=r"did you mean load\?"):
        load_data(named("mine.py:laod"), tmp_path)
    (tmp_path / "broken.py").write_text("import nowhere_at_all\n")
    with pytest.raises(DataError, match="No module named 'nowhere_at_all'"):
        load_data(named("broken.py:load"), tmp_path)
