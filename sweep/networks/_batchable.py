"""Substitutes of torch's functions that ``vmap`` cannot batch, or batches wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from sweep.networks import _recurrent as recurrent


class BatchableFunctions(TorchFunctionMode):
    """Inside, those functions are computed by their substitutes, to the same values."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return SUBSTITUTES.get(func, func)(*args, **(kwargs or {}))


def _embedding(
    x: Tensor, weight: Tensor, padding_idx: int | None = None, *args: Any, **kwargs: Any
) -> Tensor:
    """Rows of ``weight``; that of the padding gets no gradient, which vmap's own rule forgets."""
    rows = F.embedding(x, weight, None, *args, **kwargs)
    if padding_idx is None:
        return rows
    padding = x == padding_idx % len(weight)
    return torch.where(padding.unsqueeze(-1), rows.detach(), rows)


def _rows_of_table(
    weight: Tensor, x: Tensor, padding_idx: int = -1, *args: Any, **kwargs: Any
) -> Tensor:
    """The same by torch's own function, for which a padding below 0 means none."""
    return _embedding(
        x, weight, padding_idx if padding_idx >= 0 else None, None, 2.0, *args, **kwargs
    )


def _weight_norm(v: Tensor, g: Tensor, dim: int = 0) -> Tensor:
    """``v`` with the lengths ``g`` along ``dim``, or one of all where that is -1."""
    others = [i for i in range(v.ndim) if i != dim]
    normed: Tensor = v * (g / torch.linalg.vector_norm(v, 2, others, keepdim=True))
    return normed


def _packed(*_: Any) -> Any:
    raise NotImplementedError("packed sequences cannot be batched")


SUBSTITUTES: Mapping[Any, Callable[..., Any]] = {
    F.embedding: _embedding,
    torch.embedding: _rows_of_table,
    torch._weight_norm: _weight_norm,
    torch.lstm: recurrent.lstm,
    torch.gru: recurrent.gru,
    torch.rnn_tanh: recurrent.rnn_tanh,
    torch.rnn_relu: recurrent.rnn_relu,
    torch._pack_padded_sequence: _packed,
}
