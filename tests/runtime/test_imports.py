"""Imports in a hurry leave Python's collector as they found it."""

from __future__ import annotations

import gc

import pytest

from sweep.runtime.imports import quick_imports


def fails() -> None:
    with quick_imports():
        assert not gc.isenabled()
        raise ImportError


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_rests_inside_and_is_as_before_afterwards(collects: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        with pytest.raises(ImportError):
            fails()
        assert gc.isenabled() == collects
    finally:
        (gc.enable if was else gc.disable)()


def test_the_collector_never_looks_through_what_was_imported() -> None:
    with quick_imports():
        made = [object()]
        assert any(each is made for each in gc.get_objects())
    assert not any(each is made for each in gc.get_objects())
