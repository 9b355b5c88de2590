"""The data sets that come with scikit-learn are its own, to the bit, however they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets

from sweep.data import _bundled
from sweep.data._bundled import READERS, read_bundled


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_arrays_and_names_are_scikit_learns(
    name: str, elsewhere: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _bundled._read.cache_clear()
    if elsewhere:
        monkeypatch.setattr(_bundled, "_folder", lambda: tmp_path)
    theirs = getattr(sklearn.datasets, f"load_{name}")()
    read_bundled(name).x[:] = 0  # what one caller does, no other sees
    ours = read_bundled(name)
    for own, given in ((ours.x, theirs.data), (ours.y, theirs.target)):
        np.testing.assert_array_equal(own, given)
        assert own.dtype == given.dtype
    assert ours.features == tuple(map(str, theirs.feature_names))
    _bundled._read.cache_clear()
