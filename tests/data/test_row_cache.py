"""Rows in files of the cache are, to the bit, the rows in memory; what is damaged is made anew."""

from __future__ import annotations

import datetime as dt
import logging
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset

import sweep
from sweep.data import _decoding, _large_tables, _stored_items, stored_array
from sweep.data._scaling import Scale
from sweep.data.datasets import Data, load_data
from sweep.data.row_cache import CACHE, LARGE, RowCache
from sweep.data.stored_array import StoredArray
from sweep.data.stored_tensor import StoredTensor
from sweep.errors import DataError
from sweep.records.decoding import Decoding, decoding_of
from sweep.study.data_settings import DataSettings
from tests.support.databases import HANG_SECONDS

RNG = np.random.default_rng(0)
X = (RNG.normal(size=(300, 7)) * 100 + 5).astype(np.float32)
Y = RNG.integers(0, 2, 300)


class Pairs(Dataset[Any]):
    n_read = 0

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, i: int) -> Any:
        self.n_read += 1
        return X[i], Y[i]


class Marked(Pairs):
    fingerprint = "the rows of this file"


class Dicts(Dataset[Any]):
    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, i: int) -> Any:
        return {"ids": (X[i] > 0).astype(np.int64), "x2": torch.from_numpy(X[i]), "y": Y[i]}


class Stream(IterableDataset[Any]):
    """Without a length."""

    def __iter__(self) -> Iterator[Any]:
        yield from zip(X, Y, strict=True)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_array, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(_large_tables, "BATCH_ROWS", 64)


def load(rows: object, folder: Path, cache: str | None = "cache", **keys: Any) -> Data:
    return load_data(DataSettings(name="arrays", rows=rows, cache=cache, **keys), folder)


def pool_x(data: Data) -> Any:
    assert data.pool is not None
    return data.pool.x


@pytest.fixture
def stored(tmp_path: Path) -> StoredArray:
    np.save(tmp_path / "x.npy", X)
    return StoredArray(np.load(tmp_path / "x.npy", mmap_mode="r"))


@pytest.mark.parametrize("make", [Pairs, Marked, Dicts, Stream, lambda: DataLoader(Pairs(), 8)])
def test_rows_of_a_dataset_are_those_in_memory(make: Any, tmp_path: Path) -> None:
    mapped, held = load(make(), tmp_path), load(make(), tmp_path, None)
    assert mapped.fingerprint == held.fingerprint
    leaf = pool_x(mapped)["x2"] if make is Dicts else pool_x(mapped)
    assert isinstance(leaf, StoredArray)
    wanted = pool_x(held)["x2"] if make is Dicts else pool_x(held)
    np.testing.assert_array_equal(leaf[np.arange(9)], wanted[:9])
    assert not (tmp_path / CACHE).exists()


def test_scale_of_stored_rows_has_the_bits_of_rows_in_memory(stored: StoredArray) -> None:
    numbers = np.random.default_rng(1).permutation(300)[:200]
    for rows in (numbers, numbers[:1], np.arange(300)):
        for column in (X, X[:, :1]):
            own = StoredArray(np.ascontiguousarray(column))[rows]
            found, wanted = own.measured(), Scale.of(column[rows])
            np.testing.assert_array_equal(found.mean, wanted.mean)
            np.testing.assert_array_equal(found.deviation, wanted.deviation)


def test_a_stored_tensor_is_what_its_rows_in_memory_are(stored: StoredArray) -> None:
    scales = [Scale.of(X[:100]), Scale.of(X[100:])]
    ends = ((0, 100), (100, 300))
    own = [stored[np.arange(*e)].scaled(s) for e, s in zip(ends, scales, strict=True)]
    tensor = torch.cat([StoredTensor([one], torch.float32) for one in own])
    assert isinstance(tensor, StoredTensor)
    parts = (scales[0].applied(X[:100]), scales[1].applied(X[100:]))
    wanted = torch.from_numpy(np.concatenate(parts)).float()
    places = torch.from_numpy(np.random.default_rng(2).integers(0, 300, 40))
    out = torch.empty(40, 7)
    torch.index_select(tensor, 0, places, out=out)
    assert torch.equal(out, wanted[places])
    assert torch.equal(tensor.index_select(0, places), out)
    assert torch.equal(tensor[places - 300], wanted[places - 300])
    assert torch.equal(tensor[3:200:5], wanted[3:200:5])
    assert torch.equal(tensor[-1], wanted[-1])
    assert torch.equal(tensor[None].sum((0, 1)), wanted[None].sum((0, 1)))
    assert torch.equal(tensor[wanted[:, 0] > 0], wanted[wanted[:, 0] > 0])
    with pytest.raises(IndexError, match="299"):
        tensor[torch.tensor([300])]


def test_a_marked_dataset_is_decoded_once_and_again_when_its_files_are_damaged(
    tmp_path: Path,
) -> None:
    first = load(Marked(), tmp_path)
    again = Marked()
    assert load(again, tmp_path).fingerprint == first.fingerprint
    assert again.n_read < 50
    file = max((tmp_path / "cache").glob("*/*.rows"), key=lambda path: path.stat().st_size)
    damaged = bytearray(file.read_bytes())
    damaged[100] ^= 1
    file.write_bytes(damaged)
    anew = Marked()
    assert load(anew, tmp_path).fingerprint == first.fingerprint
    assert anew.n_read >= 300
    (entry,) = (tmp_path / "cache").glob("*/entry.json")
    entry.write_text(entry.read_text().replace('"version": 1', '"version": 0'))
    anew = Marked()
    load(anew, tmp_path)
    assert anew.n_read >= 300
    assert [path.name for path in (tmp_path / "cache").glob(".*")] == []


def test_two_launches_that_write_at_once_leave_one_whole_entry(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: load(Marked(), tmp_path).fingerprint, range(4)))
    assert len(set(made)) == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_in_batches_are_those_in_memory(kind: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({f"c{i}": X[:, i] for i in range(7)} | {"n": np.arange(300), "y": Y})
    path = tmp_path / f"t.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    keys = {"name": kind, "path": path.name, "target": "y", "weight": "n"}
    mapped = load_data(DataSettings(**keys, cache="cache"), tmp_path)
    held = load_data(DataSettings(**keys), tmp_path)
    assert isinstance(pool_x(mapped), StoredArray)
    assert (mapped.fingerprint, mapped.feature_names) == (held.fingerprint, held.feature_names)
    frame.assign(y=1 - Y).to_csv(path, index=False) if kind == "csv" else frame.assign(
        y=1 - Y
    ).to_parquet(path)
    assert load_data(DataSettings(**keys, cache="cache"), tmp_path).fingerprint != held.fingerprint


def test_a_column_whose_type_changes_is_refused(tmp_path: Path) -> None:
    values = ["1.5"] * 100 + ["word"] * 100
    pd.DataFrame({"a": values, "y": [0, 1] * 100}).to_csv(tmp_path / "t.csv", index=False)
    keys = {"name": "csv", "path": "t.csv", "target": "y", "cache": "cache"}
    with pytest.raises(DataError, match=r"t\.csv: a column must be of one type, found .* in 'a'"):
        load_data(DataSettings(**keys), tmp_path)
    assert list((tmp_path / "cache").iterdir()) == []


COLUMNS: dict[str, dict[str, Any]] = {
    "classes that are words or numbers": {"y": ["late"] * 64 + ["01", "2"] * 118},
    "numbers that are whole at first": {"y": [*range(64), *(np.arange(236) / 7)]},
    "groups that are words or numbers": {"groups": ["p"] * 64 + [str(i) for i in range(236)]},
    "dates": {"time": [dt.date(2020, 1, 1) + dt.timedelta(i) for i in range(300)]},
}
"""What is another type in some batches of rows, or none of numpy's."""


@pytest.mark.parametrize(
    ("what", "kind"), [(what, "csv") for what in COLUMNS] + [("dates", "parquet")]
)
def test_columns_beside_features_in_batches_are_those_in_memory(
    what: str, kind: str, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"n": X[:, 0], "y": Y} | COLUMNS[what])
    path = tmp_path / f"t.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    named = {key: key for key in COLUMNS[what] if key != "y"}
    keys = {"name": kind, "path": path.name, "target": "y", "design": "holdout", **named}
    mapped, held = (load_data(DataSettings(**keys, cache=c), tmp_path) for c in ("cache", None))
    assert isinstance(pool_x(mapped), StoredArray)
    assert (mapped.fingerprint, mapped.task) == (held.fingerprint, held.task)


@pytest.mark.parametrize(
    ("header", "words"),
    [("a,a,y", "every column must have its own name, found 'a' twice"), ("a;b;y", "found 'y'; co")],
)
def test_a_header_is_refused_as_in_memory(header: str, words: str, tmp_path: Path) -> None:
    rows = "1,2,0\n3,4,1\n" * 50
    (tmp_path / "t.csv").write_text(header + "\n" + rows.replace(",", header[1]))
    for cache in ("cache", None):
        with pytest.raises(DataError, match=words):
            load_data(DataSettings(name="csv", path="t.csv", target="y", cache=cache), tmp_path)


class Broken(Pairs):
    def __init__(self, bad: object) -> None:
        self.bad = bad

    def __getitem__(self, i: int) -> Any:
        if i == 250 and isinstance(self.bad, Exception):
            raise self.bad
        return X[i], dt.date(2020, 1, 1) if self.bad == "dates" else Y[i]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (FileNotFoundError(2, "no", "/a.png"), "must run without an error, found FileNotFoundErr"),
        ("dates", "target must hold numbers, words or dates of one type"),
    ],
)
def test_what_a_dataset_raises_is_no_fault_of_the_cache(
    bad: object, words: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=words):
        load(Broken(bad), tmp_path)
    assert list((tmp_path / "cache").iterdir()) == []


def test_small_rows_stay_in_memory_unless_a_folder_is_named(tmp_path: Path) -> None:
    plain = RowCache.of(DataSettings(name="digits"), tmp_path)
    assert (plain.takes(LARGE - 1), plain.takes(LARGE)) == (False, True)
    assert RowCache.of(DataSettings(name="digits", cache="here"), tmp_path).takes(1)


class _Says(logging.Handler):
    """Sets an event when somebody else's entry is waited for."""

    def __init__(self, waits: Any):
        super().__init__()
        self.waits = waits

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().endswith("waiting"):
            self.waits.set()


def _writer(folder: Path, begun: Any, waits: Any, go: Any, n_writers: Any) -> None:
    """What a launch does that decodes half of its rows, and the others when it may."""
    logger = logging.getLogger("sweep")
    logger.setLevel(logging.INFO)
    logger.addHandler(_Says(waits))

    def blocks() -> Iterator[dict[str, np.ndarray]]:
        with n_writers.get_lock():
            n_writers.value += 1
        yield {"x": X[:100]}
        begun.set()
        go.wait(HANG_SECONDS)
        yield {"x": X[100:]}

    RowCache(folder, always=True).kept("entry", blocks, {})


class Writers:
    """Processes that write the same entry, and how many have begun to."""

    def __init__(self, folder: Path):
        self.folder, self.fork = folder, multiprocessing.get_context("fork")
        self.begun, self.waits = self.fork.Event(), self.fork.Event()
        self.n = self.fork.Value("i", 0)
        self.all: list[Any] = []

    def start(self, go: Any) -> Any:
        arguments = (self.folder, self.begun, self.waits, go, self.n)
        process = self.fork.Process(target=_writer, args=arguments)
        self.all.append(process)
        process.start()
        return process


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[Writers]:
    made = Writers(tmp_path)
    yield made
    for process in made.all:
        process.kill()


forked = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@forked
def test_a_process_waits_for_the_entry_that_another_writes(
    writers: Writers, tmp_path: Path
) -> None:
    go = writers.fork.Event()
    first = writers.start(go)
    assert writers.begun.wait(HANG_SECONDS)
    second = writers.start(go)
    assert writers.waits.wait(HANG_SECONDS)
    go.set()
    for process in (first, second):
        process.join(HANG_SECONDS)
        assert process.exitcode == 0
    assert writers.n.value == 1
    assert [path.name for path in tmp_path.iterdir()] == ["entry"]
    found = RowCache(tmp_path, always=True).found("entry")
    assert found is not None
    np.testing.assert_array_equal(np.asarray(found[0]["x"]), X)


@forked
def test_what_a_killed_process_has_written_is_removed(writers: Writers, tmp_path: Path) -> None:
    killed = writers.start(writers.fork.Event())
    assert writers.begun.wait(HANG_SECONDS)
    killed.kill()
    killed.join(HANG_SECONDS)
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(".part")
    go = writers.fork.Event()
    go.set()
    next_one = writers.start(go)
    next_one.join(HANG_SECONDS)
    assert (next_one.exitcode, writers.n.value) == (0, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["entry"]


def test_a_study_goes_on_from_its_cache(tmp_path: Path) -> None:
    def study(cache: str | None) -> sweep.Study:
        return sweep.Study(
            study={"name": "rows"},
            data={"rows": Pairs(), **({"cache": cache} if cache else {})},
            model={"name": "linear"},
            training={"epochs": 2, "batch_size": 64},
            search={"penalties": ["l2"], "trials": 2, "resamples": 2, "pruner": "none"},
            path={"points": 0, "resamples": 2},
            hardware={"population": 2},
        )

    held, mapped = (sweep.open_store(f"sqlite:///{tmp_path}/{n}.db") for n in ("held", "mapped"))

    def stop(progress: Any) -> None:
        if progress.done_runs >= 2:
            raise KeyboardInterrupt

    sweep.run_study(study(None), held)
    with pytest.raises(KeyboardInterrupt):
        sweep.run_study(study(str(tmp_path / "cache")), mapped, observer=stop)
    sweep.run_study(study(str(tmp_path / "cache")), mapped)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    frames = [sweep.runs_frame(store, "rows") for store in (held, mapped)]
    ordered = [f.sort_values(["trial", "resample"], ignore_index=True) for f in frames]
    columns = ["trial", "resample", "val_loss", "test_loss", "zeros"]
    pd.testing.assert_frame_equal(*(frame[columns] for frame in ordered))


def test_what_is_decoded_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_decoding, "SECONDS", 0.0)
    monkeypatch.setattr(_stored_items, "ITEMS", 128)
    with caplog.at_level("INFO", "sweep"):
        load(Pairs(), tmp_path)
    said = [decoding_of(record) for record in caplog.records]
    assert said == [
        Decoding(128, 300),
        Decoding(256, 300),
        Decoding(300, 300),
        Decoding(300, 300, True),
    ]
    assert caplog.messages[0] == f"data: 128 of 300 rows decoded into {tmp_path / 'cache'}"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_categories_in_batches_are_those_in_memory(kind: str, tmp_path: Path) -> None:
    """Words that look like numbers, in all rows of some batches, stay words."""
    words = np.where(np.arange(300) < 64, "late", np.array(["01", "1.50", "7"])[np.arange(300) % 3])
    frame = pd.DataFrame({"n": X[:, 0], "word": words, "flag": X[:, 1] > 0, "y": Y})
    frame["kind"] = pd.Categorical(np.where(X[:, 2] > 0, "b", "a"), categories=["c", "b", "a"])
    path = tmp_path / f"t.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    keys = {"name": kind, "path": path.name, "target": "y"}
    mapped = load_data(DataSettings(**keys, cache="cache"), tmp_path)
    held = load_data(DataSettings(**keys), tmp_path)
    assert isinstance(pool_x(mapped), StoredArray)
    assert mapped.feature_names == held.feature_names
    assert {"word_01", "word_1.50", "flag_True", "kind_b"} < set(mapped.feature_names)
    assert mapped.fingerprint == held.fingerprint
    again = load_data(DataSettings(**keys, cache="cache"), tmp_path)
    assert (again.feature_names, again.fingerprint) == (held.feature_names, held.fingerprint)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_small_file_of_many_categories_is_large_in_memory(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"n": X[:, 0], "word": [f"w{i % 100}" for i in range(300)], "y": Y})
    path = tmp_path / f"t.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    settings = DataSettings(name=kind, path=path.name, target="y")
    held = load_data(settings, tmp_path)
    monkeypatch.setattr("sweep.data.row_cache.LARGE", 300 * 101 * 4)
    monkeypatch.setattr(_large_tables, "BLOCK_VALUES", 1000)
    mapped = load_data(settings, tmp_path)
    assert (type(pool_x(held)), type(pool_x(mapped))) == (np.ndarray, StoredArray)
    assert (mapped.feature_names, mapped.fingerprint) == (held.feature_names, held.fingerprint)


def test_a_table_that_is_written_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"word": ["a", "b"] * 150, "y": Y})
    frame.to_csv(tmp_path / "t.csv", index=False)
    found = _large_tables.LargeTable._categories

    def changed(table: Any) -> Any:
        known = found(table)
        frame.assign(word="c").to_csv(tmp_path / "t.csv", index=False)
        return known

    monkeypatch.setattr(_large_tables.LargeTable, "_categories", changed)
    settings = DataSettings(name="csv", path="t.csv", target="y", cache="cache")
    with pytest.raises(DataError, match="must stay as it is while it is read, found it changed"):
        load_data(settings, tmp_path)


def test_too_many_categories_are_refused_as_in_memory(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": [f"row {i}" for i in range(300)], "y": Y})
    frame.to_csv(tmp_path / "t.csv", index=False)
    for cache in ("cache", None):
        keys = {"name": "csv", "path": "t.csv", "target": "y", "cache": cache}
        with pytest.raises(DataError, match="found 300 different values among 300 rows of 'name'"):
            load_data(DataSettings(**keys), tmp_path)
