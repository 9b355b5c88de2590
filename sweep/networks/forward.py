"""What a network does in a forward beside computing its outputs, found by trying before training.

It may draw random numbers, and it may remember: runs share one module while they train, so what is
to last from one batch to the next has to be in the buffers, which every run has of its own.
"""

from __future__ import annotations

import copy
import inspect
import pickle
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from sweep.errors import ModelError
from sweep.networks.calling import check_shape
from sweep.networks.counter_rng import (
    ANSWERS,
    DROPOUTS,
    CounterRNG,
    Keys,
    Noise,
    draws_nothing,
    dropped_share,
)
from sweep.runtime.host_state import TorchSettings
from sweep.runtime.random_state import isolated
from sweep.runtime.torch_state import seed_torch, seen_as_traced
from sweep.runtime.trees import Tree, cloned, first_leaf, mapped, n_rows, taken

UNLIKELY_SEED = 3_141_592_653
"""No network seeds generators with it, so one that seeds them at all is found out."""

MOST_BATCHES = 64
"""Batches on which a network that must see itself traced is compared with itself."""
LATER = (1, 100, 10_000, 1_000_000)
"""Steps after the first ones at which a count that a network keeps is tried."""


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the random operations of what runs inside, and which of ``entered`` drop."""

    def __init__(self, entered: Sequence[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entered = entered
        self.seen: set[Any] = set()
        self.dropouts: list[str] = []
        self.rates: dict[str, float] = {}
        """The largest rate of each of them."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """What is never compiled need not load torch's compiler, which takes over a second."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if torch.Tag.nondeterministic_seeded in func.tags and not draws_nothing(func, args):
            self.seen.add(func)
            if func in DROPOUTS:
                name = self.entered[-1] if self.entered else ""
                self.dropouts.append(name)
                rate = dropped_share(func, args, kwargs or {})
                self.rates[name] = max(self.rates.get(name, 0.0), rate)
        return func(*args, **(kwargs or {}))


@contextmanager
def entering(model: nn.Module) -> Iterator[list[str]]:
    """Names of the modules that a forward is in, the innermost last; not that of the whole."""
    entered: list[str] = []
    hooks = []
    for name, module in model.named_modules():
        if name:
            hooks += [
                module.register_forward_pre_hook(lambda *_, name=name: entered.append(name)),
                module.register_forward_hook(lambda *_: entered.pop() and None),
            ]
    try:
        yield entered
    finally:
        for hook in hooks:
            hook.remove()


def copied(model: nn.Module) -> nn.Module:
    """A copy of a module, with the hooks on its weights, which a deepcopy alone loses.

    Also of one that keeps tensors with a history, as old ``weight_norm`` does: they are copied
    without it, and made anew by the next forward.
    """
    memo: dict[int, object] = {}
    for module in model.modules():
        for value in _kept_tensors(module):
            if not value.is_leaf:
                memo[id(value)] = value.detach().clone()
    copy_of = copy.deepcopy(model, memo)
    for old, new in zip(model.parameters(), copy_of.parameters(), strict=True):
        for hook in (old._backward_hooks or {}).values() if old.requires_grad else ():
            new.register_hook(copy.deepcopy(hook, memo))  # type: ignore[no-untyped-call]
        for hook in _hooks_after(old):
            after = copy.deepcopy(hook, memo)
            new.register_post_accumulate_grad_hook(after)  # type: ignore[no-untyped-call]
    return copy_of


def _kept_tensors(module: nn.Module) -> Iterator[Tensor]:
    """Its tensors, and those in its lists, as recurrent layers keep their weights in one."""
    for value in vars(module).values():
        values = value if isinstance(value, list | tuple) else [value]
        yield from (one for one in values if isinstance(one, Tensor))


def _hooks_after(parameter: nn.Parameter) -> list[Any]:
    """What is called once the gradient of a weight is there."""
    hooks = getattr(parameter, "_post_accumulate_grad_hooks", None) or {}
    return list(hooks.values()) if parameter.requires_grad else []


def hook_on_itself(model: nn.Module) -> str:
    """The weight with a hook that is a function with hold of the network's own tensors or modules,
    which a copy's hook would go on using; "" for none.
    """
    own = {id(part) for part in (*model.modules(), *model.parameters(), *model.buffers())}
    for name, parameter in model.named_parameters():
        for hook in (*(parameter._backward_hooks or {}).values(), *_hooks_after(parameter)):
            if isinstance(hook, FunctionType):
                used = inspect.getclosurevars(hook)
                if any(id(v) in own for v in (*used.nonlocals.values(), *used.globals.values())):
                    return name
    return ""


def share_tensors(one: nn.Module, other: nn.Module) -> bool:
    """Whether two networks have a parameter or buffer in common, as of a body loaded once."""
    theirs = {id(tensor) for tensor in (*other.parameters(), *other.buffers())}
    return any(id(tensor) in theirs for tensor in (*one.parameters(), *one.buffers()))


def have_same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Whether the parameters of two networks of one kind are equal."""
    ours, theirs = list(one.parameters()), list(other.parameters())
    return len(ours) == len(theirs) and all(map(torch.equal, ours, theirs))


@contextmanager
def _in_training(model: nn.Module) -> Iterator[None]:
    """In train mode, without gradients, and with no trace in any generator."""
    training = model.training
    model.train()
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad(), isolated(UNLIKELY_SEED):
            seed_torch(UNLIKELY_SEED)
            before = TorchSettings.read()
            yield
            check_settings(before, "a forward")
    finally:
        model.train(training)


def _generators() -> dict[str, bytes]:
    """The states of generators that are not torch's."""
    numpy = np.random.get_state()  # noqa: NPY002 - the state itself
    return {"numpy.random": pickle.dumps(numpy), "random": pickle.dumps(random.getstate())}


def check_settings(before: TorchSettings, where: str) -> None:
    """Raises ModelError, once they are put back, where torch's settings have been changed."""
    changed = before.restore()
    if changed:
        raise ModelError(
            f"model.name: torch's settings must stay as they are, found {', '.join(changed)} "
            f"changed in {where}; use a context manager, or give tensors their own dtype and device"
        )


def noise_of(
    model: nn.Module, x: Tree[Tensor]
) -> tuple[Noise, str, tuple[str, ...], Mapping[str, float]]:
    """What a forward of ``x`` (B, ...) draws in train mode, found by trying.

    Its kind; what the hash has no answer for (operations, numpy.random, random,
    torch.manual_seed), "" for nothing; the modules that drop, in the order in which they do; the
    rate of each.
    """
    with _in_training(model), entering(model) as entered, _Recorder(entered) as recorder:
        before = _generators()
        model(cloned(x))
        after = _generators()
        seeds = torch.initial_seed() != UNLIKELY_SEED
    others = [name for name, state in before.items() if after[name] != state]
    others += ["torch.manual_seed"] if seeds else []
    strange = ", ".join(sorted(func.name() for func in recorder.seen - ANSWERS.keys()) + others)
    dropouts = tuple(recorder.dropouts)
    if strange:
        return Noise.OWN, strange, dropouts, recorder.rates
    return Noise.HASHED if recorder.seen else Noise.NONE, "", dropouts, recorder.rates


def check_outputs(model: nn.Module, x: Tree[Tensor], row: tuple[int, ...], name: str) -> None:
    """Raises ModelError for a network that in train mode does not give outputs (B, n_outputs) with
    gradients for a batch ``x`` (B, ...).
    """
    with _in_training(model), torch.enable_grad():
        output = model(cloned(x))
        check_shape(
            output,
            n_rows(x),
            row,
            name,
            when="in training as well",
            rows=f"{n_rows(x)} rows",
            advice="correct what it does in train mode",
        )
        if not output.requires_grad:
            raise ModelError(
                f"model.name: {name} must give outputs with gradients in training, found none; "
                "look for no_grad() and detach() in its forward"
            )


def check_memory(model: nn.Module, x: Tree[Tensor], noise: Noise, name: str) -> None:
    """Raises ModelError for a network that remembers anything but in buffers changed in place.

    Tried with the batch ``x`` (B, ...) in train mode: its outputs have to be the same after another
    batch, once the buffers are put back. What a network only caches or keeps to be looked at does
    no harm.
    """
    model = copied(model)
    buffers = dict(model.named_buffers())
    start = {key: tensor.clone() for key, tensor in buffers.items()}
    first = _outputs(model, x, noise)
    replaced = [key for key, tensor in _replaced(model, buffers) if _differ(tensor, start[key])]
    if replaced:
        raise ModelError(
            f"model.name: {name} must change its buffers in place, found {replaced[0]!r} replaced "
            f"in a forward; write self.{replaced[0].rpartition('.')[2]}.copy_(...)"
        )
    plain = _plain_attributes(model)
    _outputs(model, mapped(lambda leaf: leaf.flip(0), x), noise)
    _put_back(model, start)
    differ = _differ(_outputs(model, x, noise), first)
    now = _plain_attributes(model)
    changed = [key for key, value in plain.items() if _differ(now.get(key), value)]
    if not differ:
        changed = [key for key in changed if _matters_later(model, start, key, x, noise, first)]
    if differ or changed:
        if changed:
            raise ModelError(
                f"model.name: {name} must keep what it remembers of earlier batches in buffers, "
                f"found {changed[0]!r} changed in a forward; use register_buffer and change it in "
                "place"
            )
        raise ModelError(
            f"model.name: {name} must give the same outputs for the same batch, weights, buffers "
            "and torch.manual_seed, found others after another batch; draw random numbers from "
            "torch without a generator of your own, and keep the rest in buffers"
        )


def differs_when_traced(model: nn.Module, x: Tree[Tensor], n: int, noise: Noise) -> bool:
    """Whether outputs are others where the network's code sees itself traced.

    Its short cuts may be more than that for rare rows, so ``x`` (N, ...) are all that there are, in
    batches of ``n``; the first ``MOST_BATCHES`` are tried.
    """
    plain, traced = copied(model), copied(model)
    for start in range(0, min(n_rows(x), n * MOST_BATCHES), n):
        rows = taken(x, slice(start, start + n))
        wanted = _outputs(plain, rows, noise)
        with seen_as_traced():
            found = _outputs(traced, rows, noise)
        if _differ(found, wanted):
            return True
    return False


def _put_back(model: nn.Module, start: Mapping[str, Tensor]) -> None:
    for key, tensor in model.named_buffers():
        if key in start:
            tensor.copy_(start[key])


def _matters_later(
    model: nn.Module,
    start: Mapping[str, Tensor],
    key: str,
    x: Tree[Tensor],
    noise: Noise,
    first: Tensor,
) -> bool:
    """Whether outputs hang on what an attribute that changes with every batch will be later on, as
    on a count of steps after which something is switched on.
    """
    path, _, name = key.rpartition(".")
    for jump in LATER:
        later = copied(model)
        _put_back(later, start)
        owner = later.get_submodule(path)
        setattr(owner, name, getattr(owner, name) + jump)
        try:
            outputs = _outputs(later, x, noise)
        except Exception:
            return True
        if _differ(outputs, first):
            return True
    return False


def _outputs(model: nn.Module, x: Tree[Tensor], noise: Noise) -> Tensor:
    """Outputs (B, ...) in train mode, with the same random numbers every time."""
    with _in_training(model):
        if noise is not Noise.HASHED:
            return model(cloned(x))  # type: ignore[no-any-return]
        with CounterRNG(
            Keys(torch.zeros(1, dtype=torch.int32, device=first_leaf(x).device)), stacked=False
        ):
            return model(cloned(x))  # type: ignore[no-any-return]


def _replaced(model: nn.Module, buffers: Mapping[str, Tensor]) -> list[tuple[str, Tensor]]:
    now = dict(model.named_buffers())
    return [(key, now[key]) for key, old in buffers.items() if key in now and now[key] is not old]


def _plain_attributes(model: nn.Module) -> dict[str, Any]:
    """Tensors and numbers that modules keep beside parameters and buffers."""
    return {
        f"{path}.{key}" if path else key: value.clone() if isinstance(value, Tensor) else value
        for path, module in model.named_modules()
        for key, value in vars(module).items()
        if isinstance(value, Tensor | int | float)
    }


def _differ(a: object, b: object) -> bool:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return a.shape != b.shape or not torch.allclose(
            a.double(), b.double(), rtol=1e-4, atol=1e-6, equal_nan=True
        )
    return type(a) is not type(b) or a != b
