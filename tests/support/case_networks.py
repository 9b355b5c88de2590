"""Networks and data that people wrote, in the smallest form that failed here once.

Studies of ``tests/system/test_check_and_run.py`` name them; the file is copied beside each study.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm
from torch.utils.checkpoint import checkpoint
from torch.utils.data import Dataset

N = 72
"""Rows: an evaluation of 15 and one of 43, and training steps of 14."""


def rows(n: int = N, whole: bool = False) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(0, 6, size=(n, 6)) if whole else rng.normal(size=(n, 6))


def labels(n: int = N, low: int = 0, high: int = 2) -> np.ndarray:
    return np.random.default_rng(1).integers(low, high, size=n)


def classes() -> tuple[np.ndarray, np.ndarray]:
    return rows(), labels()


def tokens() -> tuple[np.ndarray, np.ndarray]:
    return rows(whole=True), labels()


def minus_one() -> tuple[np.ndarray, np.ndarray]:
    return rows(), labels(low=-1)


def minus_hundred() -> tuple[np.ndarray, np.ndarray]:
    return rows(), np.where(np.arange(N) % 9 == 0, -100, labels())


def several_labels() -> tuple[np.ndarray, np.ndarray]:
    return rows(), np.stack([labels(), labels()[::-1], labels() == 0], axis=1)


def patients() -> tuple[np.ndarray, np.ndarray]:
    one = np.repeat(rows(N // 4), 4, axis=0)
    return one + 1e-3 * rows(), np.repeat(labels(N // 4), 4)


def huge_label() -> tuple[np.ndarray, np.ndarray]:
    return rows(), np.where(labels() > 0, np.uint64(2**64 - 1), np.uint64(0))


class Items(Dataset[Any]):
    """Items as ``kind`` says: noisy ones differ at each reading, named ones are dicts."""

    def __init__(self, kind: str):
        self.kind, self.x = kind, torch.tensor(rows()).float()

    def __len__(self) -> int:
        return N

    def __getitem__(self, i: int) -> Any:
        if self.kind == "named":
            return {"input_ids": self.x[i], "labels": i % 2}
        return self.x[i] + torch.randn(6), i % 2


def augmenting() -> Items:
    return Items("noisy")


def named_items() -> Items:
    return Items("named")


class Plain(nn.Module):
    """Two layers, and in between what ``how`` says."""

    def __init__(self, n_inputs: int, n_outputs: int, how: str = "", width: int = 8):
        super().__init__()
        self.how = how
        self.hidden, self.output = nn.Linear(n_inputs, width), nn.Linear(width, n_outputs)
        if how == "batch_norm":
            self.norm = nn.BatchNorm1d(width)
        if how == "module_hook":
            self.hidden.register_full_backward_hook(lambda *_: None)
        if how == "weight_hook":
            self.hidden.weight.register_hook(lambda gradient: 0.5 * gradient)
        if how == "narrow" and width > 4:
            self.output = nn.Linear(width + 1, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        if self.how == "in_place":
            x += 1
        if self.how == "checkpoint":
            inner: Tensor = checkpoint(self._hidden, x, use_reentrant=False)
        elif self.how == "no_grad":
            with torch.no_grad():
                inner = self._hidden(x)
        elif self.how == "autocast":
            with torch.autocast("cpu", dtype=torch.bfloat16):
                inner = self._hidden(x)
            inner = inner.to(x.dtype)
        elif self.how == "inner_gradient":
            inner = self._hidden(x) + torch.func.grad(lambda rows: (rows**2).sum())(x).mean()
        else:
            inner = self._hidden(x)
        if self.how == "tensor_hook" and inner.requires_grad:
            inner.register_hook(lambda gradient: 2 * gradient)
        found: Tensor = self.output(inner)
        return found.squeeze() if self.how == "squeeze" else found

    def _hidden(self, x: Tensor) -> Tensor:
        inner = torch.relu(self.hidden(x))
        return self.norm(inner) if self.how == "batch_norm" else inner


class Complex(nn.Module):
    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_inputs, n_outputs, dtype=torch.complex64))

    def forward(self, x: Tensor) -> Tensor:
        return (x.to(self.weight.dtype) @ self.weight).real


class Words(nn.Module):
    """An embedding of words, looked up as ``how`` says."""

    def __init__(self, n_inputs: int, n_outputs: int, how: str):
        super().__init__()
        self.how, self.words, self.head = how, nn.Embedding(6, 4), nn.Linear(4, n_outputs)
        self.pos_embed = nn.Parameter(torch.zeros(1, n_inputs, 4))
        if how == "parametrized":
            parametrizations.weight_norm(self.words)

    def forward(self, x: Tensor) -> Tensor:
        padded = 0 if self.how == "padding" else None
        looked_up = F.embedding(x.long(), self.words.weight, padding_idx=padded)
        found: Tensor = self.head((looked_up + self.pos_embed).mean(1))
        return found


class LowRank(nn.Module):
    """A frozen layer with an adapter of two factors, of which one begins at zero."""

    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.frozen = nn.Linear(n_inputs, n_outputs).requires_grad_(False)
        self.a = nn.Parameter(torch.randn(n_inputs, 2))
        self.b = nn.Parameter(torch.zeros(2, n_outputs))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.frozen(x) + x @ self.a @ self.b
        return found


class LightningModule(nn.Module):
    """Called as the one of that package."""

    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.layer = nn.Linear(n_inputs, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.layer(x)
        return found


def wrapped(n_inputs: int, n_outputs: int, how: str) -> nn.Module:
    """A network without leaves of its own, once it has been called with gradients."""
    layer = nn.Linear(n_inputs, n_outputs)
    if how == "weight_norm":
        weight_norm(layer)
    elif how == "spectral_norm":
        spectral_norm(layer)
    elif how == "pruned":
        prune.random_unstructured(layer, "weight", amount=0.5)
    elif how == "scripted":
        return torch.jit.script(layer)  # type: ignore[no-any-return]
    return nn.DataParallel(layer) if how == "parallel" else layer
