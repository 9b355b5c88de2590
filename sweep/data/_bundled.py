"""The data sets that scikit-learn brings along, read from its files.

Its own functions load all of scikit-learn, scipy.stats and pandas with it, which takes longer than
a small study. Arrays are equal to theirs to the bit.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Bundled(NamedTuple):
    """A data set: inputs (N, D), targets (N,), and the inputs' names."""

    x: Array
    y: Array
    features: tuple[str, ...]


MEASURES = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
    "concave points", "symmetry", "fractal dimension",
)  # fmt: skip
"""Of a cell's nucleus in breast_cancer."""


def read_bundled(name: str) -> Bundled:
    """The data set of this name, in arrays that the caller may change."""
    x, y, features = _read(name)
    return Bundled(x.copy(), y.copy(), features)


@functools.cache
def _read(name: str) -> Bundled:
    """As in the files, which never change; another version may keep them elsewhere."""
    try:
        return READERS[name](_folder())
    except FileNotFoundError:
        import sklearn.datasets

        made = getattr(sklearn.datasets, f"load_{name}")()
        return Bundled(made.data, made.target, tuple(map(str, made.feature_names)))


def _folder() -> Path:
    """Where scikit-learn's files lie, which is found without loading it."""
    found = find_spec("sklearn")
    places = (found and found.submodule_search_locations) or ["sklearn"]
    return Path(places[0]) / "datasets" / "data"


def _digits(folder: Path) -> Bundled:
    rows = _numbers(folder / "digits.csv.gz", ",")
    names = tuple(f"pixel_{i}_{j}" for i in range(8) for j in range(8))
    return Bundled(rows[:, :-1], rows[:, -1].astype(int), names)


def _breast_cancer(folder: Path) -> Bundled:
    rows = np.loadtxt(folder / "breast_cancer.csv", delimiter=",", skiprows=1)
    words = ("mean {}", "{} error", "worst {}")
    names = tuple(word.format(measure) for word in words for measure in MEASURES)
    return Bundled(rows[:, :-1], rows[:, -1].astype(int), names)


def _diabetes(folder: Path) -> Bundled:
    """Columns have mean 0 and a sum of squares of 1, as they were published."""
    x = _numbers(folder / "diabetes_data_raw.csv.gz")
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / spread / len(x) ** 0.5
    names = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
    return Bundled(x, _numbers(folder / "diabetes_target.csv.gz"), names)


def _numbers(path: Path, delimiter: str | None = None) -> Array:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return np.loadtxt(lines, delimiter=delimiter)


READERS: dict[str, Callable[[Path], Bundled]] = {
    "digits": _digits,
    "breast_cancer": _breast_cancer,
    "diabetes": _diabetes,
}
