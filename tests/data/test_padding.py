"""Items of unequal lengths are padded as ``torch.nn.utils.rnn.pad_sequence`` pads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, IterableDataset

import sweep
from sweep.data.datasets import Data, load_data
from sweep.errors import DataError, StudyError
from sweep.study.data_settings import DataSettings

RNG = np.random.default_rng(0)
LENGTHS = RNG.integers(1, 6, 40)
IDS = [torch.from_numpy(RNG.integers(1, 9, n)) for n in LENGTHS]
SERIES = [torch.from_numpy(RNG.normal(size=(n, 2)).astype(np.float32)) for n in LENGTHS]
Y = np.arange(40) % 2
PADDED = pad_sequence(IDS, batch_first=True).numpy()
THERE = np.arange(5) < LENGTHS[:, None]


class Items(Dataset[Any]):
    def __init__(self, item: Any, rows: range = range(40)) -> None:
        self.item, self.rows, self.n_read = item, rows, 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: int) -> Any:
        self.n_read += 1
        return self.item(self.rows[i])


class Stream(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        yield from zip(IDS, Y, strict=True)


class Marked(Items):
    fingerprint = "these rows"


def pair(i: int) -> Any:
    return IDS[i], Y[i]


def load(rows: object, folder: Path = Path(), **keys: Any) -> Data:
    return load_data(DataSettings(name="arrays", rows=rows, **keys), folder)


def x_of(data: Data) -> Any:
    assert data.pool is not None
    return data.pool.x


@pytest.mark.parametrize("cache", [None, "cache"])
@pytest.mark.parametrize("make", [lambda: Items(pair), Stream, lambda: DataLoader(Items(pair), 8)])
def test_shorter_items_are_padded_at_their_end(make: Any, cache: Any, tmp_path: Path) -> None:
    data = load(make(), tmp_path, pad=0, cache=cache)
    np.testing.assert_array_equal(np.asarray(x_of(data)), PADDED)


def test_a_mask_and_lengths_travel_along() -> None:
    x = x_of(load(Items(pair), pad=-1, mask="mask", lengths="lengths"))
    np.testing.assert_array_equal(x[0], np.where(THERE, PADDED, -1))
    np.testing.assert_array_equal(x[1], THERE)
    np.testing.assert_array_equal(x[2], LENGTHS)


def test_inputs_by_name_have_numbers_and_a_mask_of_their_own() -> None:
    def item(i: int) -> Any:
        return {"ids": IDS[i], "s": SERIES[i], "n": np.float32(i), "y": Y[i], "weight": 1.0 + i}

    data = load(Items(item), pad={"ids": 0, "s": -2.5}, mask="attention_mask", lengths="n_steps")
    x = x_of(data)
    assert list(x) == ["ids", "s", "n", "attention_mask", "n_steps"]
    np.testing.assert_array_equal(x["ids"], PADDED)
    wanted = pad_sequence(SERIES, batch_first=True, padding_value=-2.5).numpy()
    np.testing.assert_array_equal(x["s"], wanted)
    np.testing.assert_array_equal(x["attention_mask"], THERE)
    np.testing.assert_array_equal(x["n_steps"], LENGTHS)
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool.weight, 1.0 + np.arange(40))


def test_the_dimension_that_differs_is_padded() -> None:
    x = x_of(load(Items(lambda i: (SERIES[i].T, Y[i])), pad=0, mask="mask"))
    wanted = pad_sequence(SERIES, batch_first=True).numpy().transpose(0, 2, 1)
    np.testing.assert_array_equal(x[0], wanted)
    np.testing.assert_array_equal(x[1], THERE)


def test_labels_of_positions_are_padded_with_what_counts_nothing() -> None:
    data = load(Items(lambda i: (IDS[i], IDS[i] % 3)), pad=0, task="sequence")
    assert data.pool is not None
    np.testing.assert_array_equal(data.pool.y, np.where(THERE, PADDED % 3, -100))


@pytest.mark.parametrize("items", [IDS, [one.tolist() for one in IDS]])
@pytest.mark.parametrize("form", [lambda x: (x, Y), lambda x: {"x": x, "y": Y}])
def test_lists_of_items_may_come_from_python(form: Any, items: Any) -> None:
    def study(ids: Any, **keys: Any) -> sweep.Study:
        given = form(ids)
        rows = given if isinstance(given, dict) else {"rows": given}
        return sweep.Study(study={"name": "a"}, data={**rows, **keys}, search={"penalties": ["l2"]})

    one, other = study(items, pad=0), study([*items[:-1], [9, 9, 9]], pad=0)
    np.testing.assert_array_equal(x_of(load_data(one.data, Path())), PADDED)
    assert one.fingerprint == study(items, pad=0).fingerprint != other.fingerprint
    with pytest.raises(StudyError, match="make all rows alike, or pad them"):
        study(items)


@pytest.mark.parametrize(
    "rows", [{"x": IDS, "y": Y}, {"ids": IDS, "label": Y}, ({"ids": IDS}, Y), (IDS, Y)]
)
def test_lists_of_arrays_are_items(rows: Any) -> None:
    data = load_data(DataSettings(name=lambda: rows, pad=0, mask="mask"), Path())
    x = list(x_of(data).values()) if isinstance(x_of(data), dict) else x_of(data)
    np.testing.assert_array_equal(x[0], PADDED)
    np.testing.assert_array_equal(x[1], THERE)


def test_parts_that_are_collated_to_other_lengths_are_refused() -> None:
    parts = {"train": Items(pair), "test": Items(lambda i: (IDS[i][:2], Y[i]))}
    with pytest.raises(DataError, match="rows of all parts of data must have one shape, found oth"):
        load(parts, collate=batch_of)


def test_all_parts_are_padded_to_the_longest_of_any() -> None:
    short = [i for i in range(40) if LENGTHS[i] < 3]
    parts = {"train": Items(pair), "test": Items(lambda i: pair(short[i % len(short)]))}
    x = x_of(load(parts, pad=0))
    assert x.shape == (80, 5)
    np.testing.assert_array_equal(x[40:], PADDED[[short[i % len(short)] for i in range(40)]])


def test_a_marked_dataset_is_padded_once(tmp_path: Path) -> None:
    keys = {"pad": 0, "mask": "mask", "cache": "cache"}
    first, again = load(Marked(pair), tmp_path, **keys), Marked(pair)
    assert load(again, tmp_path, **keys).fingerprint == first.fingerprint
    assert again.n_read == 41  # twenty twice, and the first
    assert load(Marked(pair), tmp_path, **{**keys, "pad": 9}).fingerprint != first.fingerprint


def batch_of(items: list[Any]) -> Any:
    ids, y = zip(*items, strict=True)
    padded = pad_sequence(list(ids), batch_first=True)
    return {"ids": padded, "mask": padded > 0}, torch.tensor(y)


def fixed(items: list[Any]) -> Any:
    (x, y) = batch_of(items)
    return {k: torch.nn.functional.pad(v, (0, 7 - v.shape[1])) for k, v in x.items()}, y


@pytest.mark.parametrize(
    "keys",
    [
        {"rows": Items(pair), "collate": batch_of},
        {"rows": DataLoader(Items(pair), 8, collate_fn=batch_of)},
        {"rows": Stream(), "collate": batch_of},
    ],
)
def test_a_collate_function_is_called_once_for_all(keys: Any) -> None:
    x = x_of(load_data(DataSettings(name="arrays", **keys), Path()))
    np.testing.assert_array_equal(x["ids"], PADDED)
    np.testing.assert_array_equal(x["mask"], THERE)


def test_a_collate_function_of_one_length_may_fill_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.data._collated_rows.ITEMS", 7)
    mapped = load(Items(pair), tmp_path, collate=fixed, cache="cache")
    assert mapped.fingerprint == load(Items(pair), tmp_path, collate=fixed).fingerprint
    order = np.argsort(LENGTHS, kind="stable")
    with pytest.raises(DataError, match="all batches must have one shape where rows are read from"):
        load(Items(lambda i: pair(order[i])), tmp_path, collate=batch_of, cache="cache")


def random_batch(items: list[Any]) -> Any:
    return torch.rand(len(items), 2), batch_of(items)[1]


def by_length(items: list[Any]) -> Any:
    return batch_of(sorted(items, key=lambda item: -len(item[0])))


def test_collated_rows_may_be_in_any_order_where_nothing_is_beside_them() -> None:
    data = load(Items(pair), collate=by_length)
    assert data.pool is not None
    order = np.argsort(-LENGTHS, kind="stable")
    np.testing.assert_array_equal(data.pool.y, Y[order])
    kept = load(Items(pair), collate=batch_of, groups="groups", columns={"groups": Y})
    assert kept.n_groups == 2


def test_words_may_be_scaled_beside_nothing_that_is_padded() -> None:
    """Padded whole numbers stay what they are beside other inputs, which may be scaled."""
    data = load(Items(lambda i: ((IDS[i], np.float32(i)), Y[i])), pad=0, standardize=True)
    np.testing.assert_array_equal(x_of(data)[0], PADDED)


@pytest.mark.parametrize(
    ("item", "keys", "words"),
    [
        (pair, {}, r"same shape, found x of \(\d,\) at item \d after .* set data.pad = 0"),
        (pair, {"pad": 0.5}, r"data.pad: x must be able to hold the number, found 0.5 for int64"),
        (lambda i: (IDS[i], IDS[i] / 2), {"pad": 0}, "targets of unequal length must be labels"),
        (lambda i: (IDS[i][: i % 2 * 9], 0), {"pad": 0}, "found x empty at item 0; leave"),
        (
            lambda i: (torch.ones(LENGTHS[i], 1 + i % 2), Y[i]),
            {"pad": 0},
            r"may differ in one dimension, found shapes of x from \(1, 1\) to \(5, 2\)",
        ),
        (
            lambda i: ({"a": IDS[i], "b": IDS[-i]}, Y[i]),
            {"pad": 0, "mask": "mask"},
            r"data.mask: all inputs of an item must have one length, found x\['a'\] of \d",
        ),
        (lambda i: ({"a": IDS[i]}, Y[i]), {"pad": {"b": 0}}, "found none for a beside b; add it"),
        (lambda i: ({"a": IDS[i]}, Y[i]), {"pad": 0, "mask": "a"}, "found 'a', which items have"),
        (lambda i: (i, Y[i]), {"pad": 0, "mask": "mask"}, "found single numbers alone; leave"),
        (lambda i: None, {}, "a pair .* or a dict, found None at item 0"),
        (lambda i: (IDS[i], None), {}, "the target of .* one array or tensor, found None at item"),
        (
            lambda i: (torch.full((2, 50), 1.0 * i), Y[i]),
            {"pad": 0, "lengths": "n"},
            r"which dimension is their length, found x of \(2, 50\) in all of them; leave",
        ),
        (lambda i: (SERIES[i], Y[i]), {"pad": 0, "standardize": True}, "would enter the means and"),
        (pair, {"pad": 0, "standardize": True}, "data.standardize: padding would enter the means"),
        (
            lambda i: (IDS[i], IDS[i] % 3),
            {"pad": 0},
            '-100 are, found 5 in .*; set task = "seq',
        ),
        (pair, {"collate": by_length, "time": True}, "found another target in row .*; do not sort"),
        (pair, {"collate": lambda items: (torch.ones(3, 2), Y)}, r"found x of \(3, 2\) for 40 it"),
        (pair, {"collate": random_batch}, "data.collate: items must give the same batch whenever"),
        (pair, {"collate": lambda items: 1 / 0}, "must run without an error, found ZeroDivision"),
    ],
)
def test_what_cannot_be_padded_is_one_line(item: Any, keys: Any, words: str) -> None:
    with pytest.raises(DataError, match=words) as raised:
        load(Items(item), **keys)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "digits", "pad": 0}, "data.pad: only a Dataset, or what a function returns, has"),
        ({"rows": Items(pair), "mask": "m"}, "data.mask: it goes with pad, found 'm' without"),
        ({"rows": Items(pair), "pad": 0, "collate": batch_of}, "data.pad: collate pads items its"),
        ({"rows": Items(pair), "pad": 0, "mask": "m", "lengths": "m"}, "data.lengths: a name of i"),
        ({"rows": Items(pair), "pad": 0, "lengths": "weight"}, "found 'weight', which stands for"),
        ({"rows": Items(pair), "pad": "0"}, "data.pad: a number, or a table of numbers by input"),
        ({"rows": Items(pair), "collate": 3}, "data.collate: a reference to a function must be g"),
        ({"name": "digits", "size": 8}, "data.size: only images take it, found"),
        ({"name": "images"}, "data.path: images needs a folder, found nothing; add path"),
        ({"name": "images", "path": "nowhere"}, "data.path: the folder must exist, found no 'no"),
        ({"name": "images", "path": ".", "time": True}, "data.time: images have no order in time"),
        ({"name": "images", "path": ".", "size": [0, 1]}, "data.size: a whole number from 1 to 10"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(data: Any, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        sweep.Study(study={"name": "a"}, data=data, search={"penalties": ["l2"]})
