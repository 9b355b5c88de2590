"""What a network does in its backward, found by trying before training.

Weights that get no gradient are left alone by torch's optimizers; hooks, and a forward that is
computed again in the backward (activation checkpointing), want a module with weights of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sweep.errors import ModelError
from sweep.networks.forward import UNLIKELY_SEED, check_settings, copied
from sweep.runtime.host_state import TorchSettings
from sweep.runtime.random_state import isolated
from sweep.runtime.torch_state import seed_torch

TRIES = 2
"""A weight that gets a gradient in one try and none in another has a network that chooses."""


@dataclass(frozen=True)
class BackwardFacts:
    """What two forwards and backwards of a batch showed."""

    idle: frozenset[str]
    """Trainable parameters that get no gradient."""
    why_alone: str
    """What works only on a module with weights of its own; "" for nothing."""
    recomputes: bool
    """Whether modules are called again in the backward."""
    writes_input: bool
    """Whether a forward changes the rows that it is given."""


def try_backward(model: nn.Module, x: Tensor, name: str) -> BackwardFacts:
    """What a forward and backward of ``x`` (B, ...) do in train mode; neither is changed.

    Raises ModelError for a weight that gets a gradient only sometimes.
    """
    why_alone = backward_hook(model)
    model = copied(model).to(x.device)
    tries = [_idle(model, x, seed) for seed in range(TRIES)]
    if tries[0][0] != tries[1][0]:
        parameter = min(tries[0][0] ^ tries[1][0])
        raise ModelError(
            f"model.name: a weight must get a gradient in every step or in none, found {parameter} "
            f"of {name} to get one only sometimes; use it in every forward, or freeze it"
        )
    idle, recomputes, writes_input = tries[0]
    if not why_alone and recomputes:
        why_alone = "parts of it are computed again in the backward (checkpointing)"
    return BackwardFacts(idle, why_alone, recomputes, writes_input)


def _idle(model: nn.Module, x: Tensor, seed: int) -> tuple[frozenset[str], bool, bool]:
    """Parameters without a gradient; whether modules were called in the backward; and whether the
    rows were changed.
    """
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    model.train()
    model.zero_grad()
    rows = x.clone()
    with torch.random.fork_rng(devices=[]), isolated(UNLIKELY_SEED + seed), torch.enable_grad():
        seed_torch(UNLIKELY_SEED + seed)
        before = TorchSettings.read()
        output = model(rows)
        check_settings(before, "a forward")
        with _counted_calls(model) as calls:
            if isinstance(output, Tensor) and output.requires_grad:
                output.float().square().sum().backward()  # type: ignore[no-untyped-call]
    idle = frozenset(name for name, parameter in trained.items() if parameter.grad is None)
    model.zero_grad()
    return idle, bool(calls), not torch.equal(rows.nan_to_num(), x.nan_to_num())


@contextmanager
def _counted_calls(model: nn.Module) -> Iterator[list[nn.Module]]:
    """The modules that are called inside."""
    calls: list[nn.Module] = []
    hooks = [
        module.register_forward_pre_hook(lambda called, _: calls.append(called))
        for module in model.modules()
    ]
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()


def backward_hook(model: nn.Module) -> str:
    """What of a network is called in its backward; "" for nothing."""
    for name, module in model.named_modules():
        if module._backward_hooks or module._backward_pre_hooks:
            return f"module `{name}` has a backward hook"
    for name, parameter in model.named_parameters():
        if parameter._backward_hooks or getattr(parameter, "_post_accumulate_grad_hooks", None):
            return f"weight `{name}` has a hook"
    return ""
