"""Weights of a network that are two tensors over one memory.

In plain PyTorch a step changes both at once. Here every run has weights of its own in a row of all,
in which they would come apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy


class _Part(NamedTuple):
    """A tensor's bytes, from the first to the one after the last."""

    start: int
    end: int
    name: str
    tensor: Tensor


def shares_memory(model: nn.Module) -> tuple[str, str] | None:
    """The names of two tensors with numbers in common, one of them a trained parameter; None where
    there are no such two.

    Tensors are parameters, buffers, and plain attributes of modules. One parameter under two names
    is no such; a trained parameter that has a number twice, as of ``expand``, is named twice.
    """
    by_device: dict[torch.device, list[_Part]] = defaultdict(list)
    for part in _parts(model):
        by_device[part.tensor.device].append(part)
    for parts in by_device.values():
        together: list[_Part] = []
        for part in sorted(parts, key=lambda part: part.start):
            if together and part.start >= max(one.end for one in together):
                together = []
            together.append(part)
            if (found := _overlapping(together)) is not None:
                return found
    return None


def _parts(model: nn.Module) -> Iterator[_Part]:
    named = [*model.named_parameters(), *model.named_buffers()]
    for name, module in model.named_modules():
        prefix = f"{name}." if name else ""
        own = {} if module._forward_pre_hooks else vars(module)  # which make some anew
        named += [
            (f"{prefix}{key}", value) for key, value in own.items() if isinstance(value, Tensor)
        ]
    known: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in named:
        known.setdefault(id(tensor), (name, tensor))
    for name, tensor in known.values():
        if is_lazy(tensor) or tensor.layout is not torch.strided or not tensor.numel():
            continue
        if start := tensor.data_ptr():  # a tensor on the device meta has no memory
            steps = zip(tensor.shape, tensor.stride(), strict=True)
            reach = sum((n - 1) * step for n, step in steps) + 1
            yield _Part(start, start + reach * tensor.element_size(), name, tensor)


def _overlapping(parts: list[_Part]) -> tuple[str, str] | None:
    """The last of these parts, which lie in one stretch, and one that it meets."""
    last = parts[-1]
    if last.tensor.requires_grad and _is_repeated(last.tensor):
        return last.name, last.name
    for other in parts[:-1]:
        trained = last.tensor.requires_grad or other.tensor.requires_grad
        if trained and other.end > last.start and _meet(other, last):
            return other.name, last.name
    return None


def _is_repeated(tensor: Tensor) -> bool:
    return any(n > 1 and not step for n, step in zip(tensor.shape, tensor.stride(), strict=True))


def _meet(a: _Part, b: _Part) -> bool:
    """Whether two parts whose bytes overlap from end to end have a number in common."""
    size = a.tensor.element_size()
    if a.tensor.dtype != b.tensor.dtype or (b.start - a.start) % size:
        return True
    if a.tensor.is_contiguous() and b.tensor.is_contiguous():
        return True
    start, end = min(a.start, b.start), max(a.end, b.end)
    marks = torch.zeros((end - start) // size, dtype=torch.bool)
    of_a, of_b = (
        marks.as_strided(p.tensor.shape, p.tensor.stride(), (p.start - start) // size)
        for p in (a, b)
    )
    of_a.fill_(True)
    return bool(of_b.any())
