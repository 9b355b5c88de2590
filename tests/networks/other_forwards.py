"""Forwards that do more than call layers one after another, or that are no chain at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

Forward = Callable[..., Any]
COUNTED = [0]
SCALE = 1.0


class Base(nn.Module):
    """Layers of a chain, with more of everything."""

    fc: nn.Module

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.hidden, self.out = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 3)
        self.norm, self.dropout = nn.BatchNorm1d(6), nn.Dropout(0.5)
        self.layers = nn.ModuleList([nn.ReLU()])
        self.count, self.seen = 0, []  # type: ignore[var-annotated]
        self.table = {20: True}

    def all_of(self, x: Tensor) -> Tensor:
        return self.out(self.dropout(self.norm(self.hidden(F.relu(self.fc(x))))))

    def forward(self, x: Tensor) -> Tensor:
        return self.all_of(x)


def with_forward(forward: Forward, **others: Any) -> Base:
    """A network of a class with this forward."""
    return type("Net", (Base,), {"forward": forward, **others})()


def by_values(self: Base, x: Tensor) -> Tensor:
    return self.all_of(x) if x.sum() > 0 else self.all_of(-x)


def by_rows(self: Base, x: Tensor) -> Tensor:
    if x.shape[0] > 8:
        x = F.relu(x)
    return self.all_of(x)


def by_rows_that_are(self: Base, x: Tensor) -> Tensor:
    n = 20
    if x.size(0) is n:
        x = F.relu(x)
    return self.all_of(x)


def by_rows_in_a_table(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if x.size(0) in self.table else x)


def by_rows_in_a_local_table(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if x.size(0) in {20: True} else x)


def by_rows_in_a_set(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if x.size(0) in {20, 21} else x)


def by_rows_in_a_tuple(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if x.size(0) in (20, 21) else x)


def by_rows_in_a_range(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if x.size(0) in range(20, 30) else x)


def by_a_tuple_of_rows(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if (x.size(0),) == (20,) else x)


def by_an_axis_of_rows(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if 20 in x.shape else x)


def as_often_as_rows(self: Base, x: Tensor) -> Tensor:
    for _ in range(x.size(0) - 19):
        x = F.relu(x)
    return self.all_of(x)


def layers_up_to_rows(self: Base, x: Tensor) -> Tensor:
    for layer in self.layers[: x.size(0) - 19]:
        x = layer(x)
    return self.all_of(x)


def counted_from_rows(self: Base, x: Tensor) -> Tensor:
    for i, layer in enumerate(self.layers, x.size(0)):
        x = layer(x) if i == 20 else x
    return self.all_of(x)


def the_layer_of_rows(self: Base, x: Tensor) -> Tensor:
    return self.all_of(self.layers[x.size(0) - 20](x))


def rows_one_by_one(self: Base, x: Tensor) -> Tensor:
    for layer, row in zip(self.layers, x, strict=False):
        x = layer(row)
    return self.all_of(x)


def by_a_match(self: Base, x: Tensor) -> Tensor:
    match x.shape:
        case (20, _):
            return self.all_of(F.relu(x))
    return self.all_of(x)


def by_type(self: Base, x: Tensor) -> Tensor:
    if isinstance(x, Tensor) and len(x) > 8:
        x = F.relu(x)
    return self.all_of(x)


def by_text(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if f"{x.size(0)}" == "20" else x)


def by_text_of_old(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if "%s" % x.size(0) == "20" else x)  # noqa: UP031


def by_dtype(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if x.dtype == torch.float64 else x)


def by_error(self: Base, x: Tensor) -> Tensor:
    try:
        n = len(x)
    except Exception:
        n = 0
    return self.all_of(F.relu(x) if n else x)


def by_gradients(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if torch.is_grad_enabled() else x)


def by_mode(self: Base, x: Tensor) -> Tensor:
    x = self.fc(x)
    return self.out(F.relu(x) if self.training else x)


def in_a_compiler(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if torch.compiler.is_compiling() else x)


def residual(self: Base, x: Tensor) -> Tensor:
    x = self.fc(x)
    return self.out(x + self.hidden(x))


def scaled(self: Base, x: Tensor) -> Tensor:
    return self.all_of(x * 2)


def used_twice(self: Base, x: Tensor) -> Tensor:
    x = self.fc(x)
    F.relu(x, inplace=True)
    return self.out(x)


def called_for_nothing(self: Base, x: Tensor) -> Tensor:
    self.norm(x)
    return self.out(self.hidden(self.fc(x)))


def left_out(self: Base, x: Tensor) -> Tensor:
    return self.out(self.fc(x))


def one_of_two(self: Base, x: Tensor) -> Any:
    x = self.all_of(x)
    return x, x


def of_two(self: Base, x: Tensor, other: Tensor) -> Tensor:
    return self.all_of(x)


def by_weight(self: Base, x: Tensor) -> Tensor:
    return F.linear(self.all_of(x), self.out.weight @ self.out.weight.T)


def counted(self: Base, x: Tensor) -> Tensor:
    self.count += 1
    return self.all_of(x)


def counted_in_a_list(self: Base, x: Tensor) -> Tensor:
    self.seen.append(1)
    return self.all_of(x)


def counted_by_adding(self: Base, x: Tensor) -> Tensor:
    seen = self.seen
    seen += [1]
    return self.all_of(x)


def counted_in_a_default(self: Base, x: Tensor, seen: Any = []) -> Tensor:  # noqa: B006
    seen += [1]
    return self.all_of(x)


def counted_in_a_global(self: Base, x: Tensor) -> Tensor:
    COUNTED[0] += 1
    return self.all_of(x)


def read_from_a_global(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if SCALE > 1 else x)


def adding_layers(self: Base, x: Tensor) -> Tensor:
    layers = self.layers
    layers += [self.dropout]
    return self.all_of(x)


def random_numbers(self: Base, x: Tensor) -> Tensor:
    return self.all_of(x + 0.1 * torch.randn(6))


def random_way(self: Base, x: Tensor) -> Tensor:
    return self.all_of(F.relu(x) if random.random() < 0.5 else x)


def without_gradients(self: Base, x: Tensor) -> Tensor:
    with torch.no_grad():
        x = self.fc(x)
    return self.out(x)


def in_bfloat16(self: Base, x: Tensor) -> Tensor:
    with torch.autocast("cpu"):
        return self.all_of(x)


def detached(self: Base, x: Tensor) -> Tensor:
    return self.out(self.fc(x).detach())


def writes_rows(self: Base, x: Tensor) -> Tensor:
    return self.all_of(x.mul_(2))


def writes_part(self: Base, x: Tensor) -> Tensor:
    x[:, 0] = 0
    return self.all_of(x)


def always_drops(self: Base, x: Tensor) -> Tensor:
    return self.out(F.dropout(self.hidden(self.fc(x)), 0.5))


def drops_by_mode(self: Base, x: Tensor) -> Tensor:
    x = self.norm(self.hidden(self.fc(x)))
    return self.out(F.dropout(x, 0.5 if self.training else 0.2, self.training))


def recomputed(self: Base, x: Tensor) -> Tensor:
    return checkpoint(self.all_of, x, use_reentrant=False)  # type: ignore[no-any-return]


def by_super(self: Base, x: Tensor) -> Tensor:
    return super(type(self), self).forward(F.relu(x))


FORWARDS = (
    *(by_rows_in_a_local_table, by_rows_in_a_set, by_rows_in_a_tuple, by_rows_in_a_range),
    *(by_a_tuple_of_rows, by_an_axis_of_rows, as_often_as_rows, layers_up_to_rows),
    *(counted_from_rows, the_layer_of_rows, rows_one_by_one),
    *(by_values, by_rows, by_rows_that_are, by_rows_in_a_table, by_a_match, by_type, by_text),
    *(by_text_of_old, by_dtype, by_error, by_gradients, by_mode, in_a_compiler, residual, scaled),
    *(used_twice, called_for_nothing, left_out, one_of_two, of_two, by_weight, counted),
    *(counted_in_a_list, counted_by_adding, counted_in_a_default, counted_in_a_global),
    *(read_from_a_global, adding_layers, random_numbers, random_way, without_gradients),
    *(in_bfloat16, detached, writes_rows, writes_part, always_drops, drops_by_mode, recomputed),
    by_super,
)
