"""Where rows come from: a builtin data set, a table, a user's function, or arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from sweep.data._bundled import READERS, read_bundled
from sweep.data._dataset_rows import Reading
from sweep.data._image_folders import read_images
from sweep.data._padding import Padding
from sweep.data._row_forms import named_columns, read_datasets, read_form, read_given
from sweep.data._synthetic import draw_mnist1d
from sweep.data.row_cache import RowCache
from sweep.data.rows import RawRows
from sweep.errors import DataError
from sweep.runtime.random_state import SEEDS, isolated
from sweep.runtime.torch_state import plain_defaults, seed_torch
from sweep.runtime.user_code import asks_for, call_with, guarded, name_of, resolve_function
from sweep.study.catalogue import DATA_SETS
from sweep.study.data_settings import DataSettings
from sweep.study.validators import ARRAYS


@dataclass(frozen=True)
class RowSource:
    """Where rows come from: ``read(seed)`` gives them as they are."""

    name: str
    read: Callable[[int], RawRows]
    seeded: bool = False
    table: bool = False
    """A table of measurements in units of their own, standardised unless the study says no."""
    shape: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    regression: bool | None = None
    own: bool = False
    """Whether a user's function gives them."""


def row_source(settings: DataSettings, folder: Path) -> RowSource:
    beside = {"time": True} if settings.time is True else {}
    name, cache = settings.name, RowCache.of(settings, folder)
    if name == ARRAYS:
        raw = read_given(settings, _reading(settings, folder, cache))
        return RowSource("arrays", lambda seed: raw)
    if name == "mnist1d":
        return RowSource(
            name,
            lambda seed: RawRows(*draw_mnist1d(settings.args, seed), beside),
            seeded=True,
            shape=(1, 40),
            regression=DATA_SETS[name].regression,
        )
    if name in READERS:
        return _bundled(str(name), beside)
    if name in ("csv", "parquet"):
        from sweep.data._large_tables import read_any_table  # pandas takes half a second

        path = folder / str(settings.path)
        table = read_any_table(path, str(settings.target), named_columns(settings), cache)
        table = replace(table, beside={**table.beside, **beside})
        return RowSource(path.name, lambda seed: table, table=True, features=table.features)
    if name == "images":
        images = read_images(settings, folder, cache)
        return RowSource(str(settings.path), lambda seed: images, regression=False)
    function = resolve_function(name, folder, "data.name", DataError)
    called = name_of(name)
    kept = None if settings.design == "fresh" else cache  # a draw is read once
    reading = _reading(settings, folder, kept)
    return RowSource(
        called,
        lambda seed: read_form(
            _call(function, called, settings.args, seed, reading), settings, called
        ),
        seeded=asks_for(function, "seed"),
        own=True,
    )


def _reading(settings: DataSettings, folder: Path, cache: RowCache | None) -> Reading:
    """How items become rows; relative paths start at ``folder``."""
    collate = settings.collate
    if collate is not None:
        collate = resolve_function(collate, folder, "data.collate", DataError)
    in_order = bool(settings.columns) or settings.time is True
    return Reading(cache, Padding.of(settings), collate, in_order)


def _bundled(name: str, beside: Mapping[str, Any]) -> RowSource:
    x, y, features = read_bundled(name)
    if name == "digits":
        x /= 16
    return RowSource(
        name,
        lambda seed: RawRows(x, y, beside),
        table=True,
        shape=(1, 8, 8) if name == "digits" else (),
        features=features,
        regression=DATA_SETS[name].regression,
    )


def _call(
    function: Callable[..., Any],
    name: str,
    args: Mapping[str, Any],
    seed: int,
    reading: Reading,
) -> Any:
    """What a user's function returns, called under the seed; it leaves no trace behind."""
    with plain_defaults(), torch.random.fork_rng(devices=[]), isolated(seed):
        seed_torch(seed)
        with guarded("data.name", name, DataError):
            return read_datasets(call_with(function, {"seed": seed % SEEDS}, args), reading)
