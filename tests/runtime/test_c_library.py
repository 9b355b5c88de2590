"""Libraries in C: those of other sources are not used."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import ModuleType

import pytest

from sweep.metrics import _loss_kernel
from sweep.networks import _mlp_kernel
from sweep.runtime import c_library
from sweep.runtime.c_library import load
from sweep.training import _step_kernel

ROOT = Path(__file__).parents[2]
SOURCES = {
    _loss_kernel: ("metrics/_loss_kernel.c", "metrics/_loss_kernel.h"),
    _mlp_kernel: (
        "networks/_mlp_kernel.c",
        "networks/_mlp_kernel.h",
        "networks/_mlp_pass.h",
        "networks/_products.h",
        "networks/_image_kernel.c",
        "networks/_image_kernel.h",
        "networks/_image_norm.h",
        "networks/_image_pass.h",
        "networks/_image_pools.h",
    ),
    _step_kernel: (
        "training/_step_kernel.c",
        "training/_step_kernel.h",
        "training/_step_matrices.h",
        "training/_step_program.h",
        "training/_epoch_kernel.c",
        "training/_epoch_kernel.h",
    ),
}
KNOWN = {
    _loss_kernel: (3, "d1193f45fc802838"),
    _mlp_kernel: (3, "57fe247780d9b043"),
    _step_kernel: (5, "d6a7d0ab5501b1cf"),
}


@pytest.mark.parametrize("kernel", SOURCES, ids=["metrics", "networks", "training"])
def test_the_version_is_raised_with_the_sources(kernel: ModuleType) -> None:
    """Else a library of sources before a change would be taken for one of those after it."""
    files = ("runtime/_vectors.h", *SOURCES[kernel])
    text = b"".join((ROOT / "sweep" / name).read_bytes() for name in files)
    assert (kernel.VERSION, hashlib.sha256(text).hexdigest()[:16]) == KNOWN[kernel]


@pytest.fixture(autouse=True)
def unused(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What these tests ask for in vain is not what the install lacks."""
    found: dict[str, str] = {}
    monkeypatch.setattr(c_library, "UNUSED", found)
    return found


def test_a_library_of_another_version_is_not_used(unused: dict[str, str]) -> None:
    if load(_mlp_kernel.LIBRARY, _mlp_kernel.VERSION)[0] is None:
        pytest.skip("built where there is a C compiler")
    library, why = load(_mlp_kernel.LIBRARY, -1)
    assert library is None
    assert why == "is of another version: install regsweep again"
    assert unused == {_mlp_kernel.LIBRARY: why}


def test_a_library_that_was_not_built_is_missed_in_words() -> None:
    assert load("sweep.runtime._no_library", 1) == (
        None,
        "was not built: the install had no C compiler",
    )
