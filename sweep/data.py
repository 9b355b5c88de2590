"""The data of a study: a pool of rows, or a function that draws them anew.

Built in: mnist1d (Greydanus 2020; generated, nothing is downloaded) and scikit-learn's digits,
breast_cancer and diabetes. Otherwise a CSV or Parquet file, the person's own function, or arrays.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sweep.callables import asks_for, call_with, guarded, name_of, resolve_function
from sweep.checks import ARRAYS
from sweep.errors import DataError
from sweep.settings import DataSettings
from sweep.tables import read_table

Arrays = tuple[np.ndarray, np.ndarray]
MANY_VALUES = 20
"""A numeric target with more distinct values than this is a regression unless ``task`` says so."""
DRAWS_KEPT = 16


@dataclass(frozen=True)
class Data:
    """Rows x (N, ...) float32 with targets y: (N,) int64 classes or (N, outputs) float32."""

    name: str
    task: str
    """``classification`` or ``regression``."""
    n_outputs: int
    input_shape: tuple[int, ...]
    """Shape of one row as a convolution sees it, e.g. (1, 8, 8); ``x`` itself may be flat."""
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    standardize: bool
    """Whether features, and the target of a regression, are scaled by training rows."""
    pool: Arrays | None
    """All rows, for the pooled designs; None under ``fresh``."""
    draw: Callable[[int], Arrays] | None
    """A new data set from a seed, under ``fresh``; None otherwise."""
    fingerprint: str
    """SHA-256 of the pool, or of the draw of seed 0."""


def load_data(settings: DataSettings, folder: Path) -> Data:
    """The study's data, checked; relative paths start at ``folder``. Raises DataError."""
    source = _source(settings, folder)
    fresh = settings.design == "fresh"
    if fresh and not source.seeded:
        raise DataError(
            f"data.name: {source.name} takes no seed, so it cannot be drawn afresh; give its "
            'function a parameter named seed, or set design = "resample"'
        )
    first = source.read(0)
    x = _checked(first[0], source.name)
    encode = _Targets(first[1], settings.task, source)
    y = encode(first[1])
    _same_length(x, y, source.name)
    draw = _Drawn(source, encode) if fresh else None
    n_features = math.prod(x.shape[1:])
    return Data(
        name=source.name,
        task=encode.task,
        n_outputs=encode.n_outputs,
        input_shape=source.shape or x.shape[1:],
        feature_names=source.features or tuple(f"x{i}" for i in range(n_features)),
        class_names=encode.class_names,
        standardize=source.table if settings.standardize == "auto" else bool(settings.standardize),
        pool=None if fresh else (x, y),
        draw=draw,
        fingerprint=_fingerprint(x, y),
    )


# ---- sources -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Source:
    """Where rows come from: ``read(seed)`` gives x and raw targets."""

    name: str
    read: Callable[[int], tuple[Any, Any]]
    seeded: bool = False
    table: bool = False
    """A table of measurements in units of their own, to be standardised unless told otherwise."""
    shape: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    regression: bool | None = None


def _source(settings: DataSettings, folder: Path) -> _Source:
    name = settings.name
    if name == ARRAYS:
        return _Source("arrays", lambda seed: (settings.x, settings.y))
    if name == "mnist1d":
        read = partial(_mnist1d, settings.args)
        return _Source(name, read, seeded=True, shape=(1, 40), regression=False)
    if name in ("digits", "breast_cancer", "diabetes"):
        return _bundled(str(name))
    if name in ("csv", "parquet"):
        path = folder / str(settings.path)
        x, y, features = read_table(path, str(settings.target))
        return _Source(path.name, lambda seed: (x, y), table=True, features=features)
    function = resolve_function(name, folder, "data.name", DataError)
    called = name_of(name)
    return _Source(
        called,
        partial(_call, function, called, settings.args),
        seeded=asks_for(function, "seed"),
    )


def _mnist1d(args: Mapping[str, Any], seed: int) -> Arrays:
    """MNIST-1D of this seed: x (N, 40), y (N,). Its generator seeds numpy's global state."""
    from mnist1d.data import get_dataset_args, make_dataset

    options = get_dataset_args()
    unknown = [name for name in args if not hasattr(options, name)]
    if unknown:
        raise DataError(
            f"data.args: an option of mnist1d must be named, found {unknown[0]!r}; "
            f"they are: {', '.join(sorted(vars(options)))}"
        )
    for option, value in args.items():
        setattr(options, option, value)
    options.seed = seed % 2**32
    before = np.random.get_state()  # noqa: NPY002 - the generator draws from the global state
    try:
        made = make_dataset(options)
    finally:
        np.random.set_state(before)  # noqa: NPY002
    x = np.concatenate([made["x"], made["x_test"]]).reshape(-1, 40)
    return x.astype(np.float32), np.concatenate([made["y"], made["y_test"]])


def _bundled(name: str) -> _Source:
    import sklearn.datasets

    made = getattr(sklearn.datasets, f"load_{name}")()
    x, features = made.data, tuple(map(str, made.feature_names))
    shape = (1, 8, 8) if name == "digits" else ()
    regression = name == "diabetes"
    return _Source(
        name, lambda seed: (x, made.target), table=True, shape=shape, features=features,
        regression=regression,
    )  # fmt: skip


def _call(
    function: Callable[..., Any], name: str, args: Mapping[str, Any], seed: int
) -> tuple[Any, Any]:
    """The person's function: (x, y) or a Dataset; random states are put back afterwards."""
    numpy_state = np.random.get_state()  # noqa: NPY002 - it may seed the global state
    try:
        with torch.random.fork_rng(devices=[]), guarded("data.name", name, DataError):
            made = call_with(function, {"seed": seed}, args)
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
    if isinstance(made, torch.utils.data.Dataset):
        with guarded("data.name", name, DataError):
            rows = [made[i] for i in range(len(made))]  # type: ignore[arg-type]
            made = (np.stack([_numpy(x) for x, _ in rows]), np.stack([_numpy(y) for _, y in rows]))
    if not isinstance(made, tuple | list) or len(made) != 2:
        raise DataError(
            f"data.name: {name} must return (x, y) or a Dataset, found {type(made).__name__}; "
            "return two arrays or tensors"
        )
    return made[0], made[1]


def _numpy(values: Any) -> np.ndarray:
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)


# ---- checks ------------------------------------------------------------------------------------


def _checked(x: Any, name: str) -> np.ndarray:
    """Features as finite float32 (N, ...) with at least one row and one feature."""
    array = _numpy(x)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{name}: x must hold numbers, found {array.dtype}; encode it first")
    if array.ndim < 2 or 0 in array.shape:
        raise DataError(
            f"{name}: x must have rows and features (N, ...), found shape {array.shape}; reshape it"
        )
    array = array.astype(np.float32)
    if not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise DataError(
            f"{name}: x must be finite, found {bad} values that are not; fill or drop them"
        )
    return array


def _same_length(x: np.ndarray, y: np.ndarray, name: str) -> None:
    if len(x) != len(y):
        raise DataError(
            f"{name}: x and y must have equally many rows, found {len(x)} and {len(y)}; align them"
        )


class _Targets:
    """Turns raw targets into classes 0..C-1 or float columns, the same for every draw."""

    def __init__(self, raw: Any, task: str, source: _Source):
        y = self._array(raw, source.name)
        self.name = source.name
        self.class_names: tuple[str, ...] = ()
        words = y.dtype.kind not in "fiu"
        if task == "auto":
            task = self._guess(y, words, source.regression)
        self.task = task
        if task == "regression":
            if words:
                raise DataError(
                    f"{self.name}: the target of a regression must hold numbers, found {y.dtype}; "
                    'set task = "classification"'
                )
            self.n_outputs = 1 if y.ndim == 1 else y.shape[1]
            self.classes = np.empty(0)
            return
        if y.ndim != 1:
            raise DataError(
                f"{self.name}: classes must be one column, found shape {y.shape}; "
                'give class numbers, or set task = "regression"'
            )
        self.classes = np.unique(y)
        if len(self.classes) < 2:
            raise DataError(f"{self.name}: two classes or more must be there, found one; check y")
        self.n_outputs = len(self.classes)
        self.class_names = tuple(map(str, self.classes))

    @staticmethod
    def _array(raw: Any, name: str) -> np.ndarray:
        y = _numpy(raw)
        if y.dtype.kind == "O":
            y = y.astype(str)
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        if y.ndim not in (1, 2) or not len(y):
            raise DataError(
                f"{name}: y must be (N,) or (N, outputs), found shape {y.shape}; reshape it"
            )
        if y.dtype.kind == "f" and not np.isfinite(y).all():
            raise DataError(f"{name}: y must be finite, found values that are not; drop those rows")
        return y

    @staticmethod
    def _guess(y: np.ndarray, words: bool, known: bool | None) -> str:
        if known is not None:
            return "regression" if known else "classification"
        whole = words or bool((y == np.round(y)).all())
        few = y.ndim == 1 and len(np.unique(y)) <= MANY_VALUES
        return "classification" if words or (whole and few) else "regression"

    def __call__(self, raw: Any) -> np.ndarray:
        y = self._array(raw, self.name)
        if self.task == "regression":
            return y.astype(np.float32).reshape(len(y), -1)
        places = np.searchsorted(self.classes, y)
        known = (places < len(self.classes)) & (
            self.classes[np.minimum(places, self.n_outputs - 1)] == y
        )
        if not known.all():
            raise DataError(
                f"{self.name}: every draw must have the classes of the first, found "
                f"{y[~known][0]!r} in a later one; draw more rows"
            )
        return places.astype(np.int64)


class _Drawn:
    """Data sets by seed, the last few kept."""

    def __init__(self, source: _Source, encode: _Targets):
        self.source, self.encode = source, encode
        self._draw = lru_cache(maxsize=DRAWS_KEPT)(self._read)

    def __call__(self, seed: int) -> Arrays:
        return self._draw(seed)

    def _read(self, seed: int) -> Arrays:
        x, y = self.source.read(seed)
        x, y = _checked(x, self.source.name), self.encode(y)
        _same_length(x, y, self.source.name)
        return x, y


def _fingerprint(x: np.ndarray, y: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in (x, y):
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
