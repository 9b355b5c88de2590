"""Weights of a network that are two tensors over one memory.

In plain PyTorch a step changes both at once. Here every run has weights of its own in a row of all,
in which they would come apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy


def shares_memory(model: nn.Module) -> tuple[str, str] | None:
    """The names of a trained parameter, and of another parameter or a buffer, that have numbers in
    common; None where there are no such two. One parameter under two names is no such.
    """
    tensors = {id(t): (name, t) for name, t in (*model.named_buffers(), *model.named_parameters())}
    by_storage: dict[tuple[torch.device, int], list[tuple[str, Tensor]]] = defaultdict(list)
    for name, tensor in tensors.values():
        if not is_lazy(tensor) and tensor.layout is torch.strided and tensor.numel():
            storage = tensor.untyped_storage()
            if storage.data_ptr():  # a tensor on the device meta has no memory
                by_storage[tensor.device, storage.data_ptr()].append((name, tensor))
    for own in by_storage.values():
        if found := _overlapping(own):
            return found
    return None


def _overlapping(tensors: Iterable[tuple[str, Tensor]]) -> tuple[str, str] | None:
    for (first, a), (second, b) in combinations(tensors, 2):
        if (a.requires_grad or b.requires_grad) and _overlap(a, b):
            return first, second
    return None


def _overlap(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors of one storage have a number in common."""
    if not all(
        start < end for (start, _), (_, end) in ((_ends(a), _ends(b)), (_ends(b), _ends(a)))
    ):
        return False
    if a.dtype != b.dtype:
        return True
    start, end = min(_ends(a)[0], _ends(b)[0]), max(_ends(a)[1], _ends(b)[1])
    marks = torch.zeros((end - start) // a.element_size(), dtype=torch.bool)
    of_a, of_b = (
        marks.as_strided(t.shape, t.stride(), (_ends(t)[0] - start) // a.element_size())
        for t in (a, b)
    )
    of_a.fill_(True)
    return bool(of_b.any())


def _ends(tensor: Tensor) -> tuple[int, int]:
    """The first byte of a tensor, and the one after its last."""
    reach = sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride(), strict=True))
    start = tensor.data_ptr()
    return start, start + (reach + 1) * tensor.element_size()
