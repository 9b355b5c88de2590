"""Recurrent layers of all runs at once: torch's own take the weights of one run alone.

``lstm``, ``gru``, ``rnn_tanh`` and ``rnn_relu`` take and give what torch's functions of these names
do, and ``vmap`` can batch them: a layer is a function with a rule of its own, which takes the steps
of all runs side by side, forward and backward, in memory made once. The equations are those of
torch's documentation (Hochreiter & Schmidhuber 1997; Cho et al. 2014).
Legend: R runs, T steps, B rows of a batch, G gates' numbers, H numbers of a state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import Function, once_differentiable
from torch.nn import functional as F

aten = torch.ops.aten


def _folded(scan: type[Function], size: int, dims: Sequence[int | None], inputs: Any) -> Any:
    """Outputs of ``scan`` where ``vmap`` has put a dimension of this size in front of the runs."""
    n_runs = 1
    moved: list[Any] = []
    for x, dim in zip(inputs, dims, strict=True):
        if isinstance(x, Tensor):
            x = x.expand(size, *x.shape) if dim is None else x.movedim(dim, 0)
            n_runs, x = x.shape[1], x.flatten(0, 1)
        moved.append(x)
    outputs = scan.apply(*moved)  # type: ignore[no-untyped-call]
    return tuple(out.unflatten(0, (size, n_runs)) for out in outputs), (0,) * len(outputs)


def _rows_last(x: Tensor) -> Tensor:
    """Steps first and rows of the batch last (T, R, G, B), so that each step's gates lie together.

    ``x`` is (R, T, B, G). The copy is the caller's own.
    """
    return x.permute(1, 0, 3, 2).clone(memory_format=torch.contiguous_format)


def _rows_back(x: Tensor) -> Tensor:
    """The reverse, as a view."""
    return x.permute(1, 0, 3, 2)


class _LSTM(Function):
    """Gates in the order of torch: input, forget, cell, output."""

    @staticmethod
    def forward(x: Tensor, h: Tensor, c: Tensor, weight: Tensor) -> tuple[Tensor, ...]:
        """States (R, T, B, H), the last cell (R, B, H); gates and cells for the backward.

        Args:
            x: What the inputs give the gates, biases included (R, T, B, G).
            h: The first state (R, B, H).
            c: The first cell (R, B, H).
            weight: From state to gates (R, G, H).
        """
        gates, size = _rows_last(x), h.shape[-1]
        states, cells = (gates.new_empty(*gates.shape[:2], size, x.shape[2]) for _ in range(2))
        h, c = h.mT, c.mT
        for t, g in enumerate(gates):
            g.baddbmm_(weight, h)
            g[:, : 2 * size].sigmoid_()
            g[:, 2 * size : 3 * size].tanh_()
            g[:, 3 * size :].sigmoid_()
            i, f, n, o = g.chunk(4, 1)
            c = torch.mul(f, c, out=cells[t]).addcmul_(i, n)
            h = torch.tanh(c, out=states[t]).mul_(o)
        return _rows_back(states), c.mT.clone(), gates.transpose(0, 1), cells.transpose(0, 1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
        _, h, c, weight = inputs
        states, _, gates, cells = output
        ctx.mark_non_differentiable(gates, cells)
        ctx.save_for_backward(h, c, weight, states, gates, cells)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_states: Tensor, d_last: Tensor, *_: Tensor) -> tuple[Tensor, ...]:
        h, c, weight, states, *kept = ctx.saved_tensors
        gates, cells = (tensor.transpose(0, 1) for tensor in kept)
        given, states, d_weight = _rows_back(d_states), _rows_back(states), torch.zeros_like(weight)
        d_c = d_last.mT.clone(memory_format=torch.contiguous_format)
        d_h = torch.zeros_like(d_c)
        for t in reversed(range(len(gates))):
            i, f, n, o = gates[t].chunk(4, 1)
            bent = cells[t].tanh()
            d_o = d_h.add_(given[t]) * bent
            d_c.add_(aten.tanh_backward(d_h.mul_(o), bent))
            d_i, d_f, d_n = d_c * n, d_c * (cells[t - 1] if t else c.mT), d_c * i
            d_c.mul_(f)
            for gate, slope in ((i, d_i), (f, d_f), (o, d_o)):
                aten.sigmoid_backward.grad_input(slope, gate, grad_input=gate)
            aten.tanh_backward.grad_input(d_n, n, grad_input=n)
            d_weight.baddbmm_(gates[t], states[t - 1].mT if t else h)
            torch.bmm(weight.mT, gates[t], out=d_h)
        return _rows_back(gates), d_h.mT, d_c.mT, d_weight

    @staticmethod
    def vmap(info: Any, in_dims: Sequence[int | None], *inputs: Tensor) -> Any:
        return _folded(_LSTM, info.batch_size, in_dims, inputs)


class _GRU(Function):
    """Gates in the order of torch: reset, update, new."""

    @staticmethod
    def forward(x: Tensor, h: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, ...]:
        """States (R, T, B, H); gates and what the state gives the last of them for the backward.

        Args:
            x: What the inputs give the gates (R, T, B, G).
            h: The first state (R, B, H).
            weight: From state to gates (R, G, H).
            bias: Added to that (R, G).
        """
        gates, size = _rows_last(x), h.shape[-1]
        states, recalled = (gates.new_empty(*gates.shape[:2], size, x.shape[2]) for _ in range(2))
        h, bias = h.mT, bias[..., None]
        for t, g in enumerate(gates):
            own = torch.baddbmm(bias, weight, h)
            recalled[t] = own[:, 2 * size :]
            g[:, : 2 * size].add_(own[:, : 2 * size]).sigmoid_()
            r, z, n = g.chunk(3, 1)
            n.addcmul_(r, recalled[t]).tanh_()
            h = torch.lerp(n, h, z, out=states[t])
        return _rows_back(states), gates.transpose(0, 1), recalled.transpose(0, 1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]) -> None:
        _, h, weight, _ = inputs
        states, gates, recalled = output
        ctx.mark_non_differentiable(gates, recalled)
        ctx.save_for_backward(h, weight, states, gates, recalled)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_states: Tensor, *_: Tensor) -> tuple[Tensor, ...]:
        h, weight, states, *kept = ctx.saved_tensors
        gates, recalled = (tensor.transpose(0, 1) for tensor in kept)
        size, given, states = h.shape[-1], _rows_back(d_states), _rows_back(states)
        d_weight, d_bias = torch.zeros_like(weight), weight.new_zeros(weight.shape[:2])
        d_h, own = torch.zeros_like(recalled[0]), torch.empty_like(gates[0])
        for t in reversed(range(len(gates))):
            r, z, n = gates[t].chunk(3, 1)
            before = states[t - 1] if t else h.mT
            d_z = d_h.add_(given[t]) * (before - n)
            d_n = aten.tanh_backward(d_h * (1 - z), n)
            d_h.mul_(z)
            torch.mul(d_n, r, out=own[:, 2 * size :])
            aten.sigmoid_backward.grad_input(d_n * recalled[t], r, grad_input=r)
            aten.sigmoid_backward.grad_input(d_z, z, grad_input=z)
            n.copy_(d_n)
            own[:, : 2 * size] = gates[t][:, : 2 * size]
            d_weight.baddbmm_(own, before.mT)
            d_bias += own.sum(-1)
            d_h.baddbmm_(weight.mT, own)
        return _rows_back(gates), d_h.mT, d_weight, d_bias

    @staticmethod
    def vmap(info: Any, in_dims: Sequence[int | None], *inputs: Tensor) -> Any:
        return _folded(_GRU, info.batch_size, in_dims, inputs)


class _RNN(Function):
    """The plain recurrence."""

    @staticmethod
    def forward(x: Tensor, h: Tensor, weight: Tensor, bounded: bool) -> tuple[Tensor]:
        """States (R, T, B, H).

        Args:
            x: What the inputs give the state, biases included (R, T, B, H).
            h: The first state (R, B, H).
            weight: From state to state (R, H, H).
            bounded: Whether by tanh; otherwise by relu.
        """
        states, h = _rows_last(x), h.mT
        for state in states:
            state.baddbmm_(weight, h)
            h = state.tanh_() if bounded else state.relu_()
        return (_rows_back(states),)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        _, h, weight, ctx.bounded = inputs
        ctx.save_for_backward(h, weight, *output)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_states: Tensor) -> tuple[Tensor | None, ...]:
        h, weight, states = ctx.saved_tensors
        given, states = _rows_back(d_states), _rows_back(states)
        slopes, d_weight = torch.empty_like(states), torch.zeros_like(weight)
        d_h = torch.zeros_like(states[0])
        for t in reversed(range(len(states))):
            d = torch.add(given[t], d_h, out=slopes[t])
            if ctx.bounded:
                aten.tanh_backward.grad_input(d, states[t], grad_input=d)
            else:
                d.mul_(states[t] > 0)
            d_weight.baddbmm_(d, states[t - 1].mT if t else h)
            torch.bmm(weight.mT, d, out=d_h)
        return _rows_back(slopes), d_h.mT, d_weight, None

    @staticmethod
    def vmap(info: Any, in_dims: Sequence[int | None], *inputs: Any) -> Any:
        return _folded(_RNN, info.batch_size, in_dims, inputs)


def _lstm_layer(x: Tensor, first: Sequence[Tensor], weights: Sequence[Tensor]) -> _Ended:
    given, recurrent, *biases = weights
    bias = biases[0] + biases[1] if biases else None
    gates, (h, c) = F.linear(x, given, bias), first
    states, last, *_ = _LSTM.apply(gates[None], h[None], c[None], recurrent[None])  # type: ignore[no-untyped-call]
    return states[0], (states[0, -1], last[0])


def _gru_layer(x: Tensor, first: Sequence[Tensor], weights: Sequence[Tensor]) -> _Ended:
    given, recurrent, *biases = weights
    gates = F.linear(x, given, biases[0] if biases else None)
    own = biases[1] if biases else recurrent.new_zeros(len(recurrent))
    states, *_ = _GRU.apply(gates[None], first[0][None], recurrent[None], own[None])  # type: ignore[no-untyped-call]
    return states[0], (states[0, -1],)


def _rnn_layer(
    x: Tensor, first: Sequence[Tensor], weights: Sequence[Tensor], *, bounded: bool
) -> _Ended:
    given, recurrent, *biases = weights
    inputs = F.linear(x, given, biases[0] + biases[1] if biases else None)
    (states,) = _RNN.apply(inputs[None], first[0][None], recurrent[None], bounded)  # type: ignore[no-untyped-call]
    return states[0], (states[0, -1],)


_Ended = tuple[Tensor, tuple[Tensor, ...]]
"""States (T, B, H) of a layer in one direction, and what it ended with (B, H)."""


def _through_layers(
    layer: Callable[[Tensor, Sequence[Tensor], Sequence[Tensor]], _Ended],
    x: Tensor,
    first: Sequence[Tensor],
    weights: Sequence[Tensor],
    has_biases: bool,
    n_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Tensor, ...]:
    """Outputs (T, B, directions * H), then each of the last states (layers * directions, B, H).

    The arguments after ``layer`` are those of ``torch.lstm``, whose ``first`` is a pair.
    """
    n_directions, n_weights = 2 if bidirectional else 1, 4 if has_biases else 2
    if len(weights) != n_weights * n_layers * n_directions:
        raise NotImplementedError("a recurrent layer with proj_size has no batching rule")
    x = x.transpose(0, 1) if batch_first else x
    ends = []
    for i in range(n_layers):
        outputs = []
        for j in range(n_directions):
            k = i * n_directions + j
            own = weights[k * n_weights : (k + 1) * n_weights]
            states, end = layer(x.flip(0) if j else x, [state[k] for state in first], own)
            outputs.append(states.flip(0) if j else states)
            ends.append(end)
        x = torch.cat(outputs, -1) if bidirectional else outputs[0]
        if i < n_layers - 1:
            x = F.dropout(x, dropout, train)
    x = x.transpose(0, 1) if batch_first else x
    return x, *(torch.stack(states) for states in zip(*ends, strict=True))


def lstm(x: Tensor, first: tuple[Tensor, Tensor], *rest: Any) -> tuple[Tensor, ...]:
    """What ``torch.lstm`` gives, of sequences that are not packed."""
    return _through_layers(_lstm_layer, x, first, *rest)


def gru(x: Tensor, first: Tensor, *rest: Any) -> tuple[Tensor, ...]:
    """What ``torch.gru`` gives, of sequences that are not packed."""
    return _through_layers(_gru_layer, x, [first], *rest)


def rnn_tanh(x: Tensor, first: Tensor, *rest: Any) -> tuple[Tensor, ...]:
    """What ``torch.rnn_tanh`` gives, of sequences that are not packed."""
    return _through_layers(partial(_rnn_layer, bounded=True), x, [first], *rest)


def rnn_relu(x: Tensor, first: Tensor, *rest: Any) -> tuple[Tensor, ...]:
    """What ``torch.rnn_relu`` gives, of sequences that are not packed."""
    return _through_layers(partial(_rnn_layer, bounded=False), x, [first], *rest)
