"""Torch's settings hold inside their context only."""

from __future__ import annotations

import pytest
import torch

from sweep.runtime.torch_state import flushed_to_zero, plain_attention, seed_torch


def test_denormals_are_zero_inside_only() -> None:
    tiny = torch.full((4,), 1e-30)
    with flushed_to_zero():
        assert (tiny * 1e-10 == 0).all()
    assert (tiny * 1e-10 != 0).all()


def test_vmap_says_nothing_of_what_it_cannot_batch_inside_only() -> None:
    weights, ids = torch.ones(2, 5, 3), torch.zeros(4, 2, dtype=torch.long)
    bags = torch.vmap(lambda weight: torch.nn.functional.embedding_bag(ids, weight))
    with plain_attention():
        with plain_attention():
            bags(weights)
        bags(weights)
    with pytest.warns(UserWarning, match="performance drop"):
        bags(weights)


@pytest.mark.parametrize("accelerator", [False, True])
def test_seeds_are_those_of_torch_with_an_accelerator_and_without(
    accelerator: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: accelerator)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2**40 + 7)
        expected = torch.rand(5)
        seed_torch(3)
        assert torch.initial_seed() == 3
        seed_torch(2**40 + 7)
        assert torch.equal(torch.rand(5), expected)


def test_every_device_is_seeded_where_there_is_an_accelerator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds: list[int] = []
    monkeypatch.setattr(torch, "manual_seed", seeds.append)
    for accelerator in (False, True):
        monkeypatch.setattr(torch.accelerator, "is_available", lambda now=accelerator: now)
        with torch.random.fork_rng(devices=[]):
            seed_torch(5)
    assert seeds == [5]
