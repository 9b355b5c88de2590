"""Data sets, tables, a user's functions, and every line that a mistake gets."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from sweep.data.datasets import load_data
from sweep.errors import DataError
from sweep.runtime.user_code import resolve_function
from sweep.study.data_settings import DataSettings
from sweep.study.loading import parse_study
from sweep.study.study import Study

HERE = Path()


def settings(**data: Any) -> DataSettings:
    return Study(study={"name": "one"}, data=data).data


def test_mnist1d_is_generated_and_leaves_numpys_global_state_alone() -> None:
    one = settings(name="mnist1d", design="fresh", args={"num_samples": 300})
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the state itself is the subject
    data = load_data(one, HERE)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert data.draw is not None
    drawn = data.draw(7)
    x, y = drawn.x, drawn.y
    again, other = load_data(one, HERE).draw(7), data.draw(8)  # type: ignore[misc]
    assert (x.shape, x.dtype, y.shape) == ((300, 40), np.float32, (300,))
    assert (data.n_outputs, data.input_shape, data.pool) == (10, (1, 40), None)
    assert not data.standardize
    np.testing.assert_array_equal(x, again.x)
    assert not np.array_equal(x, other.x)


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
    assert data.pool.x.shape == (rows, features)
    assert (data.n_outputs, data.task, data.standardize) == (outputs, task, True)
    np.testing.assert_array_equal(data.pool.x, made.data / (16 if name == "digits" else 1))
    np.testing.assert_allclose(data.pool.y.ravel(), made.target)


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
    assert data.standardize
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool.x[0], [1, 0, 0, 1, 0, 1])
    np.testing.assert_array_equal(data.pool.y, [1, 0, 0, 1])


def test_parquet_and_csv_give_the_same(tmp_path: Path) -> None:
    csv = load_data(table(tmp_path), HERE)
    pd.read_csv(tmp_path / "t.csv").to_parquet(tmp_path / "t.parquet")
    parquet = settings(name="parquet", path=str(tmp_path / "t.parquet"), target="label")
    assert load_data(parquet, HERE).fingerprint == csv.fingerprint


@pytest.mark.parametrize(
    ("columns", "target", "words"),
    [
        ({"size": [1.0, None, 3.0, None]}, "label", "found missing values: 2 in 'size'; fill them"),
        ({}, "lable", "did you mean label?"),
        ({"size": [1.0, np.inf, 3.0, 4.0]}, "label", "found 1 infinite in 'size'"),
        ({"Unnamed: 0": [0, 1, 2, 3]}, "label", "found none at column 4"),
        (
            {"label": ["no", "yes", None, "no"]},
            "label",
            "found missing values: 1 in 'label'",
        ),
        ({}, "nothing alike", "columns: size, colour, label"),
        ({"label": ["no"] * 4}, "label", "two classes or more must be there"),
    ],
)
def test_a_bad_table_gets_one_line(
    tmp_path: Path, columns: dict[str, Any], target: str, words: str
) -> None:
    one = table(tmp_path, **columns).model_copy(update={"target": target})
    with pytest.raises(DataError, match=re.escape(words)) as caught:
        load_data(one, HERE)
    assert "\n" not in str(caught.value)


def test_task_follows_the_target_unless_it_is_said() -> None:
    x = np.arange(60.0).reshape(30, 2)
    few, many = np.arange(30) % 3, np.arange(30) * 1.5
    assert load_data(settings(x=x, y=few), HERE).task == "classification"
    assert load_data(settings(x=x, y=many), HERE).task == "regression"
    assert load_data(settings(x=x, y=few, task="regression"), HERE).task == "regression"
    assert load_data(settings(x=x, y=np.arange(30)), HERE).task == "regression"
    assert load_data(settings(x=x, y=np.array(["a", "b", "c"])[few]), HERE).task == "classification"
    assert load_data(settings(x=x, y=np.stack([many, few], 1)), HERE).n_outputs == 2
    letters = settings(x=np.ones((300, 1)), y=np.arange(300) % 30, task="classification")
    assert load_data(letters, HERE).n_outputs == 30


def test_labels_become_class_numbers_in_sorted_order() -> None:
    y = np.array([25, 5, 15, 5])
    for given in (y, y.astype(float), torch.tensor(y), y[:, None], y.tolist()):
        data = load_data(settings(x=np.eye(4), y=given), HERE)
        assert data.pool is not None
        np.testing.assert_array_equal(data.pool.y, [2, 0, 1, 0])
        assert data.class_names == ("5", "15", "25")
    with pytest.raises(DataError, match=r"classes must be words or whole numbers, found 0\.5"):
        load_data(settings(x=np.eye(3), y=[0.5, 1.0, 2.0], task="classification"), HERE)
    with pytest.raises(DataError, match="must hold numbers, found words such as 'a'"):
        load_data(settings(x=np.eye(2), y=["a", "b"], task="regression"), HERE)


def test_numbers_are_not_rounded_before_they_are_scaled() -> None:
    seconds = 1.7e9 + np.arange(8.0)
    data = load_data(settings(x=seconds[:, None], y=np.arange(8) % 2), HERE)
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool.x[:, 0], seconds)
    tensors = load_data(settings(x=torch.eye(4).half(), y=torch.arange(4) % 2), HERE)
    assert tensors.pool is not None
    assert tensors.pool.x.dtype == np.float32


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["a,y,y", "1,0,0", "2,1,1"], "found 'y' twice"),
        (["y,a,y", "1,0,0", "2,1,1"], "found 'y' twice"),
        (["a,y", "0,1,0", "1,2,1"], "found more values than names"),
        (["k,k_a,y", "a,1,0", "b,2,1"], "found 'k_a' as a column and as a category"),
    ],
)
def test_a_table_whose_names_do_not_fit_is_refused(
    lines: list[str], words: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError) as caught:
        load_data(settings(name="csv", path=str(tmp_path / "t.csv"), target="y"), tmp_path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_largest_whole_number_stays_a_class_of_its_own(tmp_path: Path) -> None:
    labels = [2**64 - 1, 5] * 10
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{y}\n" for i, y in enumerate(labels)))
    data = load_data(settings(name="csv", path=str(tmp_path / "t.csv"), target="y"), tmp_path)
    assert data.class_names == ("5", str(2**64 - 1))


def test_columns_that_are_no_features_are_refused_by_name(tmp_path: Path) -> None:
    def refused(column: Any) -> str:
        path = tmp_path / "t.parquet"
        pd.DataFrame({"odd": column, "label": np.arange(60) % 2}).to_parquet(path)
        with pytest.raises(DataError) as caught:
            load_data(settings(name="parquet", path=str(path), target="label"), HERE)
        return str(caught.value)

    assert "found datetime64 in 'odd'" in refused(pd.date_range("2020", periods=60))
    assert "found mixed in 'odd'" in refused([[1, 2]] * 60)
    assert "60 different values among 60 rows of 'odd'" in refused([f"u{i}" for i in range(60)])


def test_numbers_keep_their_values_however_a_table_stores_them(tmp_path: Path) -> None:
    whole = np.arange(30)
    columns = {
        "decimal": [Decimal(int(i)) for i in whole],
        "nullable": pd.array(whole, dtype="Int64"),
        "coded": pd.Categorical(["a", "b", "c"] * 10),
    }
    target = pd.array(whole * 0.5, dtype="Float64")
    pd.DataFrame({**columns, "y": target}).to_parquet(tmp_path / "t.parquet")
    data = load_data(settings(name="parquet", path=str(tmp_path / "t.parquet"), target="y"), HERE)
    assert data.pool is not None
    assert data.task == "regression"
    assert data.feature_names == ("decimal", "nullable", "coded_a", "coded_b", "coded_c")
    np.testing.assert_array_equal(data.pool.x[:, :2], np.stack([whole, whole], 1))
    np.testing.assert_array_equal(data.pool.y[:, 0], whole * 0.5)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"", "a table must be readable, found: No columns"),
        ("t.csv", b"a,label\n\xff,1\n", "a table must be readable, found: 'utf-8'"),
        ("t.csv", b"a,label\n", "rows must be there, found none"),
        ("t.csv", b"label\n0\n1\n", "a column besides the target must be there"),
        ("t.parquet", b"nope", "a table must be readable, found: Could not open Parquet"),
    ],
)
def test_a_file_that_is_no_table_gets_one_line(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    one = settings(name=name.split(".")[1], path=str(tmp_path / name), target="label")
    with pytest.raises(DataError, match=re.escape(words)) as caught:
        load_data(one, HERE)
    assert "\n" not in str(caught.value)


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
    assert data.pool.x.shape == (6, 2, 3)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002


class EmptySet(torch.utils.data.Dataset[Any]):
    def __len__(self) -> int:
        return 0


def exits() -> None:
    raise SystemExit(3)


def fails() -> None:
    raise KeyError("weights")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda: 3, "must return (x, y) or a Dataset, found int"),
        (lambda: (np.ones((3, 2)), [0, 1]), "equally many rows, found 3 and 2"),
        (lambda: (1, 2, 3), "found tuple of 3"),
        (lambda: (np.full((2, 2), np.nan), [0, 1]), "x must be finite, found 4 of 4 values"),
        (lambda: (np.full((2, 2), 1e39), [0, 1]), "beyond 3e38"),
        (
            lambda: ({"input_ids": np.eye(2), "attention_mask": np.eye(3)}, [0, 1]),
            "equally many rows, found 3 in x['attention_mask'] and 2 in y; align them",
        ),
        (lambda: ({}, [0, 1]), "x must have an array or more, found none"),
        (lambda: ({"a": ["cat", "dog"]}, [0, 1]), "x['a'] must hold numbers, found the text 'cat'"),
        (lambda: ({"a": np.full(2, np.nan)}, [0, 1]), "x['a'] must be finite, found 2 of 2"),
        (lambda: ({"a": {"b": np.eye(2)}}, [0, 1]), "x['a'] must be one array, found a dict"),
        (lambda: ((np.eye(3), (np.eye(3), 1)), [0, 1, 1]), "x[1] must be one array, found tuple"),
        (lambda: ({"a": np.full(2, 2**64 - 1)}, [0, 1]), "x['a'] must fit into int64"),
        (lambda: ({"a": 1.0, "b": np.eye(2)}, [0, 1]), "x['a'] must have rows, found shape ()"),
        (lambda: (np.eye(2), {"a": [0, 1]}), "y must be one array, found a dict with the keys a"),
        (
            lambda: {"a": np.eye(2), "class": [0, 1]},
            "one target, 'labels' or 'label' or 'y', and inputs by name, found the keys a, class; "
            "name the target by data.target",
        ),
        (lambda: ([[1.0], [2.0, 3.0]], [0, 1]), "x must be an array, found list"),
        (
            lambda: (np.ma.masked_array(np.eye(4), mask=np.eye(4) > 0), [0, 1, 0, 1]),
            "x must be without masked values, found 4",
        ),
        (lambda: (np.eye(4), [0, 1, np.nan, 1]), "y must be finite, found 1 of 4 values"),
        (lambda: (np.eye(3), np.array(["a", None, "b"], dtype=object)), "found object"),
        (lambda: (np.eye(2), np.array(["2020", "2021"], "M8[Y]")), "found datetime64[Y]"),
        (lambda: (np.eye(3), [[0, 1], [1, 0], [1, 0]]), "found one-hot rows of 2"),
        (lambda: (np.eye(3), np.ones(3)), "two classes or more must be there"),
        (lambda: (np.eye(3), np.full(3, 0.5)), "y must vary"),
        (lambda: (np.ones((300, 1)), np.arange(300) % 30), "found 30 different whole numbers"),
        (EmptySet, "a Dataset must have rows, found none"),
        (lambda: (np.array([["a"], ["b"]]), [0, 1]), "x must hold numbers, found the text 'a'"),
        (lambda: (np.array([[1, "b"]], object), [0]), "found the text 'b' in column 1"),
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
    assert not np.array_equal(data.draw(1).x, data.draw(2).x)


def test_a_draw_that_is_no_new_draw_of_the_same_kind_is_refused() -> None:
    def refused(function: Callable[..., Any], **args: int) -> str:
        def draw() -> Any:
            data = load_data(settings(name=function, design="fresh", args=args), HERE)
            assert data.draw is not None
            return data.draw(1)

        with pytest.raises(DataError) as caught:
            draw()
        return str(caught.value)

    def uniform(seed: int, n: int = 8) -> Any:
        return np.random.default_rng(seed).uniform(size=(n, 2)), np.arange(n) % 2

    def unseeded(seed: int) -> Any:
        return np.random.default_rng().uniform(size=(8, 2)), np.arange(8) % 2

    assert "the same seed must draw the same rows" in refused(unseeded)
    assert "found the same for seeds 0 and 1" in refused(lambda seed: uniform(0))
    assert "found x (9, 2) after (8, 2)" in refused(lambda seed: uniform(seed, 8 + seed))
    strange = "every draw must have the classes of the first, found '9' in a later one"
    assert strange in refused(lambda seed: (uniform(seed)[0], [0, 1, 9 * seed, 1, 0, 0, 1, 1]))
    assert "found seed = 3 for all" in refused(uniform, seed=3)


def test_a_function_is_seeded_with_what_numpy_takes() -> None:
    def old_fashioned(seed: int) -> Any:
        np.random.seed(seed)  # noqa: NPY002
        return np.random.normal(size=(8, 2)), np.arange(8) % 2  # noqa: NPY002

    def careless() -> Any:
        return np.random.normal(size=(8, 2)) + torch.rand(8, 2).numpy(), np.arange(8) % 2  # noqa: NPY002

    data = load_data(settings(name=old_fashioned, design="fresh"), HERE)
    assert data.draw is not None
    assert data.draw(2**62 - 1).x.shape == (8, 2)
    one = load_data(settings(name=careless), HERE).fingerprint
    np.random.seed(5)  # noqa: NPY002
    torch.manual_seed(5)
    assert load_data(settings(name=careless), HERE).fingerprint == one


def test_a_pooled_set_of_mnist1d_takes_its_seed_from_args() -> None:
    def of(**args: int) -> Any:
        return load_data(settings(name="mnist1d", args={"num_samples": 50, **args}), HERE)

    assert of().fingerprint == of(seed=0).fingerprint != of(seed=1).fingerprint
    with pytest.raises(DataError, match="found 'num_sampels'"):
        of(num_sampels=3)


def test_a_file_may_import_its_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "regsweep_neighbour.py").write_text("N = 2\n")
    (tmp_path / "own.py").write_text(
        "from regsweep_neighbour import N\ndef load():\n    return [[1.0]] * N, list(range(N))\n"
    )
    found = resolve_function("own.py:load", tmp_path, "data.name", DataError)
    assert found is resolve_function("own.py:load", tmp_path, "data.name", DataError)
    assert found() == ([[1.0], [1.0]], [0, 1])


def test_a_module_that_is_a_file_beside_the_study_gets_a_hint(tmp_path: Path) -> None:
    (tmp_path / "regsweep_beside.py").write_text("load = 3\n")
    with pytest.raises(DataError, match=r"did you mean the file regsweep_beside\.py\?"):
        resolve_function("regsweep_beside:load", tmp_path, "data.name", DataError)
    with pytest.raises(DataError, match="a function must be named"):
        resolve_function("regsweep_beside.py:load", tmp_path, "data.name", DataError)
    with pytest.raises(DataError, match="No module named 'regsweep_nowhere'"):
        resolve_function("regsweep_nowhere:load", tmp_path, "data.name", DataError)


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
