"""What a network does in its backward, found by trying before training.

Weights that get no gradient are left alone by torch's optimizers; hooks, and a forward that is
computed again in the backward (activation checkpointing), want a module with weights of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sweep.errors import ModelError
from sweep.networks.forward import UNLIKELY_SEED, check_settings, copied
from sweep.runtime.host_state import TorchSettings
from sweep.runtime.random_state import isolated
from sweep.runtime.torch_state import seed_torch
from sweep.runtime.trees import Tree, cloned, first_leaf, leaves

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


def try_backward(model: nn.Module, x: Tree[Tensor], name: str) -> BackwardFacts:
    """What a forward and backward of ``x`` (B, ...) do in train mode; neither is changed.

    Raises ModelError for a weight that gets a gradient only sometimes.
    """
    why_alone = backward_hook(model)
    model = copied(model).to(first_leaf(x).device)
    tries = [_idle(model, x, seed) for seed in range(TRIES)]
    _check_steady(tries[0][0], tries[1][0], name)
    idle, recomputes, writes_input = tries[0]
    if not why_alone and recomputes:
        why_alone = "parts of it are computed again in the backward (checkpointing)"
    return BackwardFacts(idle, why_alone, recomputes, writes_input)


def idle_in_batches(model: nn.Module, batches: Iterable[Tree[Tensor]], name: str) -> frozenset[str]:
    """The trainable parameters that get no gradient in any of these batches; ``model`` is left as
    it is.

    Raises ModelError for one that gets it in some: torch's optimizers pass over it in the others,
    with its moments and its decay, and those here do not.
    """
    model = copied(model)
    idle: frozenset[str] | None = None
    for k, x in enumerate(batches):
        found, _, _ = _idle(model.to(first_leaf(x).device), x, k)
        _check_steady(found if idle is None else idle, found, name)
        idle = found
    return idle or frozenset()


def _check_steady(idle: frozenset[str], later: frozenset[str], name: str) -> None:
    """Raises ModelError where other parameters got no gradient later on."""
    if idle != later:
        raise ModelError(
            f"model.name: a weight must get a gradient in every step or in none, found "
            f"{min(idle ^ later)} of {name} to get one only sometimes; use it in every forward, "
            "as by adding 0 * weight.sum(), or freeze it"
        )


def _idle(model: nn.Module, x: Tree[Tensor], seed: int) -> tuple[frozenset[str], bool, bool]:
    """Parameters without a gradient; whether modules were called in the backward; and whether the
    rows were changed.
    """
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    model.train()
    model.zero_grad()
    rows = cloned(x)
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
    pairs = zip(leaves(rows), leaves(x), strict=True)
    kept = all(torch.equal(own.nan_to_num(), given.nan_to_num()) for own, given in pairs)
    return idle, bool(calls), not kept


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
