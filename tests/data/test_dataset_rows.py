"""Datasets are read twice where it shows whether they augment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import (
    DataLoader,
    Dataset,
    RandomSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

from sweep.data._dataset_rows import rows_of
from sweep.data._row_forms import read_datasets, read_form
from sweep.data.rows import RawRows
from sweep.errors import DataError
from sweep.study.data_settings import DataSettings

X = torch.arange(120.0).reshape(40, 3)
X[3, 1] = torch.nan


class Rows(Dataset[Any]):
    """Forty rows, changed by ``item``."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, i: int) -> Any:
        return self.item(i)


def noisy(i: int) -> tuple[torch.Tensor, int]:
    return X[i] + torch.randn(3), i


def flipped(i: int) -> tuple[torch.Tensor, int]:
    """Half of the items as they are."""
    return (X[i].flip(0) if torch.rand(()) < 0.5 else X[i]), i


def unsure(i: int) -> tuple[torch.Tensor, float]:
    return X[i], float(torch.rand(()))


def test_the_rows_are_the_items_in_their_order() -> None:
    x, y = rows_of(Rows(lambda i: (X[i], i)))
    np.testing.assert_array_equal(x, X.numpy())
    np.testing.assert_array_equal(y, np.arange(40))


@pytest.mark.parametrize("item", [noisy, flipped, unsure])
def test_a_dataset_that_augments_is_refused(item: Any) -> None:
    torch.manual_seed(0)
    with pytest.raises(DataError, match="changed at its second reading, as under random augment"):
        rows_of(Rows(item))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (lambda i: (X[i], i, i), "found tuple of 3"),
        (lambda i: X[i], "found Tensor"),
    ],
)
def test_an_item_that_is_no_pair_is_named(item: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        rows_of(Rows(item))


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (lambda i: ((X[i], (X[i], X[i])), i), r"the x\[1\] .* found a tuple of 2 at item 0"),
        (lambda i: ({"a": {"b": X[i]}}, i), r"the x\['a'\] .* a dict with the keys b at item 0"),
        (lambda i: (X[i], (X[i], X[i])), "the target .* found a tuple of 2 at item 0; return one"),
    ],
)
def test_several_targets_or_nested_inputs_are_not_taken_for_one(item: Any, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        rows_of(Rows(item))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("item", "names"),
    [
        (lambda i: ((X[i], i), i), (0, 1)),
        (lambda i: ([X[i], i], i), (0, 1)),
        (lambda i: ({"ids": X[i], "n": i}, i), ("ids", "n")),
    ],
)
def test_several_inputs_are_stacked_each_by_itself(item: Any, names: tuple[Any, Any]) -> None:
    x, y = rows_of(Rows(item))
    assert isinstance(x, dict if names[0] == "ids" else tuple)
    np.testing.assert_array_equal(x[names[0]], X.numpy())
    np.testing.assert_array_equal(x[names[1]], np.arange(40))
    np.testing.assert_array_equal(y, np.arange(40))


def read(item: Any, target: str | None = None) -> RawRows:
    settings = DataSettings(name=lambda: None, target=target)
    return read_form(read_datasets(Rows(item)), settings, "rows")


@pytest.mark.parametrize(
    ("item", "target"),
    [
        (lambda i: {"ids": X[i], "n": i, "labels": i}, None),
        (lambda i: {"label": i, "ids": X[i], "n": i}, None),
        (lambda i: {"n": i, "ids": X[i], "kind": i}, "kind"),
        (lambda i: {"n": i, "ids": X[i], "kind": i, "y": i}, "kind"),
    ],
)
def test_items_may_be_dicts_with_their_target(item: Any, target: str | None) -> None:
    raw = read(item, target)
    np.testing.assert_array_equal(raw.x["ids"], X.numpy())
    np.testing.assert_array_equal(raw.x["n"], np.arange(40))
    assert set(raw.x) == {"ids", "n"} | ({"y"} if "y" in item(0) else set())
    np.testing.assert_array_equal(raw.y, np.arange(40))


def test_an_input_that_is_called_x_alone_is_one_array() -> None:
    raw = read(lambda i: {"x": X[i], "kind": i, "weight": 2.0}, "kind")
    np.testing.assert_array_equal(raw.x, X.numpy())
    np.testing.assert_array_equal(raw.beside["weight"], np.full(40, 2.0))


@pytest.mark.parametrize(
    ("item", "target", "words"),
    [
        (lambda i: {"pixels": X[i], "kind": i}, None, "found the keys pixels, kind; name the targ"),
        (
            lambda i: {"a": X[i], "y": i, "label": i},
            None,
            "found the keys a, y, label; name the",
        ),
        (lambda i: {"label": i}, None, "and inputs by name, found the keys label; name"),
        (lambda i: {"a": X[i], "y": i}, "kind", "must give one target, 'kind', and inputs by name"),
        (lambda i: (X[i], i), "kind", "only a table has columns to name, and a dict keys, found t"),
    ],
)
def test_a_dict_without_one_target_gets_one_line(item: Any, target: str | None, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read(item, target)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_items_of_other_parts_or_shapes_are_named() -> None:
    def item(i: int) -> Any:
        return ({"ids": X[i], **({} if i == 9 else {"mask": i})}, i)

    with pytest.raises(DataError, match=r"found x\['ids'\], target at item 9 after x\['ids'\], x"):
        rows_of(Rows(item))
    with pytest.raises(DataError, match=r"found x\[1\] of \(2,\) at item 3 after \(3,\) at item 0"):
        rows_of(Rows(lambda i: ((i, X[i][: 2 if i == 3 else 3]), i)))


def test_a_list_of_numbers_is_one_input() -> None:
    x, y = rows_of(Rows(lambda i: ([i, X[i, 0]], (i, 2 * i))))
    assert (x.shape, y.shape) == ((40, 2), (40, 2))
    np.testing.assert_array_equal(x[:, 0], np.arange(40))


def test_items_of_several_shapes_are_named() -> None:
    with pytest.raises(DataError, match=r"x of \(2,\) at item 7 after \(3,\) at item 0; set"):
        rows_of(Rows(lambda i: (X[i][: 2 if i == 7 else 3], i)))
    with pytest.raises(DataError, match=r"target of \(2,\) at item 1 after \(1,\) at item 0"):
        rows_of(Rows(lambda i: (X[i], [0.0] * (1 + i % 2))))


def test_items_that_are_no_numbers_do_not_count_as_augmented() -> None:
    x, _ = rows_of(Rows(lambda i: (object(), i)))
    assert x.dtype == object


PAIRS = Rows(lambda i: (X[i], i))


@pytest.mark.parametrize(
    ("loader", "rows"),
    [
        (DataLoader(PAIRS, 8, shuffle=True), range(40)),
        (DataLoader(PAIRS, 8, drop_last=True), range(40)),
        (DataLoader(PAIRS, 8, sampler=SubsetRandomSampler([9, 3, 11])), [3, 9, 11]),
    ],
)
def test_a_loader_gives_the_rows_that_it_reads(loader: Any, rows: Any) -> None:
    x, y = rows_of(loader)
    np.testing.assert_array_equal(x, X[list(rows)].numpy())
    np.testing.assert_array_equal(y, list(rows))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"sampler": WeightedRandomSampler([1.0] * 40, 40)}, "found WeightedRandomSampler; give"),
        ({"sampler": RandomSampler(PAIRS, num_samples=20)}, "every row once, .* found RandomSampl"),
        ({"sampler": RandomSampler(PAIRS, replacement=True)}, "every row once"),
        ({"batch_sampler": [[0, 1], [1, 2]]}, "found list; give a Subset of the rows"),
        ({"batch_size": None}, "found one of batch_size None, whose items may be batches already"),
    ],
)
def test_a_loader_that_gives_other_rows_than_its_dataset_is_refused(keys: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        rows_of(DataLoader(PAIRS, **keys))


class ByPlace:
    """As a Dataset of Hugging Face's ``datasets`` is: none of torch's, and columns by name too."""

    column_names = ("ids", "label")

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, key: int | str) -> Any:
        if isinstance(key, str):
            return X.tolist()
        return {"ids": X[key].tolist(), "label": key % 2}


def test_what_is_read_by_place_is_a_dataset() -> None:
    x = read_datasets(ByPlace())["ids"]
    np.testing.assert_array_equal(x, X.numpy())
    parts = read_datasets({"train": ByPlace(), "test": ByPlace()})
    np.testing.assert_array_equal(parts["test"]["label"], np.arange(40) % 2)
